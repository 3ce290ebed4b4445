"""A line by its chainage: where along it points lie, and which way its stretches run.

Chainage is metres along the ellipsoid from the first vertex. Bearings are from true north,
clockwise; azimuths of the grid are another thing and have a function of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely
from shapely.geometry import LineString

from geo_service.geometry import crs
from geo_service.geometry.chainage import Stations, stations
from geo_service.geometry.measure import distances_m, ellipsoid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Floats

_CANDIDATES = 48
_CANDIDATES_PER_LEG = 4
"""Places at which a line may turn, when legs are fitted to it: at least so many."""
MOST_LEGS = 100
"""More legs are not fitted at once: the work grows with the cube of their number."""
_LEAST_SHARE = 0.2
"""How short a fitted leg may be, as a share of the mean leg."""


def true_azimuth_deg(start: Floats, end: Floats) -> float:
    """Azimuth of the geodesic between two positions at its start, from true north, 0–360."""
    azimuth, _, _ = ellipsoid().inv(start[0], start[1], end[0], end[1])
    return float(azimuth) % 360


def grid_azimuth_deg(start: Floats, end: Floats) -> float:
    """Azimuth between two plane positions (easting, northing), from grid north, 0–360."""
    return math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360


def deviation_deg(one: float, other: float) -> float:
    """The angle between two bearings, 0–180."""
    return abs((one - other + 180) % 360 - 180)


@dataclass(frozen=True)
class Course:
    """One line; `points` are EPSG:4490 positions of shape (n, 2), n ≥ 2."""

    points: Floats
    plane_epsg: int

    @classmethod
    def of(cls, geometry: BaseGeometry | None, plane_epsg: int) -> Course | None:
        """The course of a line; None where it is empty or does not join into one piece."""
        if geometry is None or geometry.is_empty:
            return None
        whole = shapely.line_merge(geometry)
        if not isinstance(whole, LineString):
            return None
        points = np.asarray(shapely.get_coordinates(whole), dtype=np.float64)
        return cls(points, plane_epsg) if np.isfinite(points).all() else None

    @cached_property
    def chainage(self) -> Floats:
        """Chainage of each vertex, shape (n,)."""
        steps = distances_m(self.points[:-1], self.points[1:])
        return np.concatenate((np.zeros(1), np.cumsum(steps)))

    @property
    def length_m(self) -> float:
        """Length of the whole line."""
        return float(self.chainage[-1])

    @cached_property
    def line(self) -> LineString:
        """The line as geometry, EPSG:4490."""
        return LineString(self.points)

    @cached_property
    def plane(self) -> LineString:
        """The line in the plane of the city."""
        (moved,) = crs.to_plane(np.array([self.line], dtype=object), self.plane_epsg)
        return cast("LineString", moved)

    def locate(self, points: Floats) -> Stations:
        """Where points of shape (k, 2) lie along the line and how far off."""
        return stations(self.line, points, self.plane_epsg)

    def at(self, chainage: Floats) -> Floats:
        """Positions at chainages of shape (k,), shape (k, 2)."""
        columns = [np.interp(chainage, self.chainage, self.points[:, i]) for i in (0, 1)]
        return np.stack(columns, axis=1)

    def stretch(self, start_m: float, end_m: float) -> Course:
        """The part between two chainages, in the direction from the first to the second."""
        low, high = sorted((start_m, end_m))
        inner = self.points[(self.chainage > low) & (self.chainage < high)]
        ends = self.at(np.array([low, high]))
        points = np.concatenate((ends[:1], inner, ends[1:]))
        return Course(points if start_m <= end_m else points[::-1], self.plane_epsg)

    def chord(self, start_m: float, end_m: float) -> tuple[float, float]:
        """Bearing from true north and length of the straight way between two chainages."""
        start, end = self.at(np.array([start_m, end_m]))
        return true_azimuth_deg(start, end), float(distances_m(start[None], end[None])[0])

    def turns(self, tolerance_m: float) -> Floats:
        """Chainages of the vertices that remain when the line is generalised, ends included."""
        kept = shapely.get_coordinates(self.plane.simplify(tolerance_m, preserve_topology=False))
        drawn = shapely.get_coordinates(self.plane)
        # The generalised line is made of vertices of the drawn one, in their order.
        same = np.isin(drawn[:, 0] + 1j * drawn[:, 1], kept[:, 0] + 1j * kept[:, 1])
        return np.unique(self.chainage[same])


def fit_legs(
    course: Course, bearings: Sequence[float | None], tolerances: Sequence[float]
) -> tuple[Floats, Floats]:
    """Where a line turns, if it is to run in the given bearings one after the other.

    Of all ways to cut it into that many legs, none shorter than a fraction of its fair share, the
    one whose chords keep best within the tolerances (degrees); a bearing of None takes any.
    Returns the chainages of the ends, shape (k + 1,), and per leg by how many degrees its chord
    lies beyond its tolerance, shape (k,). Takes at most MOST_LEGS legs.
    """
    count = max(_CANDIDATES, _CANDIDATES_PER_LEG * len(bearings))
    turns = course.turns(course.length_m / count)
    places = np.linspace(0, course.length_m, count + 1)
    if len(turns) <= count:
        places = np.union1d(places, turns)
    chords = _chord_bearings(course.at(places))
    least = course.length_m / len(bearings) * _LEAST_SHARE
    short = places[None] - places[:, None] < least
    best = np.where(np.arange(len(places)) == 0, 0.0, np.inf)
    choices, costs = [], []
    for bearing, tolerance in zip(bearings, tolerances, strict=True):
        off = np.zeros_like(chords)
        if bearing is not None:
            off = np.maximum(np.abs((chords - bearing + 180) % 360 - 180) - tolerance, 0)
        cost = np.where(short, np.inf, off)
        total = best[:, None] + cost
        choices.append(total.argmin(axis=0))
        costs.append(cost)
        best = total.min(axis=0)
    ends = [len(places) - 1]
    for choice in reversed(choices):
        ends.insert(0, int(choice[ends[0]]))
    beyond = [cost[here, there] for cost, here, there in zip(costs, ends, ends[1:], strict=False)]
    return places[ends], np.array(beyond)


def _chord_bearings(points: Floats) -> Floats:
    """Bearing from each of the points to each later one, shape (m, m), else 0."""
    one, other = np.triu_indices(len(points), k=1)
    start, end = points[one], points[other]
    azimuth, _, _ = ellipsoid().inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    chords = np.zeros((len(points), len(points)))
    chords[one, other] = azimuth
    return chords
