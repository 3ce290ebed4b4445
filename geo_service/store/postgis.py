"""The server store: PostGIS, for many clerks at once. The same tables, log and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from geo_service.errors import StoreError
from geo_service.store import sql_server
from geo_service.store.addresses import shown
from geo_service.store.dialects import POSTGIS
from geo_service.store.opening import Clock
from geo_service.store.schema import CONTENT, PERSON
from geo_service.store.session import BUSY_TIMEOUT_S, Session, Sessions, transaction, translated
from geo_service.store.sql_store import SqlStore


class PostgisStore(SqlStore):
    """A `Store` in a database; made by `open_store`. Safe to share between threads."""

    def __init__(self, url: str, clock: Clock) -> None:
        super().__init__(clock)
        self._address = url
        self._sessions = Sessions(url)

    @property
    def url(self) -> str:
        """Address of the store as the user writes it, without a password."""
        return shown(self._address)

    @contextmanager
    def _db(self) -> Iterator[Session]:
        with translated(self._address), self._sessions.lent() as session:
            yield session

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Session]:
        """One transaction; for writing the only one at a time. See `SqlStore`."""
        if self._sessions.in_transaction:
            raise StoreError("transaction_open", path=self.url)
        with (
            self._db() as db,
            transaction(db, self._address, write=write),
            self._sessions.held(db),
        ):
            yield db

    def integrity(self) -> str:
        """Whether every index of the tables is in force: "ok", or the first that is not."""
        with self._db() as db:
            broken = db.execute(sql_server.INDEX_NOT_IN_FORCE).fetchone()
        return "ok" if broken is None else str(broken[0])

    def sweep(self, *, files: bool = False) -> None:
        """Write the tables of which something was erased anew: old rows stay in them until then.

        Rows that an older transaction may still look at are kept until the next sweep. Raises
        StoreError person_unswept where somebody holds the table, or the database user does not own
        it; the erasure stands all the same.
        """
        tables = (PERSON.name, CONTENT.name) if files else (PERSON.name,)
        try:
            with self._db() as db:
                db.execute(sql_server.SWEEP_WAITS, (f"{BUSY_TIMEOUT_S * 1000:.0f}ms",))
                try:
                    for table in tables:
                        self._sweep(db, table)
                finally:
                    db.execute(sql_server.SWEEP_WAITS, ("0",))
        except StoreError as error:
            told = ", ".join(f"{POSTGIS.stored}.{table}" for table in tables)
            raise StoreError("person_unswept", detail=error.code, tables=told) from error

    def _sweep(self, db: Session, table: str) -> None:
        before = db.execute(sql_server.file_of(table)).fetchone()
        db.execute(sql_server.sweep(table))
        # To whoever does not own the table the server says no more than a warning.
        if db.execute(sql_server.file_of(table)).fetchone() == before:
            raise StoreError("server_forbidden", path=self.url, detail=table)

    def _engine(self) -> Mapping[str, str]:
        with self._db() as db:
            postgresql, postgis = db.execute(sql_server.SERVER_VERSIONS).fetchone() or ("", "")
        return {"postgresql": postgresql, "postgis": postgis}

    def close(self) -> None:
        """Release the connections."""
        self._sessions.close_all()
