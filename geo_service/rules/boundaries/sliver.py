"""A thin, small overlap or gap: two copies of one line drawn almost alike."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.text import Text
from geo_service.geometry.coverage import Faces
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._layer import Layer, Patch, patches
from geo_service.rules.boundaries._wording import area, names

_WORDS = {"overlap": Text("重叠", "overlap"), "gap": Text("空白", "gap")}


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for layer in case.layers.values():
        yield from _thin(context, layer, layer.inspection.overlaps, "overlap")
        yield from _thin(context, layer, layer.inspection.holes, "gap")
    for parent in case.parents:
        faces = parent.uncovered.where(context.slivers(parent.uncovered))
        area_m2 = float(faces.area_m2.sum())
        if area_m2 >= context.threshold("gap_min_area_m2"):
            patch = Patch((), shapely.union_all(faces.geometry), area_m2, len(faces.parties))
            yield _evidence(context, patch, unit_subject(parent.unit), parent.unit.name, "gap")


def _thin(context: BoundaryContext, layer: Layer, faces: Faces, kind: str) -> Iterator[Evidence]:
    for patch in patches(layer, faces.where(context.slivers(faces))):
        of_city = context.concerns(*(unit.code for unit in patch.units))
        if of_city and patch.area_m2 >= context.threshold(f"{kind}_min_area_m2"):
            between = names(unit.name for unit in patch.units)
            yield _evidence(context, patch, unit_subject(patch.units[0]), between.zh, kind)


def _evidence(
    context: BoundaryContext, patch: Patch, subject: Subject, where: str, kind: str
) -> Evidence:
    size, what = area(patch.area_m2), _WORDS[kind]
    return Evidence(
        message=Text(
            f"{where}之间有细碎{what.zh} {patch.parts} 处，合计 {size.zh}。",
            f"{patch.parts} sliver(s) of {what.en} between {where}, {size.en} in all.",
        ),
        key="+".join((kind, *(unit.code for unit in patch.units))),
        subject=subject,
        related=tuple(unit_related(unit) for unit in patch.units if unit.id != subject.id),
        measure=context.measure(patch.area_m2, "sliver_area_m2", "m2"),
        geometry=patch.geometry,
    )


_WEST = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-TOP-04",
    slug="sliver",
    version=1,
    title=Text("细碎重叠或空白", "Sliver"),
    category="碎面",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "25", Severity.INFO),
        Basis("GOOD_PRACTICE", "topology", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((999 0, 2000 0, 2000 1000, 999 1000, 999 0))"}
            ),
            Severity.INFO,
            Text("1 米宽、1 公里长的重叠", "an overlap 1 m wide and 1 km long"),
        ),
        flagged(
            drawing(
                {
                    "甲区": _WEST,
                    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1005 500, 1000 0))",
                }
            ),
            Severity.INFO,
            Text("一侧顶点偏 5 米，留下细长的空白", "one vertex 5 m off leaves a thin gap"),
        ),
        clean(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))"}
            ),
            Text("共边", "a shared edge"),
        ),
        clean(
            drawing(
                {"甲区": _WEST, "乙区": "POLYGON((985 0, 2000 0, 2000 1000, 985 1000, 985 0))"}
            ),
            Text(
                "15 米宽、1 公里长，超过 1 公顷，按重叠报告",
                "15 m by 1 km exceeds 1 ha: reported as an overlap",
            ),
        ),
    ),
    trap=Text(
        "两侧各自数字化同一条线，或一侧多一个顶点，都会产生碎面：是绘图差异，不是争议。"
        "宽的、或 1 公顷以上的由重叠、缝隙规则报告，同一块地只报一次。",
        "Two sides digitising one line, or one vertex more on one side, make slivers: a drawing "
        "difference, no dispute. Wide parts and those from 1 ha on are reported as overlap or gap; "
        "no ground is reported twice.",
    ),
    handling=Text(
        "两侧核对后统一到同一条界线；不自动吸附。",
        "Both sides check and adopt one line; nothing is snapped by the program.",
    ),
    needs=frozenset({"units"}),
)
