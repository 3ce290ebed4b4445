"""Many names sent as JSON: each judged like one, and held against the others."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from geo_service.domain.text import Text
from geo_service.jobs.job import Stage
from geo_service.jobs.work import Outcome
from geo_service.services.name_batch import answered, batch_at, batch_json
from geo_service.services.name_record import request_in
from geo_service.services.name_sheet import NameRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.jobs.job import Json
    from geo_service.jobs.work import Task
    from geo_service.services.name_batch import RowAnswer


def row_json(row: NameRow) -> Json:
    """A row as it waits for its job; `_row` reads it back."""
    from geo_service.services.name_record import request_json  # noqa: PLC0415

    problem = None if row.problem is None else {"zh": row.problem.zh, "en": row.problem.en}
    asked = None if row.request is None else request_json(row.request)
    return {"row": row.number, "asked": asked, "problem": problem}


def _row(line: Json) -> NameRow:
    problem = None if line["problem"] is None else Text(**line["problem"])
    request = None if line["asked"] is None else request_in(line["asked"])
    return NameRow(line["row"], request, problem)


def work(task: Task) -> Outcome:
    """The answer of `/names/check-batch`, whenever it is ready."""
    rows = [_row(line) for line in task.asked["rows"]]
    services = task.services
    store = task.store if task.asked["register"] else None
    moment = task.asked["known_at"]
    known_at = None if moment is None else datetime.fromisoformat(moment)
    batch = batch_at(services.city, store, services.restricted, known_at)

    def told() -> Iterator[RowAnswer]:
        for done, answer in enumerate(answered(rows, batch)):
            task.tell(Stage.NAMES, done, len(rows))
            yield answer

    result = batch_json(told(), task.lang)
    return Outcome(result, summary=result["counts"])
