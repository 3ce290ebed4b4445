"""Higher units with an outline, beside what their lower units leave uncovered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from shapely.geometry.base import BaseGeometry

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionLevel
from geo_service.geometry.arrays import Bools, Geometries
from geo_service.geometry.coverage import Faces
from geo_service.rules.boundaries._layer import Layer


@dataclass(frozen=True)
class Parent:
    """A higher unit, its outline, and which units of the next lower layer are its own."""

    unit: AdministrativeUnit
    outline: BaseGeometry
    own: Bools
    layer: Layer

    @property
    def members(self) -> Geometries:
        """The polygons of its next lower units."""
        return self.layer.solid[self.own]

    @cached_property
    def uncovered(self) -> Faces:
        """Faces of the outline beside the members; enclosed ones are the layer's holes already."""
        return self.layer.inspection.missing(self.outline, self.own)


def parents_of(layers: Mapping[DivisionLevel, Layer]) -> Iterator[Parent]:
    """Every unit that comes with a polygon and with polygons of its next lower units."""
    for level, layer in layers.items():
        below = layers.get(_BELOW[level]) if level in _BELOW else None
        if below is None:
            continue
        for unit, outline in zip(layer.units, layer.solid, strict=True):
            own = np.array([lower.code.is_within(unit.code) for lower in below.units], dtype=bool)
            if own.any():
                yield Parent(unit, outline, own, below)


_BELOW = {
    DivisionLevel.PROVINCE: DivisionLevel.PREFECTURE,
    DivisionLevel.PREFECTURE: DivisionLevel.COUNTY,
    DivisionLevel.COUNTY: DivisionLevel.TOWN,
    DivisionLevel.TOWN: DivisionLevel.VILLAGE,
}
