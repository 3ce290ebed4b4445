"""The height of a marker is not that of the ground around it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.supporting.ground import HeightSample
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._wording import called


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = context.threshold("height_ground_m")
    told = [
        (marker, height)
        for marker in case.markers
        if marker.position is not None and (height := _height_m(case, marker)) is not None
    ]
    lowest, highest = _ground_around(case, context, [marker for marker, _ in told])
    for (marker, height), low, high in zip(told, lowest, highest, strict=True):
        off = max(low - height, height - high)  # minus infinity where there is no sample
        if off > limit:
            yield _evidence(case, context, marker, (height, low, high, off))


def _height_m(case: MarkerCase, marker: BoundaryMarker) -> float | None:
    """The height of the first paper that gives one."""
    heights = (entry.marker.height_m for entry in case.by_marker[marker.id])
    return next((height for height in heights if height is not None), None)


def _ground_around(
    case: MarkerCase, context: BoundaryContext, markers: list[BoundaryMarker]
) -> tuple[list[float], list[float]]:
    """The lowest and the highest sample within reach of each marker."""
    samples = [s for s in case.supporting.all(HeightSample) if s.geometry is not None]
    ground = np.array([sample.height_m for sample in samples])
    places = crs.to_plane(np.array([s.geometry for s in samples], dtype=object), case.plane_epsg)
    here = crs.to_plane(np.array([m.position for m in markers], dtype=object), case.plane_epsg)
    reach = context.threshold("height_reach_m")
    at, sample = shapely.STRtree(places).query(here, predicate="dwithin", distance=reach)
    lowest, highest = np.full(len(markers), np.inf), np.full(len(markers), -np.inf)
    np.minimum.at(lowest, at, ground[sample])
    np.maximum.at(highest, at, ground[sample])
    lowest[np.isinf(lowest)], highest[np.isinf(highest)] = -np.inf, np.inf
    return lowest.tolist(), highest.tolist()


def _evidence(
    case: MarkerCase,
    context: BoundaryContext,
    marker: BoundaryMarker,
    metres: tuple[float, float, float, float],
) -> Evidence:
    height, low, high, off = metres
    who, reach = called(case, marker), context.threshold("height_reach_m")
    ground = f"{low:.1f}" if low == high else f"{low:.1f}–{high:.1f}"
    return Evidence(
        message=Text(
            f"{who.zh}登记高程 {height:g} 米，周围 {reach:g} 米内地面高程 {ground} 米，"
            f"相差 {off:.1f} 米。",
            f"{who.en} is recorded at {height:g} m; the ground within {reach:g} m lies at {ground} "
            f"m, {off:.1f} m apart.",
        ),
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        measure=context.measure(off, "height_ground_m", "m"),
        geometry=marker.position,
        question=Text(
            "是录入有误、高程基准不同，还是地面高程数据不准？",
            "Is it a slip of the pen, another datum, or are the heights of the ground wrong?",
        ),
        suggestion=Text(
            "对照界桩成果表原件；地面高程数据只作参考。",
            "Compare the signed marker table; heights of the ground are for information.",
        ),
    )


def _on_ground(height_m: float, *ground_m: float) -> MarkerCase:
    """A marker with a height, and samples of the ground ten metres apart."""
    samples = (
        said(HeightSample, n, f"POINT({1000 + 10 * n} 5)", height_m=ground)
        for n, ground in enumerate(ground_m)
    )
    return stones(stone("001Q", 1000, height_m=height_m), beside=tuple(samples))


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-07",
    slug="height_off_the_ground",
    version=1,
    title=Text("界桩高程与地面高程不符", "Height of a marker differs from the ground"),
    category="高程不符",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("ISO19157", "39", Severity.INFO),
        Basis("GOOD_PRACTICE", "heights", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _on_ground(53.2, 35.1, 35.4),
            Severity.INFO,
            Text("数字颠倒，高出 18 米", "digits exchanged, 18 m above"),
        ),
        flagged(_on_ground(3.52, 35.1), Severity.INFO, Text("小数点错位，低 32 米", "32 m below")),
        clean(_on_ground(35.2, 34.0, 37.0), Text("相符", "they agree")),
        clean(_on_ground(48.0, 35.1), Text("高 13 米，在三倍中误差内", "13 m: within three sigma")),
        clean(
            _on_ground(60.0, 30.0, 62.0),
            Text("陡崖上：周围地面有高有低", "at a cliff the ground around is high and low"),
        ),
        clean(
            stones(
                stone("001Q", 1000, height_m=90.0),
                beside=(said(HeightSample, 1, "POINT(3000 0)", height_m=20.0),),
            ),
            Text("附近没有地面高程", "no ground known nearby"),
        ),
    ),
    trap=Text(
        "数字表面模型含树冠、屋顶；堤顶、桥头的界桩高于附近地面。",
        "A surface model holds crowns and roofs; a stone on a dyke or bridge stands above the "
        "ground.",
    ),
    handling=Text(
        "提示性意见；查明后改正记录并注明依据。", "A hint; correct the record with a note."
    ),
    needs=frozenset({"heights", "markers"}),
)
