"""The change log over HTTP: its entries, where it ends now, and whether it can be relied on."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from geo_service.api.asking import ACCEPTED, CounterDep
from geo_service.api.deps import ServicesDep
from geo_service.api.internal import internal_only
from geo_service.api.job_schemas import AnchorBody, JobBody, VerifyBody
from geo_service.api.paging import Cursor, CursorDep, LimitDep, cursor_text, read_cursor
from geo_service.api.rights import needs
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Right
from geo_service.domain.change import Operation, RecordKind
from geo_service.jobs.job import JobKind

if TYPE_CHECKING:
    from geo_service.domain.change import LoggedChange
    from geo_service.services.wire import Json

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])
_READS: Any = [needs(Right.AUDIT_READ), internal_only]


class EntryBody(BaseModel):
    """An entry of the change log: numbered, timed (UTC) and chained to the one before."""

    sequence: int
    kind: RecordKind
    record_id: str
    version: int
    operation: Operation
    actor: str
    reason: str
    basis: str
    recorded_at: datetime
    valid_from: date | None
    valid_to: date | None
    before_sequence: int | None
    previous_hash: str
    hash: str


class LogBody(BaseModel):
    """A page of the log in its order; `next_cursor` is null at its end."""

    entries: list[EntryBody]
    next_cursor: str | None


@router.post(
    "/verify",
    dependencies=_READS,
    status_code=202,
    response_model=JobBody,
    responses=ACCEPTED,
    summary="核对变更日志和各表 / verify the log and the tables",
)
def start_verify(body: VerifyBody, counter: CounterDep) -> Any:
    """Walk the whole log, hold every table against it, and both against anchors kept elsewhere.

    The result of the job is that of `geo-service audit verify --json`.
    """
    return counter.take(JobKind.AUDIT, body.model_dump(mode="json"))


@router.get(
    "/log",
    dependencies=_READS,
    response_model=LogBody,
    responses=problem_answers(400, 422, 503),
    summary="变更日志 / the change log",
)
def log(
    services: ServicesDep,
    kind: Annotated[RecordKind | None, Query(description="只列一类 / one kind")] = None,
    record: Annotated[
        str | None, Query(max_length=200, description="只列一条 / one record")
    ] = None,
    cursor: CursorDep = "",
    limit: LimitDep = 100,
) -> Any:
    """The entries of the log in their order."""
    query = {"log": kind, "record": record}
    start = read_cursor(cursor, query) or Cursor(0)
    entries: list[LoggedChange] = []
    for entry in services.store.log(after=start.at, kind=kind, record_id=record):
        entries.append(entry)
        if len(entries) > limit:
            break
    more = len(entries) > limit
    shown = entries[:limit]
    after = cursor_text(Cursor(shown[-1].sequence), query) if more else None
    return JSONResponse({"entries": [_entry(entry) for entry in shown], "next_cursor": after})


@router.get(
    "/anchor",
    dependencies=_READS,
    response_model=AnchorBody,
    responses=problem_answers(400, 503),
    summary="日志末条的锚定记录 / where the log ends now",
)
def anchor(services: ServicesDep) -> Any:
    """The head of the log, to be kept elsewhere: held against the log later, it shows what no log
    can show of itself."""
    return JSONResponse(asdict(services.store.anchor()))


def _entry(entry: LoggedChange) -> Json:
    return {
        "sequence": entry.sequence,
        "kind": entry.kind.value,
        "record_id": entry.record_id,
        "version": entry.version,
        "operation": entry.operation.value,
        "actor": entry.actor,
        "reason": entry.reason,
        "basis": entry.basis,
        "recorded_at": entry.recorded_at.isoformat(),
        "valid_from": entry.period.start and str(entry.period.start),
        "valid_to": entry.period.end and str(entry.period.end),
        "before_sequence": entry.before_sequence,
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }
