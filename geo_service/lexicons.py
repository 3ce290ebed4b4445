"""Word lists and code tables: `data/lexicons/<name>.csv`, each with a sidecar `<name>.toml`.

A table is UTF-8 with a header row, sorted by its key. The sidecar says what each column means,
the key columns, source, licence, date and curator. Reading checks header, key and blanks, and
names file and row of what is wrong, so that a person who edits a table sees the slip at once.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar

from geo_service.errors import ConfigError
from geo_service.resources import data_dir

RowT = TypeVar("RowT")
Cells = dict[str, str]


@dataclass(frozen=True)
class Table:
    """The raw rows of one CSV table with the digest of its bytes."""

    name: str
    header: tuple[str, ...]
    body: tuple[list[str], ...]
    digest: str

    @cached_property
    def rows(self) -> tuple[Cells, ...]:
        """Each row by column names."""
        return tuple([self.row(cells) for cells in self.body])

    def row(self, cells: list[str]) -> Cells:
        """One row of the body by column names."""
        return dict(zip(self.header, cells, strict=True))

    def by(self, column: str) -> dict[str, list[str]]:
        """The rows of the body by one column: for a large table of which few rows are wanted."""
        index = self.header.index(column)
        return {cells[index]: cells for cells in self.body}

    def typed(self, make: Callable[[Cells], RowT]) -> tuple[RowT, ...]:
        """Each row through `make`; a ValueError or KeyError becomes a ConfigError with the row."""
        result: list[RowT] = []
        for number, cells in enumerate(self.rows, start=2):
            try:
                result.append(make(cells))
            except (KeyError, ValueError) as error:
                raise ConfigError(
                    "lexicon_malformed", file=self.name, row=number, detail=repr(error)
                ) from error
        return tuple(result)


def read_table(path: Path, key: tuple[str, ...]) -> Table:
    """Read one CSV table and check that `key` columns exist, are filled and do not repeat.

    Raises ConfigError naming file and row.
    """
    content = path.read_bytes()
    lines = list(csv.reader(content.decode("utf-8").splitlines()))
    header, body = (lines[0], lines[1:]) if lines else ([], [])
    missing = set(key) - set(header)
    if missing:
        raise ConfigError(
            "lexicon_malformed", file=path.name, row=1, detail=f"no column {sorted(missing)}"
        )
    columns = [header.index(column) for column in key]
    # The largest table lies on the path of every name check: look for the faulty row only
    # where the quick tests say that there is one.
    if set(map(len, body)) - {len(header)} or not _are_keys(body, columns):
        _refuse_first_fault(path, header, body, columns)
    return Table(path.name, tuple(header), tuple(body), hashlib.sha256(content).hexdigest())


def _are_keys(body: list[list[str]], columns: list[int]) -> bool:
    cells = list(zip(*body, strict=True)) if body else []
    keys = list(zip(*(cells[i] for i in columns), strict=True)) if cells else []
    return len(set(keys)) == len(keys) and not any("" in cells[i] for i in columns if cells)


def _refuse_first_fault(
    path: Path, header: list[str], body: list[list[str]], columns: list[int]
) -> None:
    seen: set[tuple[str, ...]] = set()
    for number, cells in enumerate(body, start=2):
        value = tuple(cells[i] for i in columns) if len(cells) == len(header) else ()
        if not value or not all(value) or value in seen:
            problem = "repeated" if value in seen else "blank or ragged"
            raise ConfigError(
                "lexicon_malformed", file=path.name, row=number, detail=f"{problem} {cells}"
            )
        seen.add(value)


@cache
def lexicon(name: str, *key: str) -> Table:
    """The table `data/lexicons/<name>.csv`; `key` names its key columns."""
    path = data_dir() / "lexicons" / f"{name}.csv"
    if not path.is_file():
        raise ConfigError("lexicon_malformed", file=path.name, row=0, detail="missing")
    return read_table(path, key)
