"""Examples drawn by hand: WKT in metres on a small grid in the sea, units that do not exist.

No province has the number 99. The grid starts at 123°E 30°N, east and north positive.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import cast

import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from geo_service.cities import CityProfile, CodePeriod
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import ALWAYS, Period
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.text import Text
from geo_service.rules.base import Example
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext

_ORIGIN = (123.0, 30.0)
_PLANE_EPSG = 4550
_INVENTED = Provenance("示例", force=Force.SYNTHETIC)
_DAY = date(2024, 6, 1)
_MERGED = date(2012, 12, 1)

_ROSTER = {
    "甲县": "990101",
    "乙县": "990102",
    "丙县": "990103",
    "丁县": "990104",
    "己县": "990201",
    "示例市": "990100",
}
"""The invented city, its counties, and one neighbour (己县)."""


def _known(name: str, period: Period = ALWAYS, successors: tuple[str, ...] = ()) -> CodePeriod:
    code = {**_ROSTER, "戊县": "990105"}[name]
    return CodePeriod(
        DivisionCode(code), name, period, tuple(DivisionCode(s) for s in successors), "示例"
    )


EXAMPLE_CITY = CityProfile(
    code=DivisionCode("990100"),
    name=Text("示例市", "Example City"),
    short_names=("示例市",),
    extent=(122.9, 29.9, 123.2, 30.2),
    plane_epsg=_PLANE_EPSG,
    neighbours=(DivisionCode(_ROSTER["己县"]),),
    codes=(
        *(_known(name) for name in ("甲县", "乙县", "丙县", "丁县")),
        _known("戊县", Period(None, _MERGED), ("990104",)),
    ),
    built_up_areas=(),
    thresholds={
        "sliver_area_m2": 10_000.0,
        "sliver_thickness": 0.2,
        "dangle_search_m": 50.0,
        "adjacency_min_m": 100.0,
        "gap_min_area_m2": 1.0,
        "overlap_min_area_m2": 1.0,
    },
    expected={},
    digest="",
)
"""The invented city that the examples lie in; 戊县 was merged into 丁县 on 2012-12-01."""


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
    left, right = sides.split("|")
    return AdministrativeBoundary(
        code="-".join(sorted((_code(left), _code(right)))),
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

    Units by name (甲县 … 己县, or "code name"), lines by "left|right", nodes by the units around
    them: two make a sea end, three a tripoint.
    """
    return BoundaryCase(
        units=tuple(_unit(name, wkt) for name, wkt in (units or {}).items()),
        lines=tuple(_line(sides, wkt) for sides, wkt in (lines or {}).items()),
        nodes=tuple(_node(around, wkt) for around, wkt in (nodes or {}).items()),
        plane_epsg=_PLANE_EPSG,
    )


def flagged(
    case: BoundaryCase, severity: Severity, why: Text, *, on: date = _DAY
) -> Example[BoundaryCase]:
    """An example the rule must report."""
    return Example(case, on, why, severity, BoundaryContext(EXAMPLE_CITY, on))


def clean(case: BoundaryCase, why: Text, *, on: date = _DAY) -> Example[BoundaryCase]:
    """An example the rule must let pass."""
    return Example(case, on, why, None, BoundaryContext(EXAMPLE_CITY, on))
