"""`geo-service finding`: what the register keeps of findings, and what people decide on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import (
    DocumentOption,
    JsonOption,
    KnownAtOption,
    LangOption,
    ReasonOption,
    RecordsAsOfOption,
    StoreOption,
    actor,
    day_of,
    print_json,
    say,
    settings_for,
    tell,
)
from geo_service.domain.finding import FindingState

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.kept_finding import KeptFinding
    from geo_service.domain.text import Lang
    from geo_service.services.finding_decisions import Step
    from geo_service.services.wire import Json

app = typer.Typer(help="检查问题的处理 / findings", no_args_is_help=True, rich_markup_mode=None)


def _states(values: list[str | FindingState]) -> list[FindingState]:
    try:
        return [FindingState(value) for value in values]
    except ValueError as error:
        known = " ".join(FindingState)
        raise typer.BadParameter(f"可用 / one of: {known}") from error


FindingArgument = Annotated[
    str,
    typer.Argument(
        metavar="FINDING",
        help="问题编号 F-… 或指纹，可只写开头 / id or fingerprint, or its beginning",
    ),
]
SignerOption = Annotated[str, typer.Option("--signer", help="签署人 / who signs")]
StatesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--state",
        callback=lambda values: _states(values or []),
        help="只列这些状态，可多次 / these only: open confirmed waived mended reopened",
    ),
]
RuleOption = Annotated[str, typer.Option("--rule", metavar="ID", help="只列这条规则 / this rule")]
UntilOption = Annotated[
    str,
    typer.Option(
        "--until", metavar="DATE", help="豁免止日，不写则至撤回 / last day; else until withdrawn"
    ),
]


@contextmanager
def _services(store: str | None, known_at: datetime | None = None) -> Iterator[Services]:
    from geo_service import compose

    services = compose.build(settings_for(store), known_at=known_at)
    try:
        yield services
    finally:
        services.close()


@app.command("list")
def list_command(
    state: StatesOption = None,
    rule: RuleOption = "",
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """列出保存的问题及其状态 / list the findings that are kept, with their states."""
    from geo_service.services.finding_decisions import kept_json
    from geo_service.services.life_cycle import kept_findings

    with _services(store, known_at) as services:
        day = as_of or services.today()
        kept = [
            record
            for record in kept_findings(services.store, day).values()
            if (not state or record.state_on(day) in state) and (not rule or record.rule_id == rule)
        ]
        kept.sort(key=lambda record: (-record.severity, record.rule_id, record.id))
        rows = kept_json(services.store, kept, day, lang)
    if json_:
        print_json(rows)
    elif rows:
        _print_table(kept, rows, day, lang)
    else:
        tell(say("states.none", lang))


def _print_table(kept: list[KeptFinding], rows: list[Json], day: date, lang: Lang) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from geo_service.services.wording import severity_text, state_text

    table = Table(box=SIMPLE_HEAD)
    for column in ("id", "state", "severity", "rule", "message", "seen", "decision"):
        table.add_column(say(f"states.column_{column}", lang), overflow="fold")
    for record, row in zip(kept, rows, strict=True):
        table.add_row(
            record.short_id,
            state_text(record.state_on(day), lang),
            severity_text(record.severity, record.rule_id, lang),
            record.rule_id,
            row["message"],
            f"{row['first_seen']} / {row['last_seen']}",
            _decision(record, lang),
        )
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(table)
    counted = Counter(record.state_on(day) for record in kept)
    parts = [f"{state_text(state, lang)} {counted[state]}" for state in FindingState]
    joined = ("、" if lang == "zh" else ", ").join(parts)
    console.print(say("states.listed", lang, count=len(kept), parts=joined))


def _decision(record: KeptFinding, lang: Lang) -> str:
    from geo_service.services.wording import decision_text

    if record.decision is None:
        return ""
    return decision_text(record.state, record.decision, lang)


@app.command()
def show(
    finding: FindingArgument,
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """显示一条问题及其全部经过 / show one finding and all that became of it."""
    from geo_service.services.finding_decisions import find, history, kept_json, step_json

    with _services(store, known_at) as services:
        day = as_of or services.today()
        record = find(services.store, finding, day)
        steps = history(services.store, record)
        (row,) = kept_json(services.store, [record], day, lang)
    if json_:
        print_json({**row, "history": [step_json(step, lang) for step in steps]})
        return
    for line in _shown(record, row, steps, day, lang):
        tell(line)


def _shown(
    record: KeptFinding, row: Json, steps: tuple[Step, ...], day: date, lang: Lang
) -> Iterator[str]:
    from geo_service.domain.clock import china_text
    from geo_service.services.finding_decisions import step_text
    from geo_service.services.wording import severity_text, state_text

    severity = severity_text(record.severity, record.rule_id, lang)
    heading = {"id": record.short_id, "rule": record.rule_id, "title": row["title"]}
    yield say("states.title", lang, severity=severity, **heading)
    yield row["message"]
    yield say("states.subject", lang, subject=record.subject_name or record.subject_id)
    state = state_text(record.state_on(day), lang)
    seen = {"first": row["first_seen"], "last": row["last_seen"]}
    yield say("states.seen", lang, state=state, **seen)
    for step in steps:
        yield say(
            "states.step",
            lang,
            day=step.record.period.start,
            state=state_text(step.record.state, lang),
            cause=step_text(step, lang),
            actor=step.entry.actor,
            recorded=china_text(step.entry.recorded_at),
        )


@app.command()
def confirm(
    finding: FindingArgument,
    signer: SignerOption,
    reason: ReasonOption,
    document: DocumentOption = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """确认问题属实 / confirm that a finding is so; lapses when a record it names changes."""
    from geo_service.services.finding_decisions import Signature
    from geo_service.services.finding_decisions import confirm as confirmed

    by = Signature(signer=signer, reason=reason, actor=actor(), document_no=document)
    with _services(store) as services:
        today = services.today()
        record = confirmed(services.store, finding, by, today=today)
        _done(services, record, today, "confirmed", lang, json_=json_)


@app.command()
def waive(
    finding: FindingArgument,
    signer: SignerOption,
    reason: ReasonOption,
    until: UntilOption = "",
    document: DocumentOption = "",
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """豁免一条问题：签字、有理由，所涉记录变更即失效 / waive: lapses when its records change.

    法规禁止的地名不能豁免。A name that the law prohibits cannot be waived.
    """
    from geo_service.services.finding_decisions import Signature
    from geo_service.services.finding_decisions import waive as waived

    ends_on = day_of(until) if until else None
    by = Signature(signer=signer, reason=reason, actor=actor(), document_no=document)
    with _services(store) as services:
        today = services.today()
        record = waived(services.store, finding, by, today=today, ends_on=ends_on)
        _done(services, record, today, "waived", lang, json_=json_)


@app.command()
def withdraw(
    finding: FindingArgument,
    reason: ReasonOption,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """撤回豁免或确认 / take a waiver or confirmation back: the finding is open again."""
    from geo_service.services.finding_decisions import withdraw as withdrawn

    with _services(store) as services:
        today = services.today()
        record = withdrawn(services.store, finding, reason=reason, actor=actor(), today=today)
        _done(services, record, today, "withdrawn", lang, json_=json_)


def _done(
    services: Services, record: KeptFinding, today: date, key: str, lang: Lang, *, json_: bool
) -> None:
    from geo_service.domain.finding import Severity
    from geo_service.services.finding_decisions import kept_json

    if json_:
        print_json(*kept_json(services.store, [record], today, lang))
        return
    facts = {"id": record.short_id, "signer": record.signer, "day": today}
    tell(say(f"states.done_{key}", lang, **facts))
    if key == "waived" and record.severity is Severity.PROHIBITED:
        tell(say("states.done_prohibition", lang))
