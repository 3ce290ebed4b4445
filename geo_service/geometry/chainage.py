"""Where points lie along a line: chainage and side. Coordinates: EPSG:4490 degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.geometry import crs
from geo_service.geometry.measure import distances_m

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Stations:
    """Points referred to a line, all of shape (n,).

    `chainage_m` runs along the ellipsoid from the start of the line; gaps between the parts of a
    line count nothing. `offset_m` is the geodesic distance to the nearest point of the line,
    positive to the left of its direction.
    """

    chainage_m: Floats
    offset_m: Floats


def stations(line: BaseGeometry, points: Floats, plane_epsg: int) -> Stations:
    """Refer `points` (n, 2) to a line of one or more parts; the foot is found in the plane."""
    drawn = np.array([line], dtype=object)
    (plane,) = crs.to_plane(drawn, plane_epsg)
    here = crs.to_plane(np.asarray(shapely.points(points), dtype=object), plane_epsg)
    corners, part = shapely.get_coordinates(plane), _parts(plane)
    degrees = shapely.get_coordinates(line)
    # A vertex drawn twice makes a step without direction: it has no left and no right.
    drawn_once = np.ones(len(corners), dtype=bool)
    drawn_once[1:] = (degrees[1:] != degrees[:-1]).any(axis=1) | (part[1:] != part[:-1])
    corners, part, degrees = corners[drawn_once], part[drawn_once], degrees[drawn_once]
    along = _travelled(np.hypot(*np.diff(corners, axis=0).T), part)
    ground = _travelled(distances_m(degrees[:-1], degrees[1:]), part)
    at = shapely.line_locate_point(plane, here)
    feet = crs.from_plane(shapely.line_interpolate_point(plane, at), plane_epsg)
    apart = distances_m(points, shapely.get_coordinates(feet))
    step = np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(along) - 2)
    way = corners[step + 1] - corners[step]
    reach = shapely.get_coordinates(here) - corners[step]
    left = way[:, 0] * reach[:, 1] - way[:, 1] * reach[:, 0] >= 0
    return Stations(np.interp(at, along, ground), np.where(left, apart, -apart))


def _parts(line: BaseGeometry) -> Ints:
    """The number of its part for every vertex."""
    _, part = shapely.get_coordinates(shapely.get_parts(line), return_index=True)
    return np.asarray(part)


def _travelled(steps: Floats, part: Ints) -> Floats:
    """Distance from the start at every vertex; from part to part it does not grow."""
    return np.concatenate(([0.0], np.cumsum(np.where(part[1:] == part[:-1], steps, 0.0))))
