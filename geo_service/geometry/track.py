"""A line as a row of vertices on which every place is a number: all linear referencing rests on it.

**Chainage** is the ground length in metres, along the ellipsoid, from the start of the line. There
is one definition, whatever the order in which a file stores the parts of a line:

- a line of one part runs as it is drawn;
- parts that meet end to end are one piece;
- pieces that remain follow each other along the line: from the end that lies farthest from all
  other pieces, each time on to the piece that begins or ends nearest. The gaps count nothing;
- the whole runs the way most of its length is drawn; where that is even, from west to east or,
  if it lies more north and south, from north to south, as markers are numbered.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import LineString

from geo_service.geometry import crs
from geo_service.geometry.measure import distances_m
from geo_service.geometry.pieces import in_order

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Floats, Geometries, Ints

SAME_M = 0.001
"""Vertices within a millimetre are one: what is left of coordinates written to a text file."""


@dataclass(frozen=True, slots=True)
class Stations:
    """Points referred to a line, all of shape (n,).

    `chainage_m` of the nearest place of the line; `offset_m` is the geodesic distance to it,
    positive to the left of the direction of the line.
    """

    chainage_m: Floats
    offset_m: Floats


@dataclass(frozen=True, eq=False)
class Track:
    """The vertices of all parts of a line in a row.

    A place on it is a number: 3.25 lies a quarter of the way from vertex 3 to vertex 4. `points`
    (n, 2) EPSG:4490; `plane` (n, 2) metres; `part` (n,) numbers the parts; `chainage` (n,) ground
    metres from the start, which stand still from the end of a part to the start of the next.
    """

    points: Floats
    plane: Floats
    part: Ints
    chainage: Floats
    plane_epsg: int

    @classmethod
    def of(cls, line: BaseGeometry, plane_epsg: int) -> Track:
        """A line of EPSG:4490 with at least one vertex, its parts joined and in their order."""
        parts = in_order(line, plane_epsg)
        points, part = shapely.get_coordinates(parts, return_index=True)
        fresh = np.ones(len(points), dtype=bool)
        fresh[1:] = (points[1:] != points[:-1]).any(axis=1) | (part[1:] != part[:-1])
        points, part = points[fresh], part[fresh]
        plane = shapely.get_coordinates(crs.to_plane(as_points(points), plane_epsg))
        return cls(points, plane, part, _chainage(points, part), plane_epsg)

    def rearranged(self, order: Ints, part: Ints) -> Track:
        """The same line with its vertices in another order."""
        points = self.points[order]
        return Track(points, self.plane[order], part, _chainage(points, part), self.plane_epsg)

    def moved(self, by: Floats) -> Track:
        """The line elsewhere in the plane; its chainage stays that of the ground it came from."""
        plane = self.plane + by
        return replace(self, plane=plane, points=to_degrees(plane, self.plane_epsg))

    @property
    def length_m(self) -> float:
        """Ground length of all parts."""
        return float(self.chainage[-1])

    @property
    def line(self) -> LineString:
        """A line of one piece as geometry, EPSG:4490."""
        return LineString(self.points)

    @cached_property
    def starts(self) -> Ints:
        """The vertices from which a segment leaves."""
        return np.flatnonzero(self.part[1:] == self.part[:-1])

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The segments in the plane, to be searched; numbered as in `starts`."""
        ends = np.stack((self.plane[self.starts], self.plane[self.starts + 1]), axis=1)
        return shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object))

    def samples(self, step_m: float) -> Floats:
        """Places of all vertices and of even steps no longer than `step_m` between them."""
        lengths = self.chainage[self.starts + 1] - self.chainage[self.starts]
        pieces = np.maximum(np.ceil(lengths / step_m), 1).astype(np.int64)
        first = np.repeat(np.cumsum(pieces) - pieces, pieces)
        inside = (np.arange(pieces.sum()) - first) / np.repeat(pieces, pieces)
        last = np.flatnonzero(np.append(self.part[1:] != self.part[:-1], True))
        return np.sort(np.concatenate((np.repeat(self.starts, pieces) + inside, last)))

    def at(self, places: Floats) -> Floats:
        """Plane coordinates of places, shape (n, 2)."""
        whole = np.minimum(places.astype(np.int64), len(self.plane) - 1)
        following = np.minimum(whole + 1, len(self.plane) - 1)
        share = (places - whole)[:, None]
        return np.asarray(self.plane[whole] * (1 - share) + self.plane[following] * share)

    def chainage_at(self, places: Floats) -> Floats:
        """Ground metres from the start at places, shape (n,)."""
        return np.interp(places, np.arange(len(self.chainage)), self.chainage)

    def positions(self, chainage_m: Floats) -> Floats:
        """EPSG:4490 positions at chainages of shape (k,) of a line in one piece, shape (k, 2)."""
        columns = [np.interp(chainage_m, self.chainage, self.points[:, i]) for i in (0, 1)]
        return np.stack(columns, axis=1)

    def stretch(self, start_m: float, end_m: float) -> Track:
        """The line, in one piece, from one chainage to another and in that direction."""
        low, high = sorted((start_m, end_m))
        inside = (self.chainage > low) & (self.chainage < high)
        ends = np.unique((low, high))
        metres = np.concatenate((ends[:1], self.chainage[inside], ends[1:]))
        way = slice(None) if start_m <= end_m else slice(None, None, -1)
        points = self.positions(metres)[way]
        points[1:-1] = self.points[inside][way]
        plane = np.stack([np.interp(metres, self.chainage, self.plane[:, i]) for i in (0, 1)], 1)
        part = np.zeros(len(metres), dtype=np.int64)
        return Track(points, plane[way], part, np.abs(metres - start_m)[way], self.plane_epsg)

    def refer(self, points: Floats) -> Stations:
        """Where EPSG:4490 points of shape (n, 2) lie beside the line; feet are found in the plane.

        Beside a vertex the side is that of the bisector of its two segments.
        """
        here = shapely.get_coordinates(crs.to_plane(as_points(points), self.plane_epsg))
        places = self.nearest(here)
        feet = self.at(places)
        apart = distances_m(points, to_degrees(feet, self.plane_epsg))
        way, reach = self._ways(places), here - feet
        left = way[:, 0] * reach[:, 1] - way[:, 1] * reach[:, 0] >= 0
        return Stations(self.chainage_at(places), np.where(left, apart, -apart))

    def _ways(self, places: Floats) -> Floats:
        """The direction of the line in the plane at places, shape (n, 2)."""
        leaving = np.zeros_like(self.plane)
        steps = self.plane[self.starts + 1] - self.plane[self.starts]
        leaving[self.starts] = steps / np.hypot(*steps.T)[:, None]
        vertex = np.minimum(places.astype(np.int64), len(leaving) - 1)
        arriving = np.roll(leaving, 1, axis=0)[vertex]
        return np.asarray(leaving[vertex] + np.where((places == vertex)[:, None], arriving, 0.0))

    def nearest(self, points: Floats) -> Floats:
        """The places nearest to plane points (n, 2); the first of several equally near."""
        if not len(self.starts):
            return np.zeros(len(points))
        query, segment = self.tree.query_nearest(as_points(points), all_matches=True)
        # Where two segments meet both are nearest: one answer, the same on every run.
        order = np.lexsort((segment, query))
        query, segment = query[order], segment[order]
        start = self.starts[segment[np.searchsorted(query, np.arange(len(points)))]]
        along = self.plane[start + 1] - self.plane[start]
        share = ((points - self.plane[start]) * along).sum(axis=1) / (along**2).sum(axis=1)
        return np.asarray(start + np.clip(share, 0.0, 1.0))

    def part_at(self, places: Floats) -> Ints:
        """The parts on which places lie, shape (n,)."""
        return self.part[np.minimum(places.astype(np.int64), len(self.part) - 1)]

    def rows_at(self, place: float) -> Ints:
        """The vertices of the part on which a place lies."""
        return np.flatnonzero(self.part == self.part_at(np.array([place]))[0])

    def overshoot(self, points: Floats, nearest: Floats) -> Floats:
        """By how many metres points lie beyond a free end of this line, 0 beside it. Shape (n,)."""
        result = np.zeros(len(points))
        numbers = np.unique(self.part)
        first = np.searchsorted(self.part, numbers)
        last = np.append(first[1:], len(self.part)) - 1
        is_open = (self.plane[first] != self.plane[last]).any(axis=1)
        for ends, before in ((first, first + 1), (last, last - 1)):
            outward = self.plane[ends] - self.plane[before]
            outward /= np.hypot(*outward.T)[:, None]
            here = np.isin(nearest, ends[is_open])
            which = np.searchsorted(ends, nearest[here].astype(np.int64))
            beyond = ((points[here] - self.plane[ends[which]]) * outward[which]).sum(axis=1)
            result[here] = np.maximum(beyond, 0.0)
        return result

    def between(self, start: float, end: float) -> Floats:
        """Plane vertices from one place to another, shape (n, 2)."""
        inside = np.arange(math.floor(start) + 1, math.ceil(end), dtype=np.float64)
        return self.at(np.concatenate(([start], inside, [end])))


def _chainage(points: Floats, part: Ints) -> Floats:
    metres = distances_m(points[:-1], points[1:])
    metres[part[1:] != part[:-1]] = 0.0
    return np.concatenate(([0.0], np.cumsum(metres)))


def as_points(coordinates: Floats) -> Geometries:
    """Coordinates of shape (n, 2) as points."""
    return np.asarray(shapely.points(coordinates), dtype=object)


def to_degrees(plane: Floats, plane_epsg: int) -> Floats:
    """Plane coordinates of shape (n, 2) as longitude and latitude."""
    return shapely.get_coordinates(crs.from_plane(as_points(plane), plane_epsg))


def is_closed(points: Floats) -> bool:
    """Whether vertices of shape (n, 2) make a ring."""
    return len(points) > 3 and bool((points[0] == points[-1]).all())
