"""What a workbook says beside the cells that are read: properties, headers, drawings, other sheets.

A mark of secrecy is printed there as often as above the table.
"""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from geo_service.services.interchange.readers.archive import open_archive
from geo_service.services.interchange.readers.secrecy import (
    HEAD_ROWS,
    is_mark,
    markup_marked,
    named_secret,
)
from geo_service.services.interchange.readers.table import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

_BESIDE = ("docProps/", "xl/drawings/", "xl/comments", "xl/threadedComments/", "customXml/")
_SHEET = "xl/worksheets/"
_HEADER = re.compile(rb"<headerFooter\b.*?</headerFooter>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_STYLE = re.compile(r'&(?:"[^"]*"|[0-9]+|K[0-9A-Fa-f+]+|[A-Z])')
"""Codes of printed headers: font, size, colour, and the place on the page."""


def refuse_marked(path: Path, book: Any) -> None:
    """See that nothing beside the cells of a workbook is a mark. Raises Unreadable."""
    if _named(book) or _in_parts(path) or _above(book):
        raise Unreadable("classified")


def _named(book: Any) -> bool:
    return any(map(named_secret, book.sheetnames))


def _above(book: Any) -> bool:
    """Whether a mark stands in the first rows of any sheet, also of one that is not read."""
    return any(
        is_mark(value)
        for sheet in book.worksheets
        for row in islice(sheet.iter_rows(values_only=True, max_row=HEAD_ROWS), HEAD_ROWS)
        for value in row
    )


def _in_parts(path: Path) -> bool:
    with open_archive(path) as archive:
        for entry in archive.infolist():
            if entry.filename.startswith(_BESIDE) and markup_marked(archive.read(entry)):
                return True
            if entry.filename.startswith(_SHEET) and _header_marked(archive.read(entry)):
                return True
    return False


def _header_marked(sheet: bytes) -> bool:
    for header in _HEADER.findall(sheet):
        pieces = _TAG.sub("\n", header.decode("utf-8", "replace"))
        if is_mark(_STYLE.sub("\n", html.unescape(pieces))):
            return True
    return False
