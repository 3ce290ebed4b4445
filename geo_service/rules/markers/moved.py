"""An inspection found a marker elsewhere than where the papers have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._rounds import InspectionRound, Sighting, moved_limit_m, rounds
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = moved_limit_m(context)
    for found in rounds(case, context):  # MK-POS-06 tells of what a round has in common
        for seen in found.seen:
            if seen.metres > limit and seen.beside_m > found.limit_m:
                source = f"0.1 mm × 1:{context.scale}"
                measure = Measure(round(seen.beside_m, 3), found.limit_m, "m", source)
                yield _evidence(case, found, seen, measure)


def _evidence(
    case: MarkerCase, found: InspectionRound, seen: Sighting, measure: Measure
) -> Evidence:
    marker, entry = seen.marker, seen.entry
    who, apart = called(case, marker), length(seen.metres)
    day = Text(f"（{entry.dated or '日期未记'}）", f" ({entry.dated or 'no date'})")
    beside = Text("", "")
    if found.common is not None:
        rest = length(seen.beside_m)
        beside = Text(
            f"，扣除该轮共同偏移仍差 {rest.zh}", f", {rest.en} beside the shift its round shares"
        )
    return Evidence(
        message=Text(
            f"{who.zh}联检实测位置{day.zh}与原定坐标相差 {apart.zh}{beside.zh}，"
            f"限差 {measure.limit:.3g} 米。",
            f"{who.en} was measured {apart.en} from its agreed position{day.en}{beside.en}, "
            f"limit {measure.limit:.3g} m.",
        ),
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        measure=measure,
        geometry=entry.marker.position,
        question=Text(
            "是移动了界桩、经批准移位，还是测量或坐标转换所致？",
            "Was the stone moved, moved with approval, or is it the survey or a conversion?",
        ),
        suggestion=Text(
            "原定坐标不变；查有无经批准的移位文件，没有的由双方共同恢复原位。",
            "The agreed coordinates stand; look for an approved change, else both sides set the "
            "marker back.",
        ),
    )


def _inspected(east_m: float, on: date) -> MarkerEntry:
    return stone("001Q", east_m, document=MarkerDocument.INSPECTION, dated=on)


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-03",
    slug="moved",
    version=4,
    title=Text("界桩实测位置移动", "Marker moved since it was recorded"),
    category="界桩移动",
    quality=Quality.POSITIONAL,
    basis=(
        # Distance alone does not tell an unauthorised move: under the law a person decides.
        Basis("B02", "6", Severity.HUMAN),
        Basis("MK36", "7", Severity.HUMAN),
        Basis("ISO19157", "30", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            stones(stone("001Q", 1000), _inspected(1003, date(2023, 5, 1))),
            Severity.HUMAN,
            Text("联检时偏 3 米", "3 m off at the inspection"),
        ),
        flagged(
            stones(stone("001Q", 1000), _inspected(1020, date(2023, 5, 1))),
            Severity.HUMAN,
            Text("联检时偏 20 米", "20 m off at the inspection"),
        ),
        flagged(
            stones(_inspected(1000, date(2018, 5, 1)), _inspected(1008, date(2023, 5, 1))),
            Severity.HUMAN,
            Text("没有成果表，两轮联检相差 8 米", "no table, two rounds 8 m apart"),
        ),
        clean(
            stones(stone("001Q", 1000), _inspected(1001, date(2023, 5, 1))),
            Text("偏 1 米，在限差内", "1 m off, within the limit"),
        ),
        clean(
            stones(
                stone("001Q", 1020, document=MarkerDocument.TABLE, dated=date(2021, 3, 1)),
                _inspected(1000, date(2018, 5, 1)),
            ),
            Text("联检之后经批准移位，另立成果", "moved with approval since, with a new table"),
        ),
        clean(
            stones(
                stone("001Q", 1000),
                _inspected(1009, date(2018, 5, 1)),
                _inspected(1000, date(2023, 5, 1)),
            ),
            Text("上轮偏移，本轮已复位", "off in the last round, set back since"),
        ),
    ),
    trap=Text(
        "旧成果表由 1980 西安系转换而来时整条线会同向偏移：由 MK-POS-06 一次指出，不算移桩；"
        "界桩太少时看不出，仍会逐个提问。",
        "Where an old table was converted from Xi'an 80 all markers of the line seem moved alike: "
        "MK-POS-06 tells it once; of a few markers alone each is still asked about.",
    ),
    handling=Text(
        "非法移动无效：双方共同恢复原位；因建设需移动的补办手续并报批准机关备案。",
        "An illegal move has no effect: both sides set the marker back; a move for construction is "
        "applied for and filed.",
    ),
    needs=frozenset({"rounds"}),
)
