"""Azimuth or distance of a reference object does not fit the coordinates."""

from __future__ import annotations

import math
from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.marker import MarkerDocument
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._wording import length
from geo_service.rules.markers import MarkerCase, marker_subject
from geo_service.rules.markers._drawing import at, clean, flagged, stone, stones, thing
from geo_service.rules.markers._sights import Sight, by_true_north, sights
from geo_service.rules.markers._wording import called, dms

_NORTH = "north"
_Fault = tuple[Text, Measure]


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    seen = sights(case)
    told = {line for line, _ in by_true_north(seen, context)}  # MK-REF-04 tells of these lines
    for sight in seen:
        turned, displaced = _turned(sight, context), _displaced(sight, context)
        if turned is not None and _from_true_north(sight, context):
            if sight.entry.marker.line_code not in told:
                yield _evidence(case, sight, [turned], _NORTH)
            turned = None
        faults = [fault for fault in (turned, displaced) if fault is not None]
        if faults:
            yield _evidence(case, sight, faults)


def _turned(sight: Sight, context: BoundaryContext) -> _Fault | None:
    azimuth = sight.landmark.azimuth_deg
    if azimuth is None:
        return None
    step = context.threshold("reference_azimuth_min") / 60
    limit = step + _spread(sight, context)
    off = _turn(azimuth, sight.grid_deg)
    if off <= limit:
        return None
    written, reckoned, why = dms(azimuth), dms(sight.grid_deg), Text("", "")
    if _from_true_north(sight, context):
        why = Text("，疑按真北记载", "; it seems to be reckoned from true north")
    elif _turn(azimuth, sight.grid_deg + 180) <= limit:
        why = Text("，疑为反方位角", "; it seems to be the back azimuth")
    said = Text(
        f"坐标方位角记为 {written}，按坐标应为 {reckoned}{why.zh}",
        f"grid azimuth given as {written}, by coordinates {reckoned}{why.en}",
    )
    source = f"data/cities/{context.city.code}: reference_azimuth_min + atan(t1/d)"
    return said, Measure(round(off, 4), round(limit, 4), "°", source)


def _from_true_north(sight: Sight, context: BoundaryContext) -> bool:
    """Whether an azimuth that does not fit the grid fits true north."""
    half_a_step = context.threshold("reference_azimuth_min") / 120
    limit = half_a_step + _spread(sight, context)
    return _turn(sight.landmark.azimuth_deg or 0.0, sight.true_deg) <= limit


def _spread(sight: Sight, context: BoundaryContext) -> float:
    return math.degrees(math.atan2(context.point_tolerance_m, sight.distance_m))


def _displaced(sight: Sight, context: BoundaryContext) -> _Fault | None:
    distance = sight.landmark.distance_m
    if distance is None:
        return None
    share = context.threshold("reference_distance_share") * sight.distance_m
    limit = context.threshold("reference_distance_m") + share
    off = abs(distance - sight.distance_m)
    if off <= limit:
        return None
    written, reckoned = length(distance), length(sight.distance_m)
    said = Text(
        f"距离记为 {written.zh}，按坐标应为 {reckoned.zh}",
        f"distance given as {written.en}, by coordinates {reckoned.en}",
    )
    source = f"data/cities/{context.city.code}: reference_distance_m + share"
    return said, Measure(round(off, 3), round(limit, 3), "m", source)


def _turn(one: float, other: float) -> float:
    """The angle between two azimuths, 0–180."""
    return abs((one - other + 180) % 360 - 180)


def _evidence(case: MarkerCase, sight: Sight, faults: list[_Fault], aspect: str = "") -> Evidence:
    entry, marker, name = sight.entry, sight.entry.marker, sight.landmark.name
    who = called(case, marker)
    zh = "；".join(said.zh for said, _ in faults)
    en = "; ".join(said.en for said, _ in faults)
    asked = Text(
        "登记表的方位角以坐标北还是真北为准？",
        "Are the azimuths of the form from grid north or from true north?",
    )
    return Evidence(
        message=Text(f"{who.zh}的方位物“{name}”{zh}。", f"{who.en}, object “{name}”: {en}."),
        key=f"{entry.document}+{sight.number}" + (f"+{aspect}" if aspect else ""),
        aspect=aspect,
        subject=marker_subject(marker),
        related=case.sides(marker.line_code),
        measure=faults[0][1],
        geometry=marker.position,
        question=asked if aspect else None,
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
    version=2,
    title=Text("方位物方位角、距离与坐标不符", "Reference object differs from the coordinates"),
    category="方位物不符",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("GOOD_PRACTICE", "markers", Severity.ADVISED_AGAINST),
        Basis("MK36", "6", Severity.INFO),
        Basis("ISO19157", "30", Severity.INFO),
        # That azimuths are from grid north is said by a standard that nobody here has read.
        Basis("GBT17796", "reference_objects", Severity.HUMAN, _NORTH),
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
