"""Accounts: who may sign in with which roles, and what administrators may do to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.access import Asker, Manner, Right, Role
from geo_service.errors import Conflict, Forbidden, InputError, NotFound
from geo_service.services.access import passwords
from geo_service.services.access.book import stamp
from geo_service.services.access.matrix import matrix
from geo_service.services.access.throttle import Throttle, forget

if TYPE_CHECKING:
    import sqlite3

    from geo_service.services.access.book import Book

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
_LONGEST_PERSON = 60
_COLUMNS = "name, person, password, roles, disabled, must_change, created_at, signed_in_at"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. Stamps are UTC as `book.stamp` writes them, "" for never.

    With `must_change` the password was handed over by somebody else: until it is changed the
    account may do nothing else. Without a password it is entered by OIDC alone.
    """

    name: str
    person: str
    password: str
    roles: frozenset[Role]
    disabled: bool
    must_change: bool
    created_at: str
    signed_in_at: str

    def asker(self, manner: Manner, scope: frozenset[Right] | None = None) -> Asker:
        """The account as somebody who asks, at most with the rights of a scope."""
        rights = matrix().of(self.roles)
        if self.must_change:
            rights &= {Right.OWN_ACCOUNT}
        if scope is not None:
            rights &= scope
        return Asker(self.name, manner, rights, self.roles, matrix().audience(self.roles))


def account_of(row: tuple[str, str, str, str, int, int, str, str]) -> Account:
    """The account in a row of `_COLUMNS`."""
    name, person, password, roles, disabled, must_change, *stamps = row
    held = frozenset(map(Role, roles.split()))
    return Account(name, person, password, held, bool(disabled), bool(must_change), *stamps)


def account_name(text: str) -> str:
    """The name of an account. Raises InputError `account_name`."""
    name = text.strip().lower()
    if not _NAME.fullmatch(name):
        raise InputError("account_name", name=text[:40])
    return name


def _roles(roles: Iterable[Role]) -> str:
    """The roles as they are kept. Raises InputError for roles that must lie apart, or none."""
    held = sorted(set(roles))
    if not held:
        raise InputError("roles_missing")
    for role in held:
        if matrix().roles[role].alone and len(held) > 1:
            raise InputError("roles_apart", role=matrix().roles[role].name)
    return " ".join(held)


