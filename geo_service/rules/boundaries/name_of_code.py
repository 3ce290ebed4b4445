"""A unit bears another name than its code had on the day."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, unit_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for unit in case.units:
        name = _name_on_file(unit.code, context)
        if name and unit.name and unit.name != name:
            yield Evidence(
                message=Text(
                    f"代码 {unit.code} 的单位名称写作{unit.name}，当日该代码的名称是{name}。",
                    f"The unit under code {unit.code} is called {unit.name}; on the day the code "
                    f"stood for {name}.",
                ),
                key=unit.name,
                subject=unit_subject(unit),
                geometry=unit.geometry,
                suggestion=Text(
                    f"核对是代码错还是名称错；名称应为{name}的，改名称。",
                    f"Find out whether code or name is wrong; if the name, write {name}.",
                ),
            )


def _name_on_file(code: DivisionCode, context: BoundaryContext) -> str:
    rows = context.city.code_history(code)
    in_force = [row.name for row in rows if row.period.covers(context.as_of)]
    return in_force[0] if in_force else context.city.neighbour_names.get(code, "")


_SQUARE = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-COD-03",
    slug="name_of_code",
    version=1,
    title=Text("名称与代码不一致", "Name does not match the code"),
    category="名称代码不符",
    quality=Quality.THEMATIC,
    basis=(
        Basis("GBT2260", "code", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "65", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            drawing({"990101 乙区": _SQUARE}),
            Severity.ADVISED_AGAINST,
            Text("甲区的代码写了乙区的名称", "the code of 甲区 with the name of 乙区"),
        ),
        flagged(
            drawing({"990121 前庚县": _SQUARE}),
            Severity.ADVISED_AGAINST,
            Text("新代码仍写旧名称", "a new code with the old name"),
        ),
        flagged(
            drawing({"990221 邻乙县": _SQUARE}),
            Severity.ADVISED_AGAINST,
            Text("相邻单位的名称写错", "a neighbour under a wrong name"),
        ),
        clean(drawing({"甲区": _SQUARE}), Text("名称与代码相符", "name and code agree")),
        clean(
            drawing({"990141 前庚县": _SQUARE}),
            Text("旧代码由代码失效规则判断", "a former code is left to the rule on codes"),
        ),
    ),
    trap=Text(
        "简称（市南、黄岛）也算不一致：登记用全称；图上注记的简称另有字段。",
        "A short form counts as another name: the register has full names; short labels for maps "
        "have a field of their own.",
    ),
    handling=Text(
        "查沿革表和批复，改正代码或名称；更名当日前后的数据按数据的日期检查。",
        "See the code history and the approvals and correct code or name; data from around a "
        "change of name are checked as of their own day.",
    ),
)
