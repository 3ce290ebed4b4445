"""Lock-out: after some failures the next try must wait, longer each time, by account and address.

The figures are ours. A try is counted before the password is looked at, so that many at once gain
nothing. An address from which somebody signed in of late is counted for itself: strangers who lock
his account from elsewhere do not lock him out.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from geo_service.errors import Busy
from geo_service.services.access.book import moment, stamp

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from geo_service.services.access.book import Book

_SIGNED_IN = "sign_in"
"""What the log calls it."""
_FAMILIAR = "familiar"
FREE = {"account": 5, "address": 20}
"""Failures in a row that cost no wait; an address may be that of a whole office."""
_FIRST_WAIT_S = 30
_LONGEST_WAIT_S = 900
_FORGOTTEN_AFTER = timedelta(hours=12)
_FAMILIAR_FOR = timedelta(days=30)


def wait_s(failures: int, free: int) -> int:
    """Seconds to wait after so many failures in a row: each time twice as long, to 15 minutes."""
    over = failures - free
    return 0 if over < 0 else min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** min(over, 10))


class Throttle:
    """The failures of a book. A place is an account or an address, whether it exists or not."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def begin(self, account: str, address: str) -> None:
        """Count a try as failed until it succeeds. Raises Busy `sign_in_locked`."""
        now = self._book.now()
        with self._book.writing() as db:
            for kind, place in self._places(db, account, address):
                row = db.execute(
                    "SELECT count, last_at, until FROM failure WHERE place = ?", (place,)
                ).fetchone()
                count, last_at, until = row or (0, "", "")
                if until > stamp(now):
                    raise Busy("sign_in_locked", retry_after_s=_seconds(now, until))
                if last_at and moment(last_at) + _FORGOTTEN_AFTER < now:
                    count = 0
                wait = timedelta(seconds=wait_s(count + 1, FREE[kind]))
                locked = stamp(now + wait) if wait else ""
                db.execute(
                    "INSERT OR REPLACE INTO failure VALUES (?, ?, ?, ?)",
                    (place, count + 1, stamp(now), locked),
                )
            db.execute("DELETE FROM failure WHERE last_at < ?", (stamp(now - _FORGOTTEN_AFTER),))

    def succeeded(self, account: str, address: str) -> None:
        """The try did not fail: the account is free there, the address has one failure less."""
        with self._book.writing() as db:
            (_, own), (_, shared) = self._places(db, account, address)
            db.execute("DELETE FROM failure WHERE place = ?", (own,))
            db.execute(
                "UPDATE failure SET count = count - 1, until = '' WHERE place = ? AND count > 0",
                (shared,),
            )

    def locked(self) -> dict[str, datetime]:
        """The accounts that must wait before the next try, from wherever, and until when."""
        now = self._book.now()
        found: dict[str, datetime] = {}
        asked = "SELECT place, until FROM failure WHERE until > ?"
        for place, until in self._book.rows(asked, stamp(now)):
            kind, _, rest = place.partition(" ")
            if kind in ("account", _FAMILIAR):
                name = rest.rpartition(" ")[2]
                found[name] = max(found.get(name, now), moment(until))
        return found

    def _places(
        self, db: sqlite3.Connection, account: str, address: str
    ) -> tuple[tuple[str, str], tuple[str, str]]:
        """Where a try is counted: each with the kind whose limit it has."""
        is_familiar = db.execute(
            "SELECT 1 FROM event WHERE account = ? AND address = ? AND act = ? AND at > ?",
            (account, address, _SIGNED_IN, stamp(self._book.now() - _FAMILIAR_FOR)),
        ).fetchone()
        own = f"{_FAMILIAR} {address} {account}" if is_familiar else f"account {account}"
        return ("account", own), ("address", f"address {address}")


def forget(db: sqlite3.Connection, account: str) -> None:
    """Let an account be tried again from everywhere."""
    places = "SELECT place FROM failure WHERE place = ? OR place LIKE ? ESCAPE '!'"
    ending = f"{_FAMILIAR} % {account.replace('_', '!_')}"
    db.execute(f"DELETE FROM failure WHERE place IN ({places})", (f"account {account}", ending))  # noqa: S608


def _seconds(now: datetime, until: str) -> int:
    return max(1, int((moment(until) - now).total_seconds()) + 1)
