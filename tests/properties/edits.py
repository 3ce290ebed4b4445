"""Random edits of a tiling's records: what a person may draw, right or wrong.

Every edit takes a record and gives it back changed; geometry stays EPSG:4490. Imports nothing from
`geo_service.rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from shapely.affinity import scale, translate
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

METRE = 1 / 100_000
"""About a metre, in degrees."""


def _aside(random: np.random.Generator) -> np.ndarray:
    """A step of centimetres to kilometres in any direction."""
    return random.normal(size=2) * METRE * 10 ** random.uniform(-2, 3)


def _course(geometry: BaseGeometry) -> np.ndarray:
    return shapely.get_coordinates(shapely.get_parts(geometry)[:1])


def _shaped(points: np.ndarray, geometry: BaseGeometry) -> BaseGeometry:
    if geometry.geom_type.endswith("Polygon"):
        return Polygon(points) if len(points) > 2 else Polygon()
    return LineString(points)


def move_vertex(geometry: BaseGeometry, random: np.random.Generator) -> BaseGeometry:
    points = _course(geometry)
    # The first vertex of a ring is its last as well: Polygon closes what is left open.
    at = int(random.integers(1, len(points)))
    points[at] += _aside(random)
    return _shaped(points, geometry)


def add_vertex(geometry: BaseGeometry, random: np.random.Generator) -> BaseGeometry:
    """In the middle of a step, exactly or nearly upon it."""
    points = _course(geometry)
    at = int(random.integers(1, len(points)))
    middle = points[at - 1 : at + 1].mean(axis=0) + random.choice([0, 1]) * _aside(random)
    return _shaped(np.insert(points, at, middle, axis=0), geometry)


def drop_vertex(geometry: BaseGeometry, random: np.random.Generator) -> BaseGeometry:
    points = _course(geometry)
    if len(points) < 6:
        return geometry
    return _shaped(np.delete(points, int(random.integers(1, len(points) - 1)), axis=0), geometry)


def shift(geometry: BaseGeometry, random: np.random.Generator) -> BaseGeometry:
    return translate(geometry, *_aside(random))


def shrink(geometry: BaseGeometry, random: np.random.Generator) -> BaseGeometry:
    factor = random.uniform(0.3, 1.1)
    return scale(geometry, factor, factor)


def pierce(geometry: BaseGeometry, random: np.random.Generator) -> BaseGeometry:
    """A hole in the middle of a polygon; a line loses its middle."""
    size = random.uniform(1, 600) * METRE
    middle = shapely.point_on_surface(geometry).buffer(size, quad_segs=2)
    return geometry.buffer(0).difference(middle) if geometry.area else geometry.difference(middle)


def empty(geometry: BaseGeometry, random: np.random.Generator) -> BaseGeometry:
    return type(geometry)()


def nothing(geometry: BaseGeometry, random: np.random.Generator) -> None:
    return None


Edit = Callable[[BaseGeometry, np.random.Generator], BaseGeometry | None]
EDITS: tuple[Edit, ...] = (
    *(move_vertex, add_vertex, drop_vertex, shift, shrink, pierce),
    *(empty, nothing),
)


def edited(record: Any, random: np.random.Generator) -> Any:
    """The record with another geometry; a node is moved."""
    if hasattr(record, "position"):
        return replace(record, position=Point(record.position.coords[0] + _aside(random)))
    if record.geometry is None or record.geometry.is_empty:
        return record
    edit = EDITS[int(random.integers(len(EDITS)))]
    return replace(record, geometry=edit(record.geometry, random))
