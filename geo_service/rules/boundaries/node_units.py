"""The lines that end at a node are not those of the units around it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from geo_service.domain.boundary import BoundaryNode, NodeKind
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    node_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._network import gaps_m


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for node, at in zip(case.nodes, case.plane_junctions, strict=True):
        if not context.concerns(*node.units):
            continue
        if (node.kind is NodeKind.TRIPOINT) != (len(node.units) > 2):
            yield _wrong_kind(case, node)
        near = gaps_m(case.ends.plane, at[None, :])[:, 0] <= context.point_tolerance_m
        yield from _strangers(case, context, node, np.unique(case.ends.line[near]).tolist())


def _wrong_kind(case: BoundaryCase, node: BoundaryNode) -> Evidence:
    around, count = case.node_name(node), len(node.units)
    wanted = 3 if node.kind is NodeKind.TRIPOINT else 2
    kind = (
        Text("三交点", "junction") if node.kind is NodeKind.TRIPOINT else Text("入海点", "sea end")
    )
    return Evidence(
        message=Text(
            f"节点{around}登记为{kind.zh}，周围却有 {count} 个单位。",
            f"Node {around} is entered as a {kind.en} but has {count} units around it.",
        ),
        key="kind",
        subject=node_subject(case, node),
        measure=Measure(float(count), float(wanted), "units", "ISO 19157 D.21"),
        geometry=node.position,
        suggestion=Text(
            "核对节点类型和周围单位。", "See to the kind of the node and the units around it."
        ),
    )


def _strangers(
    case: BoundaryCase, context: BoundaryContext, node: BoundaryNode, ending: list[int]
) -> Iterator[Evidence]:
    around = {context.current(code) for code in node.units}
    for line in (case.lines[i] for i in ending):
        if {context.current(code) for code in line.parties} <= around:
            continue
        name = case.node_name(node)
        yield Evidence(
            message=Text(
                f"界线{line.name}止于节点{name}，但其两侧单位不都在该节点周围。",
                f"Line {line.name} ends at node {name}, around which not both its units lie.",
            ),
            key=line.code,
            subject=node_subject(case, node),
            related=(line_related(line),),
            measure=Measure(float(len(ending)), float(len(node.units)), "lines", "ISO 19157 D.21"),
            geometry=node.position,
            suggestion=Text(
                "核对交会点协议：补登节点周围的单位，或改正界线两侧代码。",
                "See the junction agreement: add the unit to the node, or correct the sides of the "
                "line.",
            ),
        )


_STAR = {
    "乙区|甲区": "LINESTRING(0 1000, 0 0)",
    "甲区|丙区": "LINESTRING(-1000 -500, 0 0)",
    "乙区|丙区": "LINESTRING(0 0, 1000 -500)",
}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-11",
    slug="node_units",
    version=1,
    title=Text("节点与交会的界线不符", "Node and the lines that meet in it disagree"),
    category="节点度数",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "21", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(
                lines={**_STAR, "丙区|丁区": "LINESTRING(0 0, 200 -900)"},
                nodes={"甲区|乙区|丙区": "POINT(0 0)"},
            ),
            Severity.ADVISED_AGAINST,
            Text("四条界线交于登记为三单位的节点", "four lines meet at a node of three units"),
        ),
        flagged(
            drawing(lines=_STAR, nodes={"甲区|乙区": "POINT(0 0)"}),
            Severity.ADVISED_AGAINST,
            Text("三交点登记成了入海点", "a junction entered as a sea end"),
        ),
        clean(
            drawing(lines=_STAR, nodes={"甲区|乙区|丙区": "POINT(0 0)"}),
            Text("三条界线、三个单位", "three lines, three units"),
        ),
        clean(
            drawing(lines=_STAR, nodes={"甲区|乙区": "POINT(0 1000)"}),
            Text("入海点只有一条界线", "one line at a sea end"),
        ),
        clean(
            drawing(
                lines={"乙区|990141 前庚县": "LINESTRING(0 1000, 0 0)"},
                nodes={"庚县|乙区": "POINT(0 0)"},
            ),
            Text(
                "界线用前庚县之名，节点用庚县", "the line names the former unit, the node its heir"
            ),
        ),
    ),
    trap=Text(
        "四县交于一点是少见而合法的；界线缺漏由缺界线规则报告，端点不合由三交点规则报告。",
        "Four units in one point are rare but lawful; a missing line is told by the rule on "
        "missing lines, an end that is off by the rule on tripoints.",
    ),
    handling=Text(
        "对照交会点协议改正；未签协议的，列入三方会商。",
        "Correct by the junction agreement; without one, the three sides have to meet.",
    ),
    needs=frozenset({"lines", "nodes"}),
)
