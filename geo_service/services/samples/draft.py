"""A layer being spoilt: records that may be replaced, and the places already taken by faults."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from geo_service.geometry.measure import distances_m
from geo_service.services.samples.answers import FaultKind, SeededFault

if TYPE_CHECKING:
    from shapely.geometry import LineString, Polygon

    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.identity import DivisionCode
    from geo_service.geometry.arrays import Floats

METRES_PER_DEGREE = 111_320.0
SPACING_M = 1500.0
"""Free ground between the reaches of any two faults."""


@dataclass(slots=True)
class Draft:
    """Units by code, lines by code, nodes by id, and the faults put in so far."""

    units: dict[DivisionCode, AdministrativeUnit]
    lines: dict[str, AdministrativeBoundary]
    nodes: dict[str, BoundaryNode]
    random: np.random.Generator
    faults: list[SeededFault] = field(default_factory=list)

    def is_free(self, position: Floats, reach_m: float) -> bool:
        """Whether a fault of that reach would stay clear of all others."""
        if not self.faults:
            return True
        taken = np.array([fault.position for fault in self.faults])
        reaches = np.array([fault.reach_m for fault in self.faults]) + reach_m + SPACING_M
        here = np.broadcast_to(position, taken.shape)
        return bool((distances_m(here, taken) > reaches).all())

    def note(
        self,
        kind: FaultKind,
        units: tuple[str, ...],
        position: Floats,
        reach_m: float,
        size: tuple[float, str],
        *,
        also: tuple[FaultKind, ...] = (),
        in_nodes: bool = False,
    ) -> None:
        """Enter a fault into the answer key."""
        fault = SeededFault(
            id=f"SF-{len(self.faults) + 1:02d}",
            kind=kind,
            units=tuple(sorted(units)),
            position=(round(float(position[0]), 6), round(float(position[1]), 6)),
            reach_m=reach_m,
            size=size[0],
            unit=size[1],
            also=also,
            in_nodes=in_nodes,
        )
        self.faults.append(fault)

    def set_unit(self, code: DivisionCode, geometry: Polygon) -> None:
        """Give a unit another polygon."""
        self.units[code] = replace(self.units[code], geometry=geometry)

    def set_line(self, code: str, geometry: LineString) -> None:
        """Give a line another course."""
        self.lines[code] = replace(self.lines[code], geometry=geometry)

    def shuffled_lines(self) -> list[AdministrativeBoundary]:
        """The lines in a random order that the seed fixes."""
        codes = sorted(self.lines)
        return [self.lines[codes[i]] for i in self.random.permutation(len(codes))]

    def shuffled_nodes(self) -> list[BoundaryNode]:
        """The nodes in a random order that the seed fixes."""
        ids = sorted(self.nodes)
        return [self.nodes[ids[i]] for i in self.random.permutation(len(ids))]


def in_metres(vectors: Floats, latitude: float) -> Floats:
    """Differences of degrees as metres east and north, near enough for placing a fault."""
    scale = np.array([np.cos(np.radians(latitude)), 1.0]) * METRES_PER_DEGREE
    result: Floats = vectors * scale
    return result


def in_degrees(metres: Floats, latitude: float) -> Floats:
    """Metres east and north as differences of degrees."""
    scale = np.array([np.cos(np.radians(latitude)), 1.0]) * METRES_PER_DEGREE
    result: Floats = metres / scale
    return result


def sideways(start: Floats, end: Floats, metres: float) -> Floats:
    """The step (degrees) to the left of the way from start to end; negative is to the right."""
    way = in_metres(end - start, start[1])
    normal = np.array([-way[1], way[0]]) / np.hypot(*way)
    return in_degrees(normal * metres, start[1])


def onwards(start: Floats, end: Floats, metres: float) -> Floats:
    """The step (degrees) in the direction from start to end; negative is back."""
    way = in_metres(end - start, start[1])
    return in_degrees(way / np.hypot(*way) * metres, start[1])
