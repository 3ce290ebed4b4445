"""A line runs along the coast: that part of it is coastline, no agreed line on land."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting.ground import Coast
from geo_service.domain.text import Text
from geo_service.geometry.beside import Walk, as_one, in_plane
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import both_sides, judged_lines
from geo_service.rules.boundaries._wording import chainage, length

_STEPS = 5
"""Looks at a line within the distance that counts as beside the coast."""


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    within = context.threshold("coast_near_m")
    rows = [row for row in case.supporting.all(Coast) if row.geometry is not None]
    coast = in_plane([row.geometry for row in rows if row.geometry is not None], case.plane_epsg)
    shapely.prepare(coast)
    for number in judged_lines(case, context).tolist():
        line = case.lines[number]
        if line.geometry is None or not shapely.dwithin(coast, case.plane_lines[number], within):
            continue
        walk = Walk.along(line.geometry, case.plane_epsg, within / _STEPS)
        along = walk.long_runs(walk.near(coast, within), context.threshold("feature_along_m"))
        stretches = walk.stretches(along)
        if not stretches:
            continue
        metres = sum(stretch.length_m for stretch in stretches)
        size = length(metres)
        where = chainage(np.array([(one.from_m, one.to_m) for one in stretches]))
        yield Evidence(
            message=Text(
                f"{line.name}有 {size.zh}沿海岸线（{where.zh}），"
                "这一段是海岸线，不是议定的陆地界线。",
                f"{size.en} of {line.name} runs along the coast ({where.en}): that part is "
                "coastline, no agreed line on land.",
            ),
            subject=line_subject(line),
            related=both_sides(case, line),
            measure=context.measure(metres, "feature_along_m", "m"),
            geometry=as_one(stretches),
            suggestion=Text(
                "把沿海岸的一段从界线中分出，注明为海岸线；不列入界线长度和联检范围。",
                "Take that part off the line and mark it as coast; it counts neither in the length "
                "of the line nor in joint inspections.",
            ),
        )


_LINE = {"甲区|乙区": "LINESTRING(0 0, 2000 0, 2000 -800)"}


def _coast(wkt: str) -> BoundaryCase:
    return beside(drawing(lines=_LINE), said(Coast, 1, wkt))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-SEA-02",
    slug="line_along_coast",
    version=1,
    title=Text("界线记录含海岸线", "Line record runs along the coast"),
    category="海岸线",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("B02", "2", Severity.INFO),
        Basis("GOOD_PRACTICE", "ground", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _coast("LINESTRING(2000 900, 2000 -900)"),
            Severity.INFO,
            Text("末段 800 米与海岸线重合", "the last 800 m are the coast"),
        ),
        flagged(
            _coast("LINESTRING(-300 15, 600 15, 900 900)"),
            Severity.INFO,
            Text("起始一段离海岸 15 米", "the first stretch is 15 m from the coast"),
        ),
        clean(
            _coast("LINESTRING(-500 900, 0 0, -500 -900)"),
            Text("界线从海岸起，斜向内陆", "the line begins at the coast and goes inland"),
        ),
        clean(
            _coast("LINESTRING(-300 30, 2300 30)"),
            Text("离海岸 30 米，不到海岸", "30 m from the coast all along"),
        ),
    ),
    trap=Text(
        "沿河口的界线离岸很近，仍可能是议定的；海岸线资料与界线年代不同，填海后会偏离。",
        "In an estuary an agreed line may run this near the shore; and coast and line may be of "
        "different years, with land won from the sea between them.",
    ),
    handling=Text(
        "海岸线一段单独记录，不联检；入海点按协议书。",
        "Record the part along the coast by itself, without inspection; the sea end is where the "
        "agreement has it.",
    ),
    needs=frozenset({"lines", "coast"}),
)
