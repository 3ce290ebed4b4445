"""The embedded store: one GeoPackage file, no server, no SpatiaLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import StoreError
from geo_service.store.connection import Connections, FileConnection, transaction, translated
from geo_service.store.glance import Glance
from geo_service.store.opening import Clock
from geo_service.store.sql_store import SqlStore

if TYPE_CHECKING:
    from geo_service.store.protocol import LogMark


class GeoPackageStore(SqlStore):
    """A `Store` in a file; made by `open_store`. Safe to share between threads."""

    def __init__(self, path: Path, clock: Clock) -> None:
        super().__init__(clock)
        self._path = path
        self._connections = Connections(path)
        self._glance = Glance(path)

    @property
    def url(self) -> str:
        """Address of the store as the user writes it."""
        return f"gpkg:{self._path}"

    @contextmanager
    def _db(self) -> Iterator[FileConnection]:
        with translated(self._path):
            yield self._connections.get()

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[FileConnection]:
        """One transaction; for writing the only one at a time. See `SqlStore`."""
        with self._db() as db:
            if db.in_transaction:
                raise StoreError("transaction_open", path=self._path)
            with transaction(db, write=write):
                yield db

    def log_mark_at_once(self) -> LogMark | None:
        """As `log_mark`, without waiting: None while somebody commits."""
        return self._glance.mark()

    def integrity(self) -> str:
        """SQLite's own checks of file and spatial indexes: "ok", or the first fault."""
        with self._db() as db:
            return db.integrity()

    def sweep(self, *, files: bool = False) -> None:
        """Nothing is left to do: what is erased is overwritten at once (`connection`)."""

    def _engine(self) -> Mapping[str, str]:
        return {"sqlite": sqlite3.sqlite_version}

    def close(self) -> None:
        """Release the file."""
        self._glance.close()
        self._connections.close_all()
