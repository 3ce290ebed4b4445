"""CSV and Excel sheets. Rows are numbered as the person sees them: the header is row 1."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any

from geo_service.lexicons import lexicon
from geo_service.services.interchange.readers.allowance import counted
from geo_service.services.interchange.readers.bookcells import (
    Struck,
    is_early,
    refuse_no_numbers,
    struck_of,
    tell_cell,
)
from geo_service.services.interchange.readers.bookparts import (
    open_book,
    parts_of,
    refuse_merged,
    refuse_unsound,
    tell_hidden,
)
from geo_service.services.interchange.readers.encodings import Encoding, decode, tell_encoding
from geo_service.services.interchange.readers.secrecy import is_mark
from geo_service.services.interchange.readers.table import (
    MAX_ROWS,
    Cell,
    RawTable,
    Unreadable,
)
from geo_service.services.interchange.readers.workbooks import refuse_marked

_DELIMITERS = ",\t;"
_HEAD_CHARACTERS = 1 << 16
_EXACT_BELOW = 1e15
"""Spreadsheet programs keep fifteen digits: a longer number is shown, and kept, shortened."""


_Numbered = tuple[int, list[Cell]]
_SAID = re.compile("[\u4e00-\u9fff]\\s*[:：]\\s*\\S")
"""A label in Chinese with what it says behind its colon, as no column is called."""
_HEAD_ROWS = 20
"""A header stands among the first rows of a sheet."""


def _is_blank(value: Cell) -> bool:
    return value is None or value == "" or (isinstance(value, str) and value.isspace())


def _blank(row: Iterable[Cell]) -> bool:
    return all(map(_is_blank, row))


def _may_be_header(row: list[Cell]) -> bool:
    filled = [value for value in row if not _is_blank(value)]
    return len(filled) > 1 and _SAID.search(str(filled[0])) is None


def _titled(numbered: Iterator[_Numbered]) -> tuple[list[_Numbered], Iterator[_Numbered]]:
    """The rows above the header, and the rows from it on.

    A title has one cell, a line above a table says 填报单位：…; where there is nothing else, the
    first row is the header. A mark in a title refuses the file.
    """
    first = list(islice(numbered, _HEAD_ROWS))
    at = next((i for i, (_, row) in enumerate(first) if _may_be_header(row)), 0)
    if any(is_mark(value) for _, row in first[:at] for value in row):
        raise Unreadable("classified")
    return first[:at], chain(first[at:], numbered)


def _framed(rows: Iterable[list[Cell]]) -> RawTable:
    """A table from rows: header, blank rows left out, titles and ragged rows named."""
    above, numbered = _titled(enumerate(counted(rows), start=1))
    header = next(numbered, (1, []))[1]
    headers = ["" if value is None else str(value).strip() for value in header]
    while headers and not headers[-1]:
        headers.pop()
    if not headers:
        raise Unreadable("header_missing", row=1)
    table = RawTable(headers, [], [], sheet=True)
    if above:
        table.note("error", "header_not_first", above[-1][0] + 1)
    for number, row in numbered:
        if _blank(row):
            continue
        if not table.rows and _goes_on(headers, row):
            raise Unreadable("header_in_two_rows", number)
        if not _blank(row[len(headers) :]):
            table.note("error", "row_ragged", number, cells=len(row), columns=len(headers))
        table.numbers.append(number)
        table.rows.append((row + [None] * len(headers))[: len(headers)])
    _note_unnamed(table)
    return table


def _goes_on(headers: list[str], row: list[Cell]) -> bool:
    """Whether the first row below a header is its second: 经度 and 纬度 under a merged 坐标."""
    names = headers + [""] * (len(row) - len(headers))
    filled = [i for i, value in enumerate(row) if not _is_blank(value)]
    bare = {i for i, name in enumerate(names) if not name}
    under = bare | {i - 1 for i in bare if i}
    if len(filled) < 2 or filled[0] == 0 or bare.isdisjoint(filled) or not under.issuperset(filled):
        return False
    return all(isinstance(row[i], str) and not str(row[i])[0].isdecimal() for i in filled)


def _note_unnamed(table: RawTable) -> None:
    """Columns without a name that hold something: nothing is dropped unsaid."""
    bare = [i for i, name in enumerate(table.headers) if not name]
    if told := [i for i in bare if any(not _is_blank(row[i]) for row in table.rows)]:
        table.note("warning", "column_unnamed", columns=", ".join(str(i + 1) for i in told))


# --- CSV ------------------------------------------------------------------------------------


def read_csv(path: Path, encoding: str) -> RawTable:
    """A CSV file with commas, tabs or semicolons. Raises Unreadable."""
    text, chosen = text_of_sheet(path, encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
    rows: list[list[Cell]] = []
    try:
        rows.extend(list(row) for row in islice(reader, MAX_ROWS + 2))
    except csv.Error as error:
        # A quote that is never closed swallows the rest: the row it opens in is the wrong one.
        raise Unreadable("csv_broken", row=len(rows) + 1) from error
    table = _framed(rows)
    width = len(table.headers)
    for number in table.numbers:
        if (count := len(rows[number - 1])) < width:
            table.note("warning", "row_short", number, cells=count, columns=width)
    table.encoding = chosen.codec
    tell_encoding(table, chosen)
    return table


def text_of_sheet(path: Path, encoding: str) -> tuple[str, Encoding]:
    """The text of a CSV file, and what it is written in. Raises Unreadable."""
    text, chosen = decode(path.read_bytes(), encoding)
    if "\0" in text:
        row = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable("content_not_format", row=row, format="CSV")
    csv.field_size_limit(max(len(text) + 1, csv.field_size_limit()))
    return text, chosen


def delimiter_of(text: str) -> str:
    """What stands between the cells, judged by the first line that has any such thing."""
    lines = text[:_HEAD_CHARACTERS].split("\n")
    line = next((line for line in lines if any(sign in line for sign in _DELIMITERS)), "")
    return max(_DELIMITERS, key=line.count)


# --- Excel ----------------------------------------------------------------------------------


def cell_of(value: Any) -> Cell:
    """The value of a cell as a reader hands it over."""
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if type(value) in (int, float) and abs(value) >= _EXACT_BELOW:
        return float(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, str | int | float | bool) else None


def choose_sheets(book: Any, layer: str) -> list[Any]:
    """The sheet asked for, else all that hold something; one that only explains counts last."""
    if layer:
        if layer not in book.sheetnames:
            raise Unreadable("layer_unknown", layer=layer, layers=", ".join(book.sheetnames))
        return [book[layer]]
    filled = [
        sheet
        for sheet in book.worksheets
        if any(not _blank(row) for row in sheet.iter_rows(values_only=True, max_row=20))
    ]
    if not filled:
        raise Unreadable("header_missing", row=1)
    return [sheet for sheet in filled if not _is_readme(sheet.title)] or filled


def _is_readme(title: str) -> bool:
    """Whether a sheet only explains the others, as its name says."""
    words = lexicon("sheet_words", "kind", "word").rows
    return title.strip().casefold() in {row["word"] for row in words if row["kind"] == "readme"}


def _note_faults(table: RawTable, sheet: Any, formulas: Any, struck: Struck) -> None:
    """Cells that show an error, and formulas that were never calculated: both hide a value."""
    for values, sources in zip(sheet.iter_rows(), formulas.iter_rows(), strict=False):
        if table.full:
            return
        for cell, source in zip(values, sources, strict=False):
            if cell.value is None and source.value is None:
                continue
            name = table.headers[cell.column - 1] if cell.column <= len(table.headers) else ""
            if cell.data_type == "e":
                table.note("error", "cell_error", cell.row, name, value=str(cell.value))
            elif source.data_type == "f" and cell.value is None:
                table.note("error", "formula_without_value", source.row, name)
            elif source.data_type == "f":
                table.note("info", "formula_value", source.row, name)
            if cell.value is not None:
                tell_cell(table, cell, name, struck)


def _header_of(sheet: Any, column: str, _row: int) -> str:
    from openpyxl.utils import column_index_from_string  # noqa: PLC0415

    heads = next(sheet.iter_rows(values_only=True, max_row=1), ())
    at = column_index_from_string(column) - 1
    return str(heads[at]) if at < len(heads) and heads[at] is not None else column


def _values(sheet: Any, early: list[int]) -> Iterator[list[Cell]]:
    """The rows of a sheet; those with a day before its calendar are noted."""
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(map(is_early, row)):
            early.append(number)
        yield [cell_of(value) for value in row]


def read_xlsx(path: Path, layer: str) -> RawTable:
    """One sheet of an Excel workbook. Raises Unreadable."""
    refuse_unsound(path)
    book = open_book(path)
    refuse_no_numbers(path, book, _header_of)
    refuse_marked(path, book)
    sheet, *others = choose_sheets(book, layer)
    if others:
        raise Unreadable("layer_ambiguous", layers=", ".join(s.title for s in (sheet, *others)))
    parts = parts_of(path, sheet)
    early: list[int] = []
    table = _framed(_values(sheet, early))
    struck = struck_of(path, book, sheet)
    if parts.odd or struck or early:
        formulas = open_book(path, formulas=True)[sheet.title] if parts.odd else sheet
        _note_faults(table, sheet, formulas, struck)
    tell_hidden(table, parts)
    refuse_merged(table, parts)
    table.layer = sheet.title
    return table
