"""The network of lines has more or fewer members than the register of the city promises."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.boundary import BoundaryNode, NodeKind
from geo_service.domain.finding import Evidence, Measure, Severity, Subject
from geo_service.domain.identity import DivisionLevel
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
from geo_service.rules.boundaries._drawing import clean, drawing, flagged

_WORDS = {
    "internal_lines": Text("市内界线", "internal lines"),
    "external_lines": Text("市际界线", "external lines"),
    "internal_tripoints": Text("市内三交点", "internal junctions"),
    "edge_tripoints": Text("市界上的三交点", "edge junctions"),
    "sea_ends": Text("入海点", "sea ends"),
}


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    expected = context.city.expected
    counties = case.layers.get(DivisionLevel.COUNTY)
    own = [u for u in counties.units if u.code.is_within(context.city.code)] if counties else []
    # A part of the city says nothing about the whole.
    if not own or len(own) != expected.get("units"):
        return
    for kind, found in _counts(case, context).items():
        if kind in expected and found != expected[kind]:
            what, wanted = _WORDS[kind], expected[kind]
            yield Evidence(
                message=Text(
                    f"{what.zh}应有 {wanted}，现有 {found}。",
                    f"{what.en.capitalize()}: {found} found, {wanted} expected.",
                ),
                key=kind,
                subject=Subject("city", context.city.code, context.city.name.zh),
                measure=Measure(
                    found, wanted, "items", f"data/cities/{context.city.code}: expected.{kind}"
                ),
                suggestion=Text(
                    "先处理缺漏、重复和悬空的界线，再核对公布的数目。",
                    "Settle missing, doubled and dangling lines first, then see the published "
                    "count again.",
                ),
            )


def _counts(case: BoundaryCase, context: BoundaryContext) -> dict[str, int]:
    lines = [
        line
        for line in case.lines
        if line.left_code.level is DivisionLevel.COUNTY and context.concerns(*line.parties)
    ]
    nodes = [node for node in case.nodes if context.concerns(*node.units)]
    tripoints = [node for node in nodes if node.kind is NodeKind.TRIPOINT]
    inner = sum(line.is_internal for line in lines)
    inner_nodes = sum(_is_inner(node, context) for node in tripoints)
    return {
        "internal_lines": inner,
        "external_lines": len(lines) - inner,
        "internal_tripoints": inner_nodes,
        "edge_tripoints": len(tripoints) - inner_nodes,
        "sea_ends": len(nodes) - len(tripoints),
    }


def _is_inner(node: BoundaryNode, context: BoundaryContext) -> bool:
    return all(context.concerns(code) for code in node.units)


_UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
}
_LINE = {"乙区|甲区": "LINESTRING(1000 1000, 1000 0)"}
_NODES = {"甲区|乙区": "POINT(1000 1000)"}
_COUNTS = {"units": 2, "internal_lines": 1, "external_lines": 0, "sea_ends": 1}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-10",
    slug="graph_count",
    version=1,
    title=Text("界线、交会点数目与登记不符", "Lines or nodes do not add up to the register"),
    category="数目不符",
    quality=Quality.OMISSION,
    basis=(
        Basis("ISO19157", "10", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "coverage", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(_UNITS, _LINE, _NODES),
            Severity.ADVISED_AGAINST,
            Text("公布有两条界线，资料只有一条", "two lines were published, one is there"),
            expected={**_COUNTS, "internal_lines": 2},
        ),
        flagged(
            drawing(_UNITS, _LINE, _NODES),
            Severity.ADVISED_AGAINST,
            Text("公布有两个入海点，资料只有一个", "two sea ends were published, one is there"),
            expected={**_COUNTS, "sea_ends": 2},
        ),
        clean(
            drawing(_UNITS, _LINE, _NODES),
            Text("数目相符", "the counts agree"),
            expected=_COUNTS,
        ),
        clean(
            drawing(_UNITS, _LINE, _NODES),
            Text("只检查了全市十个单位中的两个", "two of the ten units of the city were given"),
            expected={**_COUNTS, "units": 10, "internal_lines": 16},
        ),
    ),
    trap=Text(
        "协议把一条界线分成两条登记、或区划刚调整而公布数未更新时，数目不同而资料并无错误。",
        "Where agreements divide one line in two, or the published count is older than a change of "
        "units, the numbers differ though nothing is wrong.",
    ),
    handling=Text(
        "作为报送前的齐全性检查：数目不符的逐条对照界线目录。",
        "The check of completeness before filing: where it fails, go through the list of lines.",
    ),
    needs=frozenset({"units", "lines", "nodes"}),
)
