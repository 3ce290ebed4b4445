"""Marks of state secrets: such a file is refused unread, and nothing of it is kept or logged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORDS = "秘密|机密|绝密"
_IN_NAME = re.compile(_WORDS)
# A mark stands alone in its cell: 机密, 绝密★10年, （秘密）, 密级：机密. A place name goes on.
_IN_CELL = re.compile(
    rf"\s*(?:密\s*级\s*[:：]?\s*)?[（(【\[]?\s*(?:{_WORDS})\s*级?\s*[）)】\]]?\s*(?:[★☆*].*)?"
)
_LEVEL_COLUMN = re.compile(r"(?:密级|保密等级|保密级别|涉密等级|security_?class\w*)", re.IGNORECASE)
HEAD_ROWS = 10
"""A printed mark stands above the table: this many rows are searched cell by cell."""


def named_secret(name: str) -> bool:
    """Whether a file name carries a mark."""
    return _IN_NAME.search(name) is not None


def is_mark(value: object) -> bool:
    """Whether one cell is a mark."""
    return isinstance(value, str) and _IN_CELL.fullmatch(value) is not None


def table_marked(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bool:
    """Whether the header, the first rows or a column of secrecy levels carry a mark."""
    levels = [i for i, header in enumerate(headers) if _LEVEL_COLUMN.fullmatch(header.strip())]
    if any(is_mark(header) for header in headers):
        return True
    for number, cells in enumerate(rows):
        looked_at = cells if number < HEAD_ROWS else [cells[i] for i in levels if i < len(cells)]
        if any(is_mark(value) for value in looked_at):
            return True
    return False
