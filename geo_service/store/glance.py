"""Where the log of a file ends, told in microseconds or not at all, for who must never wait."""

from __future__ import annotations

import sqlite3
from threading import Lock
from typing import TYPE_CHECKING

from geo_service.store import log, sql
from geo_service.store.connection import connect, file_at
from geo_service.store.protocol import LogMark

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.store.connection import FileConnection


class Glance:
    """A connection of its own that asks for no lock twice; safe to share between threads.

    SQLite itself counts the commits of all other connections and processes: while that number
    stands, the log ends where it ended.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = file_at(path)
        self._lock = Lock()
        self._db: FileConnection | None = None
        self._seen: tuple[int, LogMark] | None = None

    def mark(self) -> LogMark | None:
        """Where the log ends now; None while somebody commits, or where the file is not well or
        is another by now."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            return self._read() if file_at(self._path) == self._file else None
        except sqlite3.Error:  # whoever waits for the answer is told what is wrong
            return None
        finally:
            self._lock.release()

    def _read(self) -> LogMark:
        if self._db is None:
            self._db = connect(self._path)
            self._db.execute(sql.NEVER_WAIT)
        (version,) = self._db.execute(sql.COMMITS_SEEN).fetchone()
        if self._seen is None or self._seen[0] != version:
            sequence, head, moment = log.head_of(self._db)
            mark = LogMark(sequence, head, log.moment(moment) if moment else None)
            self._seen = (version, mark)
        return self._seen[1]

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            if self._db is not None:
                self._db.close()
                self._db = self._seen = None
