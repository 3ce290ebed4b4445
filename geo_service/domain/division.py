"""Administrative units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.identity import DivisionCode, DivisionLevel
    from geo_service.domain.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrativeUnit:
    """A unit under one code and name for one period. Geometry: polygons, EPSG:4490.

    The polygons are derived from the boundary lines, or evidence from outside; never the master.
    """

    code: DivisionCode
    name: str
    provenance: Provenance
    geometry: BaseGeometry | None = None
    period: Period = ALWAYS

    @property
    def id(self) -> str:
        """Identity in the register: the code."""
        return str(self.code)

    @property
    def level(self) -> DivisionLevel:
        """Level said by the code."""
        return self.code.level
