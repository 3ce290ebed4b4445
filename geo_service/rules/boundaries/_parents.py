"""Higher units with an outline, beside what their lower units leave uncovered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionLevel
from geo_service.geometry import coverage
from geo_service.geometry.arrays import Geometries
from geo_service.rules.boundaries._layer import Layer


@dataclass(frozen=True)
class Parent:
    """A higher unit, its outline, its next lower units, and the layer they belong to."""

    unit: AdministrativeUnit
    outline: BaseGeometry
    members: Geometries
    layer: Layer

    @cached_property
    def uncovered(self) -> coverage.Faces:
        """Faces of the outline beside the members; enclosed ones are the layer's holes already."""
        return coverage.uncovered(self.outline, self.members, self.layer.coverage.holes)


def parents_of(layers: Mapping[DivisionLevel, Layer]) -> Iterator[Parent]:
    """Every unit that comes with a polygon and with polygons of its next lower units."""
    for level, layer in layers.items():
        below = layers.get(_BELOW[level]) if level in _BELOW else None
        if below is None:
            continue
        for unit, outline in zip(layer.units, layer.solid, strict=True):
            own = np.array([lower.code.is_within(unit.code) for lower in below.units], dtype=bool)
            if own.any():
                yield Parent(unit, outline, below.solid[own], below)


_BELOW = {
    DivisionLevel.PROVINCE: DivisionLevel.PREFECTURE,
    DivisionLevel.PREFECTURE: DivisionLevel.COUNTY,
    DivisionLevel.COUNTY: DivisionLevel.TOWN,
    DivisionLevel.TOWN: DivisionLevel.VILLAGE,
}
