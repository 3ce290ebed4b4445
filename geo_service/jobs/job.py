"""What a job is: who asked for what, how far it has come, and what it left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default_of
from datetime import datetime
from enum import StrEnum
from typing import Any

from geo_service.domain.provenance import Label
from geo_service.domain.text import Lang

Json = dict[str, Any]
REGISTER = "register"
"""In an order, in place of an upload: what the register holds."""


class JobKind(StrEnum):
    """The kinds of work that may take longer than an answer."""

    BOUNDARY_CHECK = "boundary-check"
    BOUNDARY_COMPARE = "boundary-compare"
    NAME_BATCH = "name-batch"
    NAME_FILE = "name-file"
    IMPORT = "import"
    FILE_DRAFT = "file-draft"
    EXPORT = "export"
    AUDIT = "audit-verify"


class JobState(StrEnum):
    """Where a job stands. `interrupted`: the service ended before the job did."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (JobState.QUEUED, JobState.RUNNING)


class Stage(StrEnum):
    """What a job is doing; the words for it stand in `data/messages/jobs.toml`."""

    WAITING = "waiting"
    STARTING = "starting"
    READING = "reading"
    BUILDING = "building"
    COMPARING = "comparing"
    WRITING = "writing"
    RULES = "rules"
    LINES = "lines"
    NAMES = "names"
    EXPORTING = "exporting"
    VERIFYING = "verifying"
    REPORTING = "reporting"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job has come. `total` is None where nobody can know it; `about` is the rule, line
    or file at hand."""

    stage: Stage
    done: int = 0
    total: int | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody asks for: the work, in whose name, for whose eyes, and in which language.

    `asked` is JSON-ready and holds all that the work needs. The same `key` (Idempotency-Key) of the
    same person is the same order.
    """

    kind: JobKind
    who: str
    label: Label
    lang: Lang
    asked: Json
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a job came to nothing: code of an error, and the facts of its message."""

    code: str
    facts: Mapping[str, str] = default_of(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as the book knows it. Times are UTC; `files` are the names of its results, `summary`
    a few figures of them."""

    id: str
    order: Order
    state: JobState
    progress: Progress
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    files: tuple[str, ...] = ()
    summary: Json = default_of(default_factory=dict)
    failure: Failure | None = None
    number: int = 0
