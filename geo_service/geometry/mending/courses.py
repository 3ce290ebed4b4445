"""An outline made to follow a boundary line between the two ends of the line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Floats
from geo_service.geometry.mending.rings import (
    in_plane,
    line_in_plane,
    open_rings,
    redrawn,
)


def along_line(
    polygon: BaseGeometry, line: BaseGeometry, plane_epsg: int, within_m: float
) -> BaseGeometry | None:
    """The polygon with the stretch of its outline between the ends of each part run along it.

    Both ends must lie on the outline, or at most `within_m` from it: nothing is guessed beyond.
    None where a part has no such place. Where it follows the line already it comes back equal.
    """
    for part in shapely.get_parts(line):
        follower = _Follower(shapely.get_coordinates(part), plane_epsg, within_m)
        ring = follower.nearest(polygon)
        if ring is None:
            return None
        polygon = _with_ring(polygon, *ring)
    return polygon


def _with_ring(polygon: BaseGeometry, old: Floats, new: Floats) -> BaseGeometry:
    done = redrawn(polygon, lambda points: new if np.array_equal(points, old) else None)
    return polygon if done is None else done


@dataclass(frozen=True)
class _Follower:
    """One course and what it takes to lay it into a ring."""

    course: Floats
    plane_epsg: int
    within_m: float

    def nearest(self, polygon: BaseGeometry) -> tuple[Floats, Floats] | None:
        """The ring that gives way the least, and what it becomes."""
        closed = bool((self.course[0] == self.course[-1]).all())
        found = [
            (moved, ring, new)
            for ring in open_rings(polygon)
            for moved, new in (self._around(ring) if closed else self._between(ring))
        ]
        if not found:
            return None
        _, ring, new = min(found, key=lambda each: each[0])
        return ring, new

    def _around(self, ring: Floats) -> list[tuple[float, Floats]]:
        """A closed course takes the place of a whole ring."""
        whole = np.vstack([ring, ring[:1]])
        return [(self._apart(whole), self.course[:-1])]

    def _between(self, ring: Floats) -> list[tuple[float, Floats]]:
        """Both ways round between the ends, each with how far the outline would move."""
        placed = self._with_ends(ring)
        if placed is None:
            return []
        points, start, end = placed
        result = []
        for first, last, course in (
            (start, end, self.course),
            (end, start, self.course[::-1]),
        ):
            turned = np.roll(points, -first, axis=0)
            upto = (last - first) % len(points)
            replaced, rest = turned[: upto + 1], turned[upto + 1 :]
            result.append((self._apart(replaced), np.vstack([course, rest])))
        return result

    def _with_ends(self, ring: Floats) -> tuple[Floats, int, int] | None:
        """The ring with both ends of the course among its vertices, and their places."""
        points = ring
        for end in (self.course[0], self.course[-1]):
            there = self._with_end(points, end)
            if there is None:
                return None
            points = there
        start, last = (
            int(np.flatnonzero((points == end).all(axis=1))[0])
            for end in (self.course[0], self.course[-1])
        )
        return None if start == last else (points, start, last)

    def _with_end(self, ring: Floats, end: Floats) -> Floats | None:
        """The ring with `end` as a vertex: one there, one moved onto it, or one put in."""
        if (ring == end).all(axis=1).any():
            return ring
        plane = in_plane(ring, self.plane_epsg)
        here = in_plane(end[None, :], self.plane_epsg)[0]
        away: Floats = np.hypot(*(plane - here).T)
        nearest = int(away.argmin())
        if away[nearest] <= self.within_m:
            moved = ring.copy()
            moved[nearest] = end
            return moved
        steps = shapely.linestrings(np.stack((plane, np.roll(plane, -1, axis=0)), axis=1))
        apart: Floats = np.asarray(shapely.distance(steps, shapely.Point(here)))
        step = int(apart.argmin())
        if apart[step] > self.within_m:
            return None
        return np.insert(ring, step + 1, end, axis=0)

    def _apart(self, replaced: Floats) -> float:
        """How far the course runs from what it replaces, in metres."""
        drawn = self._plane(replaced if len(replaced) > 1 else np.repeat(replaced, 2, axis=0))
        return float(shapely.hausdorff_distance(drawn, self._plane(self.course)))

    def _plane(self, points: Floats) -> BaseGeometry:
        plane: BaseGeometry = line_in_plane(points, self.plane_epsg)
        return plane