class Accounts:
    """The accounts of a book. `actor` is who does it; what is done is entered in the log."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def find(self, name: str) -> Account | None:
        """The account of that name, None where there is none."""
        row = self._book.row(f"SELECT {_COLUMNS} FROM account WHERE name = ?", name)  # noqa: S608
        return None if row is None else account_of(row)

    def get(self, name: str) -> Account:
        """The account of that name. Raises NotFound `account_unknown`."""
        account = self.find(name)
        if account is None:
            raise NotFound("account_unknown", name=name[:40])
        return account

    def all(self) -> list[Account]:
        """All accounts by name."""
        rows = self._book.rows(f"SELECT {_COLUMNS} FROM account ORDER BY name")  # noqa: S608
        return [account_of(row) for row in rows]

    def has_administrator(self) -> bool:
        """Whether somebody can manage accounts."""
        return any(map(_administers, self.all()))

    def add(
        self,
        name: str,
        person: str,
        roles: Iterable[Role],
        *,
        actor: str,
        password: str | None = None,
        address: str = "",
    ) -> str:
        """A new account; returns the password to hand over, or "" where one was given.

        Raises InputError for a name, roles or password that cannot be, Conflict for a name that
        is taken.
        """
        name, person, kept_roles = account_name(name), person.strip(), _roles(roles)
        if not person or len(person) > _LONGEST_PERSON:
            raise InputError("account_person", longest=_LONGEST_PERSON)
        made = passwords.made_up() if password is None else ""
        if password is not None:
            passwords.require_good(password, name, person)
        kept = passwords.keep(made or password or "")
        with self._book.writing() as db:
            if db.execute("SELECT 1 FROM account WHERE name = ?", (name,)).fetchone():
                raise Conflict("account_taken", name=name)
            db.execute(
                f"INSERT INTO account ({_COLUMNS}) VALUES (?, ?, ?, ?, 0, ?, ?, '')",  # noqa: S608
                (name, person, kept, kept_roles, bool(made), self._stamp()),
            )
            self._book.note(
                db, "account_added", name, actor=actor, address=address, detail=kept_roles
            )
        return made

    def set_roles(self, name: str, roles: Iterable[Role], *, actor: str, address: str = "") -> None:
        """Other roles for an account.

        Raises Forbidden `own_roles` or `last_administrator`, InputError, NotFound.
        """
        if name == actor:
            raise Forbidden("own_roles")
        kept = _roles(roles)
        with self._changing(name) as db:
            db.execute("UPDATE account SET roles = ? WHERE name = ?", (kept, name))
            self._book.note(db, "roles_changed", name, actor=actor, address=address, detail=kept)

    def disable(self, name: str, *, actor: str, address: str = "") -> None:
        """Nobody enters by the account any more: its sessions end, its tokens are revoked.

        Raises Forbidden `own_account_disabled` or `last_administrator`, NotFound.
        """
        if name == actor:
            raise Forbidden("own_account_disabled")
        with self._changing(name) as db:
            db.execute("UPDATE account SET disabled = 1 WHERE name = ?", (name,))
            self._shut_out(db, name)
            self._book.note(db, "account_disabled", name, actor=actor, address=address)

    def enable(self, name: str, *, actor: str, address: str = "") -> None:
        """The account may be entered again; its tokens stay revoked. Raises NotFound."""
        with self._changing(name) as db:
            db.execute("UPDATE account SET disabled = 0 WHERE name = ?", (name,))
            self._book.note(db, "account_enabled", name, actor=actor, address=address)

    def reset(self, name: str, *, actor: str, address: str = "") -> str:
        """A new password to hand over; whoever is signed in by the account is signed out, and its
        tokens are revoked: whoever took the password may have made some.

        Raises NotFound, Forbidden `own_password_reset`: one's own is changed, not reset.
        """
        if name == actor:
            raise Forbidden("own_password_reset")
        made = passwords.made_up()
        kept = passwords.keep(made)
        with self._changing(name) as db:
            db.execute(
                "UPDATE account SET password = ?, must_change = 1 WHERE name = ?", (kept, name)
            )
            self._shut_out(db, name)
            forget(db, name)
            self._book.note(db, "password_reset", name, actor=actor, address=address)
        return made

    def change_password(
        self, name: str, old: str, new: str, *, session: str, address: str = ""
    ) -> None:
        """A password changed by its owner; his other sessions end.

        `session` is the digest of the one that goes on. Raises InputError `password_wrong`, or for
        a password that is refused; Busy `sign_in_locked`: whoever finds a browser signed in shall
        not guess on.
        """
        account, throttle = self.get(name), Throttle(self._book)
        throttle.begin(name, address)
        if not passwords.fits(account.password, old):
            with self._book.writing() as db:
                self._book.note(db, "password_change_failed", name, address=address)
            raise InputError("password_wrong")
        throttle.succeeded(name, address)
        if old == new:
            raise InputError("password_same")
        passwords.require_good(new, name, account.person)
        kept = passwords.keep(new)
        with self._book.writing() as db:
            db.execute(
                "UPDATE account SET password = ?, must_change = 0 WHERE name = ?", (kept, name)
            )
            db.execute("DELETE FROM session WHERE account = ? AND digest <> ?", (name, session))
            self._book.note(db, "password_changed", name, address=address)

    def link(self, name: str, issuer: str, subject: str, *, actor: str) -> None:
        """Let the subject of an OIDC provider enter by an account, and by no password any more.

        Raises NotFound, Conflict `subject_taken`.
        """
        with self._changing(name) as db:
            taken = db.execute(
                "SELECT account FROM subject WHERE issuer = ? AND subject = ?", (issuer, subject)
            ).fetchone()
            if taken:
                raise Conflict("subject_taken", name=taken[0])
            db.execute("INSERT INTO subject VALUES (?, ?, ?)", (issuer, subject, name))
            db.execute("UPDATE account SET password = '', must_change = 0 WHERE name = ?", (name,))
            self._book.note(db, "subject_linked", name, actor=actor, detail=f"{issuer} {subject}")

    def _stamp(self) -> str:
        return stamp(self._book.now())

    def _shut_out(self, db: sqlite3.Connection, name: str) -> None:
        """Whoever is signed in by the account is signed out, and its tokens are revoked."""
        db.execute("DELETE FROM session WHERE account = ?", (name,))
        db.execute(
            "UPDATE token SET revoked_at = ? WHERE account = ? AND revoked_at = ''",
            (self._stamp(), name),
        )

    @contextmanager
    def _changing(self, name: str) -> Iterator[sqlite3.Connection]:
        """A transaction on an account that is there, after which somebody can manage accounts."""
        with self._book.writing() as db:
            self.get(name)
            had = self.has_administrator()
            yield db
            if had and not self.has_administrator():
                raise Forbidden("last_administrator")


def _administers(account: Account) -> bool:
    return Role.ADMINISTRATOR in account.roles and not account.disabled
