"""A line as a row of vertices on which every place is a number: for linear referencing in bulk."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.geometry import crs
from geo_service.geometry.measure import distances_m

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Floats, Geometries, Ints

SAME_M = 0.001
"""Vertices within a millimetre are one: what is left of coordinates written to a text file."""


@dataclass(frozen=True, eq=False)
class Track:
    """The vertices of all parts of a line in a row.

    A place on it is a number: 3.25 lies a quarter of the way from vertex 3 to vertex 4. `plane`
    (n, 2) metres; `part` (n,) numbers the parts; `chainage` (n,) ground metres from the start,
    which stand still from the end of a part to the start of the next.
    """

    plane: Floats
    part: Ints
    chainage: Floats
    plane_epsg: int

    @classmethod
    def of(cls, line: BaseGeometry, plane_epsg: int) -> Track:
        """A line of EPSG:4490, its parts joined where they meet end to end."""
        merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
        parts = shapely.get_parts(merged)
        points, part = shapely.get_coordinates(parts, return_index=True)
        drawn = np.ones(len(points), dtype=bool)
        drawn[1:] = (points[1:] != points[:-1]).any(axis=1) | (part[1:] != part[:-1])
        points, part = points[drawn], part[drawn]
        plane = shapely.get_coordinates(crs.to_plane(as_points(points), plane_epsg))
        return cls(plane, part, _chainage(points, part), plane_epsg)

    def rearranged(self, order: Ints, part: Ints) -> Track:
        """The same line with its vertices in another order."""
        points = to_degrees(self.plane[order], self.plane_epsg)
        return Track(self.plane[order], part, _chainage(points, part), self.plane_epsg)

    def moved(self, by: Floats) -> Track:
        """The line elsewhere in the plane; its chainage stays that of the ground it came from."""
        return replace(self, plane=self.plane + by)

    @property
    def length_m(self) -> float:
        """Ground length of all parts."""
        return float(self.chainage[-1])

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

    def nearest(self, points: Floats) -> Floats:
        """The places nearest to points of shape (n, 2); the first of several equally near."""
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
