"""Land in the sea laid over the units of a case."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.division import AdministrativeUnit
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats, Geometries
from geo_service.geometry.measure import areas_m2
from geo_service.rules.boundaries import BoundaryCase
from geo_service.rules.boundaries._layer import Layer


def shares(shapes: Geometries, layer: Layer) -> Floats:
    """Which share of each area each unit holds, shape (areas, units)."""
    result = np.zeros((len(shapes), len(layer.units)))
    tree = shapely.STRtree(shapes)
    unit, own = tree.query(layer.solid, predicate="covers")
    result[own, unit] = 1.0
    unit, own = tree.query(layer.solid, predicate="intersects")
    cut = result[own, unit] == 0.0
    unit, own = unit[cut], own[cut]
    inside = shapely.intersection(layer.solid[unit], shapes[own])
    result[own, unit] = areas_m2(inside) / np.maximum(areas_m2(shapes), 1e-9)[own]
    return result


def outside(shape: BaseGeometry, case: BoundaryCase) -> BaseGeometry:
    """What of an area lies in no unit of any level."""
    for layer in case.layers.values():
        near = layer.solid[shapely.intersects(layer.solid, shape)]
        if len(near):
            shape = shapely.difference(shape, shapely.union_all(near))
    return shape


def nearest_unit(case: BoundaryCase, shape: BaseGeometry) -> tuple[AdministrativeUnit, float]:
    """The nearest unit of the lowest level there is, and its distance in metres."""
    layer = max(case.layers.values(), key=lambda one: len(one.units[0].code.significant))
    (plane,) = crs.to_plane(np.array([shape], dtype=object), case.plane_epsg)
    apart = shapely.distance(layer.plane, plane)
    nearest = int(np.argmin(apart))
    return layer.units[nearest], float(apart[nearest])
