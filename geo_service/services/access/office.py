"""Everything about signing in over one file: accounts, sessions, tokens, first run, log."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from geo_service.domain.access import Role
from geo_service.errors import Forbidden, GeoServiceError, NotFound
from geo_service.services.access.accounts import Accounts
from geo_service.services.access.book import Book, moment
from geo_service.services.access.sessions import Sessions, digest_of
from geo_service.services.access.throttle import Throttle
from geo_service.services.access.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from geo_service.services.access.accounts import Account
    from geo_service.services.access.oidc import Oidc


@dataclass(frozen=True, slots=True)
class OidcSettings:
    """How an OIDC provider is reached and what it knows us by; without `discovery` there is none.

    `base_url` is our own address, as browsers know it.
    """

    discovery: str = ""
    client: str = ""
    secret_file: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log of sign-ins: who did what to which account, when and from where."""

    number: int
    at: datetime
    act: str
    account: str
    actor: str
    address: str
    detail: str


class Office:
    """Made once for an application; nothing is opened before it is asked for."""

    def __init__(
        self,
        path: Path,
        clock: Callable[[], datetime],
        idle: timedelta,
        longest: timedelta,
        oidc: OidcSettings,
    ) -> None:
        self.book = Book(path, clock)
        self.accounts = Accounts(self.book)
        self.sessions = Sessions(self.book, self.accounts, idle, longest)
        self.tokens = Tokens(self.book, self.accounts)
        self._oidc = oidc

    @property
    def offers_oidc(self) -> bool:
        """Whether one may sign in by an OIDC provider."""
        return bool(self._oidc.discovery)

    @cached_property
    def oidc(self) -> Oidc:
        """Signing in by the provider of the settings."""
        # The libraries of the provider cost half a second: only for those who have one.
        from geo_service.services.access.oidc import Oidc  # noqa: PLC0415

        return Oidc(self.book, self.accounts, self._oidc)

    def first_secret(self) -> str:
        """A secret by which the first administrator enters himself; it replaces any before it.

        "" once there is an administrator.
        """
        if self.accounts.has_administrator():
            return ""
        secret = secrets.token_urlsafe(24)
        with self.book.writing() as db:
            db.execute("DELETE FROM first_run")
            db.execute("INSERT INTO first_run VALUES (?)", (digest_of(secret),))
        return secret

    def require_first_run(self) -> None:
        """Raises NotFound once there is an administrator: the way in is closed for good."""
        if self.accounts.has_administrator():
            raise NotFound("first_run_over")

    def enter_first(
        self, secret: str, name: str, person: str, password: str, address: str
    ) -> Account:
        """The first administrator. Raises NotFound, Busy, Forbidden `first_secret_wrong`."""
        self.require_first_run()
        throttle = Throttle(self.book)
        throttle.begin(" first run", address)
        digest = digest_of(secret.strip())
        with self.book.writing() as db:  # whoever takes it out has it for himself
            taken = db.execute("DELETE FROM first_run WHERE digest = ?", (digest,)).rowcount
        if not taken:
            raise Forbidden("first_secret_wrong")
        throttle.succeeded(" first run", address)
        try:
            self.accounts.add(
                name,
                person,
                [Role.ADMINISTRATOR],
                actor="first run",
                password=password,
                address=address,
            )
        except GeoServiceError:
            with self.book.writing() as db:
                db.execute("INSERT INTO first_run VALUES (?)", (digest,))
            raise
        return self.accounts.get(name.strip().lower())

    def locked(self) -> dict[str, datetime]:
        """The accounts that must wait before the next try to sign in, and until when."""
        return Throttle(self.book).locked()

    def events(self, *, limit: int, offset: int = 0) -> list[Event]:
        """The log of sign-ins, newest first."""
        rows = self.book.rows(
            "SELECT number, at, act, account, actor, address, detail FROM event"
            " ORDER BY number DESC LIMIT ? OFFSET ?",
            limit,
            offset,
        )
        return [Event(row[0], moment(row[1]), *row[2:]) for row in rows]

    def event_count(self) -> int:
        """How many entries the log of sign-ins has."""
        return int(self.book.rows("SELECT count(*) FROM event")[0][0])

    def close(self) -> None:
        """Release the file."""
        self.book.close()
