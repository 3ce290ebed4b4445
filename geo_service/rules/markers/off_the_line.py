"""A marker does not stand where its line runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, Placed, marker_related, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    on_line = context.point_tolerance_m + context.line_tolerance_m
    scale = f"(0.1 + 0.2) mm × 1:{context.scale}"
    bank = Measure(
        None, context.threshold("marker_bank_m"), "m", f"data/cities/{context.city.code}"
    )
    for placed in case.placed:
        if not context.concerns(*placed.line.parties):
            continue
        offsets = zip(placed.markers, placed.offset_m.tolist(), strict=True)
        for marker, offset in offsets:
            single = marker.kind is MarkerKind.SINGLE
            limit = Measure(None, on_line, "m", scale) if single else bank
            if abs(offset) > (limit.limit or 0.0):
                yield _off(case, marker, offset, limit)
        yield from _one_sided(case, placed, on_line)


def _off(case: MarkerCase, marker: BoundaryMarker, offset: float, limit: Measure) -> Evidence:
    who, apart = called(case, marker), length(abs(offset))
    side = Text("左", "left") if offset > 0 else Text("右", "right")
    return Evidence(
        message=Text(
            f"{who.zh}在界线{side.zh}侧 {apart.zh}，限差 {limit.limit:g} 米。",
            f"{who.en} stands {apart.en} to the {side.en} of the line, limit {limit.limit:g} m.",
        ),
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        measure=Measure(round(abs(offset), 3), limit.limit, "m", limit.limit_source),
        geometry=marker.position,
        suggestion=Text(
            "对照界桩成果表和协议书附图核对坐标和界线；不移动界桩，不改线。",
            "Compare coordinates and line with the marker table and the map of the agreement; "
            "move neither marker nor line.",
        ),
    )


def _one_sided(case: MarkerCase, placed: Placed, limit_m: float) -> Iterator[Evidence]:
    """Pairs whose stones all stand clearly on one side of the line they should straddle."""
    rows = zip(placed.markers, placed.offset_m.tolist(), strict=True)
    for _, group in groupby(rows, key=lambda row: row[0].number.serial):
        pair = [row for row in group if row[0].kind is not MarkerKind.SINGLE]
        offsets = [offset for _, offset in pair]
        if len(pair) < 2 or not (min(offsets) > limit_m or max(offsets) < -limit_m):
            continue
        first, others = pair[0][0], [marker for marker, _ in pair[1:]]
        who, numbers = called(case, first), "、".join(marker.number for marker in others)
        side = Text("左", "left") if offsets[0] > 0 else Text("右", "right")
        yield Evidence(
            message=Text(
                f"{who.zh}与 {numbers} 号都在界线{side.zh}侧，双立、三立界桩应分立界线两侧。",
                f"{who.en} and {numbers} all stand to the {side.en} of the line; stones of a set "
                "stand on both sides of it.",
            ),
            key="one-sided",
            subject=marker_subject(first),
            related=(*map(marker_related, others), *case.sides(first.line_code)),
            measure=Measure(round(min(map(abs, offsets)), 3), limit_m, "m", "t1 + t2"),
            geometry=first.position,
            suggestion=Text(
                "对照界桩登记表核对各桩所在的岸别。",
                "Compare the bank of each stone with its marker form.",
            ),
        )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-01",
    slug="off_the_line",
    version=1,
    title=Text("界桩不在界线上", "Marker off the line"),
    category="界桩偏离",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("B02", "5", Severity.ADVISED_AGAINST),
        Basis("MK36", "6", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "30", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            stones(stone("001Q", 1000, 5)),
            Severity.ADVISED_AGAINST,
            Text("单立界桩离界线 5 米", "a single marker 5 m from the line"),
        ),
        flagged(
            stones(stone("001A", 1000, 450), stone("001B", 1000, -20)),
            Severity.ADVISED_AGAINST,
            Text("双立界桩离界线 450 米，河没有这样宽", "a stone of a pair 450 m from the line"),
        ),
        flagged(
            stones(stone("001A", 1000, 40), stone("001B", 1000, 20)),
            Severity.ADVISED_AGAINST,
            Text("双立界桩两块都在北岸", "both stones of a pair on the north bank"),
        ),
        clean(stones(stone("001Q", 1000, 2)), Text("偏 2 米，在限差内", "2 m off, within limits")),
        clean(
            stones(stone("001A", 1000, 40), stone("001B", 1000, -60)),
            Text("双立界桩分立两岸", "a pair on its two banks"),
        ),
    ),
    trap=Text(
        "界线取自较小比例尺的图时，真界桩也会偏离：用 --scale 指明；"
        "河宽超过限值的双立界桩须人工核对。",
        "Against a line from a small-scale map true markers stand off it: give --scale; pairs on "
        "rivers wider than the limit are checked by hand.",
    ),
    handling=Text(
        "以界桩成果表和协议书附图为准查明是桩、坐标还是线有误；经双方核测后改正并存档。",
        "The marker table and the agreement map tell whether stone, coordinates or line are wrong; "
        "both sides re-measure, correct and file.",
    ),
    needs=frozenset({"lines"}),
)
