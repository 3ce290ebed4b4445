"""Whole files of boundaries over HTTP: laid before another person, tried anew, fetched.

They are drafts like any other; lists, withdrawals and refusals go by the routes of drafts, and an
approval is a job, for the file is read anew.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from geo_service.api.asking import ACCEPTED, CounterDep, JobDeskDep, job_for
from geo_service.api.audience import AskerDep
from geo_service.api.deps import ServicesDep
from geo_service.api.draft_schemas import DraftId, LayBody, SeenBody, ToldDraftBody
from geo_service.api.internal import internal_only
from geo_service.api.job_schemas import JobBody
from geo_service.api.rights import needs
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Right
from geo_service.errors import Conflict, NotFound
from geo_service.jobs.job import JobKind
from geo_service.jobs.work.file_drafts import APPROVE, RECHECK
from geo_service.jobs.work.importing import TRIAL
from geo_service.services.drafts.desk import DraftDesk
from geo_service.services.drafts.files import Decision, FileDesk, require_file
from geo_service.services.drafts.reading import seen_draft
from geo_service.services.drafts.review import draft_json
from geo_service.services.drafts.trial import read_trial

if TYPE_CHECKING:
    from geo_service.api.asking import Counter
    from geo_service.api.deps import Services
    from geo_service.domain.access import Asker
    from geo_service.jobs.desk import JobDesk
    from geo_service.services.drafts.reading import Kept

router = APIRouter(prefix="/api/v1", tags=["drafts"])
_READS: Any = [needs(Right.CONTENT_READ), internal_only]
_DOWNLOAD: Any = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "文件 / the file",
    },
    **problem_answers(400, 404, 409, 422, 503),
}


def file_desk_over(services: Services) -> FileDesk:
    """The desk of files over the register as it is now."""
    drafts = DraftDesk(services.store, services.city, services.today(), services.restricted)
    return FileDesk(drafts, services.clock())


def lay_tried(
    services: Services, jobs: JobDesk, asker: Asker, job_id: str, *, reason: str, document_no: str
) -> Kept:
    """Lay the file of an own trial before another person.

    Raises NotFound, Conflict `draft_job_no_trial` for a job that tried no file of boundaries, and
    what laying raises.
    """
    job = job_for(jobs, asker, job_id)
    if job.order.who != asker.name:
        raise NotFound("job_not_found", job=job_id)
    kept = jobs.book.folder_of(job.id) / TRIAL
    if job.order.kind is not JobKind.IMPORT or not kept.is_file():
        raise Conflict("draft_job_no_trial", job=job.id)
    sent = jobs.uploads.get(job.order.asked["upload"], asker.name)
    return file_desk_over(services).lay(
        f"D-{secrets.token_hex(8)}",
        jobs.uploads.path(sent.id),
        read_trial(kept.read_bytes()),
        asker,
        reason=reason,
        document_no=document_no,
    )


def approve_file(
    counter: Counter,
    services: Services,
    draft_id: str,
    version: int,
    decision: Decision,
    *,
    dry_run: bool = False,
) -> JSONResponse:
    """Queue the approval of a file, refused at once where that can be known before it is read."""
    file_desk_over(services).ready(draft_id, version, counter.asker, decision)
    told = {"document_no": decision.document_no, "reason": decision.reason, "dry_run": dry_run}
    asked = {**told, "files": list(decision.files)}
    return _queued(counter, services, APPROVE, draft_id, version, **asked)


def recheck_file(counter: Counter, services: Services, draft_id: str, version: int) -> JSONResponse:
    """Queue another trial of a file that waits."""
    file_desk_over(services).to_decide(draft_id, version, counter.asker)
    return _queued(counter, services, RECHECK, draft_id, version)


def _queued(
    counter: Counter, services: Services, deed: str, draft_id: str, version: int, **more: Any
) -> JSONResponse:
    asked = {"deed": deed, "draft": draft_id, "version": version, **more}
    return counter.take(JobKind.FILE_DRAFT, {**asked, "today": services.today().isoformat()})


@router.post(
    "/file-drafts",
    dependencies=_READS,
    status_code=201,
    response_model=ToldDraftBody,
    responses=problem_answers(400, 404, 409, 413, 422, 503),
    summary="呈报整个界线文件 / lay a file of boundaries before another person",
)
def lay_file(body: LayBody, services: ServicesDep, jobs: JobDeskDep, asker: AskerDep) -> Any:
    """Lay a file of units, lines or markers before another person: `job` is its trial, an import
    with `dry_run`. Takes `boundary.draft`.

    The file and what the trial came to are kept with the draft. 422 `draft_file_rejected` and
    `draft_file_no_news` where there is nothing to approve of, 409 `draft_file_laid` where the file
    waits already.
    """
    kept = lay_tried(
        services, jobs, asker, body.job, reason=body.reason, document_no=body.document_no
    )
    headers = {"Location": f"{router.prefix}/drafts/{kept.draft.id}"}
    return JSONResponse({**draft_json(kept), "notes": []}, 201, headers)


@router.post(
    "/drafts/{draft_id}/recheck",
    dependencies=_READS,
    status_code=202,
    response_model=JobBody,
    responses=ACCEPTED,
    summary="重新试导入 / try a file anew",
)
def recheck_draft(
    draft_id: DraftId, body: SeenBody, services: ServicesDep, asker: AskerDep, counter: CounterDep
) -> Any:
    """Try a file that waits against the register as it is, as a job: where it comes to something
    else, the draft gets a new version that shows it. Takes `boundary.approve`; never one's own."""
    seen_draft(services.store, draft_id, asker)
    return recheck_file(counter, services, draft_id, body.version)


@router.get(
    "/drafts/{draft_id}/file",
    dependencies=_READS,
    response_class=Response,
    responses=_DOWNLOAD,
    summary="呈报的文件 / the file of a draft",
)
def draft_file(draft_id: DraftId, services: ServicesDep, asker: AskerDep) -> Response:
    """The file as it was laid, byte by byte. 409 `draft_of_record` where there is none."""
    draft = seen_draft(services.store, draft_id, asker).draft
    require_file(draft)
    data = services.store.content(draft.target_id)
    named = f"attachment; filename*=utf-8''{quote(draft.name, safe='')}"
    return Response(
        data, media_type="application/octet-stream", headers={"Content-Disposition": named}
    )
