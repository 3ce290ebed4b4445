"""A marker of an inspected line lies off all tracks of the field work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.supporting.fieldwork import Track
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.boundaries._wording import length
from geo_service.rules.inspections import InspectionCase
from geo_service.rules.inspections._drawing import clean, flagged, inspected
from geo_service.rules.markers import marker_subject
from geo_service.rules.markers._drawing import stone


def _check(case: InspectionCase, context: BoundaryContext) -> Iterator[Evidence]:
    lines = {line.code: line for line in case.lines}
    limit = context.threshold("inspection_visit_m")
    by_line: dict[str, list[BoundaryMarker]] = defaultdict(list)
    for marker in case.markers:
        if marker.position is not None and marker.line_code in lines:
            by_line[marker.line_code].append(marker)
    for code, markers in sorted(by_line.items()):
        apart = _off_the_tracks(case, markers, context.as_of)
        # A line of which no marker was visited was not the object of this field work.
        if apart.min() > limit or not context.concerns(*lines[code].parties):
            continue
        for marker, metres in zip(markers, apart.tolist(), strict=True):
            if metres > limit:
                yield _evidence(case, context, marker, metres)


def _off_the_tracks(case: InspectionCase, markers: list[BoundaryMarker], as_of: date) -> Floats:
    """Metres from each marker to the nearest track up to a day, shape (n,)."""
    known = [track for track in case.supporting.all(Track) if track.recorded_on <= as_of]
    drawn = np.array([track.geometry for track in known], dtype=object)
    tracks = shapely.STRtree(crs.to_plane(drawn, case.plane_epsg))
    here = crs.to_plane(np.array([m.position for m in markers], dtype=object), case.plane_epsg)
    # One of several equally near answers for all of them.
    (marker, _), metres = tracks.query_nearest(here, return_distance=True, all_matches=False)
    result = np.full(len(markers), np.inf)
    result[marker] = metres
    return result


def _evidence(
    case: InspectionCase, context: BoundaryContext, marker: BoundaryMarker, metres: float
) -> Evidence:
    line = next(line for line in case.lines if line.code == marker.line_code)
    away = length(metres)
    return Evidence(
        message=Text(
            f"{line.name} {marker.number} 号界桩离外业轨迹最近 {away.zh}，没有到点的痕迹。",
            f"Marker {marker.number} of {line.name} lies {away.en} from the nearest track: nothing "
            "shows that anybody was there.",
        ),
        subject=marker_subject(marker),
        related=case.sides(line),
        measure=context.measure(metres, "inspection_visit_m", "m"),
        geometry=marker.position,
        question=Text(
            f"{marker.number} 号界桩是否到点检查？有无照片？",
            f"Was marker {marker.number} visited? Is there a photo?",
        ),
    )


_MARKERS = tuple(stone(f"00{n}Q", 1000.0 * n).marker for n in (1, 2, 3))


def _walked(*tracks: str, last_on: date = date(2024, 5, 1)) -> InspectionCase:
    days = [date(2024, 5, 1)] * (len(tracks) - 1) + [last_on]
    rows = (said(Track, n, wkt, recorded_on=days[n]) for n, wkt in enumerate(tracks))
    return inspected(*rows, markers=_MARKERS)


RULE: Rule[InspectionCase, BoundaryContext] = Rule(
    id="IN-VIS-01",
    slug="marker_not_visited",
    version=2,
    title=Text("界桩没有到点痕迹", "Marker off the tracks of field work"),
    category="未到点",
    quality=Quality.OMISSION,
    basis=(Basis("JI28", "3", Severity.HUMAN), Basis("GOOD_PRACTICE", "markers", Severity.HUMAN)),
    check=_check,
    examples=(
        flagged(
            _walked("LINESTRING(900 5, 2100 5)"),
            Severity.HUMAN,
            Text("只走到第二个界桩", "only the first two markers were reached"),
        ),
        flagged(
            _walked("LINESTRING(900 5, 2100 5)", "LINESTRING(2900 45, 3100 45)"),
            Severity.HUMAN,
            Text("从第三个旁边 45 米处经过", "the track passes the third at 45 m"),
        ),
        flagged(
            _walked("LINESTRING(900 5, 2100 5)", "POINT(3010 20)", last_on=date(2024, 6, 20)),
            Severity.HUMAN,
            Text("第三个在检查日之后才到", "the third was reached after the day asked about only"),
        ),
        clean(
            _walked("LINESTRING(900 5, 2100 5)", "POINT(3010 20)"),
            Text("第三个另有到点记录", "the third was reached by a track of its own"),
        ),
        clean(
            _walked("LINESTRING(900 3000, 2100 3000)"),
            Text("这条轨迹不是这条界线的", "the track is of another line"),
        ),
    ),
    trap=Text(
        "接收机在沟谷林下会漂移几十米；轨迹没有全部导出时也会漏点。",
        "In gullies and woods a receiver drifts by tens of metres; a track may not have been "
        "exported whole.",
    ),
    handling=Text(
        "补交轨迹或照片，或者补测。", "Hand in the track or a photo, or visit the marker again."
    ),
    needs=frozenset({"markers", "tracks"}),
)
