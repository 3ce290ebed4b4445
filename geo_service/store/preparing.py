"""Making the file ready: folders, schema, and the refusal of what is not ours."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from geo_service.errors import StoreError
from geo_service.store import auditing, digests, migrations
from geo_service.store.connection import FileConnection, connect, transaction, translated
from geo_service.store.container import APPLICATION_ID
from geo_service.store.disk import own_file, own_folder
from geo_service.store.log import stamp

_SQLITE = b"SQLite format 3\0"


def prepare(path: Path, *, create: bool, now: datetime, digest: str, keep: bool = True) -> None:
    """See that the file holds a store of this program's schema; raises StoreError.

    With `create` an absent or empty file becomes a store, whose log is sealed by `digest`, and an
    older one is brought up to date, backed up before with `keep` (see `backups`). Where the disk
    has no room for a new one, nothing is left of it.
    """
    absent = _absent(path) if create else ()
    with _taken_back_if_full(absent), translated(path):
        if create:
            _make_room(path)
        db = connect(path, create=create)
        try:
            if create:
                with transaction(db, write=True):
                    _bring_up(db, path, stamp(now), digest, keep=keep)
            _require_current(db, path)
        finally:
            db.close()


def _absent(path: Path) -> Sequence[Path]:
    """A file that is not there yet and the folders missing above it, from the file upwards."""
    return [one for one in (path, *path.parents) if not one.exists()]


@contextmanager
def _taken_back_if_full(absent: Sequence[Path]) -> Iterator[None]:
    """Remove what was absent before, the file only while it is empty: it might be another's."""
    try:
        yield
    except StoreError as error:
        if error.code in {"store_full", "store_io"}:
            with suppress(OSError):  # a folder in which somebody else put something stays
                for path in absent:
                    if path.is_dir():
                        path.rmdir()
                    elif path.stat().st_size == 0:
                        path.unlink()
        raise


def _make_room(path: Path) -> None:
    try:
        own_folder(path.parent)
        own_file(path)
    except OSError as error:
        raise StoreError("store_unreachable", path=path, detail=str(error)) from error


def _bring_up(db: FileConnection, path: Path, now: str, digest: str, *, keep: bool) -> None:
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        migrations.create_ledger(db, now, digest)
    _require_ours(db, path)
    steps = migrations.pending(db, path)
    if keep and steps and migrations.applied(db):
        # Behind the write lock of this transaction, which has written nothing yet.
        from geo_service.store.backups import keep_before_upgrade  # noqa: PLC0415 - seldom needed

        keep_before_upgrade(path, max(step.number for step in steps), now)
    if migrations.upgrade(db, path, now):
        auditing.index_names(db)


def _require_ours(db: FileConnection, path: Path) -> None:
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"meta", "migration"} <= tables:
        raise StoreError("store_foreign", path=path, detail="")
    if not migrations.is_ours(db):
        raise StoreError("store_foreign", path=path, detail="")


def holds_register(path: Path) -> bool:
    """Whether a file is a store of this program, of any version.

    A database too damaged to tell counts as one: a broken register is evidence to keep.
    """
    if not path.is_file():
        return False
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return False
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, factory=FileConnection)
    try:
        _require_ours(db, path)
    except StoreError:
        return False
    except (sqlite3.Error, UnicodeDecodeError):
        return True
    finally:
        db.close()
    return True


def _require_current(db: FileConnection, path: Path) -> None:
    _require_ours(db, path)
    digests.of(db)
    if migrations.pending(db, path):
        raise StoreError("store_outdated", path=path)
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError("store_foreign", path=path, detail="")
