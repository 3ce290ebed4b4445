"""Paths and rings cut to a rectangle, all at once and whatever their shape.

Rings are cut edge of the rectangle by edge (Sutherland and Hodgman), lines segment by segment
(Liang and Barsky). Neither asks for valid geometry, which vertices moved to a grid need not make;
what runs along the rectangle instead of inside it lies outside what is shown.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geo_service.geometry.arrays import Bools, Floats, Ints
from geo_service.geometry.ragged import firsts, lasts

Rectangle = tuple[float, float, float, float]
"""Least x, least y, greatest x, greatest y."""


class Paths(NamedTuple):
    """Points of many paths or open rings, those of one path together and in order.

    `path` numbers the path of a point; `owner` says of what a path is a part.
    """

    points: Floats
    path: Ints
    owner: Ints

    def only(self, kept: Bools) -> Paths:
        """The same without some points; paths keep their numbers."""
        return Paths(self.points[kept], self.path[kept], self.owner)

    def of(self, kept: Bools) -> Paths:
        """The kept paths, numbered anew."""
        numbers = np.cumsum(kept) - 1
        chosen = kept[self.path]
        return Paths(self.points[chosen], numbers[self.path[chosen]], self.owner[kept])

    @property
    def sizes(self) -> Ints:
        """How many points each path has."""
        return np.bincount(self.path, minlength=len(self.owner))

    @property
    def following(self) -> Ints:
        """Of each point the next of its ring: after the last comes the first."""
        result = np.arange(1, len(self.path) + 1)
        result[lasts(self.path)] = np.flatnonzero(firsts(self.path))
        return result

    def without_repeats(self) -> Paths:
        """Points that repeat the one before are left out."""
        moved = firsts(self.path)
        moved[1:] |= (self.points[1:] != self.points[:-1]).any(axis=1)
        return self.only(moved)

    def opened(self) -> Paths:
        """Rings without a last point that repeats the first."""
        first = np.zeros((len(self.owner), 2))
        begins = firsts(self.path)
        first[self.path[begins]] = self.points[begins]
        repeats = lasts(self.path) & ~begins
        repeats &= (self.points == first[self.path]).all(axis=1)
        return self.only(~repeats)

    def doubled_areas(self) -> Floats:
        """Twice the area of each ring by the surveyor's formula, exact for whole numbers."""
        here, there = self.points, self.points[self.following]
        crossed = here[:, 0] * there[:, 1] - there[:, 0] * here[:, 1]
        return np.bincount(self.path, weights=crossed, minlength=len(self.owner)).astype(float)

    def turned(self, turned: Bools) -> Paths:
        """Some rings run the other way round, from the same first point."""
        sizes = self.sizes
        begins = np.cumsum(sizes) - sizes
        place = np.arange(len(self.path)) - begins[self.path]
        other = np.where(place == 0, 0, sizes[self.path] - place)
        order = begins[self.path] + np.where(turned[self.path], other, place)
        return Paths(self.points[order], self.path, self.owner)


def clipped_rings(rings: Paths, to: Rectangle) -> Paths:
    """Open rings as far as they lie in the rectangle; rings keep their numbers."""
    for axis in (0, 1):
        rings = _half(rings, axis, to[axis], -1.0)
        rings = _half(rings, axis, to[axis + 2], 1.0)
    return rings


def _half(rings: Paths, axis: int, limit: float, side: float) -> Paths:
    """What lies on one side of an edge of the rectangle: no further than the limit."""
    beyond = (rings.points[:, axis] - limit) * side
    if not (beyond > 0).any():
        return rings
    after = rings.following
    inside = beyond <= 0
    crosses = inside != inside[after]
    counts = crosses.astype(np.int64) + inside[after]
    ends = np.cumsum(counts)
    points = np.empty((int(ends[-1]), 2))
    entering = inside[after]
    points[ends[entering] - 1] = rings.points[after[entering]]
    here, there = rings.points[crosses], rings.points[after[crosses]]
    share = beyond[crosses] / (beyond[crosses] - beyond[after[crosses]])
    cut = here + share[:, None] * (there - here)
    cut[:, axis] = limit
    points[(ends - counts)[crosses]] = cut
    return Paths(points, np.repeat(rings.path, counts), rings.owner)


def clipped_lines(lines: Paths, to: Rectangle) -> Paths:
    """Paths as far as they lie in the rectangle, a new path wherever one comes in again."""
    begin = ~lasts(lines.path)
    here = lines.points[begin]
    step = lines.points[np.flatnonzero(begin) + 1] - here
    enter, leave = np.zeros(len(here)), np.ones(len(here))
    for axis in (0, 1):
        with np.errstate(divide="ignore", invalid="ignore"):
            least = (to[axis] - here[:, axis]) / step[:, axis]
            most = (to[axis + 2] - here[:, axis]) / step[:, axis]
        enter = np.fmax(enter, np.fmin(least, most))
        leave = np.fmin(leave, np.fmax(least, most))
    kept = enter < leave
    path = lines.path[begin][kept]
    here, step, enter, leave = here[kept], step[kept], enter[kept, None], leave[kept, None]
    number = np.flatnonzero(kept)
    starts = firsts(path) | (enter[:, 0] > 0)
    starts[1:] |= (np.diff(number) > 1) | (leave[:-1, 0] < 1)
    counts = 1 + starts.astype(np.int64)
    ends = np.cumsum(counts)
    points = np.empty((int(counts.sum()), 2))
    points[ends - 1] = here + leave * step
    points[(ends - counts)[starts]] = (here + enter * step)[starts]
    return Paths(points, np.repeat(np.cumsum(starts) - 1, counts), lines.owner[path[starts]])
