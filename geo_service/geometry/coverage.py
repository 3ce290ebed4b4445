"""How units of one level cover the ground: faces with two owners or none, and who adjoins whom.

Polygons must be valid. Overlays run in the coordinates given (EPSG:4490), so that edges equal bit
for bit cancel exactly; sizes are geodesic. No width is assumed anywhere: GEOS' own coverage test
sees neither a wide gap nor, at width 0, a narrow one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints
from geo_service.geometry.courses import courses, courses_after_edit
from geo_service.geometry.edges import (
    EdgeTable,
    FreeEdges,
    RedrawnEdges,
    free_edges,
    free_edges_after_edit,
    meet_in_ends_only,
)
from geo_service.geometry.measure import areas_m2, distances_m, lengths_m, sums_by, thickness

_PIECE = 16
"""Steps per piece where a course is searched by an index."""
_THINNEST_DEG = 1e-11
"""Mean width, about a micrometre, below which a face is rounding of coordinates."""


@dataclass(frozen=True, slots=True)
class Faces:
    """Single polygons with the indexes of the units around or on them, one row each."""

    geometry: Geometries
    parties: tuple[tuple[int, ...], ...]
    area_m2: Floats
    perimeter_m: Floats

    def slivers(self, max_area_m2: float, max_thickness: float) -> Bools:
        """Which faces are slivers: small and thin by the thickness quotient 4πA/P²."""
        thin = thickness(self.area_m2, self.perimeter_m) < max_thickness
        return (self.area_m2 < max_area_m2) & thin

    def where(self, chosen: Bools) -> Faces:
        """The chosen rows."""
        parties = tuple(p for p, keep in zip(self.parties, chosen.tolist(), strict=True) if keep)
        return Faces(self.geometry[chosen], parties, self.area_m2[chosen], self.perimeter_m[chosen])


def _faces(geometry: Geometries, parties: tuple[tuple[int, ...], ...]) -> Faces:
    area, perimeter = areas_m2(geometry), lengths_m(geometry)
    # A vertex on a straight edge bounds no ground; geodesics through it would pretend it does.
    real = 2 * shapely.area(geometry) > _THINNEST_DEG * shapely.length(geometry)
    return Faces(geometry, parties, area, perimeter).where(real)


def _polygon_parts(geometries: Geometries) -> tuple[Geometries, Ints]:
    parts, owner = shapely.get_parts(geometries, return_index=True)
    # An intersection may be a collection that holds a collection of polygons.
    parts, index = shapely.get_parts(parts, return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    return parts[solid], owner[index][solid]


@dataclass(frozen=True)
class Coverage:
    """Valid polygons of one level, and what keeps them from covering the ground exactly once.

    How many polygons cover a place changes only across an edge that no twin cancels. So these
    edges alone bound every overlap and every hole, and only they go to geometry; on a clean layer
    they are the outer rim.
    """

    polygons: Geometries

    @cached_property
    def rim(self) -> FreeEdges:
        """The edges that no twin cancels."""
        return free_edges(self.polygons)

    def with_polygon(self, index: int, polygon: BaseGeometry) -> tuple[Coverage, Ints]:
        """The layer with one polygon drawn anew, and all polygons whose rim may have changed.

        The rim is the same, edge by edge, as one looked for from nothing, and all else follows
        from the rim. Two answers are carried over where no edges crossed: whether any do, since
        only edges that came can cross others; and the courses of the edges.
        """
        polygons = self.polygons.copy()
        polygons[index] = polygon
        edited = Coverage(polygons)
        edges = free_edges_after_edit(self.rim, self.polygons, index, polygon)
        kept = edited.__dict__  # where cached properties keep their values
        kept["rim"] = edges.whole
        if self._simple:
            kept["_simple"] = meet_in_ends_only(edges.came, edges.whole)
            if kept["_simple"]:
                box = shapely.total_bounds([self.polygons[index], polygon])
                kept["_courses"] = edited._courses_after(self._courses, edges, box)
        return edited, edges.owners

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the polygons."""
        return shapely.STRtree(self.polygons)

    @cached_property
    def _lines(self) -> Geometries:
        return self.rim.lines()

    @cached_property
    def _simple(self) -> bool:
        """Whether edges of the rim meet in nothing but common ends."""
        return bool(shapely.is_simple(shapely.multilinestrings(self._lines)))

    @cached_property
    def _faces(self) -> tuple[Geometries, Ints, Ints]:
        """Faces that the rim bounds, and pairs of a face and a polygon that covers it."""
        if self._simple:
            bounds = self._telling()
        else:
            bounds = shapely.get_parts(shapely.union_all(self._lines))
        faces = shapely.get_parts(shapely.polygonize(bounds))
        face, polygon = self.tree.query(shapely.point_on_surface(faces), predicate="intersects")
        return faces, face, polygon

    def _telling(self) -> Geometries:
        """Lines without the outlines that stand for themselves: outer rings, covered once inside.

        Kept are rings around a hole and what lies within, rings upon or inside another polygon,
        and lines that close at no end of their own.
        """
        rings, crowded = self._courses
        inwards = ~(shapely.is_closed(rings) & shapely.is_ccw(rings))
        low, high = np.split(shapely.bounds(rings), 2, axis=1)
        ring, around = shapely.STRtree(rings[inwards]).query(rings)
        within = (low[ring] >= low[inwards][around]) & (high[ring] <= high[inwards][around])
        kept = crowded.copy()
        kept[ring[within.all(axis=1)]] = True
        return rings[kept]

    @cached_property
    def _courses(self) -> tuple[Geometries, Bools]:
        """The courses of the rim, and which of them have a place upon several polygons."""
        rings = courses(self._lines)
        return rings, self._crowded(rings)

    def _courses_after(
        self, before: tuple[Geometries, Bools], edges: RedrawnEdges, box: Floats
    ) -> tuple[Geometries, Bools]:
        """The courses after an edit within a box: elsewhere each place lies where it lay."""
        rings, crowded = before
        stays, new = courses_after_edit(rings, edges)
        rings, crowded = rings[stays], crowded[stays]
        near = _within(shapely.get_coordinates(shapely.get_point(rings, 1)), box)
        crowded[near] = self._crowded(rings[near])
        return np.concatenate((rings, new)), np.concatenate((crowded, self._crowded(new)))

    def _crowded(self, rings: Geometries) -> Bools:
        upon, _ = self.tree.query(shapely.get_point(rings, 1), predicate="intersects")
        return np.asarray(np.bincount(upon, minlength=len(rings)) > 1)

    @cached_property
    def holes(self) -> Faces:
        """Faces enclosed by the polygons that belong to none, of any width.

        Parties are the indexes of all polygons that touch the face.
        """
        faces, covered, _ = self._faces
        bare = _in_order(faces[np.bincount(covered, minlength=len(faces)) == 0])
        return _faces(bare, _touching(bare, self.tree))

    @cached_property
    def overlaps(self) -> Faces:
        """Faces that belong to two polygons; parties are the two indexes, smaller first."""
        faces, covered, _ = self._faces
        twice = faces[np.bincount(covered, minlength=len(faces)) > 1]
        one, other = self._pairs_on(twice)
        shapely.prepare(self.polygons[one])
        inside = ~shapely.touches(self.polygons[one], self.polygons[other])
        one, other = one[inside], other[inside]
        common = shapely.intersection(self.polygons[one], self.polygons[other])
        parts, row = _polygon_parts(np.asarray(common, dtype=object))
        pairs = list(zip(one[row].tolist(), other[row].tolist(), strict=True))
        return _faces(parts, tuple(pairs))

    def _pairs_on(self, faces: Geometries) -> tuple[Ints, Ints]:
        """Pairs of polygons that meet each other and some of the faces, smaller index first."""
        _, there = self.tree.query(faces, predicate="intersects")
        around = np.unique(there)
        one, other = self.tree.query(self.polygons[around], predicate="intersects")
        one = around[one]
        wanted = (one < other) & np.isin(other, around)
        order = np.lexsort((other[wanted], one[wanted]))
        return one[wanted][order], other[wanted][order]


