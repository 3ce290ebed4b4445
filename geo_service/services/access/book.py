"""The file of accounts: who may sign in, who is signed in, which tokens there are, who came when.

It lies beside the register, in a file of its own: whoever reads the register's file learns nothing
of accounts. Ids of sessions and tokens are kept as digests only. What is entered in `event` is
never changed, and sealed in a chain as the change log is.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from geo_service.errors import StoreError
from geo_service.store.chain import Chain
from geo_service.store.connection import file_at
from geo_service.store.disk import own_file, own_folder, tighten

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
"""
EVENTS = Chain("event", ("at", "act", "account", "actor", "address", "detail"))
"""The log of sign-ins and of what was done to accounts."""
_LOG = f"""
CREATE TABLE event (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  at TEXT NOT NULL,
  act TEXT NOT NULL,
  account TEXT NOT NULL,
  actor TEXT NOT NULL,
  address TEXT NOT NULL,
  detail TEXT NOT NULL,
  prev_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX event_by_account ON event (account);
{"".join(f"{guard};{chr(10)}" for guard in EVENTS.guards.values())}
CREATE TABLE salt (salt BLOB NOT NULL);
PRAGMA user_version = 2;
"""
_UNSEALED = """
DROP TRIGGER event_kept;
DROP TRIGGER event_stays;
DROP INDEX event_by_account;
ALTER TABLE event RENAME TO unsealed;
"""
"""What makes room for the log in a file of version 1, whose log was not sealed."""
_VERSION = 2
_SALT_BYTES = 32
_STRANGER = 4
"""Hexadecimal digits kept of a name that no account has. So few that it shows whether the same was
typed again, and yet what was typed (a password, often) cannot be found by trying: of a million
guesses some fifteen fit."""
_WAIT_S = 10.0


def stamp(moment: datetime) -> str:
    """A moment as the file keeps it: UTC, to the second, in an order that text keeps."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def moment(text: str) -> datetime:
    """The moment that a stamp says."""
    return datetime.fromisoformat(text)


class NotAtOnce(Exception):  # noqa: N818 - nothing is wrong
    """The file could not tell what was asked without a wait, or without writing."""


class Book:
    """The open file; safe to share between threads, and several processes may have it open."""

    def __init__(self, path: Path, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock
        self._lock = RLock()
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._hurries = False  # under the lock

    def now(self) -> datetime:
        """The moment now."""
        return self._clock()

    def _open(self) -> sqlite3.Connection:
        db = self._db
        if db is not None and not db.in_transaction and file_at(self._path) != self._file:
            db.close()  # a backup was put back: who was let in since is in another file
            self._db = None
        if self._db is None:
            own_folder(self._path.absolute().parent)
            own_file(self._path)
            tighten(self._path)
            db = sqlite3.connect(
                self._path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
            )
            # The rollback journal: several processes write, and WAL of older SQLite is not safe so.
            for pragma in ("journal_mode = DELETE", "synchronous = EXTRA", "foreign_keys = ON"):
                db.execute(f"PRAGMA {pragma}")
            db.execute("PRAGMA secure_delete = ON")
            self._prepare(db)
            self._db, self._file = db, file_at(self._path)
        return self._db

    def _prepare(self, db: sqlite3.Connection) -> None:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == _VERSION:
            return
        if version > _VERSION:
            raise StoreError("accounts_version", path=self._path, version=version)
        db.execute("BEGIN IMMEDIATE")  # another process may be at it
        try:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version < _VERSION:
                _run(db, _UNSEALED if version else _SCHEMA)
                _run(db, _LOG)
                db.execute("INSERT INTO salt VALUES (?)", (secrets.token_bytes(_SALT_BYTES),))
            if version == 1:
                self._seal_old(db)
        except BaseException:
            db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")

    def _seal_old(self, db: sqlite3.Connection) -> None:
        """Take over the log of version 1, without the names that nobody has: people had typed
        passwords there."""
        known = {name for (name,) in db.execute("SELECT name FROM account")}
        names = ", ".join(EVENTS.columns)
        taken = 0
        for at, act, account, actor, *rest in db.execute(
            f"SELECT {names} FROM unsealed ORDER BY number"  # noqa: S608 - columns of ours
        ).fetchall():
            if act == "sign_in_failed" and account not in known:
                taken += 1
                account = actor = _stranger(db, account)  # noqa: PLW2901
            EVENTS.append(db, at, act, account, actor, *rest)
        db.execute("DROP TABLE unsealed")
        for (place,) in db.execute("SELECT place FROM failure").fetchall():
            if place.startswith("account ") and place.removeprefix("account ") not in known:
                db.execute("DELETE FROM failure WHERE place = ?", (place,))
        self.note(db, "log_sealed", "", actor="geo-service", detail=str(taken))

    @contextmanager
    def _answering(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._open()
            except (sqlite3.Error, OSError) as error:
                if self._hurries:
                    raise NotAtOnce from error
                raise StoreError("accounts_unusable", path=self._path, detail=error) from error

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within it questions are answered in microseconds, for who must never wait.

        Raises NotAtOnce where that cannot be: somebody else is at the file, or it would be written.
        """
        if not self._lock.acquire(blocking=False):
            raise NotAtOnce
        try:
            if self._db is None or file_at(self._path) != self._file:
                raise NotAtOnce
            self._db.execute("PRAGMA busy_timeout = 0")
            self._hurries = True
            try:
                yield
            finally:
                self._hurries = False
                self._db.execute(f"PRAGMA busy_timeout = {_WAIT_S * 1000:.0f}")
        finally:
            self._lock.release()

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
            if self._hurries:
                raise NotAtOnce
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
        EVENTS.append(db, stamp(self.now()), act, account, actor or account, address, detail)

    def stranger(self, name: str) -> str:
        """What is kept of a name that was typed and that no account has: a short salted digest."""
        with self._answering() as db:
            return _stranger(db, name)

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = None


def _stranger(db: sqlite3.Connection, name: str) -> str:
    (salt,) = db.execute("SELECT salt FROM salt").fetchone()
    digest = hmac.digest(salt, name.encode(errors="surrogatepass"), "sha256").hex()
    return f"?{digest[:_STRANGER]}"  # no account is called so


def _run(db: sqlite3.Connection, script: str) -> None:
    """The statements one by one: `executescript` would commit by itself."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            db.execute(statement)
            statement = ""
