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
from functools import cache
from pathlib import Path
from typing import TypeVar

from geo_service.errors import ConfigError
from geo_service.resources import data_dir

RowT = TypeVar("RowT")
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The raw rows of one CSV table with the digest of its bytes."""

    name: str
    rows: tuple[Cells, ...]
    digest: str

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
    reader = csv.DictReader(content.decode("utf-8").splitlines())
    missing = set(key) - set(reader.fieldnames or ())
    if missing:
        raise ConfigError(
            "lexicon_malformed", file=path.name, row=1, detail=f"no column {sorted(missing)}"
        )
    rows: list[Cells] = []
    seen: set[tuple[str, ...]] = set()
    for number, cells in enumerate(reader, start=2):
        value = tuple(cells[column] or "" for column in key)
        if not all(value) or None in cells or None in cells.values():
            raise ConfigError(
                "lexicon_malformed", file=path.name, row=number, detail=f"blank or ragged {value}"
            )
        if value in seen:
            raise ConfigError(
                "lexicon_malformed", file=path.name, row=number, detail=f"repeated {value}"
            )
        seen.add(value)
        rows.append(cells)
    return Table(path.name, tuple(rows), hashlib.sha256(content).hexdigest())


@cache
def lexicon(name: str, *key: str) -> Table:
    """The table `data/lexicons/<name>.csv`; `key` names its key columns."""
    path = data_dir() / "lexicons" / f"{name}.csv"
    if not path.is_file():
        raise ConfigError("lexicon_malformed", file=path.name, row=0, detail="missing")
    return read_table(path, key)
