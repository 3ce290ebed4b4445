"""The marker at a three-way junction shows two faces, where three units meet."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import BoundaryMarker, MarkerEntry, MarkerKind
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import drawing
from geo_service.rules.boundaries._network import LineEnds, gaps_m, line_ends
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import clean, flagged, stone
from geo_service.rules.markers._wording import called

_FACES = 3


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    ends = line_ends(case.lines, case.plane_epsg)
    reach = context.point_tolerance_m + context.line_tolerance_m
    for entry in case.entries:
        stands = entry.faces not in (None, _FACES) and entry.marker.kind is not MarkerKind.TRIPLE
        if stands and _at_junction(case, ends, entry.marker, reach):
            yield _evidence(case, entry)


def _at_junction(case: MarkerCase, ends: LineEnds, marker: BoundaryMarker, reach_m: float) -> bool:
    """Whether three lines of different units end where the marker stands."""
    if marker.position is None:
        return False
    place = np.array([marker.position], dtype=object)
    here = shapely.get_coordinates(crs.to_plane(place, case.plane_epsg))
    near = ends.line[gaps_m(ends.plane, here)[:, 0] <= reach_m]
    units = {code for i in np.unique(near).tolist() for code in case.lines[i].parties}
    return len(units) >= _FACES


def _evidence(case: MarkerCase, entry: MarkerEntry) -> Evidence:
    who, faces = called(case, entry.marker), entry.faces or 0
    return Evidence(
        message=Text(
            f"{who.zh}立在三交点上，登记为 {faces} 面型。",
            f"{who.en} stands at a three-way junction but is entered with {faces} faces.",
        ),
        subject=marker_subject(entry.marker),
        related=case.sides(entry.marker.line_code),
        measure=Measure(float(faces), float(_FACES), "faces", "GB/T 17796"),
        geometry=entry.marker.position,
        suggestion=Text(
            "核对界桩类型：三交点用三面型，或者同号三立。",
            "See to the type: a junction has a three-faced stone, or three under one number.",
        ),
    )


def _star(*entries: MarkerEntry) -> MarkerCase:
    """Markers of the line between 甲区 and 乙区, which meets two others at the origin."""
    drawn = drawing(
        lines={
            "甲区|乙区": "LINESTRING(0 0, 10000 0)",
            "甲区|丙区": "LINESTRING(-1000 2000, 0 0)",
            "乙区|丙区": "LINESTRING(-1000 -2000, 0 0)",
        }
    )
    return MarkerCase(entries, drawn.lines, drawn.units, drawn.plane_epsg)


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-NUM-05",
    slug="junction_stone",
    version=1,
    title=Text("三交点界桩不是三面型", "Marker at a junction without three faces"),
    category="类型不符",
    quality=Quality.THEMATIC,
    # That junctions have three-faced stones is known from practice; the standard is unread.
    basis=(
        Basis("GBT17796", "numbering", Severity.INFO),
        Basis("GOOD_PRACTICE", "markers", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _star(stone("001Q", 0, faces=2)),
            Severity.INFO,
            Text("三交点上立双面型", "a two-faced stone at the junction"),
        ),
        flagged(
            _star(stone("001Q", 1, -1, faces=2)),
            Severity.INFO,
            Text("离三交点 1.4 米，仍是三交点界桩", "1.4 m from the junction, still its marker"),
        ),
        clean(_star(stone("001Q", 0, faces=3)), Text("三面型", "three faces")),
        clean(
            _star(stone("002Q", 500, faces=2)),
            Text("界线中间的双面型", "a two-faced stone along the line"),
        ),
        clean(_star(stone("001C", 0, faces=2)), Text("同号三立中的一块", "one of three stones")),
        clean(
            _star(stone("001Q", 0)),
            Text("没有写面数，不作推断", "no faces given: nothing is inferred"),
        ),
    ),
    trap=Text(
        "三交点在水中或路中时，界桩可能是立在岸边的双面型，另有协议说明。",
        "Where the junction lies in water or on a road, its marker may be a two-faced one on the "
        "bank, as the agreement says.",
    ),
    handling=Text(
        "内业核对登记表；确实不符的，联检时协商更换，不改编号。",
        "Desk: see the form; a stone that really is wrong is replaced by agreement at the "
        "inspection, its number stays.",
    ),
    needs=frozenset({"markers", "lines", "faces"}),
)
