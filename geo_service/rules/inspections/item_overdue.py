"""Something an inspection left open has passed the day by which it had to be settled."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.finding import Evidence, Measure, Severity
from geo_service.domain.supporting.fieldwork import OpenItem
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.inspections import InspectionCase
from geo_service.rules.inspections._drawing import LINE, clean, flagged, inspected


def _check(case: InspectionCase, context: BoundaryContext) -> Iterator[Evidence]:
    lines = {line.code: line for line in case.lines}
    for item in case.supporting.all(OpenItem):
        line = lines.get(item.line_code)
        if line is None or not context.concerns(*line.parties):
            continue
        late = item.due_on < context.as_of
        settled = item.settled_on is not None and item.settled_on <= context.as_of
        if late and not settled:
            days = (context.as_of - item.due_on).days
            yield Evidence(
                message=Text(
                    f"{line.name}的遗留问题“{item.name}”应于 {item.due_on} 前办结，"
                    f"已超过 {days} 天。",
                    f"{line.name}: '{item.name}' was to be settled by {item.due_on}, {days} days "
                    "ago.",
                ),
                key=item.id,
                subject=line_subject(line),
                related=case.sides(line),
                measure=Measure(float(days), 0.0, "d", "open-items"),
                geometry=item.geometry or line.geometry,
                question=Text(
                    "是否已经办结？没有办结的，由谁、在哪天前办结？",
                    "Is it settled? If not: who settles it, and by which day?",
                ),
            )


def _item(due_on: date, settled_on: date | None = None) -> InspectionCase:
    row = said(
        OpenItem, 1, line_code=LINE, name="003Q 界桩补立", due_on=due_on, settled_on=settled_on
    )
    return inspected(row)


RULE: Rule[InspectionCase, BoundaryContext] = Rule(
    id="IN-OPN-01",
    slug="item_overdue",
    version=1,
    title=Text("遗留问题逾期", "Item left open past its day"),
    category="逾期未办",
    quality=Quality.TEMPORAL,
    # The day was set by the sides themselves; no article sets one.
    basis=(Basis("JI28", "3", Severity.HUMAN), Basis("GOOD_PRACTICE", "coverage", Severity.HUMAN)),
    check=_check,
    examples=(
        flagged(_item(date(2024, 5, 1)), Severity.HUMAN, Text("超过一个月", "a month late")),
        flagged(
            _item(date(2024, 5, 1), date(2024, 6, 20)),
            Severity.HUMAN,
            Text("办结日期在检查日之后", "settled only after the day asked about"),
        ),
        clean(_item(date(2024, 6, 1)), Text("当天到期", "due on the very day")),
        clean(
            _item(date(2024, 5, 1), date(2024, 5, 30)), Text("迟了但已办结", "late, but settled")
        ),
    ),
    trap=Text(
        "清单没有更新时，已办的事看似未办。", "A list not kept up shows settled things open."
    ),
    handling=Text("列入下次联席会议。", "Put it on the agenda of the next joint meeting."),
    needs=frozenset({"lines", "open-items"}),
)
