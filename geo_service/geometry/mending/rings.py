"""Taking polygons apart into rings and putting them together again; vertices compared by bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geo_service.geometry import crs
from geo_service.geometry.arrays import Bools, Floats

Keys = NDArray[np.complex128]
Redraw = Callable[[Floats], Floats | None]
"""From the vertices of a ring, the last one not repeated, to those of the ring that replaces it;
None leaves the ring as it is, and fewer than three vertices take it out."""


def keys(points: Floats) -> Keys:
    """One number for each position, equal exactly where both coordinates are."""
    flat: Keys = points[:, 0] + 1j * points[:, 1]
    return flat


def is_among(points: Floats, known: Floats) -> Bools:
    """Which positions are, bit for bit, among the known ones."""
    return np.isin(keys(points), keys(known))


def open_rings(polygon: BaseGeometry) -> Iterator[Floats]:
    """The vertices of every ring, the closing one left out."""
    for ring in shapely.get_rings(shapely.get_parts(polygon)):
        yield shapely.get_coordinates(ring)[:-1]


def redrawn(polygon: BaseGeometry, redraw: Redraw) -> BaseGeometry | None:
    """The polygon with each ring put through `redraw`; None where none of them changed.

    A part whose shell is gone is gone with it. Validity is the caller's to ask.
    """
    if polygon.is_empty:
        return None
    changed, parts = False, []
    for part in shapely.get_parts(polygon):
        rings = []
        for ring in shapely.get_rings(part):
            given = shapely.get_coordinates(ring)[:-1]
            new = redraw(given)
            rings.append(given if new is None else _begun_alike(new, given))
            changed |= not np.array_equal(rings[-1], given)
        shell, *holes = rings
        if len(shell) > 2:
            parts.append(Polygon(shell, [hole for hole in holes if len(hole) > 2]))
    if not changed:
        return None
    single = len(parts) == 1 and polygon.geom_type == "Polygon"
    return parts[0] if single else MultiPolygon(parts)


def _begun_alike(ring: Floats, given: Floats) -> Floats:
    """The ring beginning at the vertex the given one began with, where it has that still."""
    kept = np.flatnonzero(is_among(given, ring))
    if not len(kept):
        return ring
    start = int(np.flatnonzero((ring == given[kept[0]]).all(axis=1))[0])
    return np.roll(ring, -start, axis=0)


def in_plane(points: Floats, plane_epsg: int) -> Floats:
    """Positions in the plane, to measure by; the originals stay what is written."""
    if not len(points):
        return points
    line = np.array([shapely.multipoints(points)], dtype=object)
    return shapely.get_coordinates(crs.to_plane(line, plane_epsg))


def line_in_plane(points: Floats, plane_epsg: int) -> Any:
    """A course in the plane, to measure by."""
    return shapely.linestrings(in_plane(points, plane_epsg))
