"""Signing in, and the sessions that come of it.

A session is known by a random id that only the browser keeps; here is its digest. It ends after a
time without a request, after a whole day's work in any case, and with every change of account that
ought to end it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from geo_service.domain.access import Asker, Manner
from geo_service.errors import Forbidden
from geo_service.services.access import passwords
from geo_service.services.access.book import moment, stamp
from geo_service.services.access.throttle import Throttle

if TYPE_CHECKING:
    from geo_service.services.access.accounts import Account, Accounts
    from geo_service.services.access.book import Book

_NOTED_EVERY = timedelta(minutes=1)
"""How often it is written down that a session is in use."""
_LONGEST_AGENT = 200


def digest_of(secret: str) -> str:
    """What is kept of a secret of full entropy: no need for a slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Session:
    """One browser signed in; `digest` is what is kept of its id."""

    digest: str
    account: str
    csrf: str
    begun_at: datetime
    seen_at: datetime
    address: str
    agent: str


class Sessions:
    """The sessions of a book."""

    def __init__(self, book: Book, accounts: Accounts, idle: timedelta, longest: timedelta) -> None:
        self._book = book
        self._accounts = accounts
        self._idle = idle
        self._longest = longest
        self._throttle = Throttle(book)

    def sign_in(self, name: str, password: str, address: str, agent: str) -> tuple[str, Account]:
        """The id of a new session for whoever knows the password.

        Raises Busy `sign_in_locked`, and Forbidden `sign_in_failed` for a wrong name as for a wrong
        password, after as long.
        """
        name = name.strip().lower()[:80]
        account = self._accounts.find(name)
        if account is None:  # a password typed into the wrong field is to be kept nowhere
            name = self._book.stranger(name)
        self._throttle.begin(name, address)
        enters = account is not None and not account.disabled
        fitting = passwords.fits(account.password if account and enters else "", password)
        if account is None or not fitting:
            with self._book.writing() as db:
                self._book.note(db, "sign_in_failed", name, address=address)
            raise Forbidden("sign_in_failed")
        self._throttle.succeeded(name, address)
        return self.begin(account, address, agent, "sign_in"), account

    def begin(self, account: Account, address: str, agent: str, act: str) -> str:
        """The id of a new session of an account that is known to be meant."""
        secret, now = secrets.token_urlsafe(32), stamp(self._book.now())
        with self._book.writing() as db:
            db.execute(
                "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    digest_of(secret),
                    account.name,
                    secrets.token_urlsafe(32),
                    now,
                    now,
                    address,
                    agent[:_LONGEST_AGENT],
                ),
            )
            db.execute("UPDATE account SET signed_in_at = ? WHERE name = ?", (now, account.name))
            oldest = stamp(self._book.now() - self._longest)
            db.execute("DELETE FROM session WHERE begun_at < ?", (oldest,))
            self._book.note(db, act, account.name, address=address)
        return secret

    def find(self, secret: str) -> tuple[Session, Asker] | None:
        """The session of an id and who asks by it; None where it has ended or never was."""
        row = self._book.row("SELECT * FROM session WHERE digest = ?", digest_of(secret))
        if row is None:
            return None
        session, now = _session(row), self._book.now()
        account = self._accounts.find(session.account)
        if account is None or account.disabled or self._over(session, now):
            self.end(session, "session_over")
            return None
        if now - session.seen_at >= _NOTED_EVERY:
            with self._book.writing() as db:
                db.execute(
                    "UPDATE session SET seen_at = ? WHERE digest = ?", (stamp(now), session.digest)
                )
        return session, account.asker(Manner.SESSION)

    def _over(self, session: Session, now: datetime) -> bool:
        return now - session.seen_at > self._idle or now - session.begun_at > self._longest

    def of(self, account: str) -> list[Session]:
        """The sessions of an account that go on, newest first."""
        rows = self._book.rows(
            "SELECT * FROM session WHERE account = ? ORDER BY begun_at DESC", account
        )
        now = self._book.now()
        return [session for session in map(_session, rows) if not self._over(session, now)]

    def end(self, session: Session, act: str = "sign_out") -> None:
        """End a session."""
        with self._book.writing() as db:
            ended = db.execute("DELETE FROM session WHERE digest = ?", (session.digest,))
            if ended.rowcount:
                self._book.note(db, act, session.account, address=session.address)

    def end_others(self, session: Session) -> None:
        """End all sessions of an account but one."""
        for other in self.of(session.account):
            if other.digest != session.digest:
                self.end(other)


def _session(row: tuple[str, ...]) -> Session:
    digest, account, csrf, begun_at, seen_at, address, agent = row
    return Session(digest, account, csrf, moment(begun_at), moment(seen_at), address, agent)
