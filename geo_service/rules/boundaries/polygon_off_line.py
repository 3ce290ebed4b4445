"""The outline of a unit departs from the line that bounds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint
from shapely.geometry.base import BaseGeometry

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats, Geometries
from geo_service.geometry.track import Track
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._layer import Layer
from geo_service.rules.boundaries._network import free_ends
from geo_service.rules.boundaries._wording import chainage, length


@dataclass(frozen=True, slots=True)
class _Off:
    """Points of a line off an outline, in the plane, and how far off each is."""

    points: Geometries
    apart_m: Floats


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for level, layer in case.layers.items():
        places = {context.current(code): i for code, i in layer.index.items()}
        for number, line in enumerate(case.lines):
            if line.left_code.level is not level or case.plane_lines[number] is None:
                continue
            for code in sorted(line.parties):
                i = places.get(context.current(code))
                if i is not None and context.concerns(code):
                    yield from _judged(case, context, number, layer, i)


def _judged(
    case: BoundaryCase, context: BoundaryContext, number: int, layer: Layer, i: int
) -> Iterator[Evidence]:
    line, unit, limit = case.lines[number], layer.units[i], context.line_tolerance_m
    every_m, plane = context.threshold("dangle_search_m"), case.plane_lines[number]
    drawn = cast("BaseGeometry", line.geometry)
    sides = drawn, layer.drawn[i], layer.plane[i], case.plane_epsg
    off = case.kept.once(_off, *sides, every_m=every_m, limit_m=limit)
    total_m = float(shapely.length(plane))
    # An outline that goes elsewhere altogether is not this line's: BD-NET-03 tells of that.
    beside_m = total_m - float((off.apart_m > every_m).sum()) * every_m
    if not len(off.points) or beside_m < min(context.threshold("adjacency_min_m"), total_m / 2):
        return
    farthest_m = float(off.apart_m.max())
    farthest, along = length(farthest_m), length(min(len(off.points) * every_m, total_m))
    places = MultiPoint(crs.from_plane(off.points, case.plane_epsg).tolist())
    met = Track.of(drawn, case.plane_epsg).refer(shapely.get_coordinates(places))
    where = chainage(met.chainage_m)
    yield Evidence(
        message=Text(
            f"{unit.name}的面与界线{line.name}不一致：取点处最远相差 {farthest.zh}，"
            f"超过限差 {limit:g} 米的约长 {along.zh}，{where.zh}。",
            f"The outline of {unit.name} departs from line {line.name} by up to {farthest.en} "
            f"where sampled, beyond the limit of {limit:g} m for about {along.en}, "
            f"{where.en}.",
        ),
        key=line.code,
        subject=unit_subject(unit),
        related=(line_related(line, round(farthest_m, 3)),),
        measure=Measure(round(farthest_m, 3), limit, "m", f"0.2 mm × 1:{context.scale}"),
        geometry=places,
        suggestion=Text(
            "界线为准：由界线重新生成行政区域面。",
            "The line decides: derive the polygon again from the lines.",
        ),
    )


def _off(
    line: BaseGeometry,
    drawn: BaseGeometry,
    unit: BaseGeometry,
    plane_epsg: int,
    *,
    every_m: float,
    limit_m: float,
) -> _Off:
    """The points of a line that lie off the outline of a unit, given as drawn and in the plane."""
    points = _sampled(line, drawn, plane_epsg, every_m)
    outline = shapely.boundary(unit)
    shapely.prepare(outline)
    off = points[~shapely.dwithin(points, outline, limit_m)]
    return _Off(off, shapely.distance(off, outline))


def _sampled(
    line: BaseGeometry, drawn: BaseGeometry, plane_epsg: int, every_m: float
) -> Geometries:
    """Points at most `every_m` apart where the line is not the unit's outline bit for bit.

    None lies nearer to the ends of the line: those are judged by the rules on dangles and nodes.
    """
    drawn_line = np.array([line], dtype=object)
    steps = _steps(drawn_line)
    rings = _steps(shapely.get_rings(shapely.get_parts(drawn)))
    middles, drawn_middles = _middles(steps), _middles(rings)
    east = drawn_middles.real  # Sorting all of a long outline would cost more than all the rest.
    near = (east >= middles.real.min(initial=np.inf)) & (east <= middles.real.max(initial=-np.inf))
    # Two different steps with one middle cross there, which no sound outline does.
    apart = steps[~np.isin(middles, drawn_middles[near])]
    plane = crs.to_plane(np.asarray(shapely.linestrings(apart), dtype=object), plane_epsg)
    places = shapely.get_coordinates(shapely.segmentize(plane, every_m))
    points = np.asarray(shapely.points(np.unique(places, axis=0)), dtype=object)
    (course,) = crs.to_plane(drawn_line, plane_epsg)
    ends = shapely.multipoints(free_ends(course))
    return points if shapely.is_empty(ends) else points[shapely.distance(points, ends) > every_m]


def _steps(lines: Geometries) -> Floats:
    """Start and end of every step of all parts that leads anywhere, shape (n, 2, 2)."""
    points, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    joined = (part[1:] == part[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return np.stack((points[:-1][joined], points[1:][joined]), axis=1)


def _middles(steps: Floats) -> NDArray[np.complex128]:
    """Their middles as complex numbers, the same for both directions."""
    middles = (steps[:, 0] + steps[:, 1]) / 2
    return np.asarray(middles[:, 0] + 1j * middles[:, 1])


_WEST = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
_SOUTHWARD = {"乙区|甲区": "LINESTRING(1000 1000, 1000 0)"}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-POL-01",
    slug="polygon_off_line",
    version=1,
    title=Text("面的边界偏离界线", "Polygon departs from the line"),
    category="面线不符",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("ISO19157", "28", Severity.INFO),
        Basis("ISO19157", "30", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing({"甲区": "POLYGON((0 0, 1005 0, 1005 1000, 0 1000, 0 0))"}, _SOUTHWARD),
            Severity.ADVISED_AGAINST,
            Text("整条边偏 5 米", "the whole edge is 5 m off"),
        ),
        flagged(
            drawing(
                {"甲区": "POLYGON((0 0, 1000 0, 1000 300, 970 450, 1000 600, 1000 1000, 0 0))"},
                _SOUTHWARD,
            ),
            Severity.ADVISED_AGAINST,
            Text("中段内缩 30 米", "drawn in by 30 m along a stretch"),
        ),
        clean(drawing({"甲区": _WEST}, _SOUTHWARD), Text("边与界线重合", "edge and line agree")),
        clean(
            drawing({"甲区": "POLYGON((0 0, 1001.5 0, 1001.5 1000, 0 1000, 0 0))"}, _SOUTHWARD),
            Text("差 1.5 米，在 2 米限差内", "1.5 m off, within the limit of 2 m"),
        ),
        clean(
            drawing({"甲区": _WEST}, {"乙区|甲区": "LINESTRING(1000 1000, 1000 40, 1030 0)"}),
            Text(
                "只在端点附近 50 米内相差，由节点规则判断",
                "off within 50 m of the end only: left to the rules on nodes",
            ),
        ),
    ),
    trap=Text(
        "面取自网络地图或小比例尺资料时必然偏离，请用 --scale 指明比例尺；这类面不能用来改界线。",
        "Polygons of a web map or a small scale depart as a matter of course: give the scale by "
        "--scale, and never correct a line by them.",
    ),
    handling=Text(
        "内业由界线重新生成面，新旧面积都记录；不得以面改线。",
        "Desk: derive the polygon from the lines and log both areas; lines are never mended by "
        "polygons.",
    ),
    needs=frozenset({"units", "lines"}),
)
