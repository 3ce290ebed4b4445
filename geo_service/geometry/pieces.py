"""The parts of a line joined and put in their order, however a file stores them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.geometry import crs
from geo_service.geometry.measure import distances_m, sums_by

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints

_EVEN_M = 0.001
"""Lengths within a millimetre are equal."""


def in_order(line: BaseGeometry, plane_epsg: int) -> Geometries:
    """The pieces of a line of EPSG:4490 as linestrings, one after the other as the line runs.

    What `track` says of chainage is decided here. A line of one part is as it is drawn; a piece
    that closes on itself keeps its own direction, whatever is before and after it.
    """
    drawn = np.asarray(shapely.get_parts(line), dtype=object)
    if len(drawn) == 1:
        return drawn
    pieces = np.asarray(shapely.get_parts(shapely.line_merge(line)), dtype=object)
    if not len(pieces):  # parts without any length, which are dropped
        pieces = drawn[:1]
    with_it_m = _as_drawn_m(pieces, drawn)
    closed = shapely.is_closed(pieces)
    # From here on nothing may depend on the order in which the file stores the parts.
    starts, ends = _ends(pieces, plane_epsg)
    turned = np.where(closed, with_it_m < 0, _is_after(starts, ends))
    pieces, with_it_m = _turned(pieces, turned), np.where(turned, -with_it_m, with_it_m)
    starts, ends = _ends(pieces, plane_epsg)
    by_place = np.lexsort((*ends.T, *starts.T))
    order, back = _chained(starts[by_place], ends[by_place])
    order = by_place[order]
    turned = back & ~closed[order]
    pieces, with_it_m = _turned(pieces[order], turned), with_it_m[order]
    whole_m = float(np.where(turned, -with_it_m, with_it_m).sum())
    starts, ends = _ends(pieces, plane_epsg)
    if whole_m < -_EVEN_M or (whole_m <= _EVEN_M and _is_counted_from(ends[-1], starts[0])):
        pieces = _turned(pieces, ~closed[order])[::-1]
    return pieces


def _turned(pieces: Geometries, which: Bools) -> Geometries:
    return np.where(which, shapely.reverse(pieces), pieces)


def _ends(pieces: Geometries, plane_epsg: int) -> tuple[Floats, Floats]:
    """First and last places in the plane, each of shape (k, 2)."""
    plane = crs.to_plane(pieces, plane_epsg)
    first, last = (shapely.get_coordinates(shapely.get_point(plane, at)) for at in (0, -1))
    return first, last


def _as_drawn_m(pieces: Geometries, drawn: Geometries) -> Floats:
    """Per piece, the metres that run as they are drawn less those that run against it."""
    own, piece = _steps(pieces)
    given, _ = _steps(drawn)
    _, which = np.unique(np.concatenate((given, own)), axis=0, return_inverse=True)
    as_drawn = np.isin(which[len(given) :], which[: len(given)])
    metres = distances_m(own[:, :2], own[:, 2:])
    return sums_by(piece, np.where(as_drawn, metres, -metres), len(pieces))


def _steps(lines: Geometries) -> tuple[Floats, Ints]:
    """From where to where each segment goes, shape (n, 4), and the number of its line."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    inside = line[1:] == line[:-1]
    return np.hstack((points[:-1], points[1:]))[inside], line[1:][inside]


def _chained(starts: Floats, ends: Floats) -> tuple[Ints, Bools]:
    """The order of pieces with ends in the plane (k, 2), and which are run from end to start."""
    count = len(starts)
    places = np.concatenate((starts, ends))
    owner = np.tile(np.arange(count), 2)

    def nearest(place: Floats, among: Bools) -> tuple[float, int]:
        chosen = np.flatnonzero(among)
        metres = np.hypot(*(places[chosen] - place).T)
        at = int(metres.argmin())
        return float(metres[at]), int(chosen[at])

    here = 0
    if count > 1:
        alone = [nearest(places[at], owner != owner[at])[0] for at in range(2 * count)]
        here = int(np.argmax(alone))
    taken, free = [here], owner != owner[here]
    while free.any():
        _, here = nearest(places[(here + count) % (2 * count)], free)
        taken.append(here)
        free &= owner != owner[here]
    return owner[taken], np.array(taken) >= count


def _is_after(one: Floats, other: Floats) -> Bools:
    """Whether places (k, 2) stand after others in the order of easting, then northing."""
    same = one[:, 0] == other[:, 0]
    return np.where(same, one[:, 1] > other[:, 1], one[:, 0] > other[:, 0])


def _is_counted_from(start: Floats, end: Floats) -> bool:
    """Whether markers are numbered from one end to the other: from the west, or from the north."""
    east, north = end - start
    return bool(east > 0 if abs(east) >= abs(north) else north < 0)
