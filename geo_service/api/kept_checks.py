"""Checks of names that are kept: with all that was asked, to be asked again years later."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep, ServicesDep
from geo_service.api.names import request_of
from geo_service.api.paging import Cursor, CursorDep, LimitDep, cursor_text, read_cursor
from geo_service.api.rights import needs
from geo_service.api.schemas import FindingBody, NameCheckBody, VerdictBody, problem_answers
from geo_service.domain.access import Right
from geo_service.domain.finding import Outcome
from geo_service.errors import InputError
from geo_service.services.kept_checks import KeptChecks
from geo_service.services.name_batch import batch_of
from geo_service.services.name_record import record_json
from geo_service.services.name_replay import Replay, replayed_json
from geo_service.services.names import check_name

if TYPE_CHECKING:
    from geo_service.services.kept_checks import KeptCheck
    from geo_service.services.wire import Json

router = APIRouter(prefix="/api/v1/names/checks", tags=["names"])
CheckId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]
_KEEPS: Any = [needs(Right.NAME_KEEP)]
_READS: Any = [needs(Right.NAME_CHECK)]


class KeptCheckBody(BaseModel):
    """A check that is kept: who kept it, when (UTC), and the verdict of then."""

    id: str
    who: str
    kept_at: datetime
    verdict: VerdictBody
    request: Annotated[dict[str, Any], Field(description="what was asked, as it is replayed")]


class KeptChecksBody(BaseModel):
    """Checks, the newest first; `next_cursor` is null on the last page."""

    checks: list[KeptCheckBody]
    next_cursor: str | None


class ReplayedBody(BaseModel):
    """A check asked again against the register as it was known then, by the rules of now."""

    name: str
    identical: bool
    flips: bool
    before: Outcome | None
    after: Outcome | None
    gained: list[FindingBody]
    lost: list[FindingBody]
    altered: list[str]
    problem: str | None


def _checks(request: Request) -> KeptChecks:
    return KeptChecks(FilePath(request.app.state.settings.kept_checks))


def _json(kept: KeptCheck) -> Json:
    verdict = {key: value for key, value in kept.line.items() if key != "request"}
    own = {"id": kept.id, "who": kept.who, "kept_at": kept.kept_at.isoformat()}
    return {**own, "verdict": verdict, "request": kept.line["request"]}


@router.post(
    "",
    dependencies=_KEEPS,
    status_code=201,
    response_model=KeptCheckBody,
    responses=problem_answers(400, 413, 422, 503),
    summary="检查并留存 / check a name and keep the check",
)
def keep_check(
    body: NameCheckBody, request: Request, services: ServicesDep, asker: AskerDep, lang: LangDep
) -> Any:
    """Check a name as `/names/check` does, and keep verdict and request.

    The same check of the same state of the register is kept once: a retry doubles nothing.
    """
    if body.known_at is not None:
        raise InputError("keep_of_the_past")
    asked = request_of(body, body.name, body.as_of or services.today(), body.replaces)
    store = services.store if body.use_register else None
    by = batch_of(
        services.city, store, services.restricted
    )  # what is written meanwhile is not seen
    verdict = check_name(asked, by.city, by.register, by.restricted)
    line = record_json(verdict, asked, lang, city=by.city.code, mark=by.mark)
    kept = _checks(request).keep(line, asker.name, services.clock())
    return JSONResponse(_json(kept), 201, {"Location": f"{router.prefix}/{kept.id}"})


@router.get(
    "",
    dependencies=_READS,
    response_model=KeptChecksBody,
    responses=problem_answers(400, 422, 503),
    summary="留存的检查 / checks that are kept",
)
def list_checks(request: Request, cursor: CursorDep = "", limit: LimitDep = 50) -> Any:
    """The checks of the bureau, the newest first."""
    query = {"checks": "kept"}
    start = read_cursor(cursor, query)
    found = _checks(request).list(before=None if start is None else start.at, limit=limit + 1)
    more = len(found) > limit
    after = cursor_text(Cursor(found[limit - 1].number), query) if more else None
    return JSONResponse({"checks": [_json(kept) for kept in found[:limit]], "next_cursor": after})


@router.get(
    "/{check_id}",
    dependencies=_READS,
    response_model=KeptCheckBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="一次留存的检查 / one kept check",
)
def one_check(check_id: CheckId, request: Request) -> Any:
    """The verdict as it was given, word for word."""
    return JSONResponse(_json(_checks(request).get(check_id)))


@router.post(
    "/{check_id}/replay",
    dependencies=_READS,
    response_model=ReplayedBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="重演一次检查 / ask a kept check again",
)
def replay_check(check_id: CheckId, request: Request, services: ServicesDep, lang: LangDep) -> Any:
    """Ask again as of the day, against the register as it was known then, by the rules of now."""
    kept = _checks(request).get(check_id)
    store = services.store if kept.line["request"]["register"] else None
    (row,) = Replay(services.city, store, services.restricted).all([kept.line])
    told = replayed_json(row, lang)
    return JSONResponse(
        {
            "name": row.name,
            "identical": row.identical,
            "flips": row.flips,
            "before": row.before or None,
            "after": row.after or None,
            "gained": list(row.gained),
            "lost": list(row.lost),
            "altered": list(row.altered),
            "problem": told.get("problem"),
        }
    )
