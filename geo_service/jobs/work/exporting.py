"""Records of the register as a file."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.services.interchange.exchanging import export_exchange
from geo_service.services.interchange.exporting import export_records, export_register
from geo_service.services.interchange.issues import Issues

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.jobs.work import Task

REGISTER = "register"
"""The word for everything, as one GeoPackage."""


def work(task: Task) -> Outcome:
    """As `geo-service export`."""
    asked = task.asked
    kind, name = asked["kind"], f"{asked['kind']}.{asked['format']}"
    as_of = date.fromisoformat(asked["as_of"])
    total = None if kind == REGISTER else task.store.count(RecordKind(kind), as_of=as_of)
    task.tell(Stage.EXPORTING, 0, total)
    told = Issues(name)
    count = _written(task, task.file(name), as_of, told)
    issues = [issue.to_json(task.lang) for issue in told.all()]
    result = {"kind": kind, "file": name, "exported": count, "issues": issues}
    return Outcome(result, (name,), {"exported": count, "issues": len(issues)})


def _written(task: Task, path: Path, as_of: date, told: Issues) -> int:
    asked, services, store = task.asked, task.services, task.store
    known_at = None if asked["known_at"] is None else datetime.fromisoformat(asked["known_at"])
    if asked["kind"] == REGISTER:
        now = services.clock()
        return export_register(store, path, as_of=as_of, known_at=known_at, now=now)
    kind, crs = RecordKind(asked["kind"]), asked["crs"]
    if not asked["fields"]:
        return export_records(store, kind, path, as_of=as_of, known_at=known_at, crs=crs, told=told)
    return export_exchange(
        store,
        kind,
        path,
        asked["fields"],
        city=services.city,
        as_of=as_of,
        known_at=known_at,
        crs=crs,
        line_code=asked["line"],
        told=told,
    )
