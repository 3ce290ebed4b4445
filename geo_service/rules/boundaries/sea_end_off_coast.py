"""A sea end does not lie on the coast of its units."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.boundary import NodeKind
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, node_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._wording import length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = context.threshold("sea_end_max_m")
    for level, layer in case.layers.items():
        coasts = dict(zip((context.current(u.code) for u in layer.units), layer.rims, strict=True))
        for node, at in zip(case.nodes, case.plane_junctions, strict=True):
            if node.kind is not NodeKind.SEA_END or node.units[0].level is not level:
                continue
            rims = [coasts.get(context.current(code)) for code in node.units]
            apart = shapely.distance(np.array(rims, dtype=object), shapely.Point(at))
            # A unit without polygon has no coast to measure from.
            apart = apart[np.isfinite(apart)]
            if not len(apart) or apart.max() <= limit or not context.concerns(*node.units):
                continue
            around, away = case.node_name(node), length(float(apart.max()))
            yield Evidence(
                message=Text(
                    f"入海点{around}离所属单位的海岸 {away.zh}。",
                    f"Sea end {around} lies {away.en} from the coast of its units.",
                ),
                subject=node_subject(case, node),
                measure=context.measure(float(apart.max()), "sea_end_max_m", "m"),
                geometry=node.position,
                suggestion=Text(
                    "核对入海点成果；海岸线因围填海变化的，界线起止仍以协议书为准。",
                    "See the table for the sea end; where the shore moved by reclamation, the line "
                    "still ends where the agreement says.",
                ),
            )


_UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-SEA-01",
    slug="sea_end_off_coast",
    version=1,
    title=Text("入海点不在海岸上", "Sea end away from the coast"),
    category="入海点",
    quality=Quality.POSITIONAL,
    basis=(
        Basis("ISO19157", "23", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(_UNITS, nodes={"甲区|乙区": "POINT(1000 500)"}),
            Severity.INFO,
            Text("入海点在内陆 500 米", "the sea end lies 500 m inland"),
        ),
        flagged(
            drawing(_UNITS, nodes={"甲区|乙区": "POINT(1000 -300)"}),
            Severity.INFO,
            Text("入海点在海上 300 米", "the sea end lies 300 m out at sea"),
        ),
        clean(
            drawing(_UNITS, nodes={"甲区|乙区": "POINT(1000 0)"}),
            Text("在海岸上", "on the coast"),
        ),
        clean(
            drawing(_UNITS, nodes={"甲区|乙区": "POINT(1000 -150)"}),
            Text("在滩涂 150 米处", "150 m out, on the tidal flat"),
        ),
    ),
    trap=Text(
        "滩涂宽、岸线取高潮或低潮不同时，入海点会离岸线一两百米；海岸段不是界线，不作联检。",
        "On a wide tidal flat, or with another choice of tide for the shore, a sea end lies a "
        "hundred metres or two off; the coast itself is no line and is not inspected.",
    ),
    handling=Text(
        "内业核对；海岸线更新不改变入海点的协议坐标。",
        "Desk check; a new coastline does not move the agreed coordinates of the sea end.",
    ),
    needs=frozenset({"units", "nodes"}),
)
