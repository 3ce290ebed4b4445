"""Drafts over HTTP: proposed, looked at, submitted, and decided on by another person."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from geo_service.api.asking import ACCEPTED, CounterDep
from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep, ServicesDep
from geo_service.api.draft_schemas import (
    ApproveBody,
    ApprovedBody,
    DraftHistoryBody,
    DraftId,
    DraftsBody,
    EditBody,
    KindWord,
    ProposalBody,
    ReasonBody,
    ReviewBody,
    SeenBody,
    ToldDraftBody,
)
from geo_service.api.file_drafts import approve_file
from geo_service.api.internal import internal_only
from geo_service.api.paging import Cursor, CursorDep, LimitDep, cursor_text, read_cursor
from geo_service.api.rights import needs
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Right
from geo_service.domain.draft import DraftAct, DraftState
from geo_service.messages import explain
from geo_service.services.drafts.desk import DraftDesk
from geo_service.services.drafts.files import Decision
from geo_service.services.drafts.intake import Taken, placed
from geo_service.services.drafts.kinds import draft_kind, require
from geo_service.services.drafts.proposal import Proposal
from geo_service.services.drafts.reading import drafts, history, seen_draft
from geo_service.services.drafts.review import draft_json, review, review_json, step_json
from geo_service.services.register.telling import done_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.api.deps import Services
    from geo_service.domain.text import Lang, Text
    from geo_service.services.drafts.reading import Kept

router = APIRouter(prefix="/api/v1/drafts", tags=["drafts"])
_READS: Any = [needs(Right.CONTENT_READ), internal_only]
"""Which right a draft takes depends on its kind: `services.drafts.kinds` asks for it."""
_WRITTEN: Any = problem_answers(400, 404, 409, 413, 422, 503)


def desk_over(services: Services) -> DraftDesk:
    """The desk over the register as it is now."""
    return DraftDesk(services.store, services.city, services.today(), services.restricted)


def _taken(body: ProposalBody, services: Services) -> Taken:
    of, shape = draft_kind(body.kind), None
    notes: tuple[Text, ...] = ()
    if body.geometry is not None:
        shape, notes = placed(body.geometry, of, services.city, services.today())
    proposal = Proposal(
        of=of,
        target_id=body.target.strip(),
        act=body.act,
        body=body.fields,
        geometry=shape,
        effective_on=body.effective_on,
        reason=body.reason,
        document_no=body.document_no,
        files=tuple(body.files),
    )
    return Taken(proposal, notes)


def _told(
    kept: Kept, status: int = 200, notes: Iterable[Text] = (), lang: Lang = "zh"
) -> JSONResponse:
    headers = {"Location": f"{router.prefix}/{kept.draft.id}"} if status == 201 else {}
    told = {**draft_json(kept), "notes": [note.in_(lang) for note in notes]}
    return JSONResponse(told, status, headers)


@router.get(
    "",
    dependencies=_READS,
    response_model=DraftsBody,
    responses=problem_answers(400, 422, 503),
    summary="草稿 / drafts",
)
def list_drafts(
    *,
    services: ServicesDep,
    asker: AskerDep,
    state: Annotated[list[DraftState], Query()] = [],  # noqa: B006 - FastAPI copies it
    kind: Annotated[list[KindWord], Query()] = [],  # noqa: B006 - the same
    target: Annotated[str, Query(max_length=200)] = "",
    mine: Annotated[bool, Query(description="本人起草的 / own drafts")] = False,
    waiting: Annotated[bool, Query(description="待本人决定的 / waiting for me")] = False,
    cursor: CursorDep = "",
    limit: LimitDep = 100,
) -> Any:
    """The drafts of the kinds that the asker works on, by id."""
    query = {"drafts": sorted(state), "kind": sorted(kind), "of": target, "f": (mine, waiting)}
    start = read_cursor(cursor, query) or Cursor(0)
    kinds = [draft_kind(word).kind for word in kind]
    found = drafts(
        services.store,
        asker,
        states=state,
        kinds=kinds,
        record_id=target,
        mine=mine,
        waiting=waiting,
    )
    shown = found[start.at : start.at + limit]
    more = start.at + limit < len(found)
    after = cursor_text(Cursor(start.at + limit), query) if more else None
    rows = [draft_json(kept) for kept in shown]
    return JSONResponse({"total": len(found), "drafts": rows, "next_cursor": after})


@router.post(
    "",
    dependencies=_READS,
    status_code=201,
    response_model=ToldDraftBody,
    responses=_WRITTEN,
    summary="提出草稿 / propose",
)
def propose_draft(body: ProposalBody, services: ServicesDep, asker: AskerDep, lang: LangDep) -> Any:
    """A new draft, tried against the register as it is. Takes `register.draft`, of units, lines,
    markers and junctions `boundary.draft`."""
    require(asker, draft_kind(body.kind).draft_right)
    draft_id = f"D-{secrets.token_hex(8)}"
    taken = _taken(body, services)
    kept = desk_over(services).propose(draft_id, taken.proposal, asker)
    return _told(kept, 201, taken.notes, lang)


@router.get(
    "/{draft_id}",
    dependencies=_READS,
    response_model=ReviewBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="一份草稿 / one draft",
)
def one_draft(draft_id: DraftId, services: ServicesDep, asker: AskerDep, lang: LangDep) -> Any:
    """A draft against the record as it is now, with the check of its name and what one may do."""
    kept = seen_draft(services.store, draft_id, asker)
    told = review(desk_over(services), kept, asker)
    problem = "" if told.problem is None else explain(told.problem, lang)
    return JSONResponse(review_json(told, lang, problem))


@router.get(
    "/{draft_id}/history",
    dependencies=_READS,
    response_model=DraftHistoryBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="草稿的全部版本 / every version of a draft",
)
def draft_history(draft_id: DraftId, services: ServicesDep, asker: AskerDep) -> Any:
    """Every version, who wrote it and when."""
    seen_draft(services.store, draft_id, asker)
    steps = [step_json(step) for step in history(services.store, draft_id)]
    return JSONResponse({"id": draft_id, "versions": steps})


@router.put(
    "/{draft_id}",
    dependencies=_READS,
    response_model=ToldDraftBody,
    responses=_WRITTEN,
    summary="修改草稿 / edit",
)
def edit_draft(
    draft_id: DraftId, body: EditBody, services: ServicesDep, asker: AskerDep, lang: LangDep
) -> Any:
    """The whole draft anew, worked out against the register as it is now."""
    seen_draft(services.store, draft_id, asker)
    taken = _taken(body, services)
    kept = desk_over(services).replace(draft_id, body.version, taken.proposal, asker)
    return _told(kept, 200, taken.notes, lang)


@router.post(
    "/{draft_id}/submit",
    dependencies=_READS,
    response_model=ToldDraftBody,
    responses=_WRITTEN,
    summary="提交 / submit",
)
def submit_draft(draft_id: DraftId, body: SeenBody, services: ServicesDep, asker: AskerDep) -> Any:
    """Put a draft before another person. Whoever submits it does not decide on it."""
    seen_draft(services.store, draft_id, asker)
    return _told(desk_over(services).submit(draft_id, body.version, asker))


@router.post(
    "/{draft_id}/withdraw",
    dependencies=_READS,
    response_model=ToldDraftBody,
    responses=_WRITTEN,
    summary="撤回 / withdraw",
)
def withdraw_draft(
    draft_id: DraftId, body: ReasonBody, services: ServicesDep, asker: AskerDep
) -> Any:
    """Take a draft back; it stays on file. Its authors alone may (403 `draft_of_another`)."""
    seen_draft(services.store, draft_id, asker)
    return _told(desk_over(services).withdraw(draft_id, body.version, asker, body.reason))


@router.post(
    "/{draft_id}/reject",
    dependencies=_READS,
    response_model=ToldDraftBody,
    responses=_WRITTEN,
    summary="退回 / reject",
)
def reject_draft(
    draft_id: DraftId, body: ReasonBody, services: ServicesDep, asker: AskerDep
) -> Any:
    """Send a draft back for good, with the reason. Never one's own (403 `own_draft`)."""
    seen_draft(services.store, draft_id, asker)
    return _told(desk_over(services).reject(draft_id, body.version, asker, body.reason))


