"""Lock-out: after some failures the next try must wait, longer each time, by account and address.

The figures are ours. A try is counted before the password is looked at, so that many at once gain
nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from geo_service.errors import Busy
from geo_service.services.access.book import moment, stamp

if TYPE_CHECKING:
    from datetime import datetime

    from geo_service.services.access.book import Book

FREE = {"account": 5, "address": 20}
"""Failures in a row that cost no wait; an address may be that of a whole office."""
_FIRST_WAIT_S = 30
_LONGEST_WAIT_S = 900
_FORGOTTEN_AFTER = timedelta(hours=12)


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
            for kind, key in (("account", account), ("address", address)):
                place = f"{kind} {key}"
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
        """The try did not fail: the account is free, and the address has one failure less."""
        with self._book.writing() as db:
            db.execute("DELETE FROM failure WHERE place = ?", (f"account {account}",))
            db.execute(
                "UPDATE failure SET count = count - 1, until = '' WHERE place = ? AND count > 0",
                (f"address {address}",),
            )


def _seconds(now: datetime, until: str) -> int:
    return max(1, int((moment(until) - now).total_seconds()) + 1)
