"""Sheets cell by cell, for papers that have titles, forms and merged cells around their data."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from geo_service.services.interchange.readers.encodings import decode
from geo_service.services.interchange.readers.secrecy import is_mark
from geo_service.services.interchange.readers.sheets import (
    cell_of,
    choose_sheets,
    delimiter_of,
    refuse_doctype,
)
from geo_service.services.interchange.readers.table import Cell, RawTable, Unreadable

_MOST_MERGED = 10_000
"""Cells of one merged area that are filled with its value; a larger one is no label of a table."""


def read(path: Path, layer: str, encoding: str) -> list[RawTable]:
    """Every filled sheet, without headers: each row with its number. Raises Unreadable.

    A merged area has its value in every cell. A mark of secrecy anywhere refuses the file: in a
    paper it stands wherever there is room.
    """
    tables = _workbook(path, layer) if path.suffix == ".xlsx" else [_text(path, encoding)]
    if any(is_mark(value) for table in tables for row in table.rows for value in row):
        raise Unreadable("classified")
    return tables


def _add(table: RawTable, number: int, cells: list[Cell]) -> None:
    while cells and cells[-1] in (None, ""):
        cells.pop()
    if cells:
        table.numbers.append(number)
        table.rows.append(cells)


def _text(path: Path, encoding: str) -> RawTable:
    text, chosen = decode(path.read_bytes(), encoding)
    if "\0" in text:
        raise Unreadable("content_not_format", format="CSV")
    csv.field_size_limit(len(text) + 1)
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter_of(text), strict=True)
    table = RawTable([], [], [], sheet=True, encoding=chosen.codec)
    try:
        for number, row in enumerate(reader, start=1):
            _add(table, number, list(row))
    except csv.Error as error:
        raise Unreadable("csv_broken", row=reader.line_num) from error
    if chosen.guessed:
        table.note("warning", "encoding_guessed", encoding="GB18030")
    return table


def _workbook(path: Path, layer: str) -> list[RawTable]:
    import openpyxl  # noqa: PLC0415 - half a second that other formats need not pay

    refuse_doctype(path)
    book = openpyxl.load_workbook(path, data_only=True)  # merged areas are not told in passing
    formulas = openpyxl.load_workbook(path, read_only=True)
    return [_grid(sheet, formulas[sheet.title]) for sheet in choose_sheets(book, layer)]


def _grid(sheet: Any, formulas: Any) -> RawTable:
    table = RawTable([], [], [], sheet=True, layer=sheet.title)
    merged = _merged(sheet)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [
            cell_of(merged.get((number, column), cell.value))
            for column, cell in enumerate(row, start=1)
        ]
        _add(table, number, cells)
    _note_faults(table, sheet, formulas)
    return table


def _merged(sheet: Any) -> dict[tuple[int, int], Any]:
    """The value of every cell of a merged area."""
    result: dict[tuple[int, int], Any] = {}
    for area in sheet.merged_cells.ranges:
        if area.size["rows"] * area.size["columns"] > _MOST_MERGED:
            continue
        value = sheet.cell(area.min_row, area.min_col).value
        result |= dict.fromkeys(area.cells, value)
    return result


def _note_faults(table: RawTable, sheet: Any, formulas: Any) -> None:
    """Cells that show an error, and formulas that were never calculated: both hide a value."""
    for row in formulas.iter_rows():
        for source in row:
            if source.value is None or source.data_type not in ("e", "f"):
                continue
            cell = sheet.cell(source.row, source.column)
            if cell.data_type == "e" or source.data_type == "e":
                value = str(cell.value)
                table.note("error", "cell_error", cell.row, cell.coordinate, value=value)
            elif cell.value is None:
                table.note("error", "formula_without_value", cell.row, cell.coordinate)
