"""A unit's outline crosses or touches itself, so that inside and outside are undecided."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry.validity import reason_of
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, unit_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for layer in case.layers.values():
        for unit, sound in zip(layer.units, layer.valid.tolist(), strict=True):
            if sound or not context.concerns(unit.code):
                continue
            reason, place = reason_of(unit.geometry)
            yield Evidence(
                message=Text(
                    f"{unit.name}的面无效：{reason.zh}。对它的重叠、缝隙检查按在交叉处拆开的副本进行，"
                    "副本不存库。",
                    f"The polygon of {unit.name} is not valid: {reason.en}. Overlaps and gaps are "
                    "judged on a copy split at the crossings; the copy is not stored.",
                ),
                subject=unit_subject(unit),
                geometry=place,
            )


_BOW_TIE = "POLYGON((0 0, 1000 1000, 1000 0, 0 1000, 0 0))"
_SQUARE = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
_NECK = "POLYGON((0 0, 1000 0, 1000 400, 1 400, 1 600, 1000 600, 1000 1000, 0 1000, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-TOP-01",
    slug="invalid_ring",
    version=1,
    title=Text("行政区域面的环无效", "Invalid ring of a unit"),
    category="环无效",
    quality=Quality.TOPOLOGICAL,
    basis=(
        Basis("ISO19157", "26", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "27", Severity.ADVISED_AGAINST),
        Basis("GOOD_PRACTICE", "topology", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing({"甲区": _BOW_TIE}),
            Severity.ADVISED_AGAINST,
            Text("两个顶点次序颠倒，外环成蝴蝶结", "two vertices in the wrong order: a bow-tie"),
        ),
        flagged(
            drawing(
                {"甲区": "POLYGON((0 0, 1000 0, 1000 1000, 1000 2000, 1000 1000, 0 1000, 0 0))"}
            ),
            Severity.ADVISED_AGAINST,
            Text("零面积的尖刺", "a spike without area"),
        ),
        clean(drawing({"甲区": _SQUARE}), Text("普通的方形", "a plain square")),
        clean(
            drawing({"甲区": _NECK}),
            Text("1 米宽的细颈仍然有效", "a neck one metre wide is still valid"),
        ),
    ),
    trap=Text(
        "极细的颈、内环只与外环相接于一点，都是有效的；飞地是多部件，不是环无效。",
        "A very narrow neck, or a hole that touches its shell in one point, is valid; an exclave "
        "is a second part, not an invalid ring.",
    ),
    handling=Text(
        "内业核对：面由界线生成，应改界线或重新生成面，不直接改面；新旧值都记录。",
        "Desk: polygons are derived from the lines, so mend the line or derive again; log both "
        "values.",
    ),
    needs=frozenset({"units"}),
)
