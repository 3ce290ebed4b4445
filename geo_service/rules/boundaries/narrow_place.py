"""Two units come close to each other and yet do not share their edge."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry.inspection import Width
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._wording import length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    # No ground is reported twice: what the rules on overlaps and gaps report is no narrow place.
    width = Width(
        context.threshold("narrow_gap_m"),
        least_hole_m2=context.threshold("gap_min_area_m2"),
        least_overlap_m2=context.threshold("overlap_min_area_m2"),
    )
    within = length(width.narrower_than_m)
    for layer in case.layers.values():
        found = layer.inspection.narrows(width)
        for parties, places, width_m in zip(
            found.parties, found.geometry, found.width_m.tolist(), strict=True
        ):
            one, other = (layer.units[i] for i in parties)
            if not layer.valid[list(parties)].all() or not context.concerns(one.code, other.code):
                continue  # An unsound ring is reported, and its copy has vertices of its own.
            count, nearest = shapely.get_num_geometries(places), length(width_m)
            yield Evidence(
                message=Text(
                    f"{one.name}与{other.name}有 {count} 个顶点相距不到 {within.zh}而不共边，"
                    f"最近 {nearest.zh}。",
                    f"{one.name} and {other.name} come within {within.en} at {count} vertex(es) "
                    f"without sharing the edge, at the nearest {nearest.en}.",
                ),
                key=other.code,
                subject=unit_subject(one),
                related=(unit_related(other),),
                measure=context.measure(width_m, "narrow_gap_m", "m"),
                geometry=places,
            )


_WEST = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-TOP-07",
    slug="narrow_place",
    version=1,
    title=Text("相邻单位相距极近而不共边", "Units close by without a shared edge"),
    category="窄缝",
    quality=Quality.TOPOLOGICAL,
    basis=(Basis("GOOD_PRACTICE", "topology", Severity.INFO),),
    check=_check,
    examples=(
        flagged(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((1005 0, 2000 0, 2000 1000, 1005 1000, 1005 0))"}
            ),
            Severity.INFO,
            Text("整条线留出 5 米宽的空带，两头通向外缘", "a strip of 5 m, open at both ends"),
        ),
        flagged(
            drawing(
                {
                    "甲区": _WEST,
                    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 400, 1000 0))",
                }
            ),
            Severity.INFO,
            Text("一侧在共边上多一个顶点，无面积", "one vertex more on one side, without area"),
        ),
        clean(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))"}
            ),
            Text("共边", "a shared edge"),
        ),
        clean(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((1020 0, 2000 0, 2000 1000, 1020 1000, 1020 0))"}
            ),
            Text(
                "相距 20 米，超过检查宽度；有全市范围时由缝隙规则发现",
                "20 m apart is wider than the test; the outline of the city would show it",
            ),
        ),
    ),
    trap=Text(
        "真实的窄水道、海峡两岸也会相距极近；界线入海处两岸成角分开，不算。"
        "已作为重叠、缝隙或碎面报告的，不再报告。",
        "A real channel may be as narrow; coasts that part at the sea end of a line do not count. "
        "What is reported as overlap, gap or sliver is not reported again.",
    ),
    handling=Text(
        "两侧核对：本应共边的统一顶点，确有水道的注明。",
        "Both sides check: where the edge should be shared adopt the same vertices, else say what "
        "lies between.",
    ),
    needs=frozenset({"units"}),
)
