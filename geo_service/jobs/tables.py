"""The small SQLite file of jobs and uploads: its tables, and connections to it.

A connection lives for one step, since workers, threads and jobs share the file. Rollback journal,
for the reason told in `store.connection`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from geo_service.errors import StoreError
from geo_service.store.disk import own_file, own_folder

_BUSY_S = 20.0
_TABLES = """
CREATE TABLE IF NOT EXISTS job (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL, who TEXT NOT NULL, label TEXT NOT NULL, lang TEXT NOT NULL,
  asked TEXT NOT NULL, key TEXT, state TEXT NOT NULL,
  stage TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, total INTEGER,
  about TEXT NOT NULL DEFAULT '', held INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, started_at TEXT, ended_at TEXT,
  files TEXT NOT NULL DEFAULT '[]', summary TEXT NOT NULL DEFAULT '{}', failure TEXT,
  UNIQUE (who, key)
);
CREATE INDEX IF NOT EXISTS job_by_state ON job (state, number);
CREATE INDEX IF NOT EXISTS job_by_who ON job (who, number);
CREATE TABLE IF NOT EXISTS upload (
  id TEXT NOT NULL, who TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL,
  sent_at TEXT NOT NULL, PRIMARY KEY (id, who)
);
"""


@contextmanager
def connected(folder: Path, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection to the file in a folder, both made where they are missing.

    With `write` one transaction that keeps others from writing; committed on leaving. Raises
    StoreError `jobs_unavailable` where the disk or another process does not let us.
    """
    try:
        path = folder / "jobs.sqlite"
        fresh = not path.exists()
        if fresh:
            own_folder(folder.absolute())
            own_file(path)
        with closing(sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous=EXTRA")
            if fresh or not _has_tables(db):
                db.executescript(_TABLES)
            if not write:
                yield db
                return
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.commit()
    except (sqlite3.Error, OSError) as error:
        raise StoreError("jobs_unavailable", detail=str(error)) from error


def _has_tables(db: sqlite3.Connection) -> bool:
    found = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'upload'").fetchone()
    return bool(found[0])


def stamp(moment: datetime) -> str:
    """A moment as the file keeps it: UTC, of one width, so that texts sort like times."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """A moment read back."""
    return None if text is None else datetime.fromisoformat(text)
