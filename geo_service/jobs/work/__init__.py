"""The work behind each kind of job: the same services as the CLI, told how far they are."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service import compose
from geo_service.errors import GeoServiceError
from geo_service.jobs.book import JobBook
from geo_service.jobs.job import Failure, JobKind, Json, Progress, Stage
from geo_service.jobs.uploads import Uploads

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.jobs.job import Job
    from geo_service.store.protocol import Store

RESULT = "result.json"
_TELL_EVERY_S = 0.2


class Stopped(BaseException):
    """Somebody cancelled the job. No exception that work could take for a fault of its own."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job leaves: its result as JSON, further files in its folder, and a few figures."""

    result: Any
    files: tuple[str, ...] = ()
    summary: Json = field(default_factory=dict)


@dataclass(slots=True)
class Task:
    """A job at work: what was asked, by which services, and where results go."""

    job: Job
    book: JobBook
    uploads: Uploads
    services: Services
    _told: tuple[Stage | None, float] = (None, 0.0)

    @property
    def asked(self) -> Json:
        """What was asked, as the interface put it down."""
        return self.job.order.asked

    @property
    def lang(self) -> Lang:
        """The language of the result."""
        return self.job.order.lang

    @property
    def store(self) -> Store:
        """The register as the asker may see it."""
        return self.services.seen_by(self.job.order.label).store

    def file(self, name: str) -> Path:
        """Where a result of that name goes."""
        return self.book.folder_of(self.job.id) / name

    def upload(self, upload_id: str) -> tuple[Path, str]:
        """An uploaded file and the name its sender gave. Raises NotFound."""
        sent = self.uploads.get(upload_id, self.job.order.who)
        return self.uploads.path(upload_id), sent.name

    def tell(self, stage: Stage, done: int = 0, total: int | None = None, about: str = "") -> None:
        """Note how far the work is, a few times a second. Raises Stopped once cancelled."""
        before, at = self._told
        now = time.monotonic()
        if stage is before and now - at < _TELL_EVERY_S:
            return
        self._told = (stage, now)
        if not self.book.tell(self.job.id, Progress(stage, done, total, about)):
            raise Stopped

    def hold(self) -> None:
        """From here on what is done stays done: no more cancelling. Raises Stopped once it was."""
        if not self.book.hold(self.job.id):
            raise Stopped

    def stored(self, summary: Json) -> None:
        """What was to be written is in the register: told so, should the job end before its end."""
        self.book.stored(self.job.id, summary)


Work = Callable[[Task], Outcome]
_WORK = {
    JobKind.BOUNDARY_CHECK: "boundary_check",
    JobKind.BOUNDARY_COMPARE: "boundary_compare",
    JobKind.NAME_BATCH: "name_lists",
    JobKind.NAME_FILE: "name_sheets",
    JobKind.IMPORT: "importing",
    JobKind.FILE_DRAFT: "file_drafts",
    JobKind.EXPORT: "exporting",
    JobKind.AUDIT: "auditing",
}


def _work_of(kind: JobKind) -> Work:
    """The work of a kind; other kinds need not be loaded."""
    work: Work = import_module(f"{__name__}.{_WORK[kind]}").work
    return work


def carry_out(folder: Path, job_id: str) -> None:
    """Do a job that is running, and note how it ended."""
    services = compose.build()
    book, uploads = JobBook(folder, services.clock), Uploads(folder, services.clock)
    job = book.get(job_id)
    task = Task(job, book, uploads, services)
    try:
        with suppress(Stopped):
            outcome = _work_of(job.order.kind)(task)
            task.file(RESULT).write_bytes(_json(outcome.result))
            book.finish(job_id, (RESULT, *outcome.files), outcome.summary)
    except MemoryError:
        raise
    except GeoServiceError as error:
        book.fail(job_id, Failure(code=error.code, facts=_facts(error)))
    except Exception as error:
        facts = {"detail": type(error).__name__}
        book.fail(job_id, Failure(code="job_died", facts=facts))
    finally:
        services.close()


def _json(result: Any) -> bytes:
    # A name may hold what UTF-8 cannot: JSON's own escapes keep it.
    return json.dumps(result, ensure_ascii=False).encode(errors="backslashreplace")


def _facts(error: GeoServiceError) -> dict[str, str]:
    """The facts of a message, no folder of this machine among them."""
    told = error.context.items()
    return {key: value.name if isinstance(value, Path) else str(value) for key, value in told}
