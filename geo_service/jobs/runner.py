"""Starts the jobs of the queue, each in a process of its own, and sees what becomes of them.

One thread to a process of the service. All of them take from the same queue and keep the same
limit; a job belongs to the process that took it, and dies with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

import geo_service
from geo_service.errors import GeoServiceError, NotFound
from geo_service.jobs import locks
from geo_service.jobs.job import Failure, JobState
from geo_service.jobs.leftovers import clear_left
from geo_service.settings import PREFIX
from geo_service.store.disk import clear_scratch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.jobs.book import JobBook
    from geo_service.jobs.job import Job
    from geo_service.jobs.uploads import Uploads
    from geo_service.settings import Settings

OUT_OF_MEMORY = 77
"""Exit code of a job that reached its memory limit."""
_BUSY_S, _IDLE_S = 0.1, 2.0
_CLEAR_EVERY_S = 3600.0
_GRACE_S = 20.0
_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "PROJ_DATA", "GDAL_DATA")


@dataclass(slots=True)
class _Running:
    """A job at work: its process, our hold of its lock, and when its time is up."""

    job: Job
    process: subprocess.Popen[bytes]
    lock: int
    until: float


class Runner:
    """Works off the queue in the background once it was woken."""

    def __init__(self, book: JobBook, uploads: Uploads, settings: Settings) -> None:
        self._book, self._uploads, self._settings = book, uploads, settings
        self._running: list[_Running] = []
        self._woken, self._stopping, self._guard = Event(), Event(), Lock()
        self._thread: Thread | None = None
        self._cleared = 0.0

    def wake(self) -> None:
        """There may be something to do. Never blocks, never fails."""
        with self._guard:
            if self._thread is None and not self._stopping.is_set():
                # A daemon: the end of the process must not wait for jobs that die with it.
                self._thread = Thread(target=self._work, name="jobs", daemon=True)
                self._thread.start()
        self._woken.set()

    def resume(self) -> None:
        """Take up what waited when the service ended last, and clear away what was left then.

        Without jobs and uploads nothing is made on disk.
        """
        if self._book.folder.is_dir():
            self.wake()

    def stop(self) -> None:
        """End: jobs that may be stopped are interrupted, those that write are waited for."""
        self._stopping.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(_GRACE_S + 5)

    # --- in the thread --------------------------------------------------------------------

    def _work(self) -> None:
        while not self._stopping.is_set():
            # A full disk or a locked file passes; the queue must outlive it.
            with suppress(GeoServiceError, OSError):
                self._round()
            self._woken.wait(_BUSY_S if self._running else _IDLE_S)
            self._woken.clear()
        self._leave()

    def _round(self) -> None:
        self._look_after()
        if time.monotonic() > self._cleared:
            self._cleared = time.monotonic() + _CLEAR_EVERY_S
            before = self._book.clock() - timedelta(days=self._settings.jobs_kept_days)
            self._book.expire(before)
            self._uploads.expire(before)
            hours = timedelta(hours=self._settings.leftover_hours)
            clear_left(self._book.folder, self._book.clock() - hours)
            clear_scratch(hours)
        while (taken := self._book.claim(self._settings.jobs_at_once)) is not None:
            self._start(*taken)

    def _start(self, job: Job, lock: int) -> None:
        command = [sys.executable, "-m", "geo_service.jobs.child"]
        command += [str(self._book.folder), job.id, str(os.getpid())]
        try:
            process = subprocess.Popen(  # noqa: S603 - our own module and an id of ours
                command,
                env=environment_of(self._settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(lock,),
                start_new_session=True,
            )
        except OSError as error:
            self._book.fail(job.id, Failure(code="job_died", facts={"detail": str(error)}))
            locks.release(lock)
            return
        until = time.monotonic() + self._settings.job_minutes * 60
        self._running.append(_Running(job, process, lock, until))

    def _look_after(self) -> None:
        for each in list(self._running):
            code = each.process.poll()
            if code is None:
                self._stop_if_due(each)
                code = each.process.poll()
            if code is not None:
                # Nothing where it told itself.
                self._book.fail(each.job.id, _failure_of(code), gone=True)
                locks.release(each.lock)
                self._running.remove(each)

    def _stop_if_due(self, each: _Running) -> None:
        if time.monotonic() > each.until:
            _kill(each.process)  # first, or it might store what is told as failed
            minutes = str(self._settings.job_minutes)
            failure = Failure(code="job_too_long", facts={"minutes": minutes})
            self._book.fail(each.job.id, failure, gone=True)
        if self._state(each) is not JobState.RUNNING:
            _kill(each.process)

    def _state(self, each: _Running) -> JobState | None:
        try:
            return self._book.get(each.job.id).state
        except NotFound:
            return None

    def _leave(self) -> None:
        end = time.monotonic() + _GRACE_S
        for each in self._running:
            with suppress(GeoServiceError, OSError):
                if not self._book.interrupt(each.job.id):
                    with suppress(subprocess.TimeoutExpired):
                        each.process.wait(max(end - time.monotonic(), 0))
            _kill(each.process)
            locks.release(each.lock)


def _failure_of(code: int) -> Failure:
    if code == OUT_OF_MEMORY:
        return Failure(code="job_too_big")
    return Failure(code="job_died", facts={"detail": str(code)})


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a job with all that it started."""
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment_of(settings: Settings) -> Mapping[str, str]:
    """The environment in which a process reads exactly these settings."""
    told = {f"{PREFIX}{f.name.upper()}": _word(getattr(settings, f.name)) for f in fields(settings)}
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    package_parent = str(Path(geo_service.__file__).resolve().parent.parent)
    return {**kept, **told, "PYTHONPATH": package_parent, "LC_ALL": "C.UTF-8"}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
