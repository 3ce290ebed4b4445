"""Findings that the register keeps, and what people decide on them, over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep, ServicesDep, StoreDep
from geo_service.api.internal import internal_only
from geo_service.api.moments import AsOfQuery, KnownAtQuery
from geo_service.api.paging import Cursor, CursorDep, LimitDep, cursor_text, read_cursor
from geo_service.api.rights import needs
from geo_service.api.schemas import SeverityWord, SubjectBody, problem_answers
from geo_service.api.values import Day
from geo_service.domain.access import Right
from geo_service.domain.finding import FindingState
from geo_service.domain.kept_finding import Cause, Origin
from geo_service.services.finding_decisions import (
    Signature,
    confirm,
    find,
    history,
    kept_json,
    step_json,
    waive,
    withdraw,
)
from geo_service.services.life_cycle import kept_findings
from geo_service.services.register_then import as_known

if TYPE_CHECKING:
    from geo_service.domain.kept_finding import KeptFinding
    from geo_service.store.protocol import Store

router = APIRouter(prefix="/api/v1/findings", tags=["findings"])
FindingId = Annotated[
    str, Path(max_length=80, description="编号 F-… 或指纹 / id or fingerprint, or its beginning")
]
_READS: Any = [needs(Right.CONTENT_READ), internal_only]
_DECIDES: Any = [needs(Right.FINDING_DECIDE), internal_only]
_DECIDED: Any = problem_answers(400, 404, 409, 413, 422, 503)
_LONGEST = 1000


class SignedBody(BaseModel):
    """Who decided, why, and until when."""

    signer: str
    signed_on: date
    reason: str
    document_no: str
    ends_on: date | None


class KeptFindingBody(BaseModel):
    """A finding that is followed over runs, with its state on a day."""

    id: Annotated[str, Field(examples=["F-0a1b2c3d4e5f"])]
    fingerprint: str
    rule_id: str
    family: str
    severity: SeverityWord
    title: str
    message: str
    subject: SubjectBody
    origin: Origin
    state: FindingState
    cause: Cause
    since: str
    first_seen: date
    last_seen: date
    run: str
    decision: SignedBody | None


class StepBody(BaseModel):
    """One state of a finding, and why it came into it."""

    state: FindingState
    cause: Cause
    since: str
    reason: str
    changed: list[str]
    run: str
    decision: SignedBody | None
    actor: str
    recorded_at: datetime
    sequence: int


class FindingHistoryBody(KeptFindingBody):
    """A finding with all that became of it."""

    history: list[StepBody]


class KeptFindingsBody(BaseModel):
    """A page of findings, gravest first; `next_cursor` is null on the last."""

    as_of: date
    total: int
    findings: list[KeptFindingBody]
    next_cursor: str | None


class ConfirmBody(BaseModel):
    """Why, and by which document. Who signs is who is signed in."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=_LONGEST, examples=["已现场核实"])]
    document_no: Annotated[str, Field(max_length=200)] = ""


class WaiveBody(ConfirmBody):
    """The same, and the last day; without one the waiver holds until withdrawn."""

    ends_on: Day | None = None


class WithdrawBody(BaseModel):
    """Why the decision is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=_LONGEST)]


@router.get(
    "",
    dependencies=_READS,
    response_model=KeptFindingsBody,
    responses=problem_answers(400, 422, 503),
    summary="保存的问题 / findings that are kept",
)
def list_findings(
    *,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
    state: Annotated[list[FindingState], Query()] = [],  # noqa: B006 - FastAPI copies it
    rule: Annotated[str, Query(max_length=40)] = "",
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
    cursor: CursorDep = "",
    limit: LimitDep = 100,
) -> Any:
    """What the register keeps of findings, gravest first, with their states on a day."""
    day = as_of or services.today()
    query = {"findings": sorted(state), "rule": rule, "as_of": day, "known": known_at}
    start = read_cursor(cursor, query) or Cursor(0, known_at or store.log_mark().recorded_at)
    then = store if start.known_at is None else as_known(store, start.known_at)
    found = _chosen(then, day, state, rule)
    shown = found[start.at : start.at + limit]
    more = start.at + limit < len(found)
    after = cursor_text(Cursor(start.at + limit, start.known_at), query) if more else None
    told = {"as_of": str(day), "total": len(found), "findings": kept_json(then, shown, day, lang)}
    return JSONResponse({**told, "next_cursor": after})


def _chosen(store: Store, day: date, states: list[FindingState], rule: str) -> list[KeptFinding]:
    kept = (
        record
        for record in kept_findings(store, day).values()
        if (not states or record.state_on(day) in states) and (not rule or record.rule_id == rule)
    )
    return sorted(kept, key=lambda record: (-record.severity, record.rule_id, record.id))


@router.get(
    "/{finding_id}",
    dependencies=_READS,
    response_model=FindingHistoryBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="一条问题及其经过 / one finding and what became of it",
)
def one_finding(
    *,
    finding_id: FindingId,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
    as_of: AsOfQuery = None,
    known_at: KnownAtQuery = None,
) -> Any:
    """A finding with every state it was in, who brought it there, and why."""
    then, day = store if known_at is None else as_known(store, known_at), as_of or services.today()
    record = find(then, finding_id, day)
    steps = [step_json(step, lang) for step in history(then, record)]
    (row,) = kept_json(then, [record], day, lang)
    return JSONResponse({**row, "history": steps})


@router.post(
    "/{finding_id}/confirm",
    dependencies=_DECIDES,
    response_model=KeptFindingBody,
    responses=_DECIDED,
    summary="确认问题属实 / confirm a finding",
)
def confirm_finding(
    finding_id: FindingId,
    body: ConfirmBody,
    services: ServicesDep,
    asker: AskerDep,
    lang: LangDep,
) -> Any:
    """Record that a person has looked at it and says it is so. Lapses when its record changes."""
    today, by = services.today(), _signature(body, asker.name)
    record = confirm(services.store, finding_id, by, today=today)
    return _answer(services.store, record, today, lang)


@router.post(
    "/{finding_id}/waive",
    dependencies=_DECIDES,
    response_model=KeptFindingBody,
    responses=_DECIDED,
    summary="豁免一条问题 / waive a finding",
)
def waive_finding(
    finding_id: FindingId,
    body: WaiveBody,
    services: ServicesDep,
    asker: AskerDep,
    lang: LangDep,
) -> Any:
    """Let a finding stand, until a day or until withdrawn. What the law prohibits of a name cannot
    be waived (403 `waiver_of_prohibition`)."""
    today, by = services.today(), _signature(body, asker.name)
    record = waive(services.store, finding_id, by, today=today, ends_on=body.ends_on)
    return _answer(services.store, record, today, lang)


@router.post(
    "/{finding_id}/withdraw",
    dependencies=_DECIDES,
    response_model=KeptFindingBody,
    responses=_DECIDED,
    summary="撤回决定 / take a decision back",
)
def withdraw_decision(
    finding_id: FindingId,
    body: WithdrawBody,
    services: ServicesDep,
    asker: AskerDep,
    lang: LangDep,
) -> Any:
    """Take a waiver or a confirmation back: the finding is open again."""
    today, store = services.today(), services.store
    record = withdraw(store, finding_id, reason=body.reason, actor=asker.name, today=today)
    return _answer(store, record, today, lang)


def _signature(body: ConfirmBody, who: str) -> Signature:
    return Signature(signer=who, reason=body.reason, actor=who, document_no=body.document_no)


def _answer(store: Store, record: KeptFinding, today: date, lang: LangDep) -> JSONResponse:
    (row,) = kept_json(store, [record], today, lang)
    return JSONResponse(row)