@router.post(
    "/{draft_id}/approve",
    dependencies=_READS,
    response_model=ApprovedBody,
    responses={**_WRITTEN, 202: ACCEPTED[202]},
    summary="批准 / approve",
)
def approve_draft(  # noqa: PLR0917 - what a decision takes
    draft_id: DraftId,
    body: ApproveBody,
    services: ServicesDep,
    asker: AskerDep,
    lang: LangDep,
    counter: CounterDep,
) -> Any:
    """Carry out the act and close the draft, in one transaction. Never one's own (403 `own_draft`).

    A boundary takes a second person, a document number and the digest of its file. Where the record
    has changed since the draft was worked out: 409 `draft_record_moved`, told with what changed.

    A whole file is read anew, as a job: 202. Where it comes to something else than was shown, the
    answer or the job says `draft_file_moved` with what changed, and nothing is stored until it was
    tried anew (`recheck`) and looked at again.
    """
    if seen_draft(services.store, draft_id, asker).draft.act is DraftAct.IMPORT:
        decision = Decision(document_no=body.document_no, files=body.files, reason=body.reason)
        return approve_file(
            counter, services, draft_id, body.version, decision, dry_run=body.dry_run
        )
    done = desk_over(services).approve(
        draft_id,
        body.version,
        asker,
        document_no=body.document_no,
        files=body.files,
        reason=body.reason,
        dry_run=body.dry_run,
    )
    return JSONResponse({"draft": draft_json(done.kept), "act": done_json(done.done, lang)})
