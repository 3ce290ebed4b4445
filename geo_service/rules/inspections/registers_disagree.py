"""The two sides hold different days or reports for one round of inspection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting.fieldwork import JointInspection
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.inspections import InspectionCase
from geo_service.rules.inspections._drawing import LINE, clean, flagged, inspected

_FACTS = {
    "inspected_on": Text("联检日期", "day of inspection"),
    "report_no": Text("报告编号", "number of the report"),
}


_BRACKETS = str.maketrans("\u3014\u3015\uff3b\uff3d\u3010\u3011\uff08\uff09()", "[][][][][]")
"""Brackets around a year: which ones a clerk types makes no other number."""


def _check(case: InspectionCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line in case.lines:
        by_round: dict[int, list[JointInspection]] = defaultdict(list)
        for one in case.inspections_of.get(line.code, ()):
            if one.round is not None and one.held_by is not None:
                by_round[one.round].append(one)
        if context.concerns(*line.parties):
            for number, entries in sorted(by_round.items()):
                yield from _differences(case, line, number, entries)


def _differences(
    case: InspectionCase, line: AdministrativeBoundary, number: int, entries: list[JointInspection]
) -> Iterator[Evidence]:
    for field, what in _FACTS.items():
        held: dict[str, set[DivisionCode]] = defaultdict(set)
        for one in entries:
            value = str(getattr(one, field) or "").translate(_BRACKETS).replace(" ", "")
            # What a side has not entered contradicts nothing.
            if value and one.held_by is not None:
                held[value].add(one.held_by)
        sides = [side for holders in held.values() for side in holders]
        if len(held) > 1 and len(set(sides)) > 1:
            yield _evidence(case, line, f"{number}:{field}", what, held)


def _evidence(
    case: InspectionCase,
    line: AdministrativeBoundary,
    key: str,
    what: Text,
    held: dict[str, set[DivisionCode]],
) -> Evidence:
    rows = [
        (case.unit_names.get(side, str(side)), value)
        for value, sides in sorted(held.items())
        for side in sorted(sides)
    ]
    number = key.partition(":")[0]
    zh = "；".join(f"{side}登记 {value}" for side, value in rows)
    en = "; ".join(f"{side} has {value}" for side, value in rows)
    return Evidence(
        message=Text(
            f"{line.name}第 {number} 轮联检，双方登记的{what.zh}不一：{zh}。",
            f"{line.name}, round {number}: the sides have different entries for the {what.en}: "
            f"{en}.",
        ),
        key=key,
        subject=line_subject(line),
        related=case.sides(line),
        geometry=line.geometry,
        suggestion=Text(
            "以双方签署的联检报告为准，双方登记统一。",
            "The report that both sides signed decides; make both registers agree with it.",
        ),
    )


def _held(
    number: int, side: str, day: date, report_no: str = "", round_: int = 6
) -> JointInspection:
    return said(
        JointInspection,
        number,
        line_code=LINE,
        round=round_,
        inspected_on=day,
        held_by=DivisionCode(side),
        report_no=report_no,
    )


RULE: Rule[InspectionCase, BoundaryContext] = Rule(
    id="IN-REC-01",
    slug="registers_disagree",
    version=2,
    title=Text("双方联检登记不一致", "The sides' records of an inspection differ"),
    category="登记不一",
    quality=Quality.THEMATIC,
    basis=(Basis("B02", "12", Severity.ADVISED_AGAINST),),
    check=_check,
    examples=(
        flagged(
            inspected(_held(1, "990101", date(2023, 8, 30)), _held(2, "990102", date(2023, 9, 30))),
            Severity.ADVISED_AGAINST,
            Text("日期差一个月", "a month apart"),
        ),
        flagged(
            inspected(
                _held(1, "990101", date(2023, 8, 30), "示例-联检-1"),
                _held(2, "990102", date(2023, 8, 30), "示例-联检-7"),
            ),
            Severity.ADVISED_AGAINST,
            Text("报告编号不同", "the numbers of the report differ"),
        ),
        clean(
            inspected(
                _held(1, "990101", date(2023, 8, 30), "示例-联检-1"),
                _held(2, "990102", date(2023, 8, 30)),
            ),
            Text("乙区没有填报告编号", "乙区 has entered no number"),
        ),
        clean(
            inspected(
                _held(1, "990101", date(2023, 8, 30), "示例【2023】1号"),
                _held(2, "990102", date(2023, 8, 30), "示例[2023] 1号"),
            ),
            Text("同一编号，括号写法不同", "one number, with other brackets"),
        ),
        clean(
            inspected(
                _held(1, "990101", date(2018, 8, 30), round_=5),
                _held(2, "990102", date(2023, 9, 30)),
            ),
            Text("说的是两轮", "two different rounds"),
        ),
    ),
    trap=Text(
        "一方登记外业结束日、另一方登记报告签署日时，日期不同而并无矛盾。",
        "One side may enter the end of field work, the other the day of signing.",
    ),
    handling=Text(
        "联检结果由参加检查的各方共同报送：报送前双方核对一致。",
        "The result is filed jointly: both sides bring their records together first.",
    ),
    needs=frozenset({"lines", "inspections"}),
)
