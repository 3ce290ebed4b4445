"""A sheet that comes in with questions and goes out with the answers beside them.

The columns of the sender are kept, in their order; answers of an earlier run are replaced.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType
from geo_service.errors import InputError
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from geo_service.domain.text import Lang
    from geo_service.services.interchange.issues import Issue


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


@dataclass(frozen=True, slots=True)
class SheetCount:
    """How a sheet came out: its rows, those that a reader must look at, and the notices."""

    rows: int
    flagged: int
    notices: tuple[str, ...]


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
        raise fault_refusal(path.name, fault, lang)
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
    """A cell that cannot be used, or a row where no column is to blame."""
    if not column:
        return InputError("sheet_row_refused", file=file, row=row, detail=detail)
    return InputError("sheet_refused", file=file, row=row, field=column, detail=detail)


def fault_refusal(file: str, fault: Issue, lang: Lang) -> InputError:
    """What a reader found wrong with a file, or with one cell of it."""
    told = message("batch.row_fault", problem=fault.message, hint=fault.hint)
    detail = told.in_(lang).rstrip("。.")
    if fault.row is None and not fault.field:
        return InputError("sheet_unreadable", file=file, detail=detail)
    return refusal(file, fault.row or 1, fault.field, detail)


def cell_refusal(
    file: str, row: SheetRow, column: str, error: InputError, lang: Lang
) -> InputError:
    """The same for an error that a cell gave rise to."""
    detail = message(f"errors.{error.code}", **error.context).in_(lang).rstrip("。.")
    return refusal(file, row.number, column, detail)


def type_in(file: str, row: SheetRow) -> FeatureType | None:
    """The feature type a row tells (`feature_type` or `type`), in the words an import accepts.

    None where it tells none; raises InputError for a word nobody knows.
    """
    from geo_service.services.interchange.columns import choices, folded  # noqa: PLC0415

    column = "feature_type" if "feature_type" in row.cells else "type"
    told = row.cells.get(column, "").strip()
    if not told:
        return None
    known = choices(RecordKind.PLACE_NAMES, "feature_type")
    word = known.get(folded(told), told)
    if word not in set(FeatureType):
        raise refusal(file, row.number, column, f"{told}: {' '.join(FeatureType)}")
    return FeatureType(word)


def check_answers_target(target: Path, source: Path) -> None:
    """Refuse a target that may not be written, before the work. Raises InputError."""
    from geo_service.services.interchange.exporting import check_target  # noqa: PLC0415

    check_target(target, sources=(source,), formats=tuple(_WRITERS))


def write_answers(
    target: Path,
    source: Path,
    sheet: QuestionSheet,
    columns: Sequence[str],
    answers: Iterable[Sequence[str]],
) -> None:
    """The sheet as it came, with the columns of the answers at its end, as CSV or XLSX.

    Written whole or not at all; formulas are disarmed, and what no file can hold is written as its
    code. Raises InputError where the target may not be written.
    """
    from geo_service.services.interchange.exporting import written_whole  # noqa: PLC0415

    check_answers_target(target, source)
    with written_whole(target) as draft:
        _WRITERS[target.suffix.lower()](draft, _lines(sheet, columns, answers))


def _lines(
    sheet: QuestionSheet, columns: Sequence[str], answers: Iterable[Sequence[str]]
) -> Iterator[list[str]]:
    from geo_service.services.interchange.hygiene import guarded, harmless  # noqa: PLC0415

    kept = [i for i, h in enumerate(sheet.headers) if h.strip().lower() not in columns]
    yield [*(harmless(sheet.headers[i]) for i in kept), *columns]
    for values, answer in zip(sheet.values, answers, strict=True):
        yield [*(guarded(values[i]) for i in kept), *map(harmless, answer)]


def _write_csv(path: Path, lines: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace") as file:
        csv.writer(file).writerows(lines)


def _write_xlsx(path: Path, lines: Iterable[list[str]]) -> None:
    import openpyxl  # noqa: PLC0415 - half a second that a CSV need not pay

    from geo_service.services.interchange.hygiene import cell_text  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for line in lines:
        sheet.append([cell_text(text) for text in line])
    book.save(path)


_WRITERS = {".csv": _write_csv, ".xlsx": _write_xlsx}


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
