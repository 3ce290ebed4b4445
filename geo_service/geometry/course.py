"""Which way the stretches of a line run, and the legs it falls into.

Chainage is that of `track`. Bearings are from true north, clockwise; azimuths of the grid are
another thing and have a function of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import LineString

from geo_service.geometry.measure import distances_m, ellipsoid
from geo_service.geometry.track import Track

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


def course_of(geometry: BaseGeometry | None, plane_epsg: int) -> Track | None:
    """The course of a line; None where it is empty, has no length or is not one piece."""
    if geometry is None or geometry.is_empty or not np.isfinite(shapely.bounds(geometry)).all():
        return None
    track = Track.of(geometry, plane_epsg)
    return track if len(track.starts) == len(track.points) - 1 > 0 else None


def chord(course: Track, start_m: float, end_m: float) -> tuple[float, float]:
    """Bearing from true north and length of the straight way between two chainages."""
    start, end = course.positions(np.array([start_m, end_m]))
    return true_azimuth_deg(start, end), float(distances_m(start[None], end[None])[0])


def grid_chord_deg(course: Track, start_m: float, end_m: float) -> float:
    """Azimuth of the straight way between two chainages from grid north, in the plane."""
    places = (start_m, end_m)
    east, north = (np.interp(places, course.chainage, course.plane[:, i]) for i in (0, 1))
    start, end = np.stack((east, north), axis=1)
    return grid_azimuth_deg(start, end)


def turns(course: Track, tolerance_m: float) -> Floats:
    """Chainages of the vertices that remain when the line is generalised, ends included."""
    plane = LineString(course.plane).simplify(tolerance_m, preserve_topology=False)
    kept = shapely.get_coordinates(plane)
    # The generalised line is made of vertices of the drawn one, in their order.
    drawn = course.plane[:, 0] + 1j * course.plane[:, 1]
    return np.unique(course.chainage[np.isin(drawn, kept[:, 0] + 1j * kept[:, 1])])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is told of a leg: its bearing from true north in degrees, None for any.

    `tolerance_deg` is what it may be off; `length_m` from and to; `passes_m` chainages of the whole
    line that lie on it, or beside it by no more than `fit_step_m`.
    """

    bearing_deg: float | None
    tolerance_deg: float
    length_m: tuple[float, float] = (0.0, math.inf)
    passes_m: tuple[float, ...] = ()


def fit_legs(course: Track, legs: Sequence[Wanted]) -> tuple[Floats, Floats] | None:
    """Where a line turns, if it is to run in the given bearings one after the other.

    Of all ways to cut it into that many legs, none shorter than a fraction of its fair share, each
    as long as it is told and with what it passes, the one whose chords keep best within the
    tolerances. Returns the chainages of the ends, shape (k + 1,), and per leg by how many degrees
    its chord lies beyond its tolerance, shape (k,); None where no cut has such lengths. Takes at
    most MOST_LEGS legs.
    """
    count, step_m = _candidates(len(legs)), fit_step_m(course, len(legs))
    bends = turns(course, step_m)
    places = np.linspace(0, course.length_m, count + 1)
    if len(bends) <= count:
        places = np.union1d(places, bends)
    chords = _chord_bearings(course.positions(places))
    long = places[None] - places[:, None]
    short = long < course.length_m / len(legs) * _LEAST_SHARE
    best = np.where(np.arange(len(places)) == 0, 0.0, np.inf)
    choices, costs = [], []
    for leg in legs:
        off = np.zeros_like(chords)
        if leg.bearing_deg is not None:
            away = np.abs((chords - leg.bearing_deg + 180) % 360 - 180)
            off = np.maximum(away - leg.tolerance_deg, 0)
        low, high = leg.length_m
        barred = short | (long < low) | (long > high)
        for passed in leg.passes_m:
            barred |= (places[:, None] > passed + step_m) | (places[None] < passed - step_m)
        cost = np.where(barred, np.inf, off)
        total = best[:, None] + cost
        choices.append(total.argmin(axis=0))
        costs.append(cost)
        best = total.min(axis=0)
    if not np.isfinite(best[-1]):
        return None
    ends = [len(places) - 1]
    for choice in reversed(choices):
        ends.insert(0, int(choice[ends[0]]))
    beyond = [cost[here, there] for cost, here, there in zip(costs, ends, ends[1:], strict=False)]
    return places[ends], np.array(beyond)


def _candidates(legs: int) -> int:
    return max(_CANDIDATES, _CANDIDATES_PER_LEG * legs)


def fit_step_m(course: Track, legs: int) -> float:
    """How far from the place meant a turning point may be that `fit_legs` finds."""
    return course.length_m / _candidates(legs)


def _chord_bearings(points: Floats) -> Floats:
    """Bearing from each of the points to each later one, shape (m, m), else 0."""
    one, other = np.triu_indices(len(points), k=1)
    start, end = points[one], points[other]
    azimuth, _, _ = ellipsoid().inv(start[:, 0], start[:, 1], end[:, 0], end[:, 1])
    chords = np.zeros((len(points), len(points)))
    chords[one, other] = azimuth
    return chords
