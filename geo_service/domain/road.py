"""Roads as they lie: the line on the ground that bears a road's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.place import NamedPlace, NameStatus

if TYPE_CHECKING:
    from shapely.geometry import LineString, MultiLineString

    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """One road under one name. Geometry: its axis, EPSG:4490.

    `grade`, `width_m` and `length_m` are what the sender told, not measured; the grade (等级) in
    the sender's own words, as offices grade roads by function, technique or who keeps them.
    """

    id: str
    name: str
    provenance: Provenance
    geometry: LineString | MultiLineString | None = None
    grade: str = ""
    width_m: float | None = None
    length_m: float | None = None
    unit_code: DivisionCode | None = None
    status: NameStatus = NameStatus.STANDARD
    period: Period = ALWAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadName(NamedPlace):
    """The name that a road of the register bears, beside the registered names; its id the road's.

    It is a record of no kind of its own and is never stored.
    """

    SUBJECT: ClassVar[str] = "road"
