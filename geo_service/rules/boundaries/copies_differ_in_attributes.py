"""Two copies of one line state its length, code, parties, agreement or markers differently."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.geometry.copies import LineCopies, differences
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    line_subject,
)
from geo_service.rules.boundaries._drawing import clean, flagged, two_copies

_FIELDS = {
    "code": Text("界线代码", "code of the line"),
    "parties": Text("毗邻单位", "parties"),
    "length": Text("协议长度", "length of the agreement"),
    "agreement": Text("协议书文号", "number of the agreement"),
    "status": Text("议定情况", "legal status"),
    "level": Text("界线等级", "level"),
    "singles": Text("单立界桩数", "number of single markers"),
    "pairs": Text("双立界桩号数", "number of double markers"),
    "triples": Text("三立界桩号数", "number of triple markers"),
    "stones": Text("界桩颗数", "number of marker stones"),
}


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for copies in case.copies:
        if context.concerns(*copies.a.parties):
            for field, one, other in differences(copies):
                yield _evidence(copies, field, one, other)


def _evidence(copies: LineCopies, field: str, one: str, other: str) -> Evidence:
    told = _FIELDS[field]
    return Evidence(
        message=Text(
            f"{copies.name}的{told.zh}两份不同：甲份“{one}”，乙份“{other}”。",
            f"The {told.en} of {copies.name} differs: {one} in copy A, {other} in copy B.",
        ),
        key=field,
        subject=line_subject(copies.a),
        related=(line_related(copies.a), line_related(copies.b)),
        geometry=copies.a.geometry,
        suggestion=Text("以批准的协议书为准核对。", "Check with the approved agreement."),
    )


_STRAIGHT = "LINESTRING(0 0, 1000 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-CMP-03",
    slug="copies_differ_in_attributes",
    version=1,
    title=Text("两份界线的属性不一致", "Copies of a line differ in attributes"),
    category="属性不一",
    quality=Quality.THEMATIC,
    basis=(
        Basis("ISO19157", "65", Severity.INFO),
        Basis("GOOD_PRACTICE", "coverage", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            two_copies(_STRAIGHT, _STRAIGHT, {"length_km": 12.3}, {"length_km": 12.4}),
            Severity.INFO,
            Text("协议长度相差 0.1 公里", "the stated lengths differ by 0.1 km"),
        ),
        flagged(
            two_copies(_STRAIGHT, _STRAIGHT, {"agreement_no": "一号"}, {"agreement_no": "二号"}),
            Severity.INFO,
            Text("两份写的协议书文号不同", "two numbers of the agreement"),
        ),
        clean(
            two_copies(_STRAIGHT, _STRAIGHT, {"length_km": 12.3}, {"length_km": 12.3}),
            Text("属性相同", "the same attributes"),
        ),
        clean(
            two_copies(_STRAIGHT, _STRAIGHT, {"length_km": 12.3}),
            Text(
                "一份没有写长度，不是矛盾", "one copy states no length, which contradicts nothing"
            ),
        ),
    ),
    trap=Text(
        "一份没有填写的属性不算不同；名称不比：一条线的简称、全称都通行。协议书用旧单位的，"
        "毗邻单位代码不同也可能是同一条线。",
        "What one copy leaves empty is no difference; names are not compared, since a line goes by "
        "short and long ones; old agreements have the codes of former units.",
    ),
    handling=Text(
        "查协议书原件，改正有误的一份并记录。",
        "Look into the agreement itself, correct the copy that is wrong and log it.",
    ),
    needs=frozenset({"copies"}),
)
