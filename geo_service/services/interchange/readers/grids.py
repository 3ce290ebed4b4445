"""Sheets cell by cell, for papers that have titles, forms and merged cells around their data."""

from __future__ import annotations

import csv
import io
from bisect import bisect_left
from pathlib import Path
from typing import Any

from geo_service.services.interchange.readers.bookcells import (
    Struck,
    refuse_no_numbers,
    struck_of,
    tell_cell,
)
from geo_service.services.interchange.readers.bookparts import (
    Parts,
    open_book,
    parts_of,
    refuse_unsound,
    tell_hidden,
)
from geo_service.services.interchange.readers.encodings import tell_encoding
from geo_service.services.interchange.readers.secrecy import is_mark
from geo_service.services.interchange.readers.sheets import (
    cell_of,
    choose_sheets,
    delimiter_of,
    text_of_sheet,
)
from geo_service.services.interchange.readers.table import Cell, RawTable, Unreadable
from geo_service.services.interchange.readers.workbooks import refuse_marked

_HEAD_LINES = 20


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
    text, chosen = text_of_sheet(path, encoding)
    head = " ".join(text.splitlines()[:_HEAD_LINES])  # a title has nothing between cells
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter_of(head), strict=True)
    table = RawTable([], [], [], sheet=True, encoding=chosen.codec)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            _add(table, number, list(row))
    except csv.Error as error:
        raise Unreadable("csv_broken", row=number + 1) from error
    tell_encoding(table, chosen)
    return table


def _workbook(path: Path, layer: str) -> list[RawTable]:
    refuse_unsound(path)
    # Row by row: read as a whole, openpyxl makes a cell of every one of a merged area.
    book = open_book(path)
    refuse_no_numbers(path, book, lambda _, column, row: f"{column}{row}")
    refuse_marked(path, book)
    formulas = open_book(path, formulas=True)
    chosen = choose_sheets(book, layer)
    shown = [sheet for sheet in chosen if sheet.sheet_state == "visible"] or chosen
    tables = [_grid(path, book, sheet, formulas[sheet.title]) for sheet in shown]
    if hidden := [sheet.title for sheet in chosen if sheet not in shown]:
        tables[0].note("warning", "sheets_hidden", sheets=", ".join(hidden))
    return tables


def _grid(path: Path, book: Any, sheet: Any, formulas: Any) -> RawTable:
    table = RawTable([], [], [], sheet=True, layer=sheet.title)
    parts = parts_of(path, sheet)
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        _add(table, number, [cell_of(value) for value in row])
    _fill_merged(table, parts)
    tell_hidden(table, parts)
    _note_faults(table, sheet, formulas, struck_of(path, book, sheet))
    return table


def _fill_merged(table: RawTable, parts: Parts) -> None:
    """Give every cell of a merged area its value, as far as the sheet is filled at all."""
    rows = dict(zip(table.numbers, table.rows, strict=True))
    width = max(map(len, table.rows), default=0)
    for left, top, right, bottom in parts.merged:
        first = rows.get(top, [])
        value = first[left - 1] if left <= len(first) else None
        if value is None:
            continue
        for number in table.numbers[bisect_left(table.numbers, top) :]:
            if number > bottom:
                break
            cells, end = rows[number], min(right, width)
            cells.extend([None] * (end - len(cells)))
            cells[left - 1 : end] = [value] * (end - left + 1)


def _note_faults(table: RawTable, sheet: Any, formulas: Any, struck: Struck) -> None:
    """Cells that show an error, and formulas that were never calculated: both hide a value."""
    for shown, sources in zip(sheet.iter_rows(), formulas.iter_rows(), strict=False):
        if table.full:
            return
        for cell, source in zip(shown, sources, strict=False):
            if cell.value is None and source.value is None:
                continue
            if cell.data_type == "e":
                value = str(cell.value)
                table.note("error", "cell_error", cell.row, cell.coordinate, value=value)
            elif source.data_type == "f" and cell.value is None:
                table.note("error", "formula_without_value", source.row, source.coordinate)
            if cell.value is not None:
                tell_cell(table, cell, cell.coordinate, struck)
