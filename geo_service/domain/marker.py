"""Boundary markers (界桩)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from shapely.geometry import Point

    from geo_service.domain.identity import DivisionCode, MarkerNumber
    from geo_service.domain.provenance import Provenance


class MarkerKind(StrEnum):
    """How many stones share one number."""

    SINGLE = "single"
    PAIRED = "paired"
    TRIPLE = "triple"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryMarker:
    """One marker of one line. Position: EPSG:4490; height in metres, 1985 datum."""

    number: MarkerNumber
    line_code: str
    kind: MarkerKind
    provenance: Provenance
    position: Point | None = None
    height_m: float | None = None
    material: str = ""
    responsible_side: DivisionCode | None = None
    period: Period = ALWAYS

    @property
    def id(self) -> str:
        """Identity in the register: line and number."""
        return f"{self.line_code}/{self.number}"
