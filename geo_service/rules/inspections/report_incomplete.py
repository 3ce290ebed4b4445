"""The report of a joint inspection lacks a signature, photos, the table, or its filing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

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


def _check(case: InspectionCase, context: BoundaryContext) -> Iterator[Evidence]:
    for line in case.lines:
        if not context.concerns(*line.parties):
            continue
        last = _last_round(case.inspections_of.get(line.code, ()), context.as_of)
        if last:
            yield from _unsigned(case, context, line, last)
            yield from _unfiled(case, context, line, last)
            yield from _without_papers(case, context, line, last)


def _last_round(entries: tuple[JointInspection, ...], as_of: date) -> tuple[JointInspection, ...]:
    """What the registers say of the latest round: one that is over is closed long since.

    A round entered for a day that is still to come has no report yet.
    """
    held = [one for one in entries if one.round is not None and one.inspected_on <= as_of]
    latest = max((one.round or 0 for one in held), default=0)
    return tuple(one for one in held if one.round == latest)


def _unsigned(
    case: InspectionCase,
    context: BoundaryContext,
    line: AdministrativeBoundary,
    last: tuple[JointInspection, ...],
) -> Iterator[Evidence]:
    if not any(one.signed_by for one in case.supporting.all(JointInspection)):
        told = Text("由谁签字没有记载", "does not say who signed it")
        yield _evidence(case, line, last, ("untold", "signatures"), told)
        return
    sides = {context.current(code) for code in line.parties}
    signed = {context.current(code) for one in last for code in one.signed_by}
    for side in sorted(sides - signed):
        name = case.unit_names.get(side, str(side))
        told = Text(f"没有{name}的签字", f"lacks the signature of {name}")
        yield _evidence(case, line, last, ("joint", f"signature:{side}"), told)


def _unfiled(
    case: InspectionCase,
    context: BoundaryContext,
    line: AdministrativeBoundary,
    last: tuple[JointInspection, ...],
) -> Iterator[Evidence]:
    if any(one.filed_on and one.filed_on <= context.as_of for one in last):
        return
    told = Text("没有报送批准机关备案的日期", "gives no day of filing with the approving authority")
    is_kept = any(one.filed_on for one in case.supporting.all(JointInspection))
    yield _evidence(case, line, last, ("filing" if is_kept else "untold", "day"), told)


def _without_papers(
    case: InspectionCase,
    context: BoundaryContext,
    line: AdministrativeBoundary,
    last: tuple[JointInspection, ...],
) -> Iterator[Evidence]:
    # A column that nobody filled says nothing.
    counts = [one.photos for one in last if one.photos is not None]
    if counts and max(counts) < context.threshold("inspection_photos_least"):
        told = Text("没有照片", "has no photos")
        yield _evidence(case, line, last, ("custom", "photos"), told)
    tables = [one.table_filed for one in last if one.table_filed is not None]
    if tables and not any(tables):
        told = Text("没有界桩成果表", "has no table of markers")
        yield _evidence(case, line, last, ("custom", "table"), told)


def _evidence(
    case: InspectionCase,
    line: AdministrativeBoundary,
    last: tuple[JointInspection, ...],
    lacking: tuple[str, str],
    told: Text,
) -> Evidence:
    """What the last round lacks: the aspect of it, and its key."""
    (aspect, key), number = lacking, last[0].round
    question = Text(
        f"{line.name}第 {number} 轮联检的这份材料在哪里？",
        f"Where is this paper of round {number} of {line.name}?",
    )
    return Evidence(
        message=Text(
            f"{line.name}第 {number} 轮联检报告{told.zh}。",
            f"The report of round {number} of {line.name} {told.en}.",
        ),
        key=f"{number}:{key}",
        aspect=aspect,
        subject=line_subject(line),
        related=case.sides(line),
        geometry=line.geometry,
        question=question,
        suggestion=Text(
            "补齐后再办结；签字、印章、文号只由当事各方填写。",
            "Complete it before closing; signatures, seals and numbers come from the sides alone.",
        ),
    )


_BOTH = (DivisionCode("990101"), DivisionCode("990102"))


_WHOLE: dict[str, Any] = {
    "line_code": LINE,
    "round": 6,
    "inspected_on": date(2023, 8, 30),
    "signed_by": _BOTH,
    "photos": 24,
    "table_filed": True,
    "filed_on": date(2023, 10, 30),
}
_BEFORE = said(
    JointInspection,
    2,
    **(_WHOLE | {"round": 5, "inspected_on": date(2018, 8, 30), "filed_on": date(2018, 11, 1)}),
)
"""The round before, complete: so that the register is one that has all columns."""


def _report(*more: JointInspection, **fields: Any) -> InspectionCase:
    return inspected(said(JointInspection, 1, **(_WHOLE | fields)), *more)


RULE: Rule[InspectionCase, BoundaryContext] = Rule(
    id="IN-RPT-01",
    slug="report_incomplete",
    version=2,
    title=Text("联检报告材料不全", "Report of an inspection incomplete"),
    category="材料不全",
    quality=Quality.OMISSION,
    # The law has all sides file the result together; that each signs it, and photos and table, are
    # how this is done.
    basis=(
        Basis("B02", "12", Severity.ADVISED_AGAINST, aspect="joint"),
        Basis("B02", "12", Severity.ADVISED_AGAINST, aspect="filing"),
        # A register without the column says nothing of the report: that can only be asked.
        Basis("B02", "12", Severity.HUMAN, aspect="untold"),
        Basis("JI28", "5", Severity.HUMAN, aspect="custom"),
    ),
    check=_check,
    examples=(
        flagged(
            _report(signed_by=_BOTH[:1]),
            Severity.ADVISED_AGAINST,
            Text("乙区没有签字", "乙区 has not signed"),
        ),
        flagged(
            _report(_BEFORE, filed_on=None),
            Severity.ADVISED_AGAINST,
            Text("没有报备", "it was not filed"),
        ),
        flagged(
            _report(_BEFORE, signed_by=()),
            Severity.ADVISED_AGAINST,
            Text(
                "上一轮记有签字，这一轮双方都没有", "signed in the round before, by nobody in this"
            ),
        ),
        flagged(
            _report(signed_by=()),
            Severity.HUMAN,
            Text("登记里没有签字一栏：只问", "the register has no column for signatures: asked"),
        ),
        flagged(
            _report(filed_on=None),
            Severity.HUMAN,
            Text("登记里没有备案日期一栏：只问", "the register has no column for filing: asked"),
        ),
        flagged(_report(photos=0), Severity.HUMAN, Text("没有照片", "no photos")),
        clean(_report(), Text("材料齐全", "complete")),
        clean(
            _report(photos=None, table_filed=None),
            Text("登记里没有照片和成果表两栏", "the register has no columns for photos and table"),
        ),
        clean(
            _report(
                said(
                    JointInspection,
                    2,
                    line_code=LINE,
                    round=7,
                    inspected_on=date(2028, 5, 1),
                )
            ),
            Text("下一轮已列入计划，还没有进行", "the next round is entered, but yet to come"),
        ),
        clean(
            _report(round=None, signed_by=()),
            Text("专项联检，不按轮次报送", "a special inspection, no round"),
        ),
    ),
    trap=Text(
        "正在进行的轮次本来就不全；办结之前再看。",
        "A round under way is incomplete by nature: ask again before it is closed.",
    ),
    handling=Text(
        "联检结果由参加检查的各方共同报送批准机关备案；先补齐各方签字再办结。",
        "The result is filed jointly by all sides; complete the signatures before closing it.",
    ),
    needs=frozenset({"lines", "inspections"}),
)
