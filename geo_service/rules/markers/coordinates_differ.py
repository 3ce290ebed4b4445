"""Longitude, latitude and plane coordinates of one row are not the same place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from shapely.geometry import Point

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.marker import MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone, stones
from geo_service.rules.markers._wording import called

_PREFIX_M = 1_000_000.0
"""A zone number stands before the six digits of the easting."""


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = context.threshold("marker_coordinates_m")
    for entry in case.entries:
        if entry.plane is None or entry.marker.position is None:
            continue
        there = np.array([entry.marker.position], dtype=object)
        ((east, north),) = shapely.get_coordinates(crs.to_plane(there, case.plane_epsg))
        easting, northing = entry.plane
        metres = _apart(easting, northing, east, north)
        if metres > limit:
            swapped = _apart(northing, easting, east, north) <= limit
            yield _evidence(case, context, entry, metres, swapped=swapped)


def _apart(easting: float, northing: float, east: float, north: float) -> float:
    return float(np.hypot(easting % _PREFIX_M - east, northing - north))


def _evidence(
    case: MarkerCase,
    context: BoundaryContext,
    entry: MarkerEntry,
    metres: float,
    *,
    swapped: bool,
) -> Evidence:
    who, apart = called(case, entry.marker), length(metres)
    why = Text("，纵、横坐标写反了", "; the two axes are exchanged") if swapped else Text("", "")
    return Evidence(
        message=Text(
            f"{who.zh}同一行的经纬度与平面坐标相差 {apart.zh}{why.zh}。",
            f"{who.en}: longitude, latitude and plane coordinates of one row are {apart.en} "
            f"apart{why.en}.",
        ),
        key=entry.document,
        subject=marker_subject(entry.marker),
        related=case.sides(entry.marker.line_code),
        measure=context.measure(metres, "marker_coordinates_m", "m"),
        geometry=entry.marker.position,
        question=Text(
            "平面坐标是哪个坐标系、哪个带？哪一组是签字成果？",
            "Which system and zone are the plane coordinates in, and which pair was signed?",
        ),
        suggestion=Text(
            "对照界桩成果表原件，不要自行换算后覆盖。",
            "Compare the signed marker table; do not overwrite one pair with the other.",
        ),
    )


def _at_middle(easting: float, northing: float) -> MarkerCase:
    return stones(stone("001Q", 0, document=MarkerDocument.TABLE, plane=(easting, northing)))


_HOME = shapely.get_coordinates(crs.to_plane(np.array([Point(120.0, 38.5)], dtype=object), 4549))[0]
_EAST, _NORTH = (round(float(value), 2) for value in _HOME)

RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-POS-04",
    slug="coordinates_differ",
    version=1,
    title=Text("界桩两套坐标不一致", "Two pairs of coordinates of a marker differ"),
    category="坐标不一致",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("GOOD_PRACTICE", "crs", Severity.PROHIBITED),
        Basis("ISO19157", "30", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _at_middle(_EAST + 10, _NORTH),
            Severity.PROHIBITED,
            Text("横坐标差 10 米", "the easting is 10 m off"),
        ),
        flagged(
            _at_middle(_NORTH, _EAST),
            Severity.PROHIBITED,
            Text("纵、横坐标写反", "northing and easting exchanged"),
        ),
        clean(_at_middle(_EAST + 0.2, _NORTH), Text("差 0.2 米", "0.2 m apart")),
        clean(_at_middle(40e6 + _EAST, _NORTH), Text("横坐标带有带号", "with the zone prefix")),
    ),
    trap=Text(
        "平面坐标仍是 1980 西安系或 6 度带时差异很大，那是坐标系不同，不是抄写错误。",
        "Plane coordinates in Xi'an 80 or a 6° zone differ widely: another system, no slip of "
        "the pen.",
    ),
    handling=Text(
        "未查明前不得报送；以签字的界桩成果表为准。",
        "Not to be submitted until it is clear; the signed marker table decides.",
    ),
    needs=frozenset({"coordinates"}),
)
