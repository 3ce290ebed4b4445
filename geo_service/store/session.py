"""Sessions with the server: set up alike, lent one at a time, every engine error translated.

Writers are put in a row by a lock on one row of the ledger, since each log entry seals the one
before: with it, READ COMMITTED gives a writer the newest of everything, nothing has to be tried
twice, and readers are never held up. The only module that knows the driver.
"""

from __future__ import annotations

import selectors
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import shapely
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from geo_service.errors import GeoServiceError, InputError, StoreError
from geo_service.store import ddl, dialects, shape_server, sql, sql_server
from geo_service.store.addresses import malformed, server_url, shown
from geo_service.store.ewkb import ewkb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.store.schema import Layer

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another before giving up with store_busy."""
_CONNECT_TIMEOUT_S = 10
_PAGE = 2000
"""Rows fetched at a time where there may be millions."""
_IDLE = 16
"""Sessions kept for the next question; more than the readers of a busy day."""

_CODES = {
    "55P03": "store_busy",  # lock_not_available
    "40": "store_busy",  # deadlock or serialization: only where others write past the program
    "53100": "store_full",
    "53": "server_unreachable",  # too many connections, out of memory
    "42501": "server_forbidden",
    "25006": "server_forbidden",
    "57P": "server_unreachable",  # shut down
    "08": "server_unreachable",
    "58": "store_io",
    "XX001": "store_corrupt",
    "XX002": "store_corrupt",
}
_BYTES = 17
_KNOWN_TYPES = frozenset({_BYTES, 20, 25, 701})
"""Type numbers of bytea, bigint, text and double precision; a geometry is loaded as bytes."""


def _detail(error: psycopg.Error) -> str:
    told = error.diag.message_primary or str(error)
    return told.strip().replace("\n", " ")


def _refusal(error: psycopg.Error, url: str) -> GeoServiceError:
    state = error.sqlstate or ""
    facts = {"path": shown(url), "detail": _detail(error)}
    if isinstance(error, psycopg.DataError):
        return InputError("record_unstorable", detail=facts["detail"])
    code = next((c for prefix, c in _CODES.items() if state.startswith(prefix)), "store_failed")
    if not state and isinstance(error, psycopg.OperationalError):
        code = "server_unreachable"  # no answer at all
    return StoreError(code, **facts)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn whatever the driver raises inside into an error that says what to do."""
    try:
        yield
    except psycopg.Error as error:
        raise _refusal(error, url) from error
    except UnicodeEncodeError as error:  # a word that a terminal did not send as UTF-8
        raise InputError("text_not_unicode", detail=ascii(error.object[:40])) from error


@lru_cache(maxsize=1024)
def _written(statement: str) -> str:
    """A statement with the driver's marks for parameters."""
    return statement.replace("%", "%%").replace("?", "%s")


class _Indexed:
    """The server keeps its spatial indexes by itself."""

    def add(self, fids: list[int], boxes: NDArray[np.float64]) -> None: ...

    def repeat(self, old: int, new: int) -> None: ...

    def note(self, boxes: NDArray[np.float64], recorded_at: str) -> None: ...


class Session:
    """A connection to the server as the modules of the store ask for it (`engine.Database`)."""

    dialect = dialects.POSTGIS

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self._types: dict[str, list[int]] = {}

    def execute(self, statement: str, parameters: Sequence[Any] = (), /) -> psycopg.Cursor[Any]:
        """Run one statement; numbers and bytes come back bit for bit. Raises psycopg.Error."""
        cursor = self.connection.cursor(binary=True)
        if parameters:
            return cursor.execute(_written(statement), parameters)
        return cursor.execute(statement)

    def stream(self, statement: str) -> Iterator[Any]:
        """The rows of a question too large to be answered at once, inside a transaction."""
        with self.connection.cursor(name="stream", binary=True) as cursor:
            cursor.itersize = _PAGE
            yield from cursor.execute(statement)

    def insert_rows(
        self, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
    ) -> None:
        """Load rows in order. Raises InputError for what a column cannot hold."""
        load, types = sql.copy_in(table, columns), self._types_of(table, columns)
        try:
            with self.connection.cursor() as cursor, cursor.copy(load) as copy:
                copy.set_types(types)
                for row in rows:
                    copy.write_row(row)
        except (psycopg.DataError, psycopg.InternalError) as error:
            raise InputError("record_unstorable", detail=_detail(error)) from error
        except (struct.error, TypeError, AttributeError, OverflowError) as error:
            raise InputError("record_unstorable", detail=str(error)) from error

    def _types_of(self, table: str, columns: tuple[str, ...]) -> list[int]:
        if table not in self._types:
            described = self.execute(sql.column_types(table, columns)).description or ()
            codes = [column.type_code for column in described]
            self._types[table] = [code if code in _KNOWN_TYPES else _BYTES for code in codes]
        return self._types[table]

    def appending(self) -> AbstractContextManager[None]:
        """Let log entries be added inside; the server asks for their order at each load."""
        return nullcontext()

    def placing(self, _layer: Layer, /) -> AbstractContextManager[_Indexed]:
        """Let rows be added to a layer inside; the server indexes them."""
        return nullcontext(_Indexed())

    def empty_layer(self, layer: Layer) -> None:
        """Take all rows out of a layer."""
        self.execute(sql.empty(layer.table))

    def misplaced(self, layer: Layer) -> str | None:
        """The spatial index of a layer where it is missing or not in force."""
        name, definition = ddl.served_index(layer)
        found = self.execute(sql_server.INDEX_IN_FORCE, (name,)).fetchall()
        return None if (definition,) in found else f"index_differs {layer.table}/{name}"

    def misshapen(self) -> str | None:
        """A table, column, constraint, index or trigger that is not as the program declares it."""
        return shape_server.misshapen(self)

    def undeclared(self) -> list[str]:
        """What else lies in our schema."""
        return shape_server.undeclared(self)

    def stored(self, wkb: bytes | None, _box: Sequence[float], /) -> bytes | None:
        """WKB with the coordinate system."""
        return ewkb(wkb)

    def shapes(self, values: Iterable[bytes | None]) -> list[Any]:
        """Shapely geometries of WKB, None for None."""
        return list(shapely.from_wkb(np.array(list(values), dtype=object)))


