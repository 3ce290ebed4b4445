"""Connections to the file: one a thread, each set up alike, every engine error translated.

The journal is always the rollback journal: SQLite 3.7.0 to 3.51.2 can corrupt a file in WAL mode
when two connections write and checkpoint at once, and the versions that Python ships are among
them. One writer at a time (BEGIN IMMEDIATE) and synchronous=EXTRA: what was acknowledged is on
disk. With FULL the removal of the journal, which is the commit, would not be: a power cut could
bring the journal back, and with it the state before.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.errors import InputError, StoreError
from geo_service.store import ddl, dialects, index_check, shape_file, spatial_index, sql
from geo_service.store.blobs import blob, geometries, register_functions
from geo_service.store.bulk import insert_rows
from geo_service.store.schema import CHANGE, Layer

if TYPE_CHECKING:
    from geo_service.store.spatial_index import PlacedRows

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another before giving up with store_busy."""

_CODES = {
    "SQLITE_BUSY": "store_busy",
    "SQLITE_LOCKED": "store_busy",
    "SQLITE_FULL": "store_full",
    "SQLITE_READONLY": "store_readonly",
    "SQLITE_CORRUPT": "store_corrupt",
    "SQLITE_NOTADB": "store_foreign",
    "SQLITE_CANTOPEN": "store_unreachable",
    "SQLITE_IOERR": "store_io",
}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn whatever SQLite raises inside into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        code = next((c for prefix, c in _CODES.items() if name.startswith(prefix)), "store_failed")
        raise StoreError(code, path=path, detail=str(error)) from error
    except UnicodeDecodeError as error:  # SQLite repeats a damaged schema in its complaint
        raise StoreError("store_corrupt", path=path, detail="UTF-8") from error
    except UnicodeEncodeError as error:  # a word that a terminal did not send as UTF-8
        raise InputError("text_not_unicode", detail=ascii(error.object[:40])) from error


class FileConnection(sqlite3.Connection):
    """An SQLite connection as the modules of the store ask for it (`engine.Database`)."""

    dialect = dialects.SQLITE

    def insert_rows(
        self, table: str, columns: tuple[str, ...], rows: Sequence[Sequence[Any]]
    ) -> None:
        """INSERT rows in order, several in each statement. Raises sqlite3.Error."""
        insert_rows(self, table, columns, rows)

    @contextmanager
    def appending(self) -> Iterator[None]:
        """Let log entries be added inside, and ask on leaving whether all are in order.

        Meanwhile the trigger that asks it of each entry is suspended, like that of the spatial
        index: inside one write transaction, which must be rolled back after an exception. Raises
        sqlite3.IntegrityError, as the trigger would.
        """
        name = f"{CHANGE.name}_in_order"
        (before,) = self.execute(sql.NEWEST_ENTRY).fetchone()
        self.execute(f"DROP TRIGGER {name}")
        yield
        added, newest = self.execute(sql.ENTRIES_AFTER, (before,)).fetchone()
        if added and newest != before + added:
            raise sqlite3.IntegrityError(f"{CHANGE.name} is append-only")
        self.execute(ddl.guards(CHANGE)[name])

    def placing(self, layer: Layer) -> AbstractContextManager[PlacedRows]:
        """Let rows be added inside; on leaving, their boxes enter the R-tree all at once."""
        return spatial_index.placing(self, layer)

    def empty_layer(self, layer: Layer) -> None:
        """Take all rows out of a layer and its R-tree, and forget its extent."""
        self.execute(sql.empty(layer.table))
        self.execute(sql.empty(layer.rtree))
        self.execute(sql.FORGET_EXTENT, (layer.table,))
        self.execute(sql.FORGET_COUNTER, (layer.table,))

    def misplaced(self, layer: Layer) -> str | None:
        """A row whose box the R-tree has not, and what else does not fit the rows."""
        rows = index_check.placed(self, layer)
        missed = index_check.misplaced(self, layer, rows)
        if missed is not None:
            return f"index_differs {layer.table}/{missed}"
        told = shape_file.misdescribed(self, layer, rows)
        return None if told is None else f"ledger_differs {told}"

    def misshapen(self) -> str | None:
        """A table, index or trigger whose text is not that of the migrations."""
        return shape_file.misshapen(self)

    def undeclared(self) -> list[str]:
        """What else lies in the file."""
        return shape_file.undeclared(self)

    def integrity(self) -> str:
        """SQLite's own checks of file and spatial indexes: "ok", or the first fault."""
        answers = [self.execute(sql.INTEGRITY).fetchone()[0]]
        if answers == ["ok"]:
            names = self.execute(sql.RTREE_NAMES).fetchall()
            answers = [self.execute(sql.RTREE_CHECK, name).fetchone()[0] for name in names]
        return next((str(answer) for answer in answers if answer != "ok"), "ok")

    def stored(self, wkb: bytes | None, box: Sequence[float]) -> bytes | None:
        """WKB with the header of a GeoPackage."""
        return blob(wkb, box)

    def shapes(self, values: Iterable[bytes | None]) -> list[Any]:
        """Shapely geometries of GeoPackage blobs, None for None."""
        return geometries(values)


def connect(path: Path, *, create: bool = False) -> FileConnection:
    """A connection in autocommit mode with the GeoPackage functions. Raises sqlite3.Error."""
    mode = "rwc" if create else "rw"
    db = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,  # transactions are opened by hand, never behind our back
        check_same_thread=False,  # each thread has its own; only `close_all` reaches across
        factory=FileConnection,
    )
    try:
        register_functions(db)
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = EXTRA")
        db.execute("PRAGMA secure_delete = ON")  # no copies of moved rows either
        db.execute("PRAGMA trusted_schema = ON")  # the triggers call our ST_ functions
        db.execute("PRAGMA cache_size = -65536")  # 64 MiB, so that an import seldom spills early
        if db.execute("PRAGMA journal_mode = DELETE").fetchone()[0] != "delete":
            raise sqlite3.OperationalError("journal mode cannot be set")
    except (sqlite3.Error, UnicodeDecodeError):
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection, *, write: bool) -> Iterator[None]:
    """One transaction: committed on leaving, rolled back on any exception, and after reading.

    So tables for comparing (temporary ones) leave with the transaction that made them.
    """
    db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield
        db.execute("COMMIT" if write else "ROLLBACK")
    except BaseException:
        # SQLite itself has rolled back after a full disk; then there is nothing left to undo.
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def file_at(path: Path) -> tuple[int, int] | None:
    """Which file lies there, whatever its name was; None where there is none."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


class Connections:
    """One connection for each thread that asks, all to the file that lay there at first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = file_at(path)
        self._local = threading.local()
        self._all: list[FileConnection] = []
        self._lock = threading.Lock()

    def get(self) -> FileConnection:
        """The connection of this thread.

        Raises sqlite3.Error, and StoreError `store_replaced` where another file lies there now:
        what is kept ready was made of the former, which nobody must go on writing to.
        """
        if file_at(self.path) != self._file:
            raise StoreError("store_replaced", path=self.path)
        db: FileConnection | None = getattr(self._local, "db", None)
        if db is None:
            db = connect(self.path)
            self._local.db = db
            with self._lock:
                self._all.append(db)
        return db

    def close_all(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for db in self._all:
                db.close()
            self._all.clear()
        self._local = threading.local()
