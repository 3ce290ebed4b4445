"""The review of boundaries: uploaded files, the register, or both."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.services.boundaries import report_json
from geo_service.services.boundary_review import Papers, followed, read_papers, review
from geo_service.services.disclosure import shown_to
from geo_service.services.interchange.exporting import export_findings
from geo_service.services.register_then import as_known

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.jobs.work import Task
    from geo_service.store.protocol import Store

FINDINGS = "findings.geojson"


def work(task: Task) -> Outcome:
    """Read, review, and write the findings beside the report."""
    asked, city, lang = task.asked, task.services.city, task.lang
    as_of, today = date.fromisoformat(asked["as_of"]), date.fromisoformat(asked["today"])
    task.tell(Stage.READING)
    handed = read_papers(_papers(task), city=city, today=today)
    issues = [issue.to_json(lang) for issue in handed.issues]
    if handed.refused:
        return Outcome({"status": "rejected", "issues": issues}, summary={"status": "rejected"})
    register = _register(task) if asked["register"] or not asked["files"] else None
    reviewed = review(
        handed,
        register,
        city=city,
        as_of=as_of,
        scale=asked["scale"],
        progress=lambda number, total, rule: task.tell(Stage.RULES, number, total, rule),
    )
    report, kept = reviewed.report, {}
    if asked["keep"]:
        task.hold()
    if asked["keep"] or register is not None:
        own = task.store if asked["keep"] else register or task.store
        report, run = followed(
            reviewed, own, keep=asked["keep"], actor=task.job.order.who, today=today
        )
        kept = {} if run is None else {"kept": {"run": run.id, **dict(run.tally)}}
        if run is not None:
            task.stored({"status": "checked", **kept})
    shown = shown_to(task.job.order.label, report, reviewed.case)
    task.tell(Stage.REPORTING)
    export_findings(shown.findings, task.file(FINDINGS), shown.notice, lang=lang)
    told = {"status": "checked", "issues": issues, **report_json(shown, lang), **kept}
    summary = {"status": "checked", "findings": len(shown.findings), **shown.by_severity}
    return Outcome(told, (FINDINGS,), summary)


def _register(task: Task) -> Store:
    moment = task.asked["known_at"]
    return task.store if moment is None else as_known(task.store, datetime.fromisoformat(moment))


def _papers(task: Task) -> Papers:
    asked = task.asked
    called: dict[Path, str] = {}

    def lying(upload_id: str) -> Path:
        path, name = task.upload(upload_id)
        called[path] = name
        return path

    return Papers(
        files=[lying(each) for each in asked["files"]],
        markers=[lying(each) for each in asked["markers"]],
        layers=[(each["layer"], lying(each["upload"])) for each in asked["layers"]],
        crs=asked["crs"],
        markers_crs=asked["markers_crs"],
        layers_crs=asked["layers_crs"],
        encoding=asked["encoding"],
        called=called,
    )