def connect(url: str) -> Session:
    """A session in autocommit mode. Raises StoreError."""
    server_url(url)
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise malformed() from None  # whose text repeats what it could not read
    usual: dict[str, str | int] = {
        "connect_timeout": _CONNECT_TIMEOUT_S,
        "application_name": "geo-service",
    }
    ours = {key: value for key, value in usual.items() if key not in given}
    with translated(url):
        connection = psycopg.connect(
            make_conninfo(url, client_encoding="UTF8", **ours), autocommit=True
        )
        try:
            connection.execute(sql_server.SESSION)
        except BaseException:
            connection.close()
            raise
    return Session(connection)


@contextmanager
def transaction(session: Session, url: str, *, write: bool) -> Iterator[None]:
    """One transaction: committed on leaving, rolled back on any exception, and after reading."""
    session.execute(sql_server.BEGIN_WRITING if write else sql_server.BEGIN_READING)
    try:
        if write:
            session.execute(sql_server.WAIT_AT_MOST, (f"{BUSY_TIMEOUT_S * 1000:.0f}ms",))
            session.execute(sql_server.ONE_WRITER)
            session.execute(sql_server.WAIT_AT_MOST, ("0",))
        yield
        ended = session.execute("COMMIT" if write else "ROLLBACK").statusmessage
        if write and ended != "COMMIT":  # the server undoes what has failed, and says no more
            raise StoreError("store_failed", path=shown(url), detail=ended)
    except BaseException:
        with suppress(psycopg.Error):
            session.execute("ROLLBACK")
        raise


def _silent(connection: psycopg.Connection[Any]) -> bool:
    """Whether nothing has come in while the session was idle; a server that goes leaves word."""
    with selectors.DefaultSelector() as line:
        line.register(connection.fileno(), selectors.EVENT_READ)
        return not line.select(timeout=0)


class Sessions:
    """Sessions lent to whoever asks; one in a transaction stays with its thread."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._held = threading.local()
        self._idle: list[Session] = []
        self._lock = threading.Lock()
        self._closings = 0

    @property
    def in_transaction(self) -> bool:
        """Whether this thread has a transaction open."""
        return getattr(self._held, "session", None) is not None

    @contextmanager
    def lent(self) -> Iterator[Session]:
        """A session: that of this thread's transaction, else one that nobody uses."""
        held: Session | None = getattr(self._held, "session", None)
        if held is not None:
            yield held
            return
        closings, session = self._closings, self._idle_one() or connect(self._url)
        try:
            yield session
        finally:
            self._give_back(session, closings)

    @contextmanager
    def held(self, session: Session) -> Iterator[None]:
        """Whatever this thread asks inside, it asks in this session."""
        self._held.session = session
        try:
            yield
        finally:
            self._held.session = None

    def _idle_one(self) -> Session | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                session = self._idle.pop()
            if _silent(session.connection):
                return session
            session.connection.close()

    def _give_back(self, session: Session, closings: int) -> None:
        rested = session.connection.info.transaction_status == pq.TransactionStatus.IDLE
        with self._lock:
            if rested and closings == self._closings and len(self._idle) < _IDLE:
                self._idle.append(session)
                return
        session.connection.close()

    def close_all(self) -> None:
        """Close what nobody uses now, and the rest as it comes back."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._closings += 1
        for session in idle:
            session.connection.close()
