"""A line is still in force between units that have become one."""

from __future__ import annotations

from collections.abc import Iterator

from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import clean, drawing, flagged


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line in case.lines:
        now = {context.current(code) for code in line.parties}
        if len(line.parties) < 2 or len(now) > 1:
            continue
        (unit,) = now
        rows = context.city.code_history(unit)
        name = next((row.name for row in rows if row.period.covers(context.as_of)), unit)
        yield Evidence(
            message=Text(
                f"界线{line.name}两侧今同属{name}（{unit}），界线却仍登记为有效。",
                f"Both sides of line {line.name} are {name} ({unit}) today, yet the line is still "
                "registered as in force.",
            ),
            key=unit,
            subject=line_subject(line),
            geometry=line.geometry,
            suggestion=Text(
                "以区划调整批复为据注销界线，界桩和协议书归档。",
                "Retire the line on the ground of the approved change; archive markers and "
                "agreement.",
            ),
        )


_COURSE = "LINESTRING(0 1000, 0 0)"

RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-COD-05",
    slug="line_within_merged_unit",
    version=1,
    title=Text("合并单位之间的界线未注销", "Line between merged units still in force"),
    category="界线应注销",
    quality=Quality.COMMISSION,
    basis=(
        Basis("ISO19157", "1", Severity.ADVISED_AGAINST),
        Basis("B02", "9", Severity.ADVISED_AGAINST),
    ),
    check=_check,
    examples=(
        flagged(
            drawing(lines={"990141 前庚县|庚县": _COURSE}),
            Severity.ADVISED_AGAINST,
            Text("前庚县并入庚县", "前庚县 became part of 庚县"),
        ),
        flagged(
            drawing(lines={"庚县|990141 前庚县": "LINESTRING(0 0, 1000 0)"}),
            Severity.ADVISED_AGAINST,
            Text("左右对调也一样", "the same with the sides exchanged"),
        ),
        clean(
            drawing(lines={"990141 前庚县|990142 前辛县": _COURSE}),
            Text("两侧由不同单位承接", "different units followed on the two sides"),
        ),
        clean(drawing(lines={"庚县|乙区": _COURSE}), Text("两个现行单位", "two units in force")),
    ),
    trap=Text(
        "合并后原界线可能改作乡级界线：应另立乡级界线，不是保留县级界线。",
        "After a merger the course may live on between townships: enter a line of that level, do "
        "not keep the one of the county level.",
    ),
    handling=Text(
        "注销并归档；界桩由民政部门按规定处理，不自行拆除。",
        "Retire and archive; the civil-affairs departments deal with the markers.",
    ),
)
