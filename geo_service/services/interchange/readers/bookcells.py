"""What the cells of a workbook hold that is not what whoever looks at them sees.

Days before Excel's calendar is sound, texts that are struck out, and numbers that are none.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from geo_service.services.interchange.readers.archive import open_archive
from geo_service.services.interchange.readers.table import RawTable, Unreadable

_SOUND_FROM = date(1900, 3, 1)
"""Excel counts a 29 February 1900; before the day after it programs read a number a day apart."""
_STRINGS = "xl/sharedStrings.xml"
_ITEM = re.compile(rb"<(?:\w+:)?(si|is)>(.*?)</(?:\w+:)?\1>", re.DOTALL)
_STRIKE = re.compile(rb"<(?:\w+:)?(?:d?strike)(?!\s+val=[\"'](?:0|false)[\"'])\b")
_TEXT = re.compile(rb"<(?:\w+:)?t\b[^>/]*>([^<]*)<")
_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?v>\s*([+-]?[^<0-9.\s+-][^<]*?)\s*</(?:\w+:)?v>"
)
_AT = re.compile(rb"\br=[\"']([A-Z]+)([0-9]+)[\"']")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")


@dataclass(frozen=True, slots=True)
class Struck:
    """Styles of cells that are struck out, and texts of which a part is."""

    styles: frozenset[int]
    texts: frozenset[str]

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.styles or self.texts)


def struck_of(path: Path, book: Any, sheet: Any) -> Struck:
    """What is struck out in a sheet. Raises Unreadable."""
    fonts = {i for i, font in enumerate(book._fonts) if font.strike}
    styles = (i for i, style in enumerate(book._cell_styles) if style.fontId in fonts)
    with open_archive(path) as archive:
        names = {_STRINGS, sheet._worksheet_path} & set(archive.namelist())
        texts = {text for name in names for text in _struck_in(archive.read(name))}
    return Struck(frozenset(styles), frozenset(texts))


def _struck_in(content: bytes) -> set[str]:
    if _STRIKE.search(content) is None:
        return set()
    items = (inside for _, inside in _ITEM.findall(content) if _STRIKE.search(inside))
    return {
        html.unescape(b"".join(_TEXT.findall(item)).decode("utf-8", "replace")) for item in items
    }


def is_early(value: Any) -> bool:
    """Whether it is a day before Excel's calendar is sound."""
    return isinstance(value, datetime) and value.date() < _SOUND_FROM


def tell_cell(table: RawTable, cell: Any, name: str, struck: Struck) -> None:
    """Say of a filled cell what its value does not."""
    value = cell.value
    if is_early(value):
        table.note("error", "date_before_calendar", cell.row, name, value=value.date().isoformat())
    if cell._style_id in struck.styles or (struck.texts and value in struck.texts):
        table.note("warning", "cell_struck", cell.row, name, value=str(value))


def refuse_no_numbers(path: Path, book: Any, named: Callable[[Any, str, int], str]) -> None:
    """Refuse numbers that are none (NaN), which stop the reader without a place.

    `named` gives the field of a sheet, column's letter and row. Raises Unreadable for the first.
    """
    for sheet in book.worksheets:
        with open_archive(path) as archive:
            content = archive.read(sheet._worksheet_path)
        _refuse_in(content, partial(named, sheet))


def _refuse_in(content: bytes, named: Callable[[str, int], str]) -> None:
    for said, value in _CELL.findall(content):
        kind, at = _TYPE.search(said), _AT.search(said)
        if (kind is None or kind[1] == b"n") and at is not None:
            row, column = int(at[2]), at[1].decode("ascii")
            shown = value.decode("utf-8", "replace")[:40]
            raise Unreadable("number_unreadable", row, named(column, row), value=shown)
