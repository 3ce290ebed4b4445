"""Boundary lines and the nodes where they meet: the master of all polygons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from shapely.geometry import LineString, MultiLineString, Point

    from geo_service.domain.identity import DivisionCode, DivisionLevel
    from geo_service.domain.provenance import Provenance


class LegalStatus(StrEnum):
    """Whether both sides agree on the line (INSPIRE AU legalStatus)."""

    AGREED = "agreed"
    NOT_AGREED = "not_agreed"
    UNKNOWN = "unknown"


class NodeKind(StrEnum):
    """What a line ends on."""

    TRIPOINT = "tripoint"
    SEA_END = "sea_end"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrativeBoundary:
    """The line between two units. Geometry: EPSG:4490, from W to E or N to S where that is known.

    `left_code` is the unit to the left of the direction of the geometry. `length_km` is the
    length stated in the agreement, not measured.
    """

    code: str
    name: str
    left_code: DivisionCode
    right_code: DivisionCode
    provenance: Provenance
    geometry: LineString | MultiLineString | None = None
    level: DivisionLevel | None = None
    length_km: float | None = None
    agreement_no: str = ""
    legal_status: LegalStatus = LegalStatus.UNKNOWN
    period: Period = ALWAYS

    @property
    def id(self) -> str:
        """Identity in the register: the line code."""
        return self.code

    @property
    def parties(self) -> frozenset[DivisionCode]:
        """The two units, in no order."""
        return frozenset((self.left_code, self.right_code))

    @property
    def is_internal(self) -> bool:
        """Whether both sides lie in the same prefecture-level city."""
        return self.left_code.prefecture == self.right_code.prefecture


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryNode:
    """A three-way junction or the sea end of a line. Position: EPSG:4490.

    `units` are the units around the node: three at a tripoint, the two parties at a sea end.
    """

    id: str
    kind: NodeKind
    units: tuple[DivisionCode, ...]
    position: Point
    provenance: Provenance
    period: Period = ALWAYS

    @property
    def is_internal(self) -> bool:
        """Whether all units around the node lie in one prefecture-level city."""
        return len({unit.prefecture for unit in self.units}) == 1
