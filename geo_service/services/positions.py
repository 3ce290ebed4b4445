"""Where a position lies among registered units and how far it is from registered places.

Geometry libraries are imported late: a check without a position does not pay for them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.identity import DivisionCode
    from geo_service.store.protocol import Box, Store

_METRES_PER_DEGREE = 111_000.0
_NARROWEST = 0.01
"""Cosine of a latitude that nobody surveys: a box at the pole stays finite."""

Position = tuple[float, float]
"""Longitude, latitude in degrees, EPSG:4490."""


def checked_position(position: Position) -> Position:
    """The position itself. Raises InputError for what lies on no map, swapped axes included."""
    lon, lat = position
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise InputError("position_impossible", lon=lon, lat=lat)
    return position


def position_in(position: Position, city: CityProfile) -> Position:
    """The position itself. Raises InputError for one that is impossible or outside the city: a
    slip of the keyboard would have the name compared with the wrong places, or with none.
    """
    lon, lat = checked_position(position)
    west, south, east, north = city.extent
    if not (west <= lon <= east and south <= lat <= north):
        at = {"lon": lon, "lat": lat, "city": city.name}
        bounds = {"west": west, "south": south, "east": east, "north": north}
        raise InputError("position_outside_city", **at, **bounds)
    return position


def box_around(position: Position, reach_m: float) -> Box:
    """A box in degrees that holds everything within reach of a position, metres."""
    lon, lat = position
    tall = reach_m / _METRES_PER_DEGREE
    wide = tall / max(math.cos(math.radians(lat)), _NARROWEST)
    return (lon - wide, lat - tall, lon + wide, lat + tall)


def box_about(geometry: BaseGeometry, reach_m: float) -> Box:
    """A box in degrees that holds everything within reach of a geometry, metres."""
    west, south, east, north = geometry.bounds
    low, high = box_around((west, south), reach_m), box_around((east, north), reach_m)
    return (min(low[0], high[0]), low[1], max(low[2], high[2]), high[3])


def distance_m(position: Position, geometry: BaseGeometry | None) -> float | None:
    """Geodesic metres from a position to the nearest point of a geometry, None without one."""
    if geometry is None or geometry.is_empty:
        return None
    import shapely  # noqa: PLC0415

    return gap_m(shapely.Point(position), geometry)


def distances_from(
    position: Position | None, geometries: Sequence[BaseGeometry | None]
) -> list[float | None]:
    """`distance_m` of many geometries, all None without a position."""
    if position is None or not geometries:
        return [None] * len(geometries)
    import shapely  # noqa: PLC0415

    return gaps_m(shapely.Point(position), geometries)


def gaps_m(here: BaseGeometry, geometries: Sequence[BaseGeometry | None]) -> list[float | None]:
    """`gap_m` of many geometries.

    A common name has hundreds of namesakes in a city: one by one they would take most of a check.
    """
    found: list[float | None] = [None] * len(geometries)
    at = [i for i, shape in enumerate(geometries) if shape is not None and not shape.is_empty]
    if not at:
        return found
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    from geo_service.geometry.measure import distances_m  # noqa: PLC0415

    _, south, _, north = shapely.bounds(here)
    scale = np.array([math.cos(math.radians((south + north) / 2)), 1.0])
    own = shapely.transform(here, lambda xy: xy * scale)
    there = shapely.transform(np.array([geometries[i] for i in at]), lambda xy: xy * scale)
    ends = shapely.get_coordinates(shapely.shortest_line(own, there)) / scale
    for i, metres in zip(at, distances_m(ends[::2], ends[1::2]).tolist(), strict=True):
        found[i] = metres
    return found


def gap_m(one: BaseGeometry, other: BaseGeometry | None) -> float | None:
    """Geodesic metres between the nearest points of two geometries, None without the other.

    The nearest points are found on a local plane, longitudes shortened by the cosine of the
    latitude.
    """
    return gaps_m(one, [other])[0]


def middle_of(geometry: BaseGeometry) -> Position:
    """The middle of a line by its length, else a point of the geometry itself."""
    import shapely  # noqa: PLC0415

    if isinstance(geometry, shapely.LineString):
        point = geometry.interpolate(0.5, normalized=True)
    else:
        point = shapely.point_on_surface(geometry)
    return (float(point.x), float(point.y))


def unit_at(position: Position, store: Store, as_of: date) -> DivisionCode | None:
    """The smallest registered unit that holds the position on that day, None where there is none.

    On a common border the smaller code wins, so that the answer does not depend on the store.
    """
    import shapely  # noqa: PLC0415

    from geo_service.domain.change import RecordKind  # noqa: PLC0415
    from geo_service.domain.division import AdministrativeUnit  # noqa: PLC0415

    lon, lat = position
    point = shapely.Point(lon, lat)
    units = store.records(RecordKind.UNITS, as_of=as_of, box=(lon, lat, lon, lat))
    holding = [
        unit.code
        for unit in units
        if isinstance(unit, AdministrativeUnit)
        and unit.geometry is not None
        and shapely.covers(unit.geometry, point)
    ]
    return min(holding, key=lambda code: (-len(code.significant), code), default=None)
