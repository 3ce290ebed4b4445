"""Ground that belongs to no unit: enclosed between units, or missing from the whole."""

from __future__ import annotations

from collections.abc import Iterator

import shapely

from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    unit_related,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged
from geo_service.rules.boundaries._layer import Patch, patches
from geo_service.rules.boundaries._wording import area, names


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    yield from _enclosed(case, context)
    yield from _missing(case, context)


def _enclosed(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for layer in case.layers.values():
        # Thin parts are slivers (BD-TOP-04): each part is reported once.
        faces = layer.inspection.holes
        faces = faces.where(~context.slivers(faces))
        for patch in patches(layer, faces):
            if patch.area_m2 < context.threshold("gap_min_area_m2"):
                continue
            if not context.concerns(*(unit.code for unit in patch.units)):
                continue
            around = names(unit.name for unit in patch.units)
            size = area(patch.area_m2)
            message = Text(
                f"{around.zh}之间有 {size.zh} 土地不属于任何单位，共 {patch.parts} 处。",
                f"{size.en} between {around.en} belong to no unit, in {patch.parts} place(s).",
            )
            yield _evidence(context, patch, message, unit_subject(patch.units[0]), "hole")


def _missing(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for parent in case.parents:
        faces = parent.uncovered.where(~context.slivers(parent.uncovered))
        area_m2 = float(faces.area_m2.sum())
        if area_m2 < context.threshold("gap_min_area_m2"):
            continue
        patch = Patch((), shapely.union_all(faces.geometry), area_m2, len(faces.parties))
        size = area(area_m2)
        message = Text(
            f"{parent.unit.name}范围内有 {size.zh} 未划入任何下级单位，共 {patch.parts} 处。",
            f"{size.en} of {parent.unit.name} lie in none of its units, in {patch.parts} place(s).",
        )
        yield _evidence(context, patch, message, unit_subject(parent.unit), "parent")


def _evidence(
    context: BoundaryContext, patch: Patch, message: Text, subject: Subject, test: str
) -> Evidence:
    return Evidence(
        message=message,
        key="+".join((test, *(unit.code for unit in patch.units))),
        subject=subject,
        related=tuple(unit_related(unit) for unit in patch.units if unit.id != subject.id),
        measure=context.measure(patch.area_m2, "gap_min_area_m2", "m2"),
        geometry=patch.geometry,
        suggestion=Text(
            "核对界线两侧的副本；海域、飞地或法定空白应在登记中注明。",
            "Compare both copies of the line; register sea, enclaves and legal voids as such.",
        ),
    )


_RING = {
    "甲区": "POLYGON((0 0, 3000 0, 3000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((0 2000, 3000 2000, 3000 3000, 0 3000, 0 2000))",
    "丙区": "POLYGON((0 1000, 1000 1000, 1000 2000, 0 2000, 0 1000))",
    "丁区": "POLYGON((2000 1000, 3000 1000, 3000 2000, 2000 2000, 2000 1000))",
}
_ALL = "POLYGON((0 0, 3000 0, 3000 3000, 0 3000, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-TOP-03",
    slug="unassigned_gap",
    version=1,
    title=Text("行政区域之间有空白", "Gap between units"),
    category="缝隙",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "10", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(_RING),
            Severity.ADVISED_AGAINST,
            Text("四县之间空出 1 平方公里", "one km² left out between four counties"),
        ),
        flagged(
            drawing({"示例市": _ALL, **{k: v for k, v in _RING.items() if k != "丁区"}}),
            Severity.ADVISED_AGAINST,
            Text(
                "空白通向外缘，不成洞，靠与全市范围相减发现",
                "the gap opens to the rim: seen only against the outline of the city",
            ),
        ),
        clean(
            drawing(
                {
                    **_RING,
                    "邻甲县": "POLYGON((1000 1000, 2000 1000, 2000 2000, 1000 2000, 1000 1000))",
                }
            ),
            Text("空处是另一单位，不是空白", "the middle is another unit, no gap"),
        ),
        clean(
            drawing({k: v for k, v in _RING.items() if k != "丁区"}),
            Text(
                "没有全市范围时，通向外缘的缺口可能是海，不报",
                "without the outline of the city an open bay may be the sea: not reported",
            ),
        ),
    ),
    trap=Text(
        "被单位围住的海湾、泻湖和依法不设区划的水面看上去像空白；全市范围若含海域，海也会算作未划入。",
        "A bay or lagoon enclosed by units, or water that by law belongs to none, looks like a "
        "gap; an outline of the city that includes the sea counts the sea as missing.",
    ),
    handling=Text(
        "内业核对；确属空白的由相邻各方按协议书确定归属。",
        "Desk check; a real gap is assigned by the adjoining sides under the agreement.",
    ),
    needs=frozenset({"units"}),
)