def uncovered(parent: BaseGeometry, polygons: Geometries, enclosed: Faces) -> Faces:
    """Faces of the parent that neither the polygons nor the faces they enclose cover.

    A second test that owes nothing to matched edges.
    """
    filled = shapely.union_all(np.concatenate((polygons, enclosed.geometry)))
    faces, _ = _polygon_parts(np.array([shapely.difference(parent, filled)], dtype=object))
    return _faces(faces, _touching(faces, shapely.STRtree(polygons)))


def _in_order(faces: Geometries) -> Geometries:
    """The faces whatever vertex each was begun at and whichever came first."""
    normal = np.asarray(shapely.normalize(faces), dtype=object)
    return normal[np.argsort(shapely.to_wkb(normal), kind="stable")]


def _within(places: Floats, box: Floats) -> Bools:
    """Which positions (n, 2) lie in a box (west, south, east, north)."""
    places = places.reshape(-1, 2)
    return np.asarray(((places >= box[:2]) & (places <= box[2:])).all(axis=1))


def _touching(faces: Geometries, tree: shapely.STRtree) -> tuple[tuple[int, ...], ...]:
    face, polygon = tree.query(faces, predicate="intersects")
    order = np.lexsort((polygon, face))
    ends = np.cumsum(np.bincount(face, minlength=len(faces)))
    return tuple(tuple(part.tolist()) for part in np.split(polygon[order], ends[:-1])[: len(faces)])


