"""Lengths, areas and distances on the CGCS2000 ellipsoid. Coordinates: EPSG:4490 degrees."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Geod

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Floats, Geometries, Ints


@cache
def ellipsoid() -> Geod:
    """The CGCS2000 ellipsoid (GB 22021: a = 6378137 m, 1/f = 298.257222101)."""
    return Geod(a=6378137.0, rf=298.257222101)


def distances_m(starts: Floats, ends: Floats) -> Floats:
    """Geodesic distance in metres between two arrays of positions of shape (n, 2)."""
    _, _, metres = ellipsoid().inv(starts[:, 0], starts[:, 1], ends[:, 0], ends[:, 1])
    return np.asarray(metres, dtype=np.float64)


def lengths_m(geometries: Sequence[BaseGeometry] | Geometries) -> Floats:
    """Length in metres of each line, or of all rings of each polygon. Shape (n,).

    All segments of all geometries go through the ellipsoid in one call.
    """
    parts, owner = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    rings, ring_part = shapely.get_rings(parts[solid], return_index=True)
    strings = np.concatenate((parts[~solid], rings))
    owner = np.concatenate((owner[~solid], owner[solid][ring_part]))
    points, index = shapely.get_coordinates(strings, return_index=True)
    joined = index[1:] == index[:-1]
    metres = distances_m(points[:-1][joined], points[1:][joined])
    return sums_by(owner[index[1:][joined]], metres, len(geometries))


def areas_m2(geometries: Sequence[BaseGeometry] | Geometries) -> Floats:
    """Geodesic area in square metres of each polygonal geometry, holes taken off. Shape (n,).

    Each ring is one call: the ellipsoid has no areas of many rings at once.
    """
    parts, owner = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    rings, part = shapely.get_rings(parts[solid], return_index=True)
    sizes = np.array([_ring_area_m2(ring) for ring in rings], dtype=np.float64)
    # get_rings lists the shell of every polygon first; the rings that follow are its holes.
    sign = np.where(np.diff(part, prepend=-1) > 0, 1.0, -1.0)
    return sums_by(owner[solid][part], sign * sizes, len(geometries))


def sums_by(index: Ints, values: Floats, count: int) -> Floats:
    """Sums of `values` per `index`, shape (count,)."""
    return np.asarray(np.bincount(index, weights=values, minlength=count), dtype=np.float64)


def thickness(area_m2: Floats, perimeter_m: Floats) -> Floats:
    """The thickness quotient 4πA/P²: 1 for a disc, towards 0 for a sliver (ISO 19157 no. 25)."""
    return 4 * math.pi * area_m2 / perimeter_m**2


def _ring_area_m2(ring: BaseGeometry) -> float:
    points = shapely.get_coordinates(ring)
    area, _ = ellipsoid().polygon_area_perimeter(points[:, 0], points[:, 1])
    return abs(float(area))
