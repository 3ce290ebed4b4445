"""Background jobs over HTTP: seen and cancelled by whoever asked, seen by auditors."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, JSONResponse, Response

from geo_service.api.asking import JobDeskDep, job_for, job_json, kinds_of, left_for, sees_all
from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep
from geo_service.api.job_schemas import JobBody, JobsBody
from geo_service.api.paging import Cursor, CursorDep, LimitDep, cursor_text, read_cursor
from geo_service.api.rights import signed_in
from geo_service.api.schemas import problem_answers
from geo_service.errors import Conflict, NotFound
from geo_service.jobs.job import JobKind, JobState
from geo_service.jobs.work import RESULT
from geo_service.messages import message

if TYPE_CHECKING:
    from geo_service.domain.access import Asker
    from geo_service.jobs.desk import JobDesk
    from geo_service.jobs.job import Job

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])
JobId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", examples=["0f1e2d3c4b5a6978"])]
_DOWNLOAD = {
    200: {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "description": "文件 / the file",
    }
}


@router.get(
    "",
    dependencies=[signed_in],
    response_model=JobsBody,
    responses=problem_answers(400, 422, 503),
    summary="任务列表 / list jobs",
)
def list_jobs(
    *,
    desk: JobDeskDep,
    asker: AskerDep,
    lang: LangDep,
    state: Annotated[list[JobState], Query()] = [],  # noqa: B006 - FastAPI copies it
    kind: Annotated[list[JobKind], Query()] = [],  # noqa: B006
    cursor: CursorDep = "",
    limit: LimitDep = 50,
) -> Any:
    """The asker's own jobs, the newest first; auditors are shown those of everybody."""
    query = {"jobs": sees_all(asker) or asker.name, "state": state, "kind": kind}
    shown = [each for each in kind or JobKind if sees_all(asker) or each in kinds_of(asker)]
    if not shown:
        return JSONResponse({"jobs": [], "next_cursor": None})
    start = read_cursor(cursor, query)
    found = desk.book.list(
        who=None if sees_all(asker) else asker.name,
        before=None if start is None else start.at,
        states=state,
        kinds=shown,
        limit=limit + 1,
    )
    more = len(found) > limit
    after = cursor_text(Cursor(found[limit - 1].number), query) if more else None
    jobs = [job_json(job, lang) for job in found[:limit]]
    return JSONResponse({"jobs": jobs, "next_cursor": after})


@router.get(
    "/{job_id}",
    dependencies=[signed_in],
    response_model=JobBody,
    responses=problem_answers(400, 404, 422, 503),
    summary="一个任务 / one job",
)
def one_job(job_id: JobId, desk: JobDeskDep, asker: AskerDep, lang: LangDep) -> Any:
    """Where a job stands. A job that its service did not survive is told as interrupted."""
    return JSONResponse(job_json(job_for(desk, asker, job_id), lang))


@router.post(
    "/{job_id}/cancel",
    dependencies=[signed_in],
    response_model=JobBody,
    responses=problem_answers(400, 404, 409, 422, 503),
    summary="取消任务 / cancel a job",
)
def cancel_job(job_id: JobId, desk: JobDeskDep, asker: AskerDep, lang: LangDep) -> Any:
    """Stop a job that waits or runs; nothing of it is stored.

    409 `job_ended` for one that has ended, `job_held` for one that is writing to the register.
    """
    _own(desk, asker, job_id)
    cancelled = desk.book.cancel(job_id)
    desk.runner.wake()
    return JSONResponse(job_json(cancelled, lang))


@router.get(
    "/{job_id}/result",
    dependencies=[signed_in],
    responses={
        200: {"description": "the result of the kind"},
        **problem_answers(400, 404, 409, 422, 503),
    },
    summary="任务结果 / the result of a job",
)
def job_result(job_id: JobId, desk: JobDeskDep, asker: AskerDep, lang: LangDep) -> Any:
    """The result as JSON, in the language in which the job was asked for.

    Of an import the Import report, of a check of names the answer of `/names/check-batch`, of a
    boundary check that of `geo-service boundary check --json`. 409 `job_without_result` while
    there is none.
    """
    job = left_for(desk, asker, job_id)
    if job.state is not JobState.DONE:
        state = message(f"jobs.state_{job.state.value}")
        raise Conflict("job_without_result", job=job.id, state=state.in_(lang))
    return _file(desk, job, RESULT, "application/json")


@router.get(
    "/{job_id}/files/{name}",
    dependencies=[signed_in],
    response_class=Response,
    responses={**_DOWNLOAD, **problem_answers(400, 404, 422, 503)},  # type: ignore[dict-item]
    summary="任务的结果文件 / a file that a job left",
)
def job_file(
    job_id: JobId,
    name: Annotated[str, Path(max_length=60, examples=["report.xlsx"])],
    desk: JobDeskDep,
    asker: AskerDep,
) -> Any:
    """A file of the result: report, answers, findings, map, export."""
    media = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return _file(desk, left_for(desk, asker, job_id), name, media)


@router.delete(
    "/{job_id}",
    dependencies=[signed_in],
    status_code=204,
    responses=problem_answers(400, 404, 409, 422, 503),
    summary="删除任务及其结果 / delete a job with its results",
)
def delete_job(job_id: JobId, desk: JobDeskDep, asker: AskerDep) -> Response:
    """Forget a job that has ended. What it wrote to the register stays, with its log."""
    _own(desk, asker, job_id)
    desk.book.delete(job_id)
    return Response(status_code=204)


def _own(desk: JobDesk, asker: Asker, job_id: str) -> None:
    """Auditors look on; they stop and delete nothing of others. Raises NotFound."""
    if job_for(desk, asker, job_id).order.who != asker.name:
        raise NotFound("job_not_found", job=job_id)


def _file(desk: JobDesk, job: Job, name: str, media: str) -> Response:
    """A file that the job left and still has. Raises NotFound for every other name."""
    path = desk.book.folder_of(job.id) / name
    if name not in job.files or not path.is_file():
        known = "、".join(other for other in job.files if other != name)
        raise NotFound("job_file_unknown", name=name, known=known or "–")
    inline = media in ("application/json",)
    return FileResponse(
        path,
        media_type=media,
        filename=name,
        content_disposition_type="inline" if inline else "attachment",
    )
