"""The change log walked from its first entry, and every table held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.services.audit import audit_json
from geo_service.store.protocol import Anchor

if TYPE_CHECKING:
    from geo_service.jobs.work import Task


def work(task: Task) -> Outcome:
    """As `geo-service audit verify`."""
    anchors = [Anchor(**told) for told in task.asked["anchors"]]
    task.tell(Stage.VERIFYING)
    report = task.store.verify(anchors)
    result = audit_json(report, len(anchors), task.lang)
    return Outcome(result, summary={"sound": report.sound, "entries": report.entries})
