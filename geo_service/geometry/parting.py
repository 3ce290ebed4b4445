"""Units joined and parted with the edges they have: no vertex is moved, none is lost.

Coordinates: EPSG:4490 degrees, in which the edges are straight as they are stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon

from geo_service.errors import InputError
from geo_service.geometry.measure import areas_m2, distances_m
from geo_service.geometry.track import as_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Floats, Geometries

_DEGREE_M = 111_320.0
"""Metres of a degree of latitude, rounded up: only to turn a limit on the ground into degrees."""
UPON_M = 1e-3
"""How far from an edge a vertex may lie and still be taken for lying on it."""


class Parted(NamedTuple):
    """What a line makes of an area: the ground to the left and to the right of its direction."""

    left: BaseGeometry
    right: BaseGeometry


def joined(areas: Sequence[BaseGeometry], gap_m: float) -> BaseGeometry:
    """Areas as one, the edges between them gone and all others as they were.

    Areas that lie apart make one area of several parts. Raises InputError `areas_do_not_match`
    where two overlap, or a gap narrower than `gap_m` would be left between them.
    """
    matched = np.array(_matched(areas), dtype=object)
    bad = shapely.coverage_invalid_edges(matched, gap_width=gap_m / _DEGREE_M)
    faulty = bad[~shapely.is_empty(bad)]
    if len(faulty):
        overlap = sum(
            areas_m2(shapely.intersection(matched[n], matched[n + 1 :])).sum()
            for n in range(len(matched))
        )
        lon, lat = shapely.get_coordinates(faulty[0])[0]
        facts = {"lon": f"{lon:.6f}", "lat": f"{lat:.6f}", "overlap": f"{overlap:.2f}"}
        raise InputError("areas_do_not_match", **facts)
    return shapely.coverage_union_all(matched)


def parted(area: BaseGeometry, line: BaseGeometry) -> Parted:
    """An area cut by a line that crosses it once, from rim to rim.

    The rim gets a vertex where the line meets it; what of the line lies outside has no say. Raises
    InputError `parting_line_misses`, `parting_line_stops_inside` (where, and how many metres
    short), `parting_line_in_pieces`, or `parting_line_cuts_many` where the line crosses more than
    once or the area has parts that it does not cut.
    """
    whole = shapely.line_merge(line)
    if shapely.get_num_geometries(shapely.get_parts(whole)).sum() != 1:
        raise InputError("parting_line_in_pieces", parts=shapely.get_num_geometries(whole))
    inside = shapely.line_merge(shapely.intersection(whole, area))
    if not inside.length:
        raise InputError("parting_line_misses")
    _require_whole(whole, area)
    rim = shapely.boundary(area)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([rim, whole])]))
    faces = faces[shapely.intersects(area, shapely.point_on_surface(faces))]
    if len(faces) == 1:
        raise InputError("parting_line_misses")
    if len(faces) != 2:
        raise InputError("parting_line_cuts_many", pieces=len(faces))
    left = _is_left(faces, whole)
    return Parted(faces[left], faces[1 - left])


def _require_whole(line: BaseGeometry, area: BaseGeometry) -> None:
    """Refuse a line of which an end lies inside the area, off its rim."""
    ends = as_points(shapely.get_coordinates(line)[[0, -1]])
    rim = shapely.boundary(area)
    for end in ends[shapely.contains_properly(area, ends)]:
        way = shapely.get_coordinates(shapely.shortest_line(end, rim))
        short = float(distances_m(way[:1], way[1:])[0])
        facts = {"lon": f"{end.x:.6f}", "lat": f"{end.y:.6f}", "metres": f"{short:.3f}"}
        raise InputError("parting_line_stops_inside", **facts)


def _is_left(faces: Geometries, line: BaseGeometry) -> int:
    """Which of two faces has the line running with its own edges: it lies to the left of it."""
    shared = shapely.intersection(*shapely.boundary(faces))
    step = shapely.get_coordinates(shapely.get_parts(shared)[0])[:2]
    along = shapely.line_locate_point(np.array([line], dtype=object), as_points(step))
    if along[0] > along[1]:
        step = step[::-1]
    rings = shapely.get_coordinates(shapely.orient_polygons(faces[0]))
    starts = (rings[:-1] == step[0]).all(axis=1) & (rings[1:] == step[1]).all(axis=1)
    return 0 if starts.any() else 1


def _matched(areas: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Areas with a vertex wherever one of another stands on an edge of theirs."""
    points = [shapely.get_coordinates(area) for area in areas]
    return [
        with_vertices(area, np.concatenate([*points[:number], *points[number + 1 :]]))
        for number, area in enumerate(areas)
    ]


def with_vertices(shape: BaseGeometry, places: Floats) -> BaseGeometry:
    """A shape with a vertex at each of the places that lies on one of its edges (within 1 mm).

    Its own vertices stay as they are, and a place that is one of them adds nothing.
    """
    near = UPON_M / _DEGREE_M
    found = np.unique(places, axis=0)
    points = as_points(found)
    shapely.prepare(rim := shapely.boundary(shape) if shape.area else shape)
    own = {tuple(place) for place in shapely.get_coordinates(shape).tolist()}
    upon = [
        place
        for place, point in zip(found.tolist(), points, strict=True)
        if tuple(place) not in own and shapely.dwithin(rim, point, near)
    ]
    if not upon:
        return shape
    return _rebuilt(shape, np.array(upon), near)


def _rebuilt(shape: BaseGeometry, places: Floats, near: float) -> BaseGeometry:
    """The shape with the places put into its rings or lines, part by part."""
    if shape.area == 0:
        strings = [LineString(_inserted(p, places, near)) for p in shapely.get_parts(shape)]
        return strings[0] if shape.geom_type == "LineString" else MultiLineString(strings)
    solid = []
    for part in shapely.get_parts(shape):
        rings = [_inserted(ring, places, near) for ring in shapely.get_rings(part)]
        solid.append(Polygon(rings[0], rings[1:]))
    return solid[0] if shape.geom_type == "Polygon" else MultiPolygon(solid)


def _inserted(line: BaseGeometry, places: Floats, near: float) -> Floats:
    """The vertices of a line with the places in their order along it."""
    vertices = shapely.get_coordinates(line)
    points = as_points(places)
    here = places[shapely.dwithin(line, points, near)]
    if not len(here):
        return vertices
    steps = shapely.linestrings(np.stack((vertices[:-1], vertices[1:]), axis=1))
    at = [int(shapely.distance(steps, point).argmin()) for point in as_points(here)]
    offset = np.hypot(*(here - vertices[at]).T)
    order = np.lexsort((offset, at))
    return np.insert(vertices, np.array(at)[order] + 1, here[order], axis=0)
