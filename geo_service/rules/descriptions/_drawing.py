"""Examples: a text beside a line drawn in metres, in the invented city of the sample.

The grid is that of the examples on boundaries: it starts out at sea, east and north positive.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeVar, cast

import shapely
from shapely.geometry import LineString, Point

from geo_service import cities
from geo_service.domain.alignment import FollowedFeature, Landmark
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.text import Text
from geo_service.language.alignment import parse
from geo_service.rules.base import Example
from geo_service.rules.boundaries._drawing import at_metres
from geo_service.rules.descriptions import DescriptionCase, DescriptionContext

_PLANE_EPSG = 4549
_CITY = "990100"
_INVENTED = Provenance("示例", force=Force.SYNTHETIC)
_DAY = date(2024, 6, 1)
_CODE = "990101-990102"

Place = tuple[float, float]
_Shape = TypeVar("_Shape")


def _point(place: Place) -> Point:
    return Point(shapely.get_coordinates(at_metres(f"POINT({place[0]} {place[1]})"))[0])


def _marker(serial: int, place: Place) -> BoundaryMarker:
    return BoundaryMarker(
        number=MarkerNumber(f"{serial:03d}Q"),
        line_code=_CODE,
        kind=MarkerKind.SINGLE,
        provenance=_INVENTED,
        position=_point(place),
    )


def told(
    text: str,
    line: str = "",
    markers: Mapping[int, Place] | None = None,
    landmarks: Mapping[str, Place] | None = None,
    features: Mapping[str, str] | None = None,
    *,
    force: Force = Force.OFFICIAL,
) -> DescriptionCase:
    """A text beside a line (WKT in metres), markers by serial, landmarks and features by name.

    A former name is written `旧名>今名`; `force` is that of the line.
    """
    drawn = None
    if line:
        drawn = AdministrativeBoundary(
            code=_CODE,
            name="甲乙线",
            left_code=DivisionCode("990101"),
            right_code=DivisionCode("990102"),
            provenance=Provenance("示例", force=force),
            geometry=cast("LineString", at_metres(line)),
        )
    return DescriptionCase(
        segments=parse(text),
        plane_epsg=_PLANE_EPSG,
        line=drawn,
        markers=tuple(_marker(serial, place) for serial, place in (markers or {}).items()),
        landmarks=tuple(
            Landmark(name, _point(place), current)
            for (name, current), place in _names(landmarks or {})
        ),
        features=tuple(
            FollowedFeature(name, cast("LineString", at_metres(wkt)), current)
            for (name, current), wkt in _names(features or {})
        ),
    )


def _names(given: Mapping[str, _Shape]) -> list[tuple[tuple[str, str], _Shape]]:
    return [((key.partition(">")[0], key.partition(">")[2]), value) for key, value in given.items()]


def flagged(case: DescriptionCase, severity: Severity, why: Text) -> Example[DescriptionCase]:
    """An example the rule must report, judged by the profile of the invented city."""
    return Example(case, _DAY, why, severity, DescriptionContext(cities.city(_CITY), _DAY))


def clean(case: DescriptionCase, why: Text) -> Example[DescriptionCase]:
    """An example the rule must let pass."""
    return Example(case, _DAY, why, None, DescriptionContext(cities.city(_CITY), _DAY))
