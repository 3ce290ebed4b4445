"""An uploaded file into the register, or a trial of it, with the report for its sender."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.maps.returned import returned_page
from geo_service.services.drafts.kinds import draft_kind
from geo_service.services.drafts.trial import Trial
from geo_service.services.interchange.exporting import written_whole
from geo_service.services.interchange.importing import import_file
from geo_service.services.interchange.mappings import ColumnMapping, MappingBook, checked
from geo_service.services.interchange.report_workbook import write_report_workbook
from geo_service.services.interchange.returning import Occasion, returned
from geo_service.services.interchange.watching import Step

if TYPE_CHECKING:
    from geo_service.jobs.work import Task
    from geo_service.services.interchange.report import ImportReport
    from geo_service.services.interchange.watching import Watch

SHEET, PAGE = "report.xlsx", "report.html"
TRIAL = "trial.json"
"""The trial of a file of boundaries, from which it is laid before another person."""
_CLASSIFIED = "classified"
_STAGES = {
    Step.READING: Stage.READING,
    Step.BUILDING: Stage.BUILDING,
    Step.COMPARING: Stage.COMPARING,
    Step.WRITING: Stage.WRITING,
}


def work(task: Task) -> Outcome:
    """As `geo-service import`; from the first write on it can no more be cancelled."""
    asked, services = task.asked, task.services
    path, name = task.upload(asked["upload"])
    kind, today = RecordKind(asked["kind"]), date.fromisoformat(asked["today"])

    mapping = _mapping(task, kind)
    is_trial = asked["dry_run"] and draft_kind(asked["kind"]).is_boundary
    report = import_file(
        task.store,
        path,
        kind,
        city=services.city,
        actor=task.job.order.who,
        now=services.clock(),
        today=today,
        layer=asked["layer"],
        crs=asked["crs"],
        encoding=asked["encoding"],
        dry_run=asked["dry_run"],
        mapping=mapping,
        called=name,
        watch=watcher(task),
        accounted=is_trial,
    )
    told = report.to_json(task.lang)
    summary = {"status": told["status"], "stored": told["stored"], "issues": len(report.issues)}
    summary |= {"repeated": report.repeated, "dry_run": asked["dry_run"]}
    if report.stored and not asked["dry_run"]:
        task.stored(summary)
    if is_trial:
        trial = Trial(
            kind=kind,
            report=report,
            layer=asked["layer"],
            crs=asked["crs"],
            encoding=asked["encoding"],
            mapping=mapping,
        )
        task.file(TRIAL).write_bytes(trial.dump())
    if any(issue.code == _CLASSIFIED for issue in report.issues):
        task.uploads.discard(asked["upload"])
    task.tell(Stage.REPORTING)
    _write(task, report, Occasion(services.city.name, today, asked["dry_run"]))
    return Outcome(told, (SHEET, PAGE), summary)


def watcher(task: Task) -> Watch:
    """Tells the book of jobs how far an import is, and holds the job from its first write on."""

    def watch(step: Step, done: int, total: int | None) -> None:
        task.tell(_STAGES[step], done, total)
        if step is Step.WRITING:
            task.hold()

    return watch


def _mapping(task: Task, kind: RecordKind) -> ColumnMapping | None:
    asked = task.asked
    if asked["mapping"]:
        return checked(ColumnMapping(asked["sender"], kind, asked["mapping"]))
    if not asked["sender"]:
        return None
    services = task.services
    book = MappingBook(Path(services.settings.column_mappings), str(services.city.code))
    return book.find(asked["sender"], kind)


def _write(task: Task, report: ImportReport, occasion: Occasion) -> None:
    sent = report.sent
    if sent is None:
        raise TypeError(report)
    worded = returned(report, sent, occasion, task.lang)
    write_report_workbook(task.file(SHEET), worded, sent)
    with written_whole(task.file(PAGE)) as draft:
        draft.write_text(returned_page(worded), encoding="utf-8")
