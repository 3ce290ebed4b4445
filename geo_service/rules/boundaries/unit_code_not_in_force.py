"""A record names a unit by a code that was not in force on the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from shapely.geometry.base import BaseGeometry

from geo_service.cities import CodePeriod
from geo_service.domain.finding import Evidence, Severity, Subject
from geo_service.domain.identity import DivisionCode, DivisionLevel
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_subject,
    node_subject,
    unit_subject,
)
from geo_service.rules.boundaries._drawing import clean, drawing, flagged, lines_told
from geo_service.rules.boundaries._former import former_party


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for subject, geometry, code in _named(case, context):
        if code.level in (DivisionLevel.PROVINCE, DivisionLevel.PREFECTURE):
            continue
        history = context.city.code_history(code.county)
        if any(row.period.covers(context.as_of) for row in history):
            continue
        # Another city's code stays out: its history is not ours to know.
        if history or code.is_within(context.city.code):
            yield _evidence(subject, geometry, code, context)


def _named(
    case: BoundaryCase, context: BoundaryContext
) -> Iterator[tuple[Subject, BaseGeometry | None, DivisionCode]]:
    for unit in case.units:
        yield unit_subject(unit), unit.geometry, unit.code
    for line in case.lines:
        for code in sorted(line.parties):
            # Who signed an agreement stays in it: BD-COD-04 names the successor.
            if former_party(line, code, context) is None:
                yield line_subject(line), line.geometry, code
    for node in case.nodes:
        for code in sorted(node.units):
            yield node_subject(case, node), node.position, code


def _evidence(
    subject: Subject, geometry: BaseGeometry | None, code: DivisionCode, context: BoundaryContext
) -> Evidence:
    history = context.city.code_history(code.county)
    state, suggestion = _state(history, context)
    who, day = subject.name or subject.id, context.as_of.isoformat()
    named = f"（{history[-1].name}）" if history else ""
    named_en = f" ({history[-1].name})" if history else ""
    return Evidence(
        message=Text(
            f"{who}使用的代码 {code.county}{named} 在 {day} 不是有效代码：{state.zh}。",
            f"{who} uses code {code.county}{named_en}, which was not in force on {day}: "
            f"{state.en}.",
        ),
        key=code,
        subject=subject,
        geometry=geometry,
        suggestion=suggestion,
    )


def _state(history: tuple[CodePeriod, ...], context: BoundaryContext) -> tuple[Text, Text | None]:
    if not history:
        return Text("本市从未有此代码", "the city never had this code"), None
    start, end = history[0].period.start, history[-1].period.end
    if start is not None and context.as_of < start:
        return Text(f"{start} 起才启用", f"it begins on {start}"), None
    today = _successors(history, context)
    ended = Text(f"{end} 起停用", f"it ended on {end}")
    if not today:
        return ended, None
    heirs = "、".join(f"{row.name}（{row.code}）" for row in today)
    heirs_en = ", ".join(f"{row.name} ({row.code})" for row in today)
    return (
        Text(f"{ended.zh}，由{heirs}继承", f"{ended.en}, succeeded by {heirs_en}"),
        Text(
            f"改用 {heirs}；原协议书上的名称保留。",
            f"Use {heirs_en}; keep the names written in the agreement.",
        ),
    )


def _successors(
    history: tuple[CodePeriod, ...], context: BoundaryContext
) -> tuple[CodePeriod, ...]:
    """The units in force that follow, over as many changes as there were."""
    found: dict[DivisionCode, CodePeriod] = {}
    seen: set[DivisionCode] = set()
    open_codes = {code for row in history for code in row.successors}
    while open_codes:
        code = open_codes.pop()
        seen.add(code)
        rows = context.city.code_history(code)
        in_force = [row for row in rows if row.period.covers(context.as_of)]
        if in_force:
            found[code] = in_force[0]
        else:
            open_codes |= {after for row in rows for after in row.successors} - seen
    return tuple(found[code] for code in sorted(found))


_SQUARE = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
_OLD_LINE = {"990141 前庚县|乙区": "LINESTRING(1000 1000, 1000 0)"}

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-COD-01",
    slug="unit_code_not_in_force",
    version=2,
    title=Text("行政区划代码当日无效", "Division code not in force"),
    category="代码失效",
    quality=Quality.TEMPORAL,
    basis=(Basis("GBT2260", "code", Severity.PROHIBITED),),
    check=_check,
    examples=(
        flagged(
            drawing({"990141 前庚县": _SQUARE}),
            Severity.PROHIBITED,
            Text("前庚县 2000 年由庚县继承", "前庚县 was succeeded by 庚县 in 2000"),
        ),
        flagged(
            drawing(lines=_OLD_LINE),
            Severity.PROHIBITED,
            Text("界线一侧用已撤销的代码", "one side of the line has an abolished code"),
        ),
        flagged(
            drawing({"990199 某县": _SQUARE}),
            Severity.PROHIBITED,
            Text(
                "代码以本市开头，但本市从无此代码", "begins like the city's codes but never was one"
            ),
        ),
        clean(
            drawing({"990141 前庚县": _SQUARE}),
            Text("撤销前一天仍有效", "still in force on the day before"),
            on=date(1999, 12, 31),
        ),
        clean(
            lines_told(drawing(lines=_OLD_LINE), agreement_no="示例-07"),
            Text(
                "协议书由当时的单位签订，不是代码错误",
                "signed by the unit of its day: no wrong code",
            ),
        ),
        clean(drawing({"甲区": _SQUARE}), Text("现行代码", "a code in force")),
        clean(
            drawing({"邻甲县": _SQUARE}),
            Text("邻市的代码不由本市的沿革表判断", "a neighbour's code is not ours to judge"),
        ),
    ),
    trap=Text(
        "旧协议书写的是当时的单位名称，不必改；沿革表中只精确到年月的日期，临界日前后可能误报。",
        "Old agreements name the units of their day and stay as they are; where the table knows a "
        "change to the month only, days near it may be misjudged.",
    ),
    handling=Text(
        "登记改用承接单位的代码，原协议书上的单位名称一并注明。",
        "Register under the successor's code and print the former name beside it.",
    ),
)
