"""A stretch of line is far longer without a marker than the others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, Placed, marker_related, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, row, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    least = int(context.threshold("marker_spacing_least"))
    times = context.threshold("marker_spacing_times")
    for placed in case.placed:
        order = np.argsort(placed.chainage_m, kind="stable")
        steps = np.diff(placed.chainage_m[order])
        apart = steps > context.line_tolerance_m  # the stones of a set stand together
        if int(apart.sum()) < least:
            continue
        median = float(np.median(steps[apart]))
        for i in np.flatnonzero(steps > times * median).tolist():
            pair = (int(order[i]), int(order[i + 1]))
            yield _evidence(case, placed, pair, float(steps[i]), times * median)


def _evidence(
    case: MarkerCase, placed: Placed, pair: tuple[int, int], metres: float, limit_m: float
) -> Evidence:
    start, end = (placed.markers[i] for i in pair)
    who, apart, limit = called(case, start), length(metres), length(limit_m)
    return Evidence(
        message=Text(
            f"{who.zh}到 {end.number} 号之间 {apart.zh}没有界桩，为该线中位间距的数倍"
            f"（提示限 {limit.zh}）。",
            f"{who.en}: {apart.en} without a marker up to {end.number}, several times the median "
            f"of this line (hint beyond {limit.en}).",
        ),
        key=end.number,
        subject=marker_subject(start),
        related=(marker_related(end, metres), *case.sides(start.line_code)),
        measure=Measure(round(metres, 1), round(limit_m, 1), "m", "marker_spacing_times × median"),
        geometry=shapely.MultiPoint(shapely.get_coordinates([start.position, end.position])),
        suggestion=Text(
            "实地走向不明显的，可商毗邻方增设界桩，报批准机关备案。",
            "Where the line cannot be made out on the ground, both sides may add a marker and file "
            "it.",
        ),
    )


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-05",
    slug="spacing_outlier",
    version=1,
    title=Text("界桩间距异常", "Unusually long stretch without a marker"),
    category="间距异常",
    quality=Quality.USABILITY,
    basis=(Basis("GOOD_PRACTICE", "markers", Severity.INFO),),
    check=_check,
    examples=(
        flagged(
            stones(*row(500, 1000, 1500, 2000, 6000)),
            Severity.INFO,
            Text("其余间距 500 米，这一段 4 公里", "4 km where the others are 500 m"),
        ),
        flagged(
            stones(*row(0, 5000, 5500, 6000, 6500)),
            Severity.INFO,
            Text("起始一段 5 公里", "the first stretch is 5 km"),
        ),
        clean(stones(*row(1000, 2000, 3100, 4200, 5000)), Text("间距均匀", "even distances")),
        clean(stones(*row(500, 1000, 9000)), Text("界桩太少，看不出常数", "too few to compare")),
    ),
    trap=Text(
        "沿河、沿山脊等走向明显的段落本来就少设界桩。",
        "Along rivers and ridges, where the line is plain, markers are few on purpose.",
    ),
    handling=Text("提示性意见，联检时判断是否加密。", "A hint: the inspection may densify."),
    needs=frozenset({"lines"}),
)
