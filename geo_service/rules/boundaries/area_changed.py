"""The area of a unit is not what it was in the release before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.ground import FormerUnit
from geo_service.domain.text import Text
from geo_service.geometry.measure import areas_m2
from geo_service.geometry.validity import solid_copies
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, unit_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._wording import area


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    former = _by_code(case)
    for layer in case.layers.values():
        for unit, now in zip(layer.units, layer.solid, strict=True):
            before = former.get(unit.code)
            if before is None or not context.concerns(unit.code):
                continue
            before_m2, now_m2 = case.kept.once(areas_m2, (before, now)).tolist()
            if _is_over(before_m2, now_m2, context):
                yield _evidence(unit, (before, now), (before_m2, now_m2), context)


def _by_code(case: BoundaryCase) -> dict[DivisionCode, BaseGeometry]:
    """The polygons of the release before, sound throughout; rows of one code are one unit."""
    found: dict[DivisionCode, list[BaseGeometry]] = {}
    for row in case.supporting.all(FormerUnit):
        if row.geometry is not None:
            found.setdefault(row.unit_code, []).append(row.geometry)
    return {code: case.kept.once(_as_one, tuple(shapes)) for code, shapes in found.items()}


def _as_one(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    drawn = np.array(shapes, dtype=object)
    solid = solid_copies(drawn, np.asarray(shapely.is_valid(drawn)))
    return cast("BaseGeometry", solid[0] if len(solid) == 1 else shapely.union_all(solid))


def _is_over(before_m2: float, now_m2: float, context: BoundaryContext) -> bool:
    change = abs(now_m2 - before_m2)
    share = change / before_m2 if before_m2 > 0 else np.inf
    over_share = share > context.threshold("area_change_share")
    return bool(over_share or change > context.threshold("area_change_m2"))


def _evidence(
    unit: AdministrativeUnit,
    shapes: tuple[BaseGeometry, BaseGeometry],
    sizes: tuple[float, float],
    context: BoundaryContext,
) -> Evidence:
    before_m2, now_m2 = sizes
    change = now_m2 - before_m2
    was, now, by = area(before_m2), area(now_m2), area(abs(change))
    more = Text("增加", "more") if change > 0 else Text("减少", "less")
    return Evidence(
        message=Text(
            f"{unit.name}上一版面积 {was.zh}，现为 {now.zh}，{more.zh} {by.zh}。",
            f"{unit.name} had {was.en} in the release before and has {now.en} now, "
            f"{by.en} {more.en}.",
        ),
        subject=unit_subject(unit),
        measure=context.measure(abs(change), "area_change_m2", "m2"),
        geometry=shapely.symmetric_difference(*shapes),
        question=Text(
            "这一变化是哪份批准文件确定的？文号是什么？",
            "Which approval made this change? Under which number?",
        ),
        suggestion=Text(
            "有批准文件的登记文号；只是重新绘制的，记录新旧面积和依据；都不是的恢复原状。",
            "Register the number of the approval; where it was only drawn anew, log both areas and "
            "the source; otherwise restore the former outline.",
        ),
    )


_WEST = "POLYGON((0 0, 2000 0, 2000 1000, 0 1000, 0 0))"
_EAST = "POLYGON((2000 0, 4000 0, 4000 1000, 2000 1000, 2000 0))"


def _before(now: str, before: str, code: str = "990101") -> BoundaryCase:
    return beside(drawing({"甲区": now}), said(FormerUnit, 1, before, unit_code=code))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-VER-01",
    slug="area_changed",
    version=1,
    title=Text("单位面积与上一版不同", "Area changed since the release before"),
    category="版本",
    quality=Quality.TEMPORAL,
    basis=(
        Basis("B02", "2", Severity.HUMAN),
        Basis("B02", "9", Severity.HUMAN),
    ),
    check=_check,
    examples=(
        flagged(
            _before("POLYGON((0 0, 2020 0, 2020 1000, 0 1000, 0 0))", _WEST),
            Severity.HUMAN,
            Text("比上一版多 2 公顷", "2 ha more than in the release before"),
        ),
        flagged(
            _before(_WEST, "POLYGON((0 0, 2001 0, 2001 1000, 0 1000, 0 0))"),
            Severity.HUMAN,
            Text("少 0.1 公顷，为面积的万分之五", "0.1 ha less, five parts in ten thousand"),
        ),
        clean(_before(_WEST, _WEST), Text("面积没有变化", "the same area")),
        clean(
            _before(_WEST, "POLYGON((0 0, 2000.1 0, 2000.1 1000, 0 1000, 0 0))"),
            Text("差万分之零点五", "half a part in ten thousand"),
        ),
        clean(
            _before(_WEST, _EAST, code="990102"),
            Text(
                "上一版没有这个代码：沿革由代码规则核对", "the code is new: other rules see to it"
            ),
        ),
    ),
    trap=Text(
        "两版比例尺或海岸线依据不同、或只是加密了顶点，面积会略有出入而界线未变；"
        "面积不变不等于界线未动。",
        "Where the two releases differ in scale or coast, or vertices were added, areas differ a "
        "little though no line moved; and an equal area does not say that none did.",
    ),
    handling=Text(
        "与批准文件、变更记录核对；界线未经批准不得变更。",
        "Compare with approvals and the change log; no line changes without approval.",
    ),
    needs=frozenset({"units", "former-units"}),
)
