"""Boundary markers (界桩)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from datetime import date

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


class MarkerDocument(StrEnum):
    """Which paper speaks of a marker; what it says is evidence, the register's record the claim."""

    REGISTER = "register"
    """Our own record, or a file that does not say what it is."""
    FORM = "form"
    """界桩登记表: one sheet per marker, with its reference objects."""
    TABLE = "table"
    """界桩成果表: the list with coordinates."""
    MAP = "map"
    """协议书附图: what was read off the map of the agreement."""
    INSPECTION = "inspection"
    """联检记录: what was found on the ground on a day."""


class MarkerState(StrEnum):
    """What an inspection found of the stone."""

    INTACT = "intact"
    MISSING = "missing"
    DAMAGED = "damaged"
    LEANING = "leaning"
    ILLEGIBLE = "illegible"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceObject:
    """A lasting thing nearby (方位物) from which the marker can be found again.

    Seen from the marker: `azimuth_deg` clockwise from **grid** north (坐标方位角), `distance_m` on
    the ground. Position: EPSG:4490, where it was surveyed itself.
    """

    name: str
    azimuth_deg: float | None = None
    distance_m: float | None = None
    position: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerEntry:
    """What one document says of one marker.

    `references` is None where the document has no place for them, empty where it leaves them out.
    `faces` is on how many sides the stone is inscribed (双面型, 三面型), None where it is not said.
    `plane` is easting and northing in metres as written beside longitude and latitude, with or
    without zone prefix. `dated` is the day of the survey or inspection; `witness_sides` are the
    units on record as present at the repair on `repaired_on`: None where the document has no place
    for them, empty where it leaves them out.
    """

    marker: BoundaryMarker
    document: MarkerDocument = MarkerDocument.REGISTER
    dated: date | None = None
    faces: int | None = None
    plane: tuple[float, float] | None = None
    references: tuple[ReferenceObject, ...] | None = None
    state: MarkerState | None = None
    repaired_on: date | None = None
    witness_sides: tuple[DivisionCode, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerTally:
    """How many markers a line's record claims: numbers by kind, and stones in all."""

    line_code: str
    singles: int | None = None
    pairs: int | None = None
    triples: int | None = None
    stones: int | None = None
