"""What lies along a boundary, and how other maps draw it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting import ANYTHING, AREAS, LINES, POINTS, SupportingRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailedLine(SupportingRecord):
    """A line as the detailed map (详图) draws it, which every map has to follow (B02 art. 14)."""

    LAYER: ClassVar[str] = "detailed-map"
    SHAPES: ClassVar[tuple[str, ...]] = LINES
    LEGAL: ClassVar[bool] = True

    line_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherCopy(SupportingRecord):
    """A line as another office or a web map draws it."""

    LAYER: ClassVar[str] = "other-copies"
    SHAPES: ClassVar[tuple[str, ...]] = LINES

    line_code: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerUnit(SupportingRecord):
    """A unit as the release before this one drew it."""

    LAYER: ClassVar[str] = "former-units"
    SHAPES: ClassVar[tuple[str, ...]] = AREAS
    LEGAL: ClassVar[bool] = True

    unit_code: DivisionCode
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coast(SupportingRecord):
    """A stretch of coastline."""

    LAYER: ClassVar[str] = "coast"
    SHAPES: ClassVar[tuple[str, ...]] = LINES

    observed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Island(SupportingRecord):
    """An island."""

    LAYER: ClassVar[str] = "islands"
    SHAPES: ClassVar[tuple[str, ...]] = AREAS

    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TidalLand(SupportingRecord):
    """Land won from the sea, or a tidal flat."""

    LAYER: ClassVar[str] = "tidal-land"
    SHAPES: ClassVar[tuple[str, ...]] = AREAS

    name: str = ""
    observed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFeature(SupportingRecord):
    """A river, road or the like as it lay on a day; the same `name` on several days is one."""

    LAYER: ClassVar[str] = "feature-epochs"
    SHAPES: ClassVar[tuple[str, ...]] = LINES

    name: str
    observed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltFeature(SupportingRecord):
    """A building, parcel or village; `register_no` where its lying across a line is registered."""

    LAYER: ClassVar[str] = "buildings"
    SHAPES: ClassVar[tuple[str, ...]] = AREAS

    name: str = ""
    register_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedName(SupportingRecord):
    """A name, address or point of interest with the unit it is booked under."""

    LAYER: ClassVar[str] = "placed-names"
    SHAPES: ClassVar[tuple[str, ...]] = ANYTHING

    name: str
    unit_code: DivisionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(SupportingRecord):
    """Works of production or construction; `consents` are the units that consented beforehand."""

    LAYER: ClassVar[str] = "projects"
    SHAPES: ClassVar[tuple[str, ...]] = ANYTHING

    name: str
    consents: tuple[DivisionCode, ...] = ()
    document_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRoad(SupportingRecord):
    """A road under one name."""

    LAYER: ClassVar[str] = "named-roads"
    SHAPES: ClassVar[tuple[str, ...]] = LINES

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundarySign(SupportingRecord):
    """A sign by a line that is no marker; `agreed_by` are the units that agreed to it."""

    LAYER: ClassVar[str] = "signs"
    SHAPES: ClassVar[tuple[str, ...]] = POINTS

    name: str = ""
    erected_by: DivisionCode | None = None
    agreed_by: tuple[DivisionCode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundEvent(SupportingRecord):
    """A flood, works on a road, a diversion: what calls for a special inspection (B02 art. 12)."""

    LAYER: ClassVar[str] = "events"
    SHAPES: ClassVar[tuple[str, ...]] = ANYTHING

    name: str
    happened_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HeightSample(SupportingRecord):
    """The height of the ground at a place, in metres, 1985 datum."""

    LAYER: ClassVar[str] = "heights"
    SHAPES: ClassVar[tuple[str, ...]] = POINTS

    height_m: float
