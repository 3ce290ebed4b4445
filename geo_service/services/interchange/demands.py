"""What the rows of each kind of file must bring: which shapes, and with what weight."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from geo_service.domain.change import RecordKind
from geo_service.domain.supporting import ANYTHING, AREAS, LINES, POINTS
from geo_service.domain.supporting.catalogue import LAYER_CLASSES
from geo_service.services.interchange.columns import LEGAL

_SHAPES: dict[str, tuple[str, ...]] = {
    RecordKind.PLACE_NAMES: ANYTHING,
    RecordKind.UNITS: AREAS,
    RecordKind.BOUNDARY_LINES: LINES,
    RecordKind.MARKERS: POINTS,
    RecordKind.ROADS: LINES,
    RecordKind.BOUNDARY_NODES: POINTS,
}


@dataclass(frozen=True, slots=True)
class Demand:
    """Types of geometry a row may have, whether it needs one, whether its place has legal weight.

    Of what has legal weight the coordinate system is never presumed, and nothing may lie outside
    the city.
    """

    shapes: tuple[str, ...]
    placed: bool
    legal: bool


@cache
def demand_of(kind: str) -> Demand:
    """The demand of a kind of record, or of a layer handed in beside a review."""
    if kind in LAYER_CLASSES:
        layer = LAYER_CLASSES[kind]
        return Demand(layer.SHAPES, layer.PLACED, layer.LEGAL)
    return Demand(_SHAPES[kind], kind in LEGAL, kind in LEGAL)
