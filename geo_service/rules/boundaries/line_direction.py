"""A line does not run from west to east or from north to south."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.text import Text
from geo_service.geometry.network import runs_backwards
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line, plane in zip(case.lines, case.plane_lines, strict=True):
        if line.geometry is None or plane is None or not context.concerns(*line.parties):
            continue
        if runs_backwards(line.geometry):
            yield Evidence(
                message=Text(
                    f"界线{line.name}的走向自东向西或自南向北，与自西向东、自北向南的约定相反。",
                    f"Line {line.name} runs from east to west or from south to north, against the "
                    "convention of west to east and north to south.",
                ),
                subject=line_subject(line),
                measure=Measure(1, 0, "lines", "ISO 19157 D.10"),
                geometry=shapely.Point(shapely.get_coordinates(line.geometry)[0]),
                suggestion=Text(
                    "将线反向并对调左右两侧；已有界桩编号的，未经双方同意不改编号。",
                    "Reverse the line and exchange its sides; numbers of markers already set stay "
                    "unless both sides agree.",
                ),
            )


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-08",
    slug="line_direction",
    version=1,
    title=Text("界线方向不合约定", "Line runs against the convention"),
    category="界线方向",
    quality=Quality.CONCEPTUAL,
    basis=(
        Basis("GBT17796", "numbering", Severity.INFO),
        Basis("ISO19157", "10", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"甲区|乙区": "LINESTRING(1000 0, 0 100)"}),
            Severity.INFO,
            Text("自东向西", "from east to west"),
        ),
        flagged(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 300 1000)"}),
            Severity.INFO,
            Text("自南向北", "from south to north"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 1000 400)"}),
            Text("以东西向为主，自西向东", "mainly west to east"),
        ),
        clean(
            drawing(lines={"甲区|乙区": "LINESTRING(0 0, 500 0, 500 500, 0 500, 0 0)"}),
            Text("闭合的界线没有首尾", "a closed line has neither end first"),
        ),
    ),
    trap=Text(
        "按首尾连线的主要方向判断；接近西南至东北对角线的界线两种起点都说得通，协议书写明的起点优先。",
        "Judged by the main axis from first to last point; a line near the diagonal from south-"
        "west to north-east may begin at either end, and the agreement decides.",
    ),
    handling=Text(
        "内业反向并登记；界桩重新编号须双方同意。",
        "Desk: reverse and log; markers are renumbered only if both sides agree.",
    ),
    needs=frozenset({"lines"}),
)
