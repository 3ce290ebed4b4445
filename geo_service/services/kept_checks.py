"""Checks of names that somebody kept: each a stored verdict with its request, to be replayed.

A check is known by the digest of its line, so that the same check kept twice is one. Nothing is
changed or deleted once it is kept, and the checks are sealed in a chain as the change log is.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import NotFound, StoreError
from geo_service.store.chain import Chain
from geo_service.store.disk import own_file, own_folder, tighten

if TYPE_CHECKING:
    from geo_service.services.wire import Json

_BUSY_S = 20.0
CHECKS = Chain("kept_check", ("id", "who", "kept_at", "line"))
"""The checks, each sealed with the one before."""
_TABLE = """
CREATE TABLE kept_check (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  who TEXT NOT NULL, kept_at TEXT NOT NULL, line TEXT NOT NULL,
  prev_hash TEXT NOT NULL, hash TEXT NOT NULL
)
"""
_VERSION = 1
"""Of the file; one of before was not sealed, and is 0 like one that is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheck:
    """A verdict with its request as `name_record.record_json` makes it; who kept it, and when."""

    id: str
    number: int
    who: str
    kept_at: datetime
    line: Json


@dataclass(frozen=True, slots=True)
class KeptChecks:
    """The checks of one SQLite file, made when the first is kept."""

    path: Path

    def keep(self, line: Json, who: str, now: datetime) -> KeptCheck:
        """Keep a check; one that is there already stays as it was kept first.

        Raises StoreError `kept_checks_unavailable`.
        """
        # ASCII: a name may hold what UTF-8 cannot.
        told = json.dumps(line, ensure_ascii=True, sort_keys=True)
        check_id = hashlib.sha256(told.encode()).hexdigest()[:32]
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            known = db.execute("SELECT 1 FROM kept_check WHERE id = ?", (check_id,)).fetchone()
            if known is None:
                CHECKS.append(db, check_id, who, now.isoformat(), told)
            db.execute("COMMIT")
        return self.get(check_id)

    def get(self, check_id: str) -> KeptCheck:
        """A check. Raises NotFound `kept_check_not_found`."""
        with self._opened() as db:
            row = db.execute("SELECT * FROM kept_check WHERE id = ?", (check_id,)).fetchone()
        if row is None:
            raise NotFound("kept_check_not_found", check=check_id)
        return _check(row)

    def list(self, *, before: int | None = None, limit: int) -> list[KeptCheck]:
        """Checks, the newest first, from the number `before` down."""
        with self._opened() as db:
            rows = db.execute(
                "SELECT * FROM kept_check WHERE ? IS NULL OR number < ?"
                " ORDER BY number DESC LIMIT ?",
                (before, before, limit),
            )
            return [_check(row) for row in rows]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            if not self.path.exists():
                own_folder(self.path.absolute().parent)
                own_file(self.path)
            tighten(self.path)
            with closing(sqlite3.connect(self.path, timeout=_BUSY_S, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous=EXTRA")
                if db.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
                    _prepare(db)
                db.row_factory = sqlite3.Row
                yield db
        except (sqlite3.Error, OSError) as error:
            raise StoreError("kept_checks_unavailable", detail=str(error)) from error


def _prepare(db: sqlite3.Connection) -> None:
    """Make the table; checks that a file of before holds are sealed as they stand."""
    db.execute("BEGIN IMMEDIATE")  # another process may be at it
    if db.execute("PRAGMA user_version").fetchone()[0] < _VERSION:
        found = "SELECT 1 FROM sqlite_master WHERE name = 'kept_check'"
        is_old = db.execute(found).fetchone() is not None
        if is_old:
            db.execute("ALTER TABLE kept_check RENAME TO unsealed")
        db.execute(_TABLE)
        if is_old:
            columns = ", ".join(CHECKS.columns)
            rows = db.execute(f"SELECT {columns} FROM unsealed ORDER BY number")  # noqa: S608
            for row in rows.fetchall():
                CHECKS.append(db, *row)
            db.execute("DROP TABLE unsealed")
        for guard in CHECKS.guards.values():
            db.execute(guard)
        db.execute(f"PRAGMA user_version = {_VERSION}")
    db.execute("COMMIT")


def _check(row: sqlite3.Row) -> KeptCheck:
    return KeptCheck(
        id=row["id"],
        number=row["number"],
        who=row["who"],
        kept_at=datetime.fromisoformat(row["kept_at"]),
        line=json.loads(row["line"]),
    )
