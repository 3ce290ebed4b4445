"""The file of accounts: who may sign in, who is signed in, which tokens there are, who came when.

It lies beside the register, in a file of its own: whoever reads the register's file learns nothing
of accounts. Ids of sessions and tokens are kept as digests only. What is entered in `event` is
never changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from geo_service.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SCHEMA = """
CREATE TABLE account (
  name TEXT PRIMARY KEY,
  person TEXT NOT NULL,
  password TEXT NOT NULL,
  roles TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  must_change INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  signed_in_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE session (
  digest TEXT PRIMARY KEY,
  account TEXT NOT NULL REFERENCES account (name),
  csrf TEXT NOT NULL,
  begun_at TEXT NOT NULL,
  seen_at TEXT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_by_account ON session (account);
CREATE TABLE token (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  digest TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL REFERENCES account (name),
  title TEXT NOT NULL,
  rights TEXT NOT NULL,
  made_at TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at TEXT NOT NULL,
  revoked_at TEXT NOT NULL
);
CREATE TABLE failure (
  place TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  last_at TEXT NOT NULL,
  until TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE subject (
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL,
  account TEXT NOT NULL REFERENCES account (name),
  PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE TABLE flow (
  digest TEXT PRIMARY KEY,
  nonce TEXT NOT NULL,
  verifier TEXT NOT NULL,
  next TEXT NOT NULL,
  begun_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE first_run (digest TEXT NOT NULL);
CREATE TABLE event (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  act TEXT NOT NULL,
  account TEXT NOT NULL,
  actor TEXT NOT NULL,
  address TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX event_by_account ON event (account);
CREATE TRIGGER event_kept BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'kept'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'kept'); END;
PRAGMA user_version = 1;
"""
_VERSION = 1
_WAIT_S = 10.0
_OWNER_ONLY = 0o600


def stamp(moment: datetime) -> str:
    """A moment as the file keeps it: UTC, to the second, in an order that text keeps."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(text: str) -> datetime:
    """The moment that a stamp says."""
    return datetime.fromisoformat(text)


class Book:
    """The open file; safe to share between threads, and several processes may have it open."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._lock = RLock()
        self._db: sqlite3.Connection | None = None

    def now(self) -> datetime:
        """The moment now."""
        return self._clock()

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch(_OWNER_ONLY)
            db = sqlite3.connect(
                self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
            )
            # The rollback journal: several processes write, and WAL of older SQLite is not safe so.
            for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "foreign_keys = ON"):
                db.execute(f"PRAGMA {pragma}")
            db.execute("PRAGMA secure_delete = ON")
            self._prepare(db)
            self._db = db
        return self._db

    def _prepare(self, db: sqlite3.Connection) -> None:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if not version:
            db.execute("BEGIN IMMEDIATE")  # another process may be at it
            if not db.execute("PRAGMA user_version").fetchone()[0]:
                for statement in _statements():
                    db.execute(statement)
            db.execute("COMMIT")
        elif version != _VERSION:
            raise StoreError("accounts_version", path=self._path, version=version)

    @contextmanager
    def _answering(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._lock:
                yield self._open()
        except (sqlite3.Error, OSError) as error:
            raise StoreError("accounts_unusable", path=self._path, detail=error) from error

    def rows(self, statement: str, *parameters: Any) -> Sequence[tuple[Any, ...]]:
        """The answer to one question. Raises StoreError `accounts_unusable`."""
        with self._answering() as db:
            return db.execute(statement, parameters).fetchall()

    def row(self, statement: str, *parameters: Any) -> tuple[Any, ...] | None:
        """The first row of an answer, None where there is none."""
        return next(iter(self.rows(statement, *parameters)), None)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it, or nothing. Raises StoreError `accounts_unusable`."""
        with self._answering() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    def note(
        self,
        db: sqlite3.Connection,
        act: str,
        account: str,
        *,
        actor: str = "",
        address: str = "",
        detail: str = "",
    ) -> None:
        """Enter in the log who did what, from where, in the transaction that does it."""
        db.execute(
            "INSERT INTO event (at, act, account, actor, address, detail)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (stamp(self.now()), act, account, actor or account, address, detail),
        )

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None


def _statements() -> Iterator[str]:
    """The statements of the schema one by one: `executescript` would commit by itself."""
    statement = ""
    for line in _SCHEMA.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
