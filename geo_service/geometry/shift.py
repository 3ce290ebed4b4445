"""The shift that lays one copy of a line best on another: estimated, never applied."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry import LinearRing

from geo_service.geometry.measure import distances_m, ellipsoid
from geo_service.geometry.track import SAME_M, Track, is_closed, to_degrees

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Floats, Ints

_SHIFT_POINTS = 500
"""Points of a line by which its shift is estimated."""
_GUESS_POINTS = 200
"""Points of a line by which the estimate begins."""
_ROUNDS = 30
"""Rounds in which a shift settles; few lines need ten."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A movement of copy B that lays it best on copy A.

    In metres of grid easting and northing, and in degrees of longitude and latitude at the middle
    of the line; `bearing_deg` from true north, `distance_m` geodesic.
    """

    east_m: float
    north_m: float
    lon_deg: float
    lat_deg: float
    distance_m: float
    bearing_deg: float


@dataclass(frozen=True, slots=True)
class CommonShift:
    """One shift for many lines, and the median distance of their own shifts from it.

    `in_degrees` tells that it is constant in degrees rather than in metres.
    """

    shift: Shift
    in_degrees: bool
    spread_m: float


def common_shift(shifts: Sequence[Shift], at: tuple[float, float]) -> CommonShift:
    """The shift that many lines have in common, and how far they depart from it.

    `at` is a place among the lines, longitude and latitude, where degrees are weighed as metres.
    A constant in degrees is one of another length in metres elsewhere: that of the two in which
    the lines agree better is told. At least one shift is needed.
    """
    metres = np.array([(shift.east_m, shift.north_m) for shift in shifts])
    degrees = np.array([(shift.lon_deg, shift.lat_deg) for shift in shifts])
    by_metres, by_degrees = np.median(metres, axis=0), np.median(degrees, axis=0)
    off_metres = np.hypot(*(metres - by_metres).T)
    off_degrees = distances_m(np.array(at) + degrees, np.array([at + by_degrees] * len(degrees)))
    bearing, _, distance = ellipsoid().inv(*at, *(np.array(at) + by_degrees))
    in_degrees = bool(np.median(off_degrees) < np.median(off_metres))
    return CommonShift(
        shift=Shift(
            east_m=float(by_metres[0]),
            north_m=float(by_metres[1]),
            lon_deg=float(by_degrees[0]),
            lat_deg=float(by_degrees[1]),
            distance_m=float(distance),
            bearing_deg=float(bearing) % 360,
        ),
        in_degrees=in_degrees,
        spread_m=float(np.median(off_degrees if in_degrees else off_metres)),
    )


def shift_between(a: Track, b: Track) -> Shift:
    """The movement of B that brings it nearest to A.

    Point-to-line iterative closest point with weights that fade with distance: along a straight
    stretch the points may slide, across it they may not.
    """
    by = _first_guess(b, a)
    points = _by_share(b, np.linspace(0, 1, _SHIFT_POINTS))
    best, best_by = math.inf, by
    for _ in range(_ROUNDS):
        off = a.at(a.nearest(points + by)) - (points + by)
        distance = np.hypot(*off.T)
        middle = float(np.median(distance))
        if middle < best:
            best, best_by = middle, by
        if middle < SAME_M:
            break
        step = _step_towards(off, distance, middle)
        if np.hypot(*step) < SAME_M:
            break
        by = by + step
    return _told(best_by, a)


def _step_towards(off: Floats, distance: Floats, middle: float) -> Floats:
    normal = off / np.maximum(distance, 1e-9)[:, None]
    weight = 1 / (1 + (distance / middle) ** 2)
    pull = (normal * weight[:, None]).T
    result, *_ = np.linalg.lstsq(pull @ normal, pull @ distance, rcond=1e-6)
    return np.asarray(result)


def _first_guess(b: Track, a: Track) -> Floats:
    """None at all, unless middle on middle or point by point along both lies nearer by far."""
    shares = np.linspace(0, 1, _GUESS_POINTS)
    along_a, along_b = _by_share(a, shares), _by_share(b, shares)
    none = np.zeros(2)
    guesses = [
        along_a.mean(axis=0) - along_b.mean(axis=0),
        np.median(along_a - along_b, axis=0),
        np.median(along_a - along_b[::-1], axis=0),
    ]
    best = min(guesses, key=lambda by: _middle_m(along_b + by, a))
    return best if 2 * _middle_m(along_b + best, a) < _middle_m(along_b, a) - SAME_M else none


def _by_share(track: Track, shares: Floats) -> Floats:
    chainage, first = np.unique(track.chainage, return_index=True)
    return track.at(np.interp(shares * track.length_m, chainage, first))


def _middle_m(points: Floats, a: Track) -> float:
    return float(np.median(np.hypot(*(points - a.at(a.nearest(points))).T)))


def _told(by: Floats, a: Track) -> Shift:
    to = _by_share(a, np.array([0.5]))
    (start,), (end,) = to_degrees(to - by, a.plane_epsg), to_degrees(to, a.plane_epsg)
    bearing, _, distance = ellipsoid().inv(*start, *end)
    east, north = by.tolist()
    lon, lat = (end - start).tolist()
    return Shift(east, north, lon, lat, float(distance), float(bearing) % 360)


def run_along(track: Track, guide: Track) -> Track:
    """The same line with its parts turned and ordered as they lie along another."""
    laid = track.moved(_first_guess(track, guide))
    numbers = np.unique(track.part)
    first = np.searchsorted(track.part, numbers)
    last = np.append(first[1:], len(track.part)) - 1
    begin, end = guide.nearest(laid.plane[first]), guide.nearest(laid.plane[last])
    rows = []
    for part in np.argsort(np.minimum(begin, end), kind="stable").tolist():
        own = np.arange(first[part], last[part] + 1)
        ring = guide.plane[guide.rows_at(begin[part])]
        if is_closed(laid.plane[own]) and is_closed(ring):
            rows.append(own[_ring_order(laid.plane[own], ring)])
        else:
            rows.append(own[::-1] if end[part] < begin[part] else own)
    part = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    return track.rearranged(np.concatenate(rows), part)


def _ring_order(ring: Floats, guide: Floats) -> Ints:
    """The vertices of a ring in the sense of another and from where that one begins."""
    order = np.arange(len(ring) - 1)
    if shapely.is_ccw(LinearRing(ring)) != shapely.is_ccw(LinearRing(guide)):
        order = order[::-1]
    order = np.roll(order, -int(np.hypot(*(ring[order] - guide[0]).T).argmin()))
    return np.append(order, order[0])
