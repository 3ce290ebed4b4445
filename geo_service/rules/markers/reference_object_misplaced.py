"""Azimuth or distance of a reference object does not fit the coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import MarkerDocument, MarkerEntry, ReferenceObject
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.measure import ellipsoid
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, grid_azimuths_deg, marker_subject
from geo_service.rules.markers._drawing import at, clean, flagged, stone, stones, thing
from geo_service.rules.markers._wording import called


@dataclass(frozen=True, slots=True)
class _Seen:
    """An object as its coordinates put it: azimuths from grid and true north, and distance."""

    grid_deg: float
    true_deg: float
    distance_m: float


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for entry, objects in case.objects():
        for number, landmark in enumerate(objects, start=1):
            if entry.marker.position is None or landmark.position is None:
                continue
            seen = _seen(case, entry, landmark)
            faults = [
                fault
                for fault in (_turned(landmark, seen, context), _displaced(landmark, seen, context))
                if fault is not None
            ]
            if faults:
                yield _evidence(case, entry, (number, landmark), faults)


def _seen(case: MarkerCase, entry: MarkerEntry, landmark: ReferenceObject) -> _Seen:
    ends = np.array([entry.marker.position, landmark.position], dtype=object)
    plane = shapely.get_coordinates(crs.to_plane(ends, case.plane_epsg))
    (lon, lat), (to_lon, to_lat) = shapely.get_coordinates(ends)
    azimuth, _, metres = ellipsoid().inv(lon, lat, to_lon, to_lat)
    (grid,) = grid_azimuths_deg(plane[:1], plane[1:])
    return _Seen(float(grid), azimuth % 360, metres)


_Fault = tuple[Text, Measure]


def _turned(landmark: ReferenceObject, seen: _Seen, context: BoundaryContext) -> _Fault | None:
    if landmark.azimuth_deg is None:
        return None
    step = context.threshold("reference_azimuth_min") / 60
    spread = math.degrees(math.atan2(context.point_tolerance_m, seen.distance_m))
    limit, off = step + spread, _turn(landmark.azimuth_deg, seen.grid_deg)
    if off <= limit:
        return None
    written, reckoned = _dms(landmark.azimuth_deg), _dms(seen.grid_deg)
    by_true = _turn(landmark.azimuth_deg, seen.true_deg) <= step / 2 + spread
    back = _turn(landmark.azimuth_deg, seen.grid_deg + 180) <= limit
    why = Text("", "")
    if by_true:
        why = Text("，疑按真北记载", "; it seems to be reckoned from true north")
    elif back:
        why = Text("，疑为反方位角", "; it seems to be the back azimuth")
    said = Text(
        f"坐标方位角记为 {written}，按坐标应为 {reckoned}{why.zh}",
        f"grid azimuth given as {written}, by coordinates {reckoned}{why.en}",
    )
    source = f"data/cities/{context.city.code}: reference_azimuth_min + atan(t1/d)"
    return said, Measure(round(off, 4), round(limit, 4), "°", source)


def _displaced(landmark: ReferenceObject, seen: _Seen, context: BoundaryContext) -> _Fault | None:
    if landmark.distance_m is None:
        return None
    share = context.threshold("reference_distance_share") * seen.distance_m
    limit = context.threshold("reference_distance_m") + share
    off = abs(landmark.distance_m - seen.distance_m)
    if off <= limit:
        return None
    written, reckoned = length(landmark.distance_m), length(seen.distance_m)
    said = Text(
        f"距离记为 {written.zh}，按坐标应为 {reckoned.zh}",
        f"distance given as {written.en}, by coordinates {reckoned.en}",
    )
    source = f"data/cities/{context.city.code}: reference_distance_m + share"
    return said, Measure(round(off, 3), round(limit, 3), "m", source)


def _turn(one: float, other: float) -> float:
    """The angle between two azimuths, 0–180."""
    return abs((one - other + 180) % 360 - 180)


def _dms(degrees: float) -> str:
    minutes = round(degrees * 60) % (360 * 60)
    return f"{minutes // 60}°{minutes % 60:02d}′"  # noqa: RUF001 - the sign of minutes


def _evidence(
    case: MarkerCase,
    entry: MarkerEntry,
    numbered: tuple[int, ReferenceObject],
    faults: list[_Fault],
) -> Evidence:
    marker, (number, landmark) = entry.marker, numbered
    who = called(case, marker)
    zh = "；".join(said.zh for said, _ in faults)
    en = "; ".join(said.en for said, _ in faults)
    return Evidence(
        message=Text(
            f"{who.zh}的方位物“{landmark.name}”{zh}。", f"{who.en}, object “{landmark.name}”: {en}."
        ),
        key=f"{entry.document}+{number}",
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        measure=faults[0][1],
        geometry=marker.position,
        suggestion=Text(
            "核对登记表原件；方位角以坐标北为准，与走向说明的真北不同。",
            "Compare the signed form; these azimuths are from grid north, unlike the true north of "
            "the alignment description.",
        ),
    )


_FORM = MarkerDocument.FORM


def _with(azimuth_deg: float, distance_m: float, east_m: float = 1100.0) -> MarkerCase:
    """A marker at 1000, 0 that sees a tower at `east_m`, 0; grid north is true north there."""
    tower = thing("水塔", azimuth_deg, distance_m, at(east_m, 0))
    return stones(stone("001Q", 1000, document=_FORM, references=(tower,)))


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-REF-02",
    slug="reference_object_misplaced",
    version=1,
    title=Text("方位物方位角、距离与坐标不符", "Reference object differs from the coordinates"),
    category="方位物不符",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("MK36", "6", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "30", Severity.ADVISED_AGAINST),
        Basis("GBT17796", "reference_objects", Severity.HUMAN),
    ),
    check=_check,
    examples=(
        flagged(
            _with(95.0, 100.0),
            Severity.ADVISED_AGAINST,
            Text("方位角差 5 度", "the azimuth is 5 degrees off"),
        ),
        flagged(
            _with(90.0, 120.0),
            Severity.ADVISED_AGAINST,
            Text("距离差 20 米", "the distance is 20 m off"),
        ),
        flagged(
            _with(270.0, 100.0),
            Severity.ADVISED_AGAINST,
            Text("写成反方位角", "the back azimuth was written"),
        ),
        clean(_with(90.0, 100.0), Text("相符", "they agree")),
        clean(_with(90.5, 101.0), Text("在限差内", "within the limits")),
        clean(
            stones(stone("001Q", 1000, document=_FORM, references=(thing("水塔", 12.0, 100.0),))),
            Text("方位物没有坐标，无从比较", "the object has no coordinates to compare"),
        ),
    ),
    trap=Text(
        "离中央子午线越远，坐标北与真北相差越大（三度带边缘可超过半度）；大型方位物要看量测的部位。",
        "The farther from the central meridian, the more grid and true north differ (over half a "
        "degree at the rim of a 3° zone); of a large object the part measured matters.",
    ),
    handling=Text(
        "对照登记表原件；记载有误的双方确认后重填，方位物移动的补选。",
        "Compare the signed form; correct it together, or choose another object where it moved.",
    ),
    needs=frozenset({"reference_positions"}),
)
