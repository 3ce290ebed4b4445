"""Sealed tables of the small files beside a register: sign-ins, checks of names that were kept.

As in the change log, each row holds the hash of the one before and is sealed with it:

    hash = SHA-256(prev_hash \\n JSON list of the number and the sealed columns)

Rows are numbered from 1 without a gap, also after the last was taken out: SQLite counts them apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.store.digests import sha256
from geo_service.store.protocol import AuditReport

if TYPE_CHECKING:
    import sqlite3

GENESIS = "0" * 64
"""What the first row is chained to."""
_PAGE = 2000
_COUNTED = "SELECT seq FROM sqlite_sequence WHERE name = ?"
_GUARD = "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ? AND sql = ?"


def _seal(previous: str, values: Sequence[Any]) -> str:
    # ASCII: what was typed may hold what UTF-8 cannot.
    return sha256(f"{previous}\n{json.dumps(values, separators=(',', ':'))}".encode())


@dataclass(frozen=True, slots=True)
class Chain:
    """A sealed table: its columns besides `number`, `prev_hash` and `hash`, in sealed order."""

    table: str
    columns: tuple[str, ...]

    @property
    def guards(self) -> dict[str, str]:
        """The triggers by which SQLite itself refuses to change or delete a row, by name."""
        return {
            f"{self.table}_{name}": f"CREATE TRIGGER {self.table}_{name} BEFORE {act}"
            f" ON {self.table} BEGIN SELECT raise(ABORT, 'kept'); END"
            for name, act in (("kept", "UPDATE"), ("stays", "DELETE"))
        }

    def append(self, db: sqlite3.Connection, *values: Any) -> None:
        """Seal a row at the end, in the caller's transaction, which must keep writers out."""
        number, previous = self.end(db)
        counted = db.execute(_COUNTED, (self.table,)).fetchone()
        number = max(number, counted[0] if counted else 0) + 1
        names = ", ".join(("number", *self.columns, "prev_hash", "hash"))
        row = (number, *values, previous, _seal(previous, (number, *values)))
        marks = ", ".join("?" * len(row))
        db.execute(f"INSERT INTO {self.table} ({names}) VALUES ({marks})", row)  # noqa: S608

    def end(self, db: sqlite3.Connection) -> tuple[int, str]:
        """Number and hash of the last row."""
        last = f"SELECT number, hash FROM {self.table} ORDER BY number DESC LIMIT 1"  # noqa: S608
        return db.execute(last).fetchone() or (0, GENESIS)

    def hash_of(self, db: sqlite3.Connection, number: int) -> str | None:
        """The hash of a row, None where there is none."""
        asked = f"SELECT hash FROM {self.table} WHERE number = ?"  # noqa: S608
        row = db.execute(asked, (number,)).fetchone()
        return None if row is None else str(row[0])

    def verify(self, db: sqlite3.Connection) -> AuditReport:
        """Walk the rows from the first; the problems are called as those of the change log."""
        entries, head = 0, GENESIS
        for number, *values, previous, sealed in self._rows(db):
            problem = ""
            if number != entries + 1:
                problem = "entry_missing"
            elif previous != head:
                problem = "chain_broken"
            elif _seal(head, (number, *values)) != sealed:
                problem = "entry_changed"
            if problem:
                return AuditReport(entries, head, entries + 1, problem)
            entries, head = number, sealed
        counted = db.execute(_COUNTED, (self.table,)).fetchone()
        if counted is not None and counted[0] > entries:
            return AuditReport(entries, head, entries + 1, "log_truncated")
        for guard in self.guards.items():
            if db.execute(_GUARD, guard).fetchone() is None:
                return AuditReport(entries, head, None, f"guard_missing {guard[0]}")
        return AuditReport(entries, head, None, "")

    def _rows(self, db: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
        """All rows in pages: an open cursor would keep writers out."""
        names = ", ".join(("number", *self.columns, "prev_hash", "hash"))
        asked = f"SELECT {names} FROM {self.table} WHERE number > ? ORDER BY number LIMIT {_PAGE}"  # noqa: S608
        after = -1
        while page := [tuple(row) for row in db.execute(asked, (after,))]:
            yield from page
            after = page[-1][0]
