"""The azimuths of a line's marker forms were reckoned from true north, not from the grid."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.marker import MarkerDocument, MarkerEntry
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase
from geo_service.rules.markers._drawing import at, clean, flagged, stone, stones, thing
from geo_service.rules.markers._sights import TrueNorth, by_true_north, sights
from geo_service.rules.markers._wording import line_name, minutes


def _check(case: MarkerCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line, found in by_true_north(sights(case), context):
        yield _evidence(case, line, found)


def _evidence(case: MarkerCase, line: str, found: TrueNorth) -> Evidence:
    name = line_name(case, line)
    grid, true = minutes(found.off_grid_deg), minutes(found.off_true_deg)
    places = [shapely.get_coordinates(s.entry.marker.position)[0] for s in found.sights]
    return Evidence(
        message=Text(
            f"{name}登记表的 {found.count} 个方位角与坐标方位角平均相差 {grid}，与真方位角平均只差 "
            f"{true}，疑按真北记载。",
            f"{found.count} azimuths on the forms of {name} are off grid azimuths by {grid} on the "
            f"mean, but off true azimuths by {true} only: they seem to be from true north.",
        ),
        subject=Subject("boundary-line", line, name),
        related=case.sides(line)[1:],
        measure=Measure(round(found.off_grid_deg, 4), None, "°", "mean over the line"),
        geometry=shapely.MultiPoint(places),
        question=Text(
            "登记表的方位角以坐标北还是真北为准？",
            "Are the azimuths of the forms from grid north or from true north?",
        ),
        suggestion=Text(
            "查明后在登记表上注明北向；不要逐个改数。",
            "State the north on the forms once it is known; do not change the figures one by one.",
        ),
    )


_EAST_M = 40_000.0
"""So far east of the central meridian the two norths are 0.29° apart."""


def _forms(turn_deg: float, east_m: float = _EAST_M) -> MarkerCase:
    """Four markers that see a tower 200 m to the east and one to the north, azimuths turned."""
    return stones(
        *(_form(number, east_m + 1000 * number, turn_deg) for number in range(1, 5)),
        line="LINESTRING(0 0, 60000 0)",
    )


def _form(number: int, east_m: float, turn_deg: float) -> MarkerEntry:
    """Azimuths from the grid, found by the axes of the drawing, which are those of the sphere."""
    objects = (
        thing("水塔", (90.0 + turn_deg) % 360, 200.0, at(east_m + 200, 0)),
        thing("桥头", turn_deg % 360, 200.0, at(east_m, 200)),
    )
    return stone(f"{number:03d}Q", east_m, document=MarkerDocument.FORM, references=objects)


RULE: Rule[MarkerCase, BoundaryContext] = Rule(
    id="MK-REF-04",
    slug="azimuths_from_true_north",
    version=1,
    title=Text("方位角疑按真北记载", "Azimuths seem reckoned from true north"),
    category="北向混用",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("GBT17796", "reference_objects", Severity.HUMAN),
        Basis("ISO19157", "28", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _forms(0.0),
            Severity.HUMAN,
            Text("方位角按真北，坐标北在此偏 0.29 度", "from true north, 0.29° off the grid here"),
        ),
        flagged(
            _forms(0.01),
            Severity.HUMAN,
            Text("按真北，另有半分的误差", "from true north, with half a minute of error"),
        ),
        clean(_forms(-0.29), Text("按坐标北", "from grid north")),
        clean(_forms(-0.6), Text("差两倍，另有原因", "off by twice as much, for another reason")),
        clean(
            _forms(0.0, 0.0),
            Text("中央子午线上两北相同，看不出", "on the central meridian the two are one"),
        ),
        clean(
            stones(_form(1, _EAST_M, 0.0), line="LINESTRING(0 0, 60000 0)"),
            Text("只有两个方位角，看不出规律", "two azimuths alone show nothing"),
        ),
    ),
    trap=Text(
        "磁方位角也会整条线同向偏离，但偏差是磁偏角，通常有几度，与收敛角不同。",
        "Magnetic azimuths are off alike along a line too, but by the declination, mostly some "
        "degrees, not by the convergence.",
    ),
    handling=Text(
        "双方确认北向后在登记表注明；走向说明用真北，登记表用坐标北，两者不可混用。",
        "Both sides confirm the north and note it on the forms; descriptions go by true north, "
        "forms by grid north.",
    ),
    needs=frozenset({"reference_positions"}),
)
