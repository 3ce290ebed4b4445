"""How a request becomes a job, and a job an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import Depends, Header
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection

from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep
from geo_service.api.job_schemas import JobBody
from geo_service.api.rights import right_missing
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Manner, Right
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Label
from geo_service.errors import Forbidden, NotFound
from geo_service.jobs.job import JobKind, JobState, Order
from geo_service.messages import message
from geo_service.services.interchange.columns import IMPORTABLE

if TYPE_CHECKING:
    from geo_service.domain.access import Asker
    from geo_service.domain.text import Lang
    from geo_service.jobs.desk import JobDesk
    from geo_service.jobs.job import Job, Json

BASE = "/api/v1/jobs"
_RIGHTS = {
    JobKind.BOUNDARY_CHECK: Right.BOUNDARY_CHECK,
    JobKind.BOUNDARY_COMPARE: Right.BOUNDARY_CHECK,
    JobKind.NAME_BATCH: Right.NAME_CHECK,
    JobKind.NAME_FILE: Right.NAME_CHECK,
    JobKind.IMPORT: Right.IMPORT_RUN,
    JobKind.FILE_DRAFT: Right.BOUNDARY_APPROVE,
    JobKind.EXPORT: Right.EXPORT_RUN,
    JobKind.AUDIT: Right.AUDIT_READ,
}
"""The right by which a job of a kind is asked for, and by which it is seen afterwards."""
ACCEPTED: dict[int | str, dict[str, Any]] = {
    202: {
        "model": JobBody,
        "description": "任务已接受，见 Location / accepted; see Location for the job",
        "headers": {
            "Location": {"description": "the job", "schema": {"type": "string"}},
            "Retry-After": {"description": "seconds", "schema": {"type": "integer"}},
        },
    },
    **problem_answers(400, 404, 409, 413, 422, 503),
}
"""What a route that starts a job may answer."""
_STORED = ("job_stored", "job_perhaps_stored")
_OF_BOUNDARIES = (RecordKind.UNITS, RecordKind.BOUNDARY_LINES, RecordKind.MARKERS)
KeyDep = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=100,
        description="同一键重发不会重复提交 / a retry with the same key starts nothing anew",
    ),
]


def job_desk_of(request: HTTPConnection) -> JobDesk:
    """The jobs of this application."""
    return cast("JobDesk", request.app.state.jobs)


JobDeskDep = Annotated[Any, Depends(job_desk_of)]


class Counter:
    """Where a handler hands in its orders: in the name of the asker, in his language."""

    def __init__(
        self, desk: JobDeskDep, asker: AskerDep, lang: LangDep, key: KeyDep = None
    ) -> None:
        self.desk: JobDesk = desk
        self.asker = asker
        self._lang, self._key = lang, key or ""

    def take(self, kind: JobKind, asked: Json) -> JSONResponse:
        """Queue the work; the answer is 202 with the job, the same for the same key.

        Raises Forbidden `right_missing` for an import of units, lines or markers by somebody who
        may not draft them, and `boundary_import_alone` where one person would store them: a file is
        no way round the second person and the document that a boundary takes.
        """
        if kind is JobKind.IMPORT and asked["kind"] not in importable(self.asker):
            raise right_missing(Right.BOUNDARY_DRAFT)
        if (
            kind is JobKind.IMPORT
            and not asked["dry_run"]
            and not stores_alone(self.asker, asked["kind"])
        ):
            raise Forbidden("boundary_import_alone")
        order = Order(
            kind=kind,
            who=self.asker.name,
            label=self.asker.audience,
            lang=self._lang,
            asked=asked,
            key=self._key,
        )
        job, _is_new = self.desk.ask(order)
        headers = {"Location": f"{BASE}/{job.id}", "Retry-After": "1"}
        return JSONResponse(job_json(job, self._lang), 202, headers)

    def demand(self, right: Right) -> None:
        """See that the asker has a right that only part of a request needs.

        Raises Forbidden `right_missing`.
        """
        if not self.asker.may(right):
            raise right_missing(right)

    def require(self, *uploads: str) -> None:
        """See that the asker sent these files. Raises NotFound `upload_not_found`."""
        for upload in uploads:
            self.desk.uploads.get(upload, self.asker.name)


def stores_alone(asker: Asker, kind: str) -> bool:
    """Whether somebody may store a file of a kind on his own: of boundaries nobody who signed in.

    They are tried, and laid before a second person as a draft (`api.file_drafts`).
    """
    return kind not in _OF_BOUNDARIES or asker.manner is Manner.DEMO


def importable(asker: Asker) -> tuple[RecordKind, ...]:
    """The kinds of records that somebody may bring in by a file."""
    if asker.may(Right.BOUNDARY_DRAFT):
        return IMPORTABLE
    return tuple(kind for kind in IMPORTABLE if kind not in _OF_BOUNDARIES)


CounterDep = Annotated[Counter, Depends(Counter)]


def sees_all(asker: Asker) -> bool:
    """Whether somebody sees the jobs of others: auditors do."""
    return asker.may(Right.AUDIT_READ)


def kinds_of(asker: Asker) -> list[JobKind]:
    """The kinds of own jobs that somebody sees: by a role of before, or by a token that is not for
    them, none is."""
    return [kind for kind in JobKind if asker.may(_RIGHTS[kind])]


def job_for(desk: JobDesk, asker: Asker, job_id: str) -> Job:
    """A job that the asker may see; that of anybody else is not there. Raises NotFound."""
    job = desk.book.get(job_id)
    order = job.order
    is_own = order.who == asker.name and asker.may(_RIGHTS[order.kind])
    is_narrower = order.label is Label.PUBLIC or asker.audience is Label.INTERNAL
    if not (is_narrower and (is_own or sees_all(asker))):
        raise NotFound("job_not_found", job=job_id)
    return job


def left_for(desk: JobDesk, asker: Asker, job_id: str) -> Job:
    """A job whose results the asker may read. Raises NotFound, Forbidden for what others left
    unless content may be read."""
    job = job_for(desk, asker, job_id)
    if job.order.who != asker.name and not asker.may(Right.CONTENT_READ):
        raise right_missing(Right.CONTENT_READ)
    return job


def job_json(job: Job, lang: Lang) -> Json:
    """A job as the interfaces show it."""
    own = f"{BASE}/{job.id}"
    progress, done = job.progress, job.state is JobState.DONE
    text = message(f"jobs.stage_{progress.stage.value}", about=progress.about)
    return {
        "id": job.id,
        "kind": job.order.kind.value,
        "title": message(f"jobs.kind_{job.order.kind.value}").in_(lang),
        "who": job.order.who,
        "state": job.state.value,
        "state_text": message(f"jobs.state_{_state_word(job)}").in_(lang),
        "progress": {
            "stage": progress.stage.value,
            "text": text.in_(lang).strip(),
            "done": progress.done,
            "total": progress.total,
        },
        "created_at": job.created_at.isoformat(),
        "started_at": job.started_at and job.started_at.isoformat(),
        "ended_at": job.ended_at and job.ended_at.isoformat(),
        "result": f"{own}/result" if done else None,
        "files": [{"name": name, "href": f"{own}/files/{name}"} for name in job.files],
        "summary": job.summary,
        "error": _error(job, lang),
    }


def _state_word(job: Job) -> str:
    """How the state is called; of one that had stored its records, "failed" would not be true."""
    told = job.failure.code if job.failure is not None else ""
    return told.removeprefix("job_") if told in _STORED else job.state.value


def _error(job: Job, lang: Lang) -> Json | None:
    failure = job.failure
    if failure is None:
        return None
    detail = message(f"errors.{failure.code}", **failure.facts).in_(lang)
    return {"code": failure.code, "detail": detail}
