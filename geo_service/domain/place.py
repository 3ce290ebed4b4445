"""Named places and their names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from geo_service.domain.period import ALWAYS, Period

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.provenance import Provenance


class FeatureType(StrEnum):
    """What a name names; decides scope and approver (地名管理条例 2022, art. 3)."""

    ROAD = "road"
    ESTATE = "estate"
    BUILDING = "building"
    VILLAGE = "village"
    NATURAL = "natural"
    FACILITY = "facility"
    UNIT = "unit"


class NameStatus(StrEnum):
    """Standing of a name in the register."""

    STANDARD = "standard"
    PROPOSED = "proposed"
    RESERVED = "reserved"
    REFUSED = "refused"
    VARIANT = "variant"
    FORMER = "former"
    LISTED = "listed"
    """An entry of the protection list (地名保护名录), with its grounds in `origin`."""


class ReadingSource(StrEnum):
    """Whether a reading was approved and stored, or computed here."""

    STORED = "stored"
    GUESSED = "guessed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPlace:
    """One place with one name, as the register holds it. Geometry: EPSG:4490."""

    SUBJECT: ClassVar[str] = "place-name"
    """What findings call it."""

    id: str
    name: str
    feature_type: FeatureType
    provenance: Provenance
    status: NameStatus = NameStatus.STANDARD
    unit_code: DivisionCode | None = None
    geometry: BaseGeometry | None = None
    romanization: str = ""
    reading_source: ReadingSource = ReadingSource.GUESSED
    approved_on: date | None = None
    document_no: str = ""
    meaning: str = ""
    origin: str = ""
    period: Period = ALWAYS
