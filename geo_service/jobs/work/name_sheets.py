"""An uploaded sheet of names: the same rows with their verdicts, and a line for each to replay."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from geo_service.domain.place import FeatureType
from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.services.name_batch import batch_of, line_of
from geo_service.services.name_file import check_file, report_json
from geo_service.services.name_record import kept_verdicts

if TYPE_CHECKING:
    from geo_service.jobs.work import Task

VERDICTS = "verdicts.jsonl"


def work(task: Task) -> Outcome:
    """As `geo-service name check-file --keep`."""
    asked, services = task.asked, task.services
    source, name = task.upload(asked["upload"])
    answers = f"answers.{asked['format']}"
    task.tell(Stage.READING)
    store = task.store if asked["register"] else None
    batch = batch_of(services.city, store, services.restricted)
    with kept_verdicts(task.file(VERDICTS)) as write:
        report = check_file(
            source,
            task.file(answers),
            batch,
            as_of=date.fromisoformat(asked["as_of"]),
            today=date.fromisoformat(asked["today"]),
            kind=FeatureType(asked["feature_type"]) if asked["feature_type"] else None,
            lang=task.lang,
            encoding=asked["encoding"],
            called=name,
            watch=lambda done, rows: task.tell(Stage.NAMES, done, rows),
            keep=lambda answer: write(line_of(answer, batch, task.lang)),
        )
    result = {"file": name, **report_json(report, task.lang)}
    return Outcome(result, (answers, VERDICTS), report.count.to_json())
