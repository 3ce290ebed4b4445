"""Checks of names that somebody kept: each a stored verdict with its request, to be replayed.

A check is known by the digest of its line, so that the same check kept twice is one. Nothing is
changed or deleted once it is kept.
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
from geo_service.store.disk import ensure_folder

if TYPE_CHECKING:
    from geo_service.services.wire import Json

_BUSY_S = 20.0
_OWNER_ONLY = 0o600
_TABLE = """
CREATE TABLE IF NOT EXISTS kept_check (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
  who TEXT NOT NULL, kept_at TEXT NOT NULL, line TEXT NOT NULL
)
"""


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
            db.execute(
                "INSERT OR IGNORE INTO kept_check (id, who, kept_at, line) VALUES (?, ?, ?, ?)",
                (check_id, who, now.isoformat(), told),
            )
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
                ensure_folder(self.path.absolute().parent)
                self.path.touch(_OWNER_ONLY)
            with closing(sqlite3.connect(self.path, timeout=_BUSY_S)) as db:
                db.execute("PRAGMA synchronous=EXTRA")
                db.row_factory = sqlite3.Row
                db.execute(_TABLE)
                with db:
                    yield db
        except (sqlite3.Error, OSError) as error:
            raise StoreError("kept_checks_unavailable", detail=str(error)) from error


def _check(row: sqlite3.Row) -> KeptCheck:
    return KeptCheck(
        id=row["id"],
        number=row["number"],
        who=row["who"],
        kept_at=datetime.fromisoformat(row["kept_at"]),
        line=json.loads(row["line"]),
    )
