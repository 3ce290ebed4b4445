"""Stretches of a line beside which something lies, or no longer lies.

A line is looked at in even steps. Nearness is taken in the city's Gauss–Krüger zone, chainage on
the ellipsoid as `track` defines it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString

from geo_service.geometry import crs
from geo_service.geometry.track import Track, as_points, to_degrees

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Bools, Floats, Geometries


_SAME_M = 1e-6
"""Distances that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a line: chainages in metres, and its shape in EPSG:4490."""

    from_m: float
    to_m: float
    geometry: LineString

    @property
    def length_m(self) -> float:
        """Ground length."""
        return self.to_m - self.from_m


@dataclass(frozen=True, eq=False)
class Walk:
    """The places of a line that are looked at, `points` in the plane, shape (n, 2)."""

    track: Track
    places: Floats
    points: Geometries

    @classmethod
    def along(cls, line: BaseGeometry, plane_epsg: int, step_m: float) -> Walk:
        """All vertices of a line of EPSG:4490, and steps of at most `step_m` between them."""
        track = Track.of(line, plane_epsg)
        places = track.samples(step_m)
        return cls(track, places, as_points(track.at(places)))

    def near(self, other: BaseGeometry, within_m: float) -> Bools:
        """Which places lie at most `within_m` from a geometry of the same plane."""
        shapely.prepare(other)
        return np.asarray(shapely.dwithin(self.points, other, within_m))

    def farthest_m(self, other: BaseGeometry, chosen: Bools) -> float:
        """The largest distance of the chosen places from a geometry of the same plane."""
        return float(shapely.distance(self.points[chosen], other).max())

    def past_the_ends(self, other: BaseGeometry) -> Bools:
        """Which places have an end of a geometry nearest: what it does not reach shows nothing."""
        ends = shapely.boundary(shapely.line_merge(other))
        if ends is None or ends.is_empty:  # a loop
            return np.zeros(len(self.points), dtype=bool)
        nearest = shapely.distance(self.points, other)
        return np.asarray(shapely.distance(self.points, ends) <= nearest + _SAME_M)

    def long_runs(self, chosen: Bools, least_m: float) -> Bools:
        """The chosen places that belong to an unbroken run of at least `least_m`."""
        kept = np.zeros_like(chosen)
        for run in self._runs(chosen):
            kept[run] = self._metres(run) >= least_m
        return kept

    def stretches(self, chosen: Bools) -> tuple[Stretch, ...]:
        """The unbroken runs of chosen places; a single place has no length and is none."""
        runs = (run for run in self._runs(chosen) if run.stop - run.start > 1)
        return tuple(self._stretch(run) for run in runs)

    def _runs(self, chosen: Bools) -> Iterable[slice]:
        part = self.track.part_at(self.places)
        joined = chosen[1:] & chosen[:-1] & (part[1:] == part[:-1])
        first = np.flatnonzero(chosen & ~np.insert(joined, 0, False))
        last = np.flatnonzero(chosen & ~np.append(joined, False))
        return [slice(a, b + 1) for a, b in zip(first.tolist(), last.tolist(), strict=True)]

    def _ends(self, run: slice) -> Floats:
        return self.places[[run.start, run.stop - 1]]

    def _metres(self, run: slice) -> float:
        return float(np.ptp(self.track.chainage_at(self._ends(run))))

    def _stretch(self, run: slice) -> Stretch:
        start, end = self._ends(run).tolist()
        plane = self.track.between(start, end)
        fresh = np.insert((plane[1:] != plane[:-1]).any(axis=1), 0, True)
        shape = LineString(to_degrees(plane[fresh], self.track.plane_epsg))
        from_m, to_m = self.track.chainage_at(self._ends(run)).tolist()
        return Stretch(from_m, to_m, shape)


def as_one(stretches: Iterable[Stretch]) -> BaseGeometry:
    """The shapes of stretches as one geometry, EPSG:4490."""
    shapes = [stretch.geometry for stretch in stretches]
    return shapes[0] if len(shapes) == 1 else MultiLineString(shapes)


def joined(lines: Iterable[BaseGeometry]) -> MultiLineString:
    """Lines as one geometry of many parts, each as it is drawn."""
    return MultiLineString(shapely.get_parts(list(lines)).tolist())


def in_plane(lines: Iterable[BaseGeometry], plane_epsg: int) -> BaseGeometry:
    """Lines of EPSG:4490 as one geometry of the plane."""
    (plane,) = crs.to_plane(np.array([joined(lines)], dtype=object), plane_epsg)
    return cast("BaseGeometry", plane)
