"""Geometry on its way to the screen: rounding, bounds, and where a mark sits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from shapely.geometry import Point

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.provenance import Provenance

Box = tuple[float, float, float, float]


def drawable(geometry: BaseGeometry | None) -> BaseGeometry | None:
    """The geometry if it can be drawn at all: there, not empty, every coordinate finite."""
    if geometry is None or geometry.is_empty:
        return None
    return geometry if np.isfinite(shapely.get_coordinates(geometry)).all() else None


def screen_json(geometry: BaseGeometry, decimals: int) -> dict[str, Any]:
    """GeoJSON with coordinates rounded for the screen (EPSG:4490, degrees)."""
    rounded = shapely.transform(geometry, lambda xy: np.round(xy, decimals))
    result: dict[str, Any] = json.loads(shapely.to_geojson(rounded))
    return result


def mark_position(geometry: BaseGeometry) -> Point:
    """Where the mark of a finding sits: on the geometry, however broken that is."""
    try:
        return shapely.point_on_surface(geometry)
    except shapely.GEOSException:
        # An invalid ring has no inside; its first vertex is at least on it.
        return Point(shapely.get_coordinates(geometry)[0])


def label_position(geometry: BaseGeometry) -> Point:
    """Where the name of a unit stands: inside its largest part, not on some islet."""
    parts = shapely.get_parts(geometry)
    return mark_position(parts[shapely.area(parts).argmax()])


def bounds_of(geometries: Iterable[BaseGeometry], fallback: Box) -> Box:
    """Box around geometries with a little air; `fallback` where there is nothing to go round."""
    shapes = list(geometries)
    if not shapes:
        return fallback
    west, south, east, north = (float(value) for value in shapely.total_bounds(shapes))
    air = 0.04 * max(east - west, north - south, 0.01)
    return west - air, south - air, east + air, north + air


class Frame:
    """What may stand on a map of one city: the city and its neighbours, never more.

    A map of all counties would be a map of the country, for which other rules hold. Invented
    units may be drawn wherever they are; a record with a code nobody knows (which is what some
    findings are about) may be drawn where it touches the city's extent.
    """

    def __init__(self, city: CityProfile) -> None:
        self._own = {row.code for row in city.codes}
        self._near = set(city.neighbours)
        self._city = city.code
        self._extent = shapely.box(*city.extent)

    def is_own(self, code: DivisionCode) -> bool:
        """Whether the unit belongs to the city, today or once."""
        return code.county in self._own or code.is_within(self._city)

    def admits(
        self, codes: Iterable[DivisionCode], geometry: BaseGeometry, provenance: Provenance
    ) -> bool:
        """Whether a record between these units may be drawn."""
        known = any(self.is_own(code) or code.county in self._near for code in codes)
        invented = provenance.force == "synthetic"
        return known or invented or bool(shapely.intersects(self._extent, geometry))
