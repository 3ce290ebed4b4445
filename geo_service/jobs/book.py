"""The book of jobs, shared by all processes of the service.

Every change of state is one conditional UPDATE, so that whoever comes second changes nothing: a
job that was cancelled cannot be done, and one that holds its results cannot be cancelled.
"""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from geo_service.domain.provenance import Label
from geo_service.domain.text import Lang
from geo_service.errors import Conflict, NotFound
from geo_service.jobs import locks
from geo_service.jobs.job import Failure, Job, JobKind, JobState, Json, Order, Progress, Stage
from geo_service.jobs.tables import connected, moment, stamp
from geo_service.store.disk import own_folder

MOST_WAITING = 50
"""Jobs that one person may have waiting: more is a slip, or a script that has gone astray."""
_WRITING, _STORED = 1, 2
"""In `held`: the job writes to the register, or has written."""
_ENDED = tuple(state.value for state in JobState if state.ended)


@dataclass(frozen=True, slots=True)
class JobBook:
    """All jobs of one folder; `clock` gives the moment now in UTC."""

    folder: Path
    clock: Callable[[], datetime]

    def folder_of(self, job_id: str) -> Path:
        """Where a job keeps its lock and its results."""
        return self.folder / "work" / job_id

    # --- asking ---------------------------------------------------------------------------

    def add(self, order: Order) -> tuple[Job, bool]:
        """Put an order in the queue; returns the job, and whether it is new.

        The same key of the same person answers with the first job. Raises Conflict
        `idempotency_key_reused` where that asked for something else, `jobs_waiting` for too many.
        """
        with connected(self.folder, write=True) as db:
            if order.key and (known := self._keyed(db, order)) is not None:
                return known, False
            self._refuse_flood(db, order.who)
            job_id = secrets.token_hex(8)
            db.execute(
                "INSERT INTO job (id, kind, who, label, lang, asked, key, state, stage, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    job_id,
                    order.kind.value,
                    order.who,
                    order.label.value,
                    order.lang,
                    _asked(order),
                    order.key or None,
                    JobState.QUEUED.value,
                    Stage.WAITING.value,
                    stamp(self.clock()),
                ),
            )
            return _job(_row(db, job_id)), True

    def _keyed(self, db: sqlite3.Connection, order: Order) -> Job | None:
        row = db.execute(
            "SELECT * FROM job WHERE who = ? AND key = ?", (order.who, order.key)
        ).fetchone()
        if row is None:
            return None
        if (row["kind"], row["asked"]) != (order.kind.value, _asked(order)):
            raise Conflict("idempotency_key_reused", job=row["id"])
        return _job(row)

    def _refuse_flood(self, db: sqlite3.Connection, who: str) -> None:
        (waiting,) = db.execute(
            "SELECT count(*) FROM job WHERE who = ? AND state = 'queued'", (who,)
        ).fetchone()
        if waiting >= MOST_WAITING:
            raise Conflict("jobs_waiting", limit=MOST_WAITING)

    # --- reading --------------------------------------------------------------------------

    def get(self, job_id: str) -> Job:
        """One job. Raises NotFound `job_not_found`."""
        self.settle(job_id)
        with connected(self.folder) as db:
            return _job(_row(db, job_id))

    def list(
        self,
        *,
        who: str | None = None,
        before: int | None = None,
        states: Sequence[JobState] = (),
        kinds: Sequence[JobKind] = (),
        limit: int = 50,
    ) -> list[Job]:
        """Jobs of one person, or of all, the newest first, from the number `before` down."""
        self.settle()
        wheres, values = ["1"], list[Any]()
        for column, value in (("who = ?", who), ("number < ?", before)):
            if value is not None:
                wheres.append(column)
                values.append(value)
        for column, words in (("state", states), ("kind", kinds)):
            if words:
                wheres.append(f"{column} IN ({', '.join('?' * len(words))})")
                values += [word.value for word in words]
        asked = f"SELECT * FROM job WHERE {' AND '.join(wheres)} ORDER BY number DESC LIMIT ?"  # noqa: S608 - columns of ours
        with connected(self.folder) as db:
            return [_job(row) for row in db.execute(asked, (*values, limit))]

    def counts(self) -> dict[str, int]:
        """How many jobs there are in each state; makes nothing on disk before the first one."""
        if not (self.folder / "jobs.sqlite").is_file():
            return {}
        with connected(self.folder) as db:
            return dict(db.execute("SELECT state, COUNT(*) FROM job GROUP BY state").fetchall())

    # --- running --------------------------------------------------------------------------

    def claim(self, at_once: int) -> tuple[Job, int] | None:
        """The next job in the queue, now running, with its lock; None where none may start."""
        self.settle()
        with connected(self.folder, write=True) as db:
            (running,) = db.execute("SELECT count(*) FROM job WHERE state = 'running'").fetchone()
            found = db.execute(
                "SELECT id FROM job WHERE state = 'queued' ORDER BY number LIMIT 1"
            ).fetchone()
            if running >= at_once or found is None:
                return None
            return self._begun(db, found["id"])

    def _begun(self, db: sqlite3.Connection, job_id: str) -> tuple[Job, int] | None:
        """A job of the queue, now running, with its lock: neither without the other."""
        own_folder(self.folder_of(job_id).absolute())
        lock = locks.take(self._lock(job_id))
        if lock is None:  # somebody looks whether it is held; the next round will do
            return None
        try:
            db.execute(
                "UPDATE job SET state = 'running', stage = ?, started_at = ? WHERE id = ?",
                (Stage.STARTING.value, stamp(self.clock()), job_id),
            )
            job = _job(_row(db, job_id))
            db.commit()
        except BaseException:  # a full disk: held by nobody's job, the lock would stop the queue
            locks.release(lock)
            raise
        return job, lock

    def tell(self, job_id: str, progress: Progress) -> bool:
        """Note how far a running job has come; False where it is to stop."""
        return self._update(
            job_id,
            "stage = ?, done = ?, total = ?, about = ?",
            (progress.stage.value, progress.done, progress.total, progress.about),
            "state = 'running'",
        )

    def hold(self, job_id: str) -> bool:
        """From now on the job can no more be cancelled; False where it was already."""
        return self._update(job_id, f"held = {_WRITING}", (), "state = 'running'")

    def stored(self, job_id: str, summary: Json) -> bool:
        """What the job had to write is in the register, whatever becomes of the job now."""
        told = json.dumps(summary, ensure_ascii=False)
        sets = f"held = {_STORED}, summary = ?"
        return self._update(job_id, sets, (told,), "state = 'running'")

    def finish(self, job_id: str, files: Sequence[str], summary: Json) -> bool:
        """The job is done and its results lie in its folder; False where it had ended before."""
        told = (json.dumps(list(files)), json.dumps(summary, ensure_ascii=False))
        return self._end(job_id, JobState.DONE, "files = ?, summary = ?", told, "state = 'running'")

    def fail(self, job_id: str, failure: Failure, *, gone: bool = False) -> bool:
        """The job came to nothing, or to nothing more than was stored before.

        `gone`: its process was ended from outside, perhaps just as it wrote to the register.
        """
        return self._stop(job_id, JobState.FAILED, failure, gone=gone)

    def _stop(self, job_id: str, state: JobState, failure: Failure | None, *, gone: bool) -> bool:
        with connected(self.folder, write=True) as db:
            row = db.execute(
                "SELECT held FROM job WHERE id = ? AND state = 'running'", (job_id,)
            ).fetchone()
            if row is None:
                return False
            if row["held"] == _STORED:
                failure = Failure(code="job_stored")
            elif row["held"] == _WRITING and gone:
                failure = Failure(code="job_perhaps_stored")
            told = failure and json.dumps([failure.code, dict(failure.facts)], ensure_ascii=False)
            db.execute(
                "UPDATE job SET state = ?, ended_at = ?, failure = ? WHERE id = ?",
                (state.value, stamp(self.clock()), told, job_id),
            )
            return True

    def cancel(self, job_id: str) -> Job:
        """Stop a job that waits or runs. Raises NotFound, Conflict `job_ended` or `job_held`."""
        job = self.get(job_id)
        if not self._end(
            job_id, JobState.CANCELLED, "", (), "state IN ('queued', 'running') AND held = 0"
        ):
            code = "job_ended" if self.get(job_id).state.ended else "job_held"
            raise Conflict(code, job=job.id)
        return self.get(job_id)

    def interrupt(self, job_id: str) -> bool:
        """The service ends before the job; False for one that holds its results."""
        return self._end(job_id, JobState.INTERRUPTED, "", (), "state = 'running' AND held = 0")

    def settle(self, job_id: str | None = None) -> None:
        """Tell of running jobs whose processes are no more that they were interrupted."""
        asked, values = "SELECT id FROM job WHERE state = 'running'", cast("tuple[str, ...]", ())
        if job_id is not None:
            asked, values = f"{asked} AND id = ?", (job_id,)
        with connected(self.folder) as db:
            running = [row["id"] for row in db.execute(asked, values)]
        for each in running:
            if not locks.is_held(self._lock(each)):
                self._stop(each, JobState.INTERRUPTED, None, gone=True)

    # --- clearing away --------------------------------------------------------------------

    def delete(self, job_id: str) -> None:
        """Forget a job that has ended. Raises NotFound, Conflict `job_not_ended`."""
        if not self.get(job_id).state.ended:
            raise Conflict("job_not_ended", job=job_id)
        with connected(self.folder, write=True) as db:
            db.execute("DELETE FROM job WHERE id = ?", (job_id,))
        shutil.rmtree(self.folder_of(job_id), ignore_errors=True)

    def expire(self, before: datetime) -> int:
        """Forget jobs that ended before a moment; returns how many."""
        marks = ", ".join("?" * len(_ENDED))
        asked = f"SELECT id FROM job WHERE state IN ({marks}) AND ended_at < ?"  # noqa: S608
        with connected(self.folder) as db:
            old = [row["id"] for row in db.execute(asked, (*_ENDED, stamp(before)))]
        for job_id in old:
            with suppress(NotFound):  # another process clears away as well
                self.delete(job_id)
        return len(old)

    def _lock(self, job_id: str) -> Path:
        return self.folder_of(job_id) / "lock"

    def _update(self, job_id: str, sets: str, values: Sequence[Any], only: str) -> bool:
        asked = f"UPDATE job SET {sets} WHERE id = ? AND {only}"  # noqa: S608 - words of ours
        with connected(self.folder, write=True) as db:
            return db.execute(asked, (*values, job_id)).rowcount == 1

    def _end(
        self, job_id: str, state: JobState, sets: str, values: Sequence[Any], only: str
    ) -> bool:
        also = f", {sets}" if sets else ""
        told = (state.value, stamp(self.clock()), *values)
        return self._update(job_id, f"state = ?, ended_at = ?{also}", told, only)


def _asked(order: Order) -> str:
    return json.dumps(order.asked, ensure_ascii=True, sort_keys=True)


def _row(db: sqlite3.Connection, job_id: str) -> sqlite3.Row:
    row = db.execute("SELECT * FROM job WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound("job_not_found", job=job_id)
    return cast("sqlite3.Row", row)


def _job(row: sqlite3.Row) -> Job:
    failure = None if row["failure"] is None else json.loads(row["failure"])
    return Job(
        id=row["id"],
        order=Order(
            kind=JobKind(row["kind"]),
            who=row["who"],
            label=Label(row["label"]),
            lang=cast("Lang", row["lang"]),
            asked=json.loads(row["asked"]),
            key=row["key"] or "",
        ),
        state=JobState(row["state"]),
        progress=Progress(Stage(row["stage"]), row["done"], row["total"], row["about"]),
        created_at=cast("datetime", moment(row["created_at"])),
        started_at=moment(row["started_at"]),
        ended_at=moment(row["ended_at"]),
        files=tuple(json.loads(row["files"])),
        summary=json.loads(row["summary"]),
        failure=None if failure is None else Failure(code=failure[0], facts=failure[1]),
        number=row["number"],
    )
