"""The change log walked from its first entry, and every table held against it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.services.audit import audit_json
from geo_service.services.beside import beside_json
from geo_service.store.protocol import Anchor

if TYPE_CHECKING:
    from geo_service.jobs.work import Task


def work(task: Task) -> Outcome:
    """As `geo-service audit verify`, with the files beside the register."""
    anchors = [Anchor(**told) for told in task.asked["anchors"]]
    task.tell(Stage.VERIFYING)
    report = task.store.verify(anchors)
    beside = beside_json(task.services.settings.beside_register, task.lang)
    result = {**audit_json(report, len(anchors), task.lang), "beside": beside}
    sound = report.sound and all(each["sound"] for each in beside.values())
    return Outcome(result, summary={"sound": sound, "entries": report.entries})
