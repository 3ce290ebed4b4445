"""Many rows into a table: several in each statement, since a statement costs as much as a row."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from geo_service.store import sql

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

ROWS = 32
"""Rows a statement: with the widest table still below 999 parameters, the limit of old SQLites."""


def insert_rows(
    db: sqlite3.Connection, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
) -> None:
    """INSERT rows in order. Raises sqlite3.Error."""
    whole = len(rows) - len(rows) % ROWS
    if whole:  # reading so long a statement costs more than one row
        groups = (list(chain.from_iterable(rows[at : at + ROWS])) for at in range(0, whole, ROWS))
        db.executemany(sql.insert(table, columns, ROWS), groups)
    db.executemany(sql.insert(table, columns), rows[whole:])
