"""Papers on a boundary: its sections, agreements, junction agreements and map sheets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting import AREAS, LINES, POINTS, SupportingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundarySection(SupportingRecord):
    """A section (界段) of a line, from one marker to the next.

    `feature` is the river, road or ridge it follows. By law (B02 art. 7) the line stays where a
    feature moves; `moves_with_feature` is True only where the agreement says otherwise.
    `length_km` is the length stated on paper.
    """

    LAYER: ClassVar[str] = "sections"
    SHAPES: ClassVar[tuple[str, ...]] = LINES
    PLACED: ClassVar[bool] = False

    line_code: str
    start_marker: str
    end_marker: str
    left_code: DivisionCode | None = None
    right_code: DivisionCode | None = None
    feature: str = ""
    feature_kind: str = ""
    moves_with_feature: bool | None = None
    length_km: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryAgreement(SupportingRecord):
    """What the archive holds of the agreement on a line (协议书). Numbers are "" where none is."""

    LAYER: ClassVar[str] = "agreement-records"
    PLACED: ClassVar[bool] = False

    line_code: str
    agreement_no: str = ""
    approval_no: str = ""
    approved_by: str = ""
    map_no: str = ""
    signed_on: date | None = None
    length_km: float | None = None
    dispute_case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JunctionAgreement(SupportingRecord):
    """The agreement on a three-way junction (交会点协议), by the units around it."""

    LAYER: ClassVar[str] = "junction-agreements"
    PLACED: ClassVar[bool] = False

    units: tuple[DivisionCode, ...]
    signed_by: tuple[DivisionCode, ...] = ()
    agreement_no: str = ""
    signed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JunctionEntry(SupportingRecord):
    """Where the table of results (成果表) of one line places a junction."""

    LAYER: ClassVar[str] = "junction-entries"
    SHAPES: ClassVar[tuple[str, ...]] = POINTS

    units: tuple[DivisionCode, ...]
    line_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundaryPoint(SupportingRecord):
    """A point of a line without a marker, in the table of boundary points (边界点成果表).

    Position: EPSG:4490; height in metres, 1985 datum. `described` is the note on its position.
    """

    LAYER: ClassVar[str] = "boundary-points"
    SHAPES: ClassVar[tuple[str, ...]] = POINTS
    LEGAL: ClassVar[bool] = True
    KEY: ClassVar[str] = "number"

    number: str
    line_code: str
    height_m: float | None = None
    described: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapSheet(SupportingRecord):
    """A sheet of the map annexed to an agreement; of any line where `line_code` is ""."""

    LAYER: ClassVar[str] = "map-sheets"
    SHAPES: ClassVar[tuple[str, ...]] = AREAS

    line_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedChange(SupportingRecord):
    """An approved change of the ground of a unit, with its document."""

    LAYER: ClassVar[str] = "approved-changes"
    PLACED: ClassVar[bool] = False

    unit_code: DivisionCode
    document_no: str
    approved_on: date | None = None
