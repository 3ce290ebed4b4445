"""Examples drawn by hand: WKT in metres on a small grid, in the invented city of the sample.

The grid starts at 120°E 38.5°N, out at sea; east and north are positive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, TypeVar, cast

import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from geo_service import cities
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.supporting import Supporting, SupportingRecord
from geo_service.domain.text import Text
from geo_service.geometry.copies import copies_of
from geo_service.geometry.tolerance import line_tolerance_m
from geo_service.rules.base import Example
from geo_service.rules.boundaries import DEFAULT_SCALE, BoundaryCase, BoundaryContext

_ORIGIN = (120.0, 38.5)
_PLANE_EPSG = 4549
_CITY = "990100"
_REACH_M = 100.0
_INVENTED = Provenance("示例", force=Force.SYNTHETIC)
_DAY = date(2024, 6, 1)
RecordT = TypeVar("RecordT", bound=SupportingRecord)
_NONE: Mapping[str, int] = MappingProxyType({})

_ROSTER = {
    "示例市": "990100",
    "甲区": "990101",
    "乙区": "990102",
    "丙区": "990103",
    "丁区": "990104",
    "庚县": "990121",
    "邻甲县": "990221",
}
"""Units of the invented city and one neighbour, as its profile has them."""


def at_metres(wkt: str) -> BaseGeometry:
    """A drawing in metres as EPSG:4490: scaled by the curvature of the ellipsoid at the origin."""
    lat = _ORIGIN[1]
    squared = 2 / 298.257222101 - 298.257222101**-2
    bend = 1 - squared * math.sin(math.radians(lat)) ** 2
    across = 6378137.0 / math.sqrt(bend) * math.cos(math.radians(lat))
    along = 6378137.0 * (1 - squared) / bend**1.5
    degrees = (math.degrees(1 / across), math.degrees(1 / along))
    return shapely.transform(shapely.from_wkt(wkt), lambda metres: metres * degrees + _ORIGIN)


def _code(name: str) -> DivisionCode:
    return DivisionCode(_ROSTER.get(name, name.partition(" ")[0]))


def _unit(name: str, wkt: str) -> AdministrativeUnit:
    return AdministrativeUnit(
        code=_code(name),
        name=name.rpartition(" ")[2],
        provenance=_INVENTED,
        geometry=at_metres(wkt),
    )


def _line(sides: str, wkt: str) -> AdministrativeBoundary:
    parties, _, code = sides.partition("#")
    left, right = parties.split("|")
    return AdministrativeBoundary(
        code=code or "-".join(sorted((_code(left), _code(right)))),
        name=f"{left}–{right}",
        left_code=_code(left),
        right_code=_code(right),
        provenance=_INVENTED,
        geometry=cast("LineString | MultiLineString", at_metres(wkt)),
    )


def _node(around: str, wkt: str) -> BoundaryNode:
    codes = tuple(sorted(_code(name) for name in around.split("|")))
    return BoundaryNode(
        id="-".join(codes),
        kind=NodeKind.TRIPOINT if len(codes) > 2 else NodeKind.SEA_END,
        units=codes,
        position=shapely.Point(shapely.get_coordinates(at_metres(wkt))[0]),
        provenance=_INVENTED,
    )


def drawing(
    units: Mapping[str, str] | None = None,
    lines: Mapping[str, str] | None = None,
    nodes: Mapping[str, str] | None = None,
) -> BoundaryCase:
    """A case from WKT in metres.

    Units by name (甲区 … 邻甲县, or "code name"), lines by "left|right" or "left|right#code", nodes
    by the units around them: two make a sea end, three a tripoint.
    """
    return BoundaryCase(
        units=tuple(_unit(name, wkt) for name, wkt in (units or {}).items()),
        lines=tuple(_line(sides, wkt) for sides, wkt in (lines or {}).items()),
        nodes=tuple(_node(around, wkt) for around, wkt in (nodes or {}).items()),
        plane_epsg=_PLANE_EPSG,
    )


def two_copies(
    a: str,
    b: str,
    stated_by_a: Mapping[str, Any] | None = None,
    stated_by_b: Mapping[str, Any] | None = None,
) -> BoundaryCase:
    """A case of two copies of the line between 甲区 and 乙区: WKT in metres, what each states.

    Measured at 1:10,000; at most 100 m apart, the copies have a counterpart.
    """
    line = _line("甲区|乙区", a)
    copies = copies_of(
        replace(line, **(stated_by_a or {})),
        replace(_line("甲区|乙区", b), **(stated_by_b or {})),
        plane_epsg=_PLANE_EPSG,
        tolerance_m=line_tolerance_m(DEFAULT_SCALE),
        reach_m=_REACH_M,
    )
    return BoundaryCase((), (), (), _PLANE_EPSG, copies=(copies,))


def said(kind: type[RecordT], number: int, wkt: str = "", /, **fields: Any) -> RecordT:
    """A row of a supporting layer; WKT in metres where it has a place."""
    place = at_metres(wkt) if wkt else None
    return kind(id=f"{kind.LAYER}#{number}", provenance=_INVENTED, geometry=place, **fields)


def beside(case: BoundaryCase, *records: SupportingRecord) -> BoundaryCase:
    """The case with layers handed in beside it."""
    return replace(case, supporting=Supporting.of(records))


def lines_told(case: BoundaryCase, **fields: Any) -> BoundaryCase:
    """The case with some fields of all its lines filled in."""
    return replace(case, lines=tuple(replace(line, **fields) for line in case.lines))


def _context(on: date, expected: Mapping[str, int]) -> BoundaryContext:
    return BoundaryContext(replace(cities.city(_CITY), expected=expected), on)


def flagged(
    case: BoundaryCase,
    severity: Severity,
    why: Text,
    *,
    on: date = _DAY,
    expected: Mapping[str, int] = _NONE,
) -> Example[BoundaryCase]:
    """An example the rule must report, judged by the profile of the invented city.

    `expected` are the published counts of that city, which has none of its own.
    """
    return Example(case, on, why, severity, _context(on, expected))


def clean(
    case: BoundaryCase, why: Text, *, on: date = _DAY, expected: Mapping[str, int] = _NONE
) -> Example[BoundaryCase]:
    """An example the rule must let pass."""
    return Example(case, on, why, None, _context(on, expected))