def shared_lengths_m(table: EdgeTable, count: int) -> Floats:
    """Geodesic length that each pair of polygons shares bit for bit, shape (count, count).

    Only the upper triangle is filled (smaller index first).
    """
    one, other = table.matched()
    ends = table.coordinates(one)
    pair = table.owner[one] * count + table.owner[other]
    return sums_by(pair, distances_m(ends[:, 0], ends[:, 1]), count * count).reshape(count, count)


def length_beside_m(
    lines: BaseGeometry, areas: Sequence[BaseGeometry], within_m: float, step_m: float
) -> float:
    """How much of `lines` runs at most `within_m` from every one of `areas`.

    Plane coordinates in metres; judged at points `step_m` apart.
    """
    if any(area.is_empty for area in areas):
        return 0.0
    for area in areas:
        # Wider than needed: what runs exactly along the rectangle would be clipped away.
        lines = shapely.clip_by_rect(lines, *_grown(area, 2 * within_m))
    places, each_m = _sampled(lines, step_m)
    beside = np.ones(len(places), dtype=bool)
    for area in areas:
        beside[beside] = _is_near(places[beside], area, within_m)
    return float(beside.sum()) * each_m


def _is_near(places: Geometries, shape: BaseGeometry, within_m: float) -> Bools:
    """Which places lie in a shape or near it; its course is searched in pieces, by an index."""
    shapely.prepare(shape)
    near = np.asarray(shapely.contains(shape, places))
    tree = shapely.STRtree(_pieces(shape))
    beside, _ = tree.query(places[~near], predicate="dwithin", distance=within_m)
    near[np.flatnonzero(~near)[beside]] = True
    return near


def _pieces(shape: BaseGeometry) -> Geometries:
    """Rings of polygons and lines, cut into pieces of a few steps each."""
    parts = shapely.get_parts(shape)
    solid = shapely.get_dimensions(parts) == 2
    courses = np.concatenate((parts[~solid], shapely.get_rings(parts[solid])))
    points, course = shapely.get_coordinates(courses, return_index=True)
    steps = np.flatnonzero(course[1:] == course[:-1])
    piece = np.cumsum((steps % _PIECE == 0) | (np.diff(steps, prepend=-2) != 1)) - 1
    begins = np.flatnonzero(np.diff(piece, prepend=-1))
    ends = np.insert(steps + 1, begins, steps[begins])
    lines = shapely.linestrings(points[ends], indices=np.insert(piece, begins, piece[begins]))
    return np.asarray(lines, dtype=object)


def _sampled(lines: BaseGeometry, step_m: float) -> tuple[Geometries, float]:
    """Points at even distances along all parts, and the length that each stands for."""
    points, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    steps = np.hypot(*np.diff(points, axis=0).T) * (np.diff(part) == 0)
    run = np.concatenate(([0.0], np.cumsum(steps)))
    if len(points) == 0 or run[-1] == 0:
        return np.empty(0, dtype=object), 0.0
    count = math.ceil(run[-1] / step_m)
    each_m = float(run[-1] / count)
    at = (np.arange(count) + 0.5) * each_m
    places = shapely.points(np.interp(at, run, points[:, 0]), np.interp(at, run, points[:, 1]))
    return np.asarray(places, dtype=object), each_m


def _grown(area: BaseGeometry, by_m: float) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.bounds(area).tolist()
    return west - by_m, south - by_m, east + by_m, north + by_m
