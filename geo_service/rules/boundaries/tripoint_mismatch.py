"""Three units meet, but the ends of their lines do not come together in one point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo_service.domain.boundary import BoundaryNode
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats, Ints
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    node_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._network import gaps_m
from geo_service.rules.boundaries._wording import length


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    limit = context.point_tolerance_m
    for node, at in zip(case.junctions, case.plane_junctions, strict=True):
        if len(node.units) < 3 or not context.concerns(*node.units):
            continue
        rows, apart = _meeting(case, context, node, at)
        if len(rows) and apart.max() > limit:
            yield _evidence(case, context, node, rows, apart)


def _meeting(
    case: BoundaryCase, context: BoundaryContext, node: BoundaryNode, at: Floats
) -> tuple[Ints, Floats]:
    """Per line of the junction its nearest end within the search, and how far that is off.

    Off from the node where one is registered, else from the end it lies farthest from. Lines that
    end farther away hang free and are reported as such (BD-NET-01).
    """
    around = {context.current(code) for code in node.units}
    distance = gaps_m(case.ends.plane, at[None, :])[:, 0]
    rows = []
    for i, line in enumerate(case.lines):
        if {context.current(code) for code in line.parties} <= around:
            own = np.flatnonzero(case.ends.line == i)
            if len(own):
                rows.append(own[distance[own].argmin()])
    ends = np.array(rows, dtype=np.int64)
    ends = ends[distance[ends] <= context.threshold("dangle_search_m")]
    if case.nodes:
        return ends, distance[ends]
    plane = case.ends.plane[ends]
    return ends, gaps_m(plane, plane).max(axis=1, initial=0.0)


def _evidence(
    case: BoundaryCase, context: BoundaryContext, node: BoundaryNode, rows: Ints, apart: Floats
) -> Evidence:
    limit = context.point_tolerance_m
    lines = [case.lines[i] for i in case.ends.line[rows].tolist()]
    off = [line.name for line, metres in zip(lines, apart.tolist(), strict=True) if metres > limit]
    around = case.node_name(node)
    farthest = length(float(apart.max()))
    return Evidence(
        message=Text(
            f"{around}三交点处，界线{'、'.join(off)}的端点未交于一点，最大相差 {farthest.zh}，"
            f"限差 {limit:g} 米。",
            f"At the junction {around} the ends of {', '.join(off)} do not come together: off by "
            f"up to {farthest.en}, limit {limit:g} m.",
        ),
        subject=node_subject(case, node),
        related=tuple(
            line_related(line, metres) for line, metres in zip(lines, apart.tolist(), strict=True)
        ),
        measure=Measure(round(float(apart.max()), 3), limit, "m", f"0.1 mm × 1:{context.scale}"),
        geometry=node.position,
        suggestion=Text(
            "以三交点协议书的坐标为准，三条界线统一到该点。",
            "The coordinates in the junction agreement decide; bring the lines to that point.",
        ),
    )


_STAR = {
    "乙区|甲区": "LINESTRING(0 1000, 0 0)",
    "甲区|丙区": "LINESTRING(-1000 -500, 0 0)",
    "乙区|丙区": "LINESTRING(0 0, 1000 -500)",
}
_MIDDLE = {"甲区|乙区|丙区": "POINT(0 0)"}
_UNITS = {
    "甲区": "POLYGON((0 0, 0 1000, -1000 1000, -1000 -500, 0 0))",
    "乙区": "POLYGON((0 0, 1000 -500, 1000 1000, 0 1000, 0 0))",
    "丙区": "POLYGON((0 0, -1000 -500, 1000 -500, 0 0))",
}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-04",
    slug="tripoint_mismatch",
    version=1,
    title=Text("三交点处界线不交于一点", "Lines do not meet at the tripoint"),
    category="三交点不合",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "21", Severity.PROHIBITED),
        Basis("GOOD_PRACTICE", "topology", Severity.PROHIBITED),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={**_STAR, "乙区|甲区": "LINESTRING(0 1000, 3 4)"}, nodes=_MIDDLE),
            Severity.PROHIBITED,
            Text("一条的端点偏 5 米", "one end is 5 m off"),
        ),
        flagged(
            drawing(lines=_STAR, nodes={"甲区|乙区|丙区": "POINT(0 -2)"}),
            Severity.PROHIBITED,
            Text(
                "三条交于一点，但与登记的三交点相差 2 米",
                "the lines meet, but 2 m from the registered junction",
            ),
        ),
        flagged(
            drawing(_UNITS, {**_STAR, "乙区|甲区": "LINESTRING(0 1000, 3 4)"}),
            Severity.PROHIBITED,
            Text("没有登记节点，三县的面在该处相会", "no node registered; the polygons meet there"),
        ),
        clean(drawing(lines=_STAR, nodes=_MIDDLE), Text("交于一点", "they meet in one point")),
        clean(
            drawing(lines={**_STAR, "乙区|甲区": "LINESTRING(0 1000, 0.5 0.5)"}, nodes=_MIDDLE),
            Text("相差 0.7 米，在限差内", "0.7 m off, within the limit"),
        ),
    ),
    trap=Text(
        "界线成果按更小比例尺测绘时限差更大，请用 --scale 指明；四县交会时对角两县之间没有界线。",
        "Lines surveyed at a smaller scale have a larger limit: give it by --scale; where four "
        "units meet, those opposite have no line between them.",
    ),
    handling=Text(
        "以三交点协议书及成果表为准；由三方共同核测，改正情况另附记录。",
        "The junction agreement and its table of results decide; the three sides re-measure "
        "together and log the change.",
    ),
    needs=frozenset({"lines", "junctions"}),
)
