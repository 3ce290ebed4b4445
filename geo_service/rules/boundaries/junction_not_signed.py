"""A three-way junction has no agreement, or not all sides have signed it."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.boundary import NodeKind
from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.papers import JunctionAgreement
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, node_subject
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    signed: dict[frozenset[DivisionCode], set[DivisionCode]] = {}
    for agreement in case.supporting.all(JunctionAgreement):
        around = frozenset(context.current(code) for code in agreement.units)
        sides = {context.current(code) for code in agreement.signed_by}
        signed.setdefault(around, set()).update(sides)
    for node in case.junctions:
        if node.kind is not NodeKind.TRIPOINT or not context.concerns(*node.units):
            continue
        around = frozenset(context.current(code) for code in node.units)
        lacking = around - signed.get(around, set())
        if not lacking:
            continue
        name, count = case.node_name(node), len(around) - len(lacking)
        absent = case.names_of(lacking).replace("–", "、")
        told = (
            Text(f"协议没有{absent}的签字", f"its agreement lacks the signature of {absent}")
            if around in signed
            else Text("没有交会点协议", "there is no agreement on it")
        )
        yield Evidence(
            message=Text(f"三交点{name}：{told.zh}。", f"Junction {name}: {told.en}."),
            subject=node_subject(case, node),
            measure=Measure(float(count), float(len(around)), "signatures", "MK36 5"),
            geometry=node.position,
            question=Text(
                f"{name}三方是否已签交会点协议？编号是什么？",
                f"Have the sides of {name} signed an agreement on the junction? Under which "
                "number?",
            ),
        )


_STAR = drawing(
    lines={
        "乙区|甲区": "LINESTRING(0 1000, 0 0)",
        "甲区|丙区": "LINESTRING(-1000 -500, 0 0)",
        "乙区|丙区": "LINESTRING(0 0, 1000 -500)",
    },
    nodes={"甲区|乙区|丙区": "POINT(0 0)"},
)
_ALL = tuple(DivisionCode(code) for code in ("990101", "990102", "990103"))


def _signed(*sides: DivisionCode, units: tuple[DivisionCode, ...] = _ALL) -> BoundaryCase:
    return beside(_STAR, said(JunctionAgreement, 1, units=units, signed_by=sides))


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-NET-12",
    slug="junction_not_signed",
    version=1,
    title=Text("三交点没有协议或者签字不全", "Junction without a full agreement"),
    category="协议不全",
    quality=Quality.OMISSION,
    # The order names the agreement on the junction; nobody here has read it whole.
    basis=(Basis("MK36", "5", Severity.HUMAN), Basis("ISO19157", "5", Severity.HUMAN)),
    check=_check,
    examples=(
        flagged(_signed(*_ALL[:2]), Severity.HUMAN, Text("丙区没有签", "丙区 has not signed")),
        flagged(
            _signed(*_ALL, units=(*_ALL[:2], DivisionCode("990104"))),
            Severity.HUMAN,
            Text("协议说的是另一个三交点", "the agreement is on another junction"),
        ),
        clean(_signed(*_ALL), Text("三方都签了", "all three have signed")),
        clean(
            beside(
                _STAR,
                said(JunctionAgreement, 1, units=_ALL, signed_by=_ALL[:2]),
                said(JunctionAgreement, 2, units=_ALL, signed_by=_ALL[2:]),
            ),
            Text("丙区另行补签", "丙区 signed later, on a sheet of its own"),
        ),
    ),
    trap=Text(
        "三交点的协议可能并入界线协议书，目录里没有单独一行。",
        "The agreement on a junction may be part of that on a line and stand in no row of its own.",
    ),
    handling=Text(
        "内业查档；确未签订的，由三方协商补签。",
        "Desk: search the archive; where none was signed, the three sides make one.",
    ),
    needs=frozenset({"junctions", "junction-agreements"}),
)
