"""A file that waits for a decision: stored by the word of a second person, or tried anew."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from geo_service.domain.access import Asker, Manner, Right
from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.jobs.work.importing import watcher
from geo_service.services.drafts.desk import DraftDesk
from geo_service.services.drafts.files import Decision, FileDesk, trial_of
from geo_service.services.drafts.review import draft_json

if TYPE_CHECKING:
    from geo_service.jobs.work import Task
    from geo_service.services.drafts.reading import Kept
    from geo_service.services.interchange.report import ImportReport

APPROVE, RECHECK = "approve", "recheck"
"""The two deeds of a file that take long."""


def work(task: Task) -> Outcome:
    """As `geo-service draft approve` and `recheck`; from the first write on it can no more be
    cancelled. That the asker may decide was seen to when it was asked for."""
    asked, services, order = task.asked, task.services, task.job.order
    today, rights = date.fromisoformat(asked["today"]), frozenset((Right.BOUNDARY_APPROVE,))
    asker = Asker(order.who, Manner.SESSION, rights, audience=order.label)
    drafts = DraftDesk(task.store, services.city, today, services.restricted)
    desk = FileDesk(drafts, services.clock(), watcher(task))
    if asked["deed"] == RECHECK:
        kept = desk.recheck(asked["draft"], asked["version"], asker)
        return _told(task, kept, trial_of(task.store, kept.draft).report, "rechecked")
    decision = Decision(
        document_no=asked["document_no"], files=asked["files"], reason=asked["reason"]
    )
    stored = desk.approve(
        asked["draft"], asked["version"], asker, decision, dry_run=asked["dry_run"]
    )
    return _told(task, stored.kept, stored.report, "tried" if asked["dry_run"] else "approved")


def _told(task: Task, kept: Kept, report: ImportReport, status: str) -> Outcome:
    stored = report.stored if status == "approved" else 0
    summary = {"status": status, "stored": stored, "draft": kept.draft.id}
    if stored:
        task.stored(summary)
    task.tell(Stage.REPORTING)
    result = {"status": status, "draft": draft_json(kept), "report": report.to_json(task.lang)}
    return Outcome(result, summary=summary)
