"""A sheet that comes in with questions and goes out with the answers beside them.

The columns of the sender are kept, in their order; answers of an earlier run are replaced.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from geo_service.domain.text import Lang


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row by folded column name; `number` is the sheet row, the header being row 1."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class QuestionSheet:
    """What a file asks. `headers` and `values` are as they came.

    `notices` say how it was understood where that is not certain (an encoding that was guessed).
    """

    file: str
    headers: tuple[str, ...]
    values: tuple[Sequence[Any], ...]
    rows: tuple[SheetRow, ...]
    notices: tuple[str, ...] = ()


def read_sheet(path: Path, required: Sequence[str], lang: Lang) -> QuestionSheet:
    """A sheet with the required columns.

    Raises InputError naming file, row and column of the first thing that is wrong.
    """
    from geo_service.services.interchange.issues import Issues, Level  # noqa: PLC0415
    from geo_service.services.interchange.sandbox import parse  # noqa: PLC0415

    issues = Issues(path.name)
    parsed = parse(path, issues)
    if parsed is None or issues.refused:
        fault = next(issue for issue in issues.all() if issue.level is Level.ERROR)
        raise refusal(path.name, fault.row or 1, fault.field, fault.message.in_(lang).rstrip("。."))
    folded = [header.strip().lower() for header in parsed.headers]
    for column in required:
        if column not in folded:
            known = ", ".join(required)
            raise InputError("sheet_column_missing", file=path.name, column=column, known=known)
    rows = tuple(
        SheetRow(
            row.number,
            {h: _text(cell) for h, cell in zip(folded, row.cells, strict=False)},
        )
        for row in parsed.rows
    )
    told = (issue for issue in issues.all() if issue.level is Level.WARNING)
    return QuestionSheet(
        path.name,
        tuple(parsed.headers),
        tuple(row.cells for row in parsed.rows),
        rows,
        tuple(issue.message.in_(lang) for issue in told),
    )


def refusal(file: str, row: int, column: str, detail: object) -> InputError:
    """A cell that cannot be used."""
    return InputError("sheet_refused", file=file, row=row, field=column or "-", detail=detail)


def write_answers(
    target: Path,
    source: Path,
    sheet: QuestionSheet,
    columns: Sequence[str],
    answers: Iterable[Sequence[str]],
) -> None:
    """The sheet as it came, with the columns of the answers at its end, as CSV.

    Written whole or not at all. Raises InputError where the target may not be written.
    """
    from geo_service.services.interchange.exporting import (  # noqa: PLC0415
        check_target,
        written_whole,
    )
    from geo_service.services.interchange.hygiene import harmless  # noqa: PLC0415

    check_target(target, sources=(source,), formats=(".csv",))
    kept = [i for i, h in enumerate(sheet.headers) if h.strip().lower() not in columns]
    with (
        written_whole(target) as draft,
        draft.open("w", encoding="utf-8-sig", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow([*(harmless(sheet.headers[i]) for i in kept), *columns])
        for values, answer in zip(sheet.values, answers, strict=True):
            writer.writerow([*(harmless(values[i]) for i in kept), *map(harmless, answer)])


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
