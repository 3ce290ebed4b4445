"""A file of names in, the same file with the verdicts out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.services.answered_sheets import (
    QuestionSheet,
    check_answers_target,
    write_answers,
)
from geo_service.services.name_batch import (
    COLUMNS,
    Batch,
    BatchCount,
    RowAnswer,
    answered,
    cells_of,
)
from geo_service.services.name_sheet import read_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from geo_service.domain.place import FeatureType
    from geo_service.domain.text import Lang, Text
    from geo_service.services.wire import Json

_MOST_TOLD = 20
"""Rows that cannot be checked are all in the file; so many are told at once as well."""

Watcher = Callable[[int, int], None]
"""Called after each row with how many are done, and of how many."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """How a file came out; `problems` are the first rows that could not be checked."""

    count: BatchCount
    notices: tuple[Text, ...]
    problems: tuple[tuple[int, Text], ...]


def report_json(report: FileReport, lang: Lang) -> Json:
    """The report as the CLI shows it under `--json`."""
    problems = [{"row": row, "problem": told.in_(lang)} for row, told in report.problems]
    notices = [notice.in_(lang) for notice in report.notices]
    return {**report.count.to_json(), "not_checked": problems, "notices": notices}


def check_file(
    source: Path,
    target: Path,
    batch: Batch,
    *,
    as_of: date,
    today: date,
    kind: FeatureType | None = None,
    lang: Lang = "zh",
    encoding: str = "",
    called: str = "",
    watch: Watcher = lambda _done, _rows: None,
    keep: Callable[[RowAnswer], object] = lambda _answer: None,
) -> FileReport:
    """Check the names of a sheet (CSV, XLSX) and write them with the answers (CSV, XLSX).

    `watch` hears of the progress, `keep` gets every answer as it is found; `called` as in
    `read_names`. Raises InputError
    where the source cannot be read at all or the target not be written; then nothing is written.
    """
    check_answers_target(target, source)
    sheet = read_names(
        source, as_of=as_of, today=today, kind=kind, lang=lang, encoding=encoding, called=called
    )
    count = BatchCount()
    problems: list[tuple[int, Text]] = []

    def cells() -> Iterator[list[str]]:
        for answer in answered(sheet.rows, batch):
            count.add(answer)
            if answer.problem is not None and len(problems) < _MOST_TOLD:
                problems.append((answer.row.number, answer.problem))
            keep(answer)
            watch(count.rows, len(sheet.rows))
            yield cells_of(answer, lang)

    asked = QuestionSheet(called or source.name, sheet.headers, sheet.values, ())
    write_answers(target, source, asked, COLUMNS, cells())
    return FileReport(count, sheet.notices, tuple(problems))
