"""Two copies of the same lines laid beside each other: uploaded files, or the register's own."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.jobs.job import REGISTER, Stage
from geo_service.jobs.work import Outcome
from geo_service.maps.comparison import comparison_map
from geo_service.maps.offline import vendored_assets
from geo_service.maps.swipe import swipe_json
from geo_service.services.boundary_files import read_files
from geo_service.services.comparison import compare_copies, comparison_json
from geo_service.services.comparison_layers import layers_of
from geo_service.services.comparison_pairs import MISPLACED, lines_of
from geo_service.services.interchange.exporting import export_layers, written_whole

if TYPE_CHECKING:
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.jobs.work import Task
    from geo_service.services.boundary_files import FileCase

STRETCHES, MAP, SWIPE = "stretches.geojson", "map.html", "swipe.json"


def work(task: Task) -> Outcome:
    """Compare line by line; figures, stretches and a map, and no choice."""
    asked, city, lang = task.asked, task.services.city, task.lang
    task.tell(Stage.READING)
    read = [_read(task, side) for side in ("a", "b")]
    issues = [issue.to_json(lang) for given in read if given for issue in given.issues]
    if any(given is not None and given.refused for given in read):
        return Outcome({"status": "rejected", "issues": issues}, summary={"status": "rejected"})
    a, b = (_lines(task, side, given) for side, given in zip("ab", read, strict=True))
    tallies = [() if given is None else given.tallies for given in read]
    report = compare_copies(
        a,
        b,
        city,
        date.fromisoformat(asked["as_of"]),
        scale=asked["scale"],
        tallies_a=tallies[0],
        tallies_b=tallies[1],
        progress=lambda number, total, name: task.tell(Stage.LINES, number, total, name),
    )
    task.tell(Stage.REPORTING)
    export_layers(layers_of(report), task.file(STRETCHES), report.notice, lang=lang)
    page = comparison_map(report, city=city, lang=lang, assets=vendored_assets())
    with written_whole(task.file(MAP)) as draft:
        draft.write_text(page, encoding="utf-8")
    drawn = swipe_json(report, city=city, lang=lang)
    task.file(SWIPE).write_text(json.dumps(drawn, ensure_ascii=False), encoding="utf-8")
    told = {"status": "compared", "issues": issues, **comparison_json(report, lang)}
    summary = {"status": "compared", "lines": len(report.lines), **report.by_severity}
    return Outcome(told, (STRETCHES, MAP, SWIPE), summary)


def _read(task: Task, side: str) -> FileCase | None:
    """The file of one side, None where the register stands for it."""
    copy = task.asked[side]
    if copy["upload"] == REGISTER:
        return None
    path, name = task.upload(copy["upload"])
    return read_files(
        [path],
        city=task.services.city,
        today=date.fromisoformat(task.asked["today"]),
        crs=copy["crs"],
        encoding=copy["encoding"],
        let_through=MISPLACED,
        called={path: name},
    )


def _lines(task: Task, side: str, given: FileCase | None) -> tuple[AdministrativeBoundary, ...]:
    if given is None:
        day = date.fromisoformat(task.asked["as_of"])
        records = task.store.records(RecordKind.BOUNDARY_LINES, as_of=day)
        lines = lines_of(records, task.services.city)
        if not lines:
            raise InputError("register_without_lines", day=day)
        return lines
    lines = lines_of(given.records, task.services.city)
    if not lines:
        raise InputError("copy_without_lines", file=task.upload(task.asked[side]["upload"])[1])
    return lines
