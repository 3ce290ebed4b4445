"""Workbooks opened with care, and what their parts say that cells do not: hidden, merged.

A sheet states its own extent. Where that is too small, a reader that believes it loses rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.parsers import expat

from geo_service.services.interchange.readers.archive import open_archive
from geo_service.services.interchange.readers.table import RawTable, Unreadable

LAST_ROW = 1 << 20
LAST_COLUMN = 1 << 14
"""The most that a sheet can hold (ECMA-376)."""

MAX_CELLS = 1_000_000
"""In all sheets, and texts that they share: what is read in half a minute. More is a job for a
format of databases (ours)."""
_MARKUP = (".xml", ".rels", ".vml")
_COUNTED = ("xl/worksheets/", "xl/sharedStrings")
_CHUNK = 1 << 16
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>")
_COLUMN = re.compile(rb"<(?:\w+:)?col\b([^>]*)>")
_MERGED = re.compile(rb"mergeCell\b[^>]*\bref=[\"']([A-Z]+[0-9]+:[A-Z]+[0-9]+)[\"']")
_NUMBER = re.compile(rb"\b(?:r|min|max)=[\"']([0-9]+)[\"']")
_COUNTING = re.compile(rb"<(?:\w+:)?(?:c|row|si)[\s/>]")
_ODD = re.compile(rb"<(?:\w+:)?f[\s/>]|\bt=[\"']e[\"']")
"""A formula, or a cell that shows an error."""
_HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")


@dataclass(frozen=True, slots=True)
class Parts:
    """Of one sheet. A merged area is left, top, right, bottom; all count from 1."""

    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    merged: tuple[tuple[int, int, int, int], ...]
    odd: bool
    """Whether a cell may hold a formula or an error."""


class _Begun(Exception):  # noqa: N818 - stops the parser, never leaves this module
    """The first element: no document type can follow."""


def open_book(path: Path, *, formulas: bool = False) -> Any:
    """A workbook to be read row by row, as far as it really goes. Raises Unreadable."""
    import openpyxl  # noqa: PLC0415 - half a second that other formats need not pay

    book = openpyxl.load_workbook(path, read_only=True, data_only=not formulas)
    for sheet in book.worksheets:
        sheet.reset_dimensions()
    return book


def refuse_unsound(path: Path) -> None:
    """Look at the parts of a workbook before they are read. Raises Unreadable.

    XML that declares entities can grow without end or reach for files; cells without end take time.
    """
    with open_archive(path) as archive:
        for entry in archive.infolist():
            if entry.filename.lower().endswith(_MARKUP):
                with archive.open(entry) as file:
                    _refuse_in(iter(lambda: file.read(_CHUNK), b""))
        counted = [e for e in archive.infolist() if e.filename.startswith(_COUNTED)]
        count = sum(sum(1 for _ in _COUNTING.finditer(archive.read(entry))) for entry in counted)
    if count > MAX_CELLS:
        raise Unreadable("cells_too_many", count=count, limit=MAX_CELLS)


def _refuse_in(chunks: Iterable[bytes]) -> None:
    """Read on to the first element, in whatever encoding the part is written."""
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise Unreadable("xml_doctype")

    def begin(*_: object) -> None:
        raise _Begun

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = begin
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _Begun:
        return
    except expat.ExpatError as error:
        raise Unreadable("content_broken") from error


def parts_of(path: Path, sheet: Any) -> Parts:
    """What the part of a sheet says beside its cells. Raises Unreadable where it cannot be one."""
    with open_archive(path) as archive:
        content = archive.read(sheet._worksheet_path)
    rows = [(number, said) for said in _ROW.findall(content) for number in _numbers(said)]
    numbers = [number for number, _ in rows]
    if any(later <= former for former, later in pairwise(numbers)):
        raise Unreadable("content_broken")
    if numbers and not 1 <= numbers[-1] <= LAST_ROW:
        raise Unreadable("content_broken")
    return Parts(
        frozenset(number for number, said in rows if _HIDDEN.search(said)),
        frozenset(_hidden_columns(content)),
        tuple(_area(found.decode("ascii")) for found in _MERGED.findall(content)),
        _ODD.search(content) is not None,
    )


def _numbers(said: bytes) -> list[int]:
    return [int(number) for number in _NUMBER.findall(said)]


def _hidden_columns(content: bytes) -> set[int]:
    hidden: set[int] = set()
    for said in _COLUMN.findall(content):
        bounds = _numbers(said)
        if len(bounds) == 2 and _HIDDEN.search(said):
            hidden.update(range(min(bounds), min(max(bounds), LAST_COLUMN) + 1))
    return hidden


def _area(ref: str) -> tuple[int, int, int, int]:
    from openpyxl.utils import range_boundaries  # noqa: PLC0415

    left, top, right, bottom = range_boundaries(ref)
    return left, top, right, bottom


def tell_hidden(table: RawTable, parts: Parts) -> None:
    """Warn of filled rows and columns that whoever looked at the sheet did not see."""
    for number in table.numbers:
        if number in parts.hidden_rows:
            table.note("warning", "row_hidden", number)
    for position, header in enumerate(table.headers, start=1):
        if header and position in parts.hidden_columns:
            table.note("warning", "column_hidden", None, header, name=header)


def refuse_merged(table: RawTable, parts: Parts) -> None:
    """A value that stands over several records belongs to nobody knows which."""
    filled = set(table.numbers)
    for left, top, _right, bottom in parts.merged:
        if table.full:
            return
        if bottom > top and left <= len(table.headers):
            header = table.headers[left - 1]
            for number in range(top + 1, bottom + 1):
                if header and top in filled and number in filled:
                    table.note("error", "cell_merged", number, header, first=top)
