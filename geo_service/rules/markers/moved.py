"""An inspection found a marker elsewhere than where the papers have it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import shapely

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import BoundaryMarker, MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.geometry.measure import distances_m
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    tolerance = context.point_tolerance_m
    limit = context.threshold("marker_moved_times") * tolerance
    for marker in case.markers:
        seen = _last_seen(case.by_marker[marker.id])
        if seen is None or marker.position is None or seen.marker.position is None:
            continue
        places = shapely.get_coordinates([marker.position, seen.marker.position])
        metres = float(distances_m(places[:1], places[1:])[0])
        if metres > limit:
            measure = Measure(round(metres, 3), limit, "m", f"0.1 mm × 1:{context.scale}")
            yield _evidence(case, marker, seen, measure)


def _last_seen(entries: tuple[MarkerEntry, ...]) -> MarkerEntry | None:
    """The latest inspection that measured a position."""
    inspections = [
        entry
        for entry in entries
        if entry.document is MarkerDocument.INSPECTION and entry.marker.position is not None
    ]
    return max(inspections, key=lambda entry: entry.dated or date.min, default=None)


def _evidence(
    case: MarkerCase, marker: BoundaryMarker, seen: MarkerEntry, measure: Measure
) -> Evidence:
    who, apart = called(case, marker), length(measure.measured or 0.0)
    day = f"{seen.dated} " if seen.dated else ""
    return Evidence(
        message=Text(
            f"{who.zh}联检实测位置（{day.strip() or '日期未记'}）与原定坐标相差 {apart.zh}，"
            f"限差 {measure.limit:g} 米。",
            f"{who.en} was measured {apart.en} from its agreed position "
            f"({day.strip() or 'no date'}), limit {measure.limit:g} m.",
        ),
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        measure=measure,
        geometry=seen.marker.position,
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
    version=3,
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
                stone("001Q", 1000),
                _inspected(1009, date(2018, 5, 1)),
                _inspected(1000, date(2023, 5, 1)),
            ),
            Text("上轮偏移，本轮已复位", "off in the last round, set back since"),
        ),
    ),
    trap=Text(
        "旧成果表由 1980 西安系转换而来时整条线会同向偏移，那是转换问题，不是移桩。",
        "Where an old table was converted from Xi'an 80 all markers of the line seem moved alike: "
        "a matter of conversion.",
    ),
    handling=Text(
        "非法移动无效：双方共同恢复原位；因建设需移动的补办手续并报批准机关备案。",
        "An illegal move has no effect: both sides set the marker back; a move for construction is "
        "applied for and filed.",
    ),
    needs=frozenset({"rounds"}),
)
