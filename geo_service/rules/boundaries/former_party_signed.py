"""The agreement of a line names a unit that others have since succeeded."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged, lines_told
from geo_service.rules.boundaries._former import former_party


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line in case.lines:
        if len({context.current(code) for code in line.parties}) < 2:
            continue  # The two have become one unit: BD-COD-05 speaks of the line.
        for code in sorted(line.parties):
            former = former_party(line, code, context)
            if former is None:
                continue
            heir = context.current(code)
            rows = context.city.code_history(heir)
            today = next((row.name for row in rows if row.period.covers(context.as_of)), heir)
            yield Evidence(
                message=Text(
                    f"界线{line.name}由{former.name}（{code}）签订，今由{today}（{heir}）承接，"
                    "协议继续有效。",
                    f"Line {line.name} was agreed by {former.name} ({code}), succeeded by {today} "
                    f"({heir}); the agreement goes on.",
                ),
                key=code,
                subject=line_subject(line),
                geometry=line.geometry,
                suggestion=Text(
                    f"印制时两个名称并列：{former.name}（今{today}）。",
                    f"Print both names: {former.name} (now {today}).",
                ),
            )


_COURSE = "LINESTRING(0 1000, 0 0)"
_OLD = drawing(lines={"990141 前庚县|乙区": _COURSE})

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-COD-04",
    slug="former_party_signed",
    version=1,
    title=Text("协议一方已由其他单位承接", "Party since succeeded by another unit"),
    category="沿革",
    quality=Quality.TEMPORAL,
    basis=(
        Basis("GBT2260", "code", Severity.INFO),
        Basis("B02", "2", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            lines_told(_OLD, agreement_no="示例-07"),
            Severity.INFO,
            Text("协议书由前庚县签订，今为庚县", "signed by 前庚县, now 庚县"),
        ),
        flagged(
            lines_told(
                drawing(lines={"990142 前辛县|990141 前庚县": _COURSE}), agreement_no="示例-08"
            ),
            Severity.INFO,
            Text("两侧都已由其他单位承接", "both sides have been succeeded"),
        ),
        clean(
            _OLD,
            Text(
                "没有协议书的新记录用旧代码，由代码失效规则报告",
                "a record without agreement under an old code: the rule on codes reports it",
            ),
        ),
        clean(
            lines_told(drawing(lines={"庚县|乙区": _COURSE}), agreement_no="示例-07"),
            Text("已改用承接单位的代码", "registered under the successor already"),
        ),
    ),
    trap=Text(
        "旧名称不是错误，协议书不必重签；承接单位有几个的，要查清该段归哪一个。",
        "The old name is no fault and the agreement need not be signed anew; where several units "
        "followed, find out which of them has this stretch.",
    ),
    handling=Text(
        "登记保留原签订单位，另注承接单位。",
        "Keep the unit that signed in the register and note its successor beside it.",
    ),
)
