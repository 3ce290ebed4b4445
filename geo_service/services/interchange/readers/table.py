"""What every reader hands over, and how it refuses."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from dataclasses import field as default_of
from typing import Any

GRID = "grid"
"""What the reading process is told when it shall take no row for a header."""
ABOUT = "about"
"""How the names of metadata files begin in the folder of the reading process."""
MAX_COLUMNS = 2000
"""More than any table of records has (SQLite allows as many)."""
MAX_ROWS = 2_000_000
"""More than the memory of the reading process holds; a clerk's files have thousands (ours)."""
MOST_NOTES = 50_000
"""A file with more faults is not looked through to its end: nobody reads so many."""
Cell = str | int | float | bool | None


class Unreadable(Exception):  # noqa: N818 - told to the user as an issue, never raised to callers
    """The file cannot be read at all; `code` and `values` make the issue."""

    def __init__(self, code: str, row: int | None = None, field: str = "", **values: Any) -> None:
        super().__init__(code)
        self.code, self.row, self.field, self.values = code, row, field, values


@dataclass(frozen=True, slots=True)
class Note:
    """An issue seen while reading: `level` is error, warning or info."""

    level: str
    code: str
    row: int | None = None
    field: str = ""
    values: dict[str, Any] = default_of(default_factory=dict)


@dataclass(slots=True)
class RawTable:
    """Rows as the file has them. `wkb` is None for a table without geometry.

    `numbers` are sheet rows (header = 1) or feature numbers from 1. `crs` is what the file
    declares: `EPSG:n`, `OGC:CRS84` or WKT, empty where it declares none. `encoding` is the codec
    of the text where the format leaves it open, else "".
    """

    headers: list[str]
    numbers: list[int]
    rows: list[list[Cell]]
    wkb: list[bytes | None] | None = None
    crs: str = ""
    layer: str = ""
    sheet: bool = False
    encoding: str = ""
    notes: list[Note] = default_of(default_factory=list)
    errors: int = 0

    def note(
        self, level: str, code: str, row: int | None = None, field: str = "", **values: Any
    ) -> None:
        """Add an issue. After `MOST_NOTES` errors nothing more is kept: the file is refused."""
        if not self.full:
            self.notes.append(Note(level, code, row, field, values))
            self.errors += level == "error"

    @property
    def full(self) -> bool:
        """Whether so much is wrong that the rest is not worth looking at."""
        return self.errors > MOST_NOTES

    @property
    def rows_told(self) -> int:
        """How many rows are worth handing over: of nonsense those up to the last that is noted."""
        last = self.notes[-1].row if self.full else None
        return len(self.rows) if last is None else bisect(self.numbers, last)
