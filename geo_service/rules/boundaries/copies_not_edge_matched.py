"""Two copies of one line agree in shape but not in their vertices."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry.copies import LineCopies
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
)
from geo_service.rules.boundaries._drawing import clean, flagged, two_copies


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for copies in case.copies:
        measured = copies.measured
        if measured is None or not context.concerns(*copies.a.parties):
            continue
        if measured.within_tolerance and not measured.edge_matched:
            a, b = measured.vertices_a, measured.vertices_b
            yield _evidence(copies, (a.count, a.equal), (b.count, b.equal))


def _evidence(copies: LineCopies, a: tuple[int, int], b: tuple[int, int]) -> Evidence:
    return Evidence(
        message=Text(
            f"{copies.name}的两份形状一致而顶点不同：甲份 {a[0]} 个顶点中 {a[1]} 个、"
            f"乙份 {b[0]} 个中 {b[1]} 个与对方重合。",
            f"The two copies of {copies.name} agree in shape but not in vertices: {a[1]} of the "
            f"{a[0]} of copy A and {b[1]} of the {b[0]} of copy B stand in both.",
        ),
        subject=line_subject(copies.a),
        related=(line_related(copies.a), line_related(copies.b)),
        geometry=copies.a.geometry,
        suggestion=Text(
            "双方商定以哪一份的顶点为准，另一份照录。",
            "Agree whose vertices both copies shall have.",
        ),
    )


_STRAIGHT = "LINESTRING(0 0, 1000 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CMP-02",
    slug="copies_not_edge_matched",
    version=1,
    title=Text("两份界线未接边", "Copies of a line not edge-matched"),
    category="未接边",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("INSPIRE", "technicalStatus", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            two_copies(_STRAIGHT, "LINESTRING(0 0, 300 0, 1000 0)"),
            Severity.INFO,
            Text("乙份多一个顶点", "copy B has one vertex more"),
        ),
        flagged(
            two_copies(_STRAIGHT, "LINESTRING(0 0.5, 1000 0.5)"),
            Severity.INFO,
            Text("相差半米，在限差内，但没有一个顶点相同", "half a metre off: no vertex in common"),
        ),
        clean(
            two_copies("LINESTRING(0 0, 500 10, 1000 0)", "LINESTRING(1000 0, 500 10, 0 0)"),
            Text("顶点全部相同，方向相反", "all vertices in common, drawn the other way"),
        ),
        clean(
            two_copies(_STRAIGHT, "LINESTRING(0 20, 1000 20)"),
            Text(
                "形状已经超限，由 BD-CMP-01 报告",
                "apart by more than the limit: reported as BD-CMP-01",
            ),
        ),
    ),
    trap=Text(
        "坐标写成文本时的舍入不算：相距 1 毫米以内的顶点视为同一个。",
        "Rounding in a text file does not count: vertices within a millimetre are one.",
    ),
    handling=Text(
        "统一到协议书成果表的顶点后再拼接入库。",
        "Bring both to the vertices of the agreement's table of results before joining them.",
    ),
    needs=frozenset({"copies"}),
)
