"""The sheets of the agreement map do not cover the strip along a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.supporting.papers import MapSheet
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.measure import areas_m2
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._wording import area

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_ROUNDING_M = 1.0
"""Sheets drawn in degrees meet their neighbours within this; what lies between is no gap."""


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    sheets = case.supporting.all(MapSheet)
    planes = crs.to_plane(np.array([s.geometry for s in sheets], dtype=object), case.plane_epsg)
    width = context.threshold("map_strip_m")
    for line, plane in zip(case.lines, case.plane_lines, strict=True):
        own = np.array([sheet.line_code in ("", line.code) for sheet in sheets], dtype=bool)
        # A line of which no sheet was handed in says nothing about its map.
        if plane is None or not own.any() or not context.concerns(*line.parties):
            continue
        strip = shapely.buffer(plane, width, cap_style="flat")
        covered = shapely.buffer(shapely.union_all(planes[own]), _ROUNDING_M, join_style="mitre")
        bare = shapely.difference(strip, covered)
        if not bare.is_empty:
            (where,) = crs.from_plane(np.array([bare], dtype=object), case.plane_epsg)
            yield _evidence(context, line, where)


def _evidence(
    context: BoundaryContext, line: AdministrativeBoundary, bare: BaseGeometry
) -> Evidence:
    size = float(areas_m2(np.array([bare], dtype=object))[0])
    said_ = area(size)
    width = context.threshold("map_strip_m")
    return Evidence(
        message=Text(
            f"界线{line.name}两侧各 {width:g} 米的范围有 {said_.zh}不在协议书附图图幅内。",
            f"Line {line.name}: {said_.en} of the strip of {width:g} m on each side lie on no "
            "sheet of the agreement map.",
        ),
        subject=line_subject(line),
        measure=Measure(round(size, 1), 0.0, "m2", f"data/cities/{context.city.code}: map_strip_m"),
        geometry=bare,
        suggestion=Text("补齐图幅，或核对图幅范围。", "Find the sheet, or see to its extent."),
    )


_LINE = drawing(lines={"甲区|乙区": "LINESTRING(0 5000, 0 0)"})
_WIDE = "POLYGON((-1500 -100, 1500 -100, 1500 5100, -1500 5100, -1500 -100))"


def _on(*sheets: str, line_code: str = "") -> BoundaryCase:
    rows = (said(MapSheet, n, wkt, line_code=line_code) for n, wkt in enumerate(sheets))
    return beside(_LINE, *rows)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-AGR-05",
    slug="map_sheets_short",
    version=1,
    title=Text("附图图幅没有盖住界线两侧", "Sheets do not cover the strip along the line"),
    category="图幅不全",
    quality=Quality.OMISSION,
    basis=(
        Basis("ISO19157", "5", Severity.INFO),
        Basis("GOOD_PRACTICE", "coverage", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _on("POLYGON((-1500 -100, 1500 -100, 1500 4000, -1500 4000, -1500 -100))"),
            Severity.INFO,
            Text("北端 1 公里没有图", "no sheet for the northern kilometre"),
        ),
        flagged(
            _on("POLYGON((-1500 -100, 1000 -100, 1000 5100, -1500 5100, -1500 -100))"),
            Severity.INFO,
            Text("东侧只盖住 1 公里", "only one kilometre on the eastern side"),
        ),
        clean(_on(_WIDE), Text("全部盖住", "covered")),
        clean(
            _on(
                "POLYGON((-1500 -100, 1500 -100, 1500 2500, -1500 2500, -1500 -100))",
                "POLYGON((-1500 2500.5, 1500 2500.5, 1500 5100, -1500 5100, -1500 2500.5))",
            ),
            Text("两幅相接，相差半米", "two sheets that meet within half a metre"),
        ),
        clean(
            _on(_WIDE, line_code="990101-990103"),
            Text("只给了另一条界线的图幅", "sheets of another line only"),
        ),
    ),
    trap=Text(
        "界线两端伸到海上或邻省时，图幅可以到岸或到省界为止。",
        "Towards the sea or another province the sheets may end at the shore or the border.",
    ),
    handling=Text(
        "内业核对图幅目录；缺幅的查档，不得自行补绘。",
        "Desk: see the list of sheets; a missing one is searched for, never drawn anew.",
    ),
    needs=frozenset({"lines", "map-sheets"}),
)
