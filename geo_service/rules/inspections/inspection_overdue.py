"""The five years since the last joint inspection of a line are over, or soon will be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Evidence, Severity
from geo_service.domain.supporting.fieldwork import JointInspection
from geo_service.domain.text import Text
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import BoundaryContext, line_subject
from geo_service.rules.boundaries._drawing import said
from geo_service.rules.inspections import InspectionCase
from geo_service.rules.inspections._drawing import LINE, clean, flagged, inspected


def _check(case: InspectionCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line in case.lines:
        if not context.concerns(*line.parties):
            continue
        # A special inspection looks at a stretch after an event; the term runs from the rounds.
        rounds = [one for one in case.inspections_of.get(line.code, ()) if one.round is not None]
        known = [one.inspected_on for one in rounds if one.inspected_on <= context.as_of]
        if not known:
            yield _unknown(case, line)
            continue
        due = _years_after(known[-1], round(context.threshold("inspection_years")))
        left = (due - context.as_of).days
        if left < context.threshold("inspection_soon_days"):
            yield _evidence(case, context, line, known[-1], due)


def _years_after(day: date, years: int) -> date:
    """The same day that many years on; of a leap day, the first of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def _evidence(
    case: InspectionCase,
    context: BoundaryContext,
    line: AdministrativeBoundary,
    last: date,
    due: date,
) -> Evidence:
    years = (context.as_of - last).days / 365.2425
    is_over = due < context.as_of
    if is_over:
        told = Text(
            f"{line.name}上次联检在 {last}，应于 {due} 前再次联检，已超过期限。",
            f"{line.name} was last inspected on {last}; the next inspection was due by {due}.",
        )
    else:
        told = Text(
            f"{line.name}上次联检在 {last}，{due} 前应再次联检。",
            f"{line.name} was last inspected on {last}; the next inspection is due by {due}.",
        )
    return Evidence(
        message=told,
        aspect="over" if is_over else "soon",
        subject=line_subject(line),
        related=case.sides(line),
        measure=context.measure(years, "inspection_years", "a"),
        geometry=line.geometry,
        suggestion=Text(
            "列入年度联检计划，由双方商定牵头方。", "Put it into the plan of the year."
        ),
    )


def _unknown(case: InspectionCase, line: AdministrativeBoundary) -> Evidence:
    others = len(case.inspections_of.get(line.code, ()))
    told = Text(f"联检记录中没有{line.name}", f"The records of inspections do not hold {line.name}")
    if others:
        told = Text(
            f"联检记录中没有{line.name}的定期联检：所记 {others} 次没有写轮次，或在检查日之后",
            f"The records hold no regular inspection of {line.name}: the {others} there are give "
            "no round, or a later day",
        )
    return Evidence(
        message=Text(f"{told.zh}。", f"{told.en}."),
        aspect="unknown",
        subject=line_subject(line),
        related=case.sides(line),
        geometry=line.geometry,
        question=Text(
            f"{line.name}上次联检在哪一天？", f"On which day was {line.name} last inspected?"
        ),
    )


def _round(number: int, day: date, in_round: int | None = 5) -> JointInspection:
    return said(JointInspection, number, line_code=LINE, inspected_on=day, round=in_round)


RULE: Rule[InspectionCase, BoundaryContext] = Rule(
    id="IN-DUE-01",
    slug="inspection_overdue",
    version=2,
    title=Text("联检到期", "Joint inspection due"),
    category="联检到期",
    quality=Quality.TEMPORAL,
    basis=(
        Basis("B02", "12", Severity.ADVISED_AGAINST, aspect="over"),
        Basis("B02", "12", Severity.INFO, aspect="soon"),
        Basis("B02", "12", Severity.HUMAN, aspect="unknown"),
    ),
    check=_check,
    examples=(
        flagged(
            inspected(_round(1, date(2019, 5, 20))),
            Severity.ADVISED_AGAINST,
            Text("五年零十二天", "five years and twelve days"),
        ),
        flagged(
            inspected(_round(1, date(2019, 9, 1))),
            Severity.INFO,
            Text("还有三个月到期", "due in three months"),
        ),
        flagged(
            inspected(_round(1, date(2023, 9, 1), in_round=None)),
            Severity.HUMAN,
            Text(
                "只有一次灾后专项联检，没有定期联检的记录",
                "only a special inspection after a flood is on record, no regular one",
            ),
        ),
        clean(inspected(_round(1, date(2022, 9, 1))), Text("不到两年", "less than two years")),
        clean(
            inspected(_round(1, date(2015, 9, 1)), _round(2, date(2020, 8, 31), in_round=6)),
            Text(
                "上一轮早已过期，但已有新一轮",
                "the round before is long past, but there is a new one",
            ),
        ),
    ),
    trap=Text(
        "记录不全时看似过期；先核对两侧的登记，再列入计划。",
        "Incomplete records look overdue: see both registers first.",
    ),
    handling=Text(
        "每五年联合检查一次，检查结果由参加检查的各方共同报送批准机关备案。",
        "Every five years both sides inspect together and file the result with the approving "
        "authority.",
    ),
    needs=frozenset({"lines", "inspections"}),
)
