"""A unit reaches beyond the outline of the higher unit it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry.measure import areas_m2, lengths_m, thickness
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._wording import area


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for parent in case.parents:
        units = [u for u in parent.layer.units if u.code.is_within(parent.unit.code)]
        beyond = np.asarray(shapely.difference(parent.members, parent.outline), dtype=object)
        sizes = areas_m2(beyond)
        for i in np.flatnonzero(sizes >= context.threshold("overlap_min_area_m2")).tolist():
            if not context.concerns(units[i].code):
                continue
            size = area(float(sizes[i]))
            yield Evidence(
                message=Text(
                    f"{units[i].name}有 {size.zh} 落在{parent.unit.name}范围之外。",
                    f"{size.en} of {units[i].name} lie outside {parent.unit.name}.",
                ),
                key=parent.unit.code,
                aspect=_aspect(beyond[i : i + 1], float(sizes[i]), context),
                subject=unit_subject(units[i]),
                related=(unit_related(parent.unit),),
                measure=context.measure(float(sizes[i]), "overlap_min_area_m2", "m2"),
                geometry=beyond[i],
                suggestion=Text(
                    "上级范围应由下级单位合成：重新生成上级面。",
                    "The higher unit is the union of its lower ones: derive its polygon again.",
                ),
            )


def _aspect(beyond: np.ndarray, area_m2: float, context: BoundaryContext) -> str:
    """Thin and small: drawn apart; else ground of another unit."""
    thin = thickness(np.array([area_m2]), lengths_m(beyond))[0]
    small = area_m2 < context.threshold("sliver_area_m2")
    return "sliver" if small and thin < context.threshold("sliver_thickness") else "ground"


_CITY = "POLYGON((0 0, 3000 0, 3000 3000, 0 3000, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-LEV-01",
    slug="outside_the_parent",
    version=1,
    title=Text("下级单位超出上级范围", "Unit reaches beyond its parent"),
    category="层级",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "10", Severity.PROHIBITED, aspect="ground"),
        Basis("GOOD_PRACTICE", "topology", Severity.PROHIBITED, aspect="ground"),
        Basis("ISO19157", "25", Severity.INFO, aspect="sliver"),
    ),
    check=_check,
    examples=(
        flagged(
            drawing({"示例市": _CITY, "甲区": "POLYGON((0 0, 3500 0, 3500 3000, 0 3000, 0 0))"}),
            Severity.PROHIBITED,
            Text("甲区向东超出 1.5 平方公里", "甲区 reaches 1.5 km² too far east"),
        ),
        flagged(
            drawing({"示例市": _CITY, "甲区": "POLYGON((0 0, 3001 0, 3001 3000, 0 3000, 0 0))"}),
            Severity.INFO,
            Text("两级分别绘制，差 1 米", "the levels were drawn apart by 1 m"),
        ),
        flagged(
            drawing(
                {
                    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
                    "990101001 子镇": "POLYGON((0 0, 1200 0, 1200 1000, 0 1000, 0 0))",
                }
            ),
            Severity.PROHIBITED,
            Text("镇超出所在的区", "a town reaches beyond its district"),
        ),
        clean(
            drawing({"示例市": _CITY, "甲区": _CITY}),
            Text("两级范围一致", "both levels cover the same"),
        ),
        clean(
            drawing(
                {
                    "示例市": _CITY,
                    "甲区": _CITY,
                    "邻甲县": "POLYGON((3000 0, 4000 0, 4000 3000, 3000 3000, 3000 0))",
                }
            ),
            Text("外面的是邻市的县", "what lies outside belongs to another city"),
        ),
    ),
    trap=Text(
        "上级面取自另一来源（如概略图）时四周都会略有超出；飞地依协议可在上级范围之外。",
        "An outline of the higher unit from another source lets all its units stick out a little; "
        "an exclave may lie outside by agreement.",
    ),
    handling=Text(
        "内业由下级重新合成上级；确属飞地的，在登记中注明协议或决定。",
        "Desk: build the higher unit from its lower ones; a real exclave is registered with its "
        "agreement or decision.",
    ),
    needs=frozenset({"levels"}),
)
