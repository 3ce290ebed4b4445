"""Two units of one level claim the same ground."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._layer import patches
from geo_service.rules.boundaries._wording import area


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for layer in case.layers.values():
        # Thin parts are slivers (BD-TOP-04): each part is reported once.
        faces = layer.inspection.overlaps
        faces = faces.where(~context.slivers(faces))
        for patch in patches(layer, faces):
            one, other = patch.units
            if patch.area_m2 < context.threshold("overlap_min_area_m2"):
                continue
            if not context.concerns(one.code, other.code):
                continue
            size = area(patch.area_m2)
            yield Evidence(
                message=Text(
                    f"{one.name}与{other.name}重叠 {size.zh}，共 {patch.parts} 处。",
                    f"{one.name} and {other.name} overlap by {size.en}, in {patch.parts} place(s).",
                ),
                key=other.code,
                subject=unit_subject(one),
                related=(unit_related(other),),
                measure=context.measure(patch.area_m2, "overlap_min_area_m2", "m2"),
                geometry=patch.geometry,
                suggestion=Text(
                    "找出两侧所用的界线副本，以协议书及附图为准。",
                    "Find the copy of the line each side used; the agreement and its map decide.",
                ),
            )


_WEST = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-TOP-02",
    slug="overlap",
    version=1,
    title=Text("相邻行政区域重叠", "Units overlap"),
    category="重叠",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "11", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((700 0, 2000 0, 2000 1000, 700 1000, 700 0))"}
            ),
            Severity.ADVISED_AGAINST,
            Text("两县同占 300 米宽的地", "both counties claim a belt of 300 m"),
        ),
        flagged(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((200 200, 210 200, 210 210, 200 210, 200 200))"}
            ),
            Severity.ADVISED_AGAINST,
            Text(
                "一县整个落在另一县内，只有 100 平方米也要报",
                "one unit lies wholly inside the other: reported though it is only 100 m²",
            ),
        ),
        clean(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))"}
            ),
            Text("共边，不重叠", "a shared edge is no overlap"),
        ),
        clean(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((999 0, 2000 0, 2000 1000, 999 1000, 999 0))"}
            ),
            Text(
                "1 米宽的细条由碎面规则报告，这里不重复",
                "a strip of one metre is a sliver and reported there, not twice",
            ),
        ),
    ),
    trap=Text(
        "不同级别的单位本来就重叠（乡镇在县内），只比较同级；两市数据分开绘制时，整条界线会有细碎重叠，"
        "多属碎面。",
        "Units of different levels overlap by nature (a town in its county): only one level is "
        "compared. Where two cities drew their data apart, the whole line shows thin overlaps: "
        "slivers.",
    ),
    handling=Text(
        "内业核对两侧界线副本，以勘界协议书及附图为准；双方认定不一致的，按边界争议处理程序办理。",
        "Desk: compare the two copies of the line; the agreement and its map decide; where the "
        "sides disagree, the procedure for boundary disputes applies.",
    ),
    needs=frozenset({"units"}),
)
