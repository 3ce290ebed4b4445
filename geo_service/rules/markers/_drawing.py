"""Examples drawn by hand: markers of the line between 甲区 and 乙区 on the grid of `boundaries`.

The line runs ten kilometres due east from the origin; 甲区 lies north of it, on its left.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import shapely
from shapely.geometry import Point

from geo_service import cities
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import (
    BoundaryMarker,
    MarkerDocument,
    MarkerEntry,
    MarkerKind,
    MarkerTally,
    ReferenceObject,
)
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.supporting import Supporting, SupportingRecord
from geo_service.domain.text import Text
from geo_service.rules.base import Example
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import at_metres, drawing
from geo_service.rules.markers import MarkerCase

_CITY = "990100"
DAY = date(2024, 6, 1)
"""The day of the examples."""
_LINE = "LINESTRING(0 0, 10000 0)"
_UNITS = {
    "甲区": "POLYGON((0 0, 10000 0, 10000 5000, 0 5000, 0 0))",
    "乙区": "POLYGON((0 0, 0 -5000, 10000 -5000, 10000 0, 0 0))",
}
FIRST, SECOND = DivisionCode("990101"), DivisionCode("990102")
"""甲区 and 乙区."""

_INVENTED = Provenance("示例", force=Force.SYNTHETIC)
_KINDS = {"A": "paired", "B": "paired", "C": "triple", "D": "triple", "E": "triple"}
_OF_MARKER = frozenset({"kind", "height_m", "material", "responsible_side", "position"})


def at(east_m: float, north_m: float) -> Point:
    """A place on the grid."""
    return Point(shapely.get_coordinates(at_metres(f"POINT({east_m} {north_m})"))[0])


def thing(
    name: str,
    azimuth_deg: float | None = None,
    distance_m: float | None = None,
    position: Point | None = None,
) -> ReferenceObject:
    """A reference object."""
    return ReferenceObject(
        name=name, azimuth_deg=azimuth_deg, distance_m=distance_m, position=position
    )


def stone(
    number: str,
    east_m: float | None = None,
    north_m: float = 0.0,
    document: MarkerDocument = MarkerDocument.REGISTER,
    **said: Any,
) -> MarkerEntry:
    """What a document says of one marker; without `east_m` or `position` it has no position."""
    of_marker = {name: value for name, value in said.items() if name in _OF_MARKER}
    of_entry = {name: value for name, value in said.items() if name not in _OF_MARKER}
    kind = MarkerKind(_KINDS.get(number[-1], "single"))
    marker = BoundaryMarker(
        **{
            "number": MarkerNumber(number),
            "line_code": "990101-990102",
            "kind": kind,
            "provenance": _INVENTED,
            "position": None if east_m is None else at(east_m, north_m),
            "responsible_side": FIRST,
            **of_marker,
        }
    )
    return MarkerEntry(marker=marker, document=document, **of_entry)


def stones(
    *entries: MarkerEntry,
    line: str = _LINE,
    tallies: tuple[MarkerTally, ...] = (),
    beside: tuple[SupportingRecord, ...] = (),
) -> MarkerCase:
    """A case of such entries on the line, with both units and what was handed in beside."""
    drawn = drawing(_UNITS, {"甲区|乙区": line})
    supporting = Supporting.of(beside)
    return MarkerCase(entries, drawn.lines, drawn.units, drawn.plane_epsg, tallies, supporting)


def row(*east_m: float) -> tuple[MarkerEntry, ...]:
    """Single markers on the line, numbered from 001."""
    return tuple(stone(f"{serial:03d}Q", east) for serial, east in enumerate(east_m, start=1))


def _context(on: date) -> BoundaryContext:
    return BoundaryContext(cities.city(_CITY), on)


def flagged(case: MarkerCase, severity: Severity, why: Text) -> Example[MarkerCase]:
    """An example the rule must report, judged by the profile of the invented city."""
    return Example(case, DAY, why, severity, _context(DAY))


def clean(case: MarkerCase, why: Text) -> Example[MarkerCase]:
    """An example the rule must let pass."""
    return Example(case, DAY, why, None, _context(DAY))
