"""Two pieces of line between the same two units meet where nothing parts them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Geometries
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._network import gaps_m


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    ends, limit = case.ends, context.point_tolerance_m
    points: Geometries = np.asarray(shapely.points(ends.plane), dtype=object)
    one, other = shapely.STRtree(points).query(points, predicate="dwithin", distance=limit)
    meeting = np.bincount(one, minlength=len(points))
    parted = gaps_m(ends.plane, case.plane_junctions).min(axis=1, initial=np.inf)
    # The end itself counts too: two in all make a node of degree two.
    plain = (meeting == 2) & (parted > limit)
    for i, j in sorted(zip(one.tolist(), other.tolist(), strict=True)):
        if i >= j or not (plain[i] and plain[j]):
            continue
        lines = case.lines[ends.line[i]], case.lines[ends.line[j]]
        pairs = [{context.current(code) for code in line.parties} for line in lines]
        if pairs[0] == pairs[1] and context.concerns(*lines[0].parties):
            yield Evidence(
                message=Text(
                    f"界线{lines[0].name}在此断开又接续，两侧单位相同，没有节点的必要。",
                    f"Line {lines[0].name} breaks off and goes on here between the same two "
                    "units: nothing calls for a node.",
                ),
                key=f"{ends.label[i]}+{lines[1].code}+{ends.label[j]}",
                subject=line_subject(lines[0]),
                related=() if lines[0] is lines[1] else (line_related(lines[1]),),
                measure=Measure(2, 3, "line ends", "ISO 19157 D.21"),
                geometry=ends.position[i],
                suggestion=Text(
                    "此处没有界桩分段的，合并为一条。",
                    "Merge them unless a marker parts two segments here.",
                ),
            )


_WEST = "LINESTRING(-1000 0, 0 0)"
_EAST = "LINESTRING(0 0, 1000 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-09",
    slug="pseudo_node",
    version=1,
    title=Text("多余的节点", "Pseudo-node"),
    category="伪节点",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "21", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"甲区|乙区": _WEST, "甲区|乙区#99010001010102": _EAST}),
            Severity.INFO,
            Text("同一对单位的两条首尾相接", "two lines of one pair meet end to end"),
        ),
        flagged(
            drawing(
                lines={"甲区|乙区": "MULTILINESTRING((-1000 0, 0 0), (0.4 0, 1000 0))"},
            ),
            Severity.INFO,
            Text("一条界线的两部分在此相接", "two parts of one line meet"),
        ),
        clean(
            drawing(
                lines={
                    "甲区|乙区": _WEST,
                    "甲区|丙区": _EAST,
                    "乙区|丙区": "LINESTRING(0 0, 9 -900)",
                }
            ),
            Text("三条相交，是三交点", "three lines meet: a junction"),
        ),
        clean(
            drawing(
                lines={"甲区|乙区": _WEST, "甲区|乙区#99010001010102": _EAST},
                nodes={"甲区|乙区|丙区": "POINT(0 0)"},
            ),
            Text("该处登记有三交点，第三条不在资料中", "a junction is registered there"),
        ),
        clean(
            drawing(lines={"甲区|乙区": _WEST, "甲区|丙区": _EAST}),
            Text("两侧单位不同", "the sides differ"),
        ),
    ),
    trap=Text(
        "区划合并后，原三交点成为两条旧界线的接点：协议书仍是两份，合并前先查档案。",
        "Where units merged, a former junction becomes the joint of two old lines: there are still "
        "two agreements, so look into the archive before merging.",
    ),
    handling=Text(
        "内业合并并登记；此处有界桩或协议分段的保留。",
        "Desk: merge and log; keep it where a marker or the agreement parts the segments.",
    ),
    needs=frozenset({"lines", "junctions"}),
)
