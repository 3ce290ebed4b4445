"""Tokens by which programs ask in somebody's name: a part of his rights, for a time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from geo_service.domain.access import Asker, Manner, Right
from geo_service.errors import Forbidden, InputError, NotFound
from geo_service.services.access.book import stamp
from geo_service.services.access.sessions import digest_of

if TYPE_CHECKING:
    from geo_service.services.access.accounts import Account, Accounts
    from geo_service.services.access.book import Book

MARK = "gst_"
"""How a token begins, so that one left in a file is recognised."""
LONGEST_DAYS = 366
NEVER_OF_TOKENS = frozenset({Right.OWN_ACCOUNT, Right.ACCOUNTS_MANAGE})
"""Accounts are managed by people: a token that leaks must not make another."""
_LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed; the secret is told once and not kept. Stamps, "" for never."""

    number: int
    account: str
    title: str
    rights: frozenset[Right]
    made_at: str
    expires_at: str
    used_at: str
    revoked_at: str


class Tokens:
    """The tokens of a book."""

    def __init__(self, book: Book, accounts: Accounts) -> None:
        self._book = book
        self._accounts = accounts

    def make(
        self,
        account: Account,
        title: str,
        rights: Iterable[Right],
        days: int,
        *,
        actor: str,
        address: str = "",
    ) -> str:
        """A new token of an account; the secret is in no other answer.

        Raises InputError for a title, scope or term that cannot be, Forbidden `token_beyond` for
        rights that the account has not.
        """
        scope, title = frozenset(rights), title.strip()
        if not title or len(title) > _LONGEST_TITLE:
            raise InputError("token_title", longest=_LONGEST_TITLE)
        if not scope:
            raise InputError("token_scope")
        if not 1 <= days <= LONGEST_DAYS:
            raise InputError("token_term", longest=LONGEST_DAYS)
        beyond = scope - (account.asker(Manner.TOKEN).rights - NEVER_OF_TOKENS)
        if beyond:
            raise Forbidden("token_beyond", rights=", ".join(sorted(beyond)))
        secret, now = MARK + secrets.token_urlsafe(32), self._book.now()
        with self._book.writing() as db:
            db.execute(
                "INSERT INTO token (digest, account, title, rights, made_at, expires_at, used_at,"
                " revoked_at) VALUES (?, ?, ?, ?, ?, ?, '', '')",
                (
                    digest_of(secret),
                    account.name,
                    title,
                    " ".join(sorted(scope)),
                    stamp(now),
                    stamp(now + timedelta(days=days)),
                ),
            )
            self._book.note(
                db, "token_made", account.name, actor=actor, address=address, detail=title
            )
        return secret

    def find(self, secret: str) -> Asker | None:
        """Who asks by a token; None for one that is not in force."""
        now = stamp(self._book.now())
        row = self._book.row(
            "SELECT number, account, rights, used_at FROM token"
            " WHERE digest = ? AND revoked_at = '' AND expires_at > ?",
            digest_of(secret),
            now,
        )
        account = None if row is None else self._accounts.find(row[1])
        if row is None or account is None or account.disabled:
            return None
        if row[3][:10] != now[:10]:  # the day of the last use is enough
            with self._book.writing() as db:
                db.execute("UPDATE token SET used_at = ? WHERE number = ?", (now, row[0]))
        return account.asker(Manner.TOKEN, frozenset(map(Right, row[2].split())))

    def of(self, account: str) -> list[Token]:
        """The tokens of an account that were not revoked, newest first."""
        rows = self._book.rows(
            "SELECT number, account, title, rights, made_at, expires_at, used_at, revoked_at"
            " FROM token WHERE account = ? AND revoked_at = '' ORDER BY number DESC",
            account,
        )
        return [
            Token(number, owner, title, frozenset(map(Right, rights.split())), *stamps)
            for number, owner, title, rights, *stamps in rows
        ]

    def revoke(self, account: str, number: int, *, actor: str, address: str = "") -> None:
        """End a token of an account. Raises NotFound `token_unknown`."""
        with self._book.writing() as db:
            ended = db.execute(
                "UPDATE token SET revoked_at = ?"
                " WHERE number = ? AND account = ? AND revoked_at = ''",
                (stamp(self._book.now()), number, account),
            )
            if not ended.rowcount:
                raise NotFound("token_unknown", number=number)
            self._book.note(
                db, "token_revoked", account, actor=actor, address=address, detail=str(number)
            )
