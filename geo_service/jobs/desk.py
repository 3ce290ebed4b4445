"""What the service holds of jobs: the book, the uploads, and the process that works them off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.jobs.book import JobBook
from geo_service.jobs.runner import Runner
from geo_service.jobs.uploads import Uploads

if TYPE_CHECKING:
    from geo_service.jobs.job import Job, Order
    from geo_service.settings import Settings


@dataclass(frozen=True, slots=True)
class JobDesk:
    """Where jobs are asked for; one to a process, all over the same folder."""

    book: JobBook
    uploads: Uploads
    runner: Runner

    def ask(self, order: Order) -> tuple[Job, bool]:
        """Queue an order and see that somebody works on it. Raises as `JobBook.add`."""
        job, is_new = self.book.add(order)
        self.runner.wake()
        return job, is_new


def job_desk(settings: Settings, clock: Callable[[], datetime]) -> JobDesk:
    """The desk of these settings. Nothing is made on disk before the first job or upload."""
    folder = Path(settings.jobs).absolute()
    book, uploads = JobBook(folder, clock), Uploads(folder, clock)
    return JobDesk(book, uploads, Runner(book, uploads, settings))
