"""Opening a store by its address, making it where that is asked for."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from geo_service.errors import StoreError
from geo_service.store import migrations
from geo_service.store.connection import connect, transaction, translated
from geo_service.store.container import APPLICATION_ID
from geo_service.store.geopackage import Clock, GeoPackageStore
from geo_service.store.log import stamp

_SCHEME = "gpkg:"


def utc_now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def store_path(url: str) -> Path:
    """The file that a store URL names. Raises StoreError for anything but `gpkg:PATH`."""
    path = url.removeprefix(_SCHEME)
    if not url.startswith(_SCHEME) or not path:
        raise StoreError("store_url_unknown", url=url)
    return Path(path)


def open_store(url: str, *, create: bool = False, clock: Clock = utc_now) -> GeoPackageStore:
    """The store at `gpkg:PATH`.

    `create` makes file and folders where there is no file yet, and brings an older schema up to
    date. Raises StoreError: store_missing, store_foreign (not a store of ours), store_corrupt,
    store_too_new, store_outdated, store_busy.
    """
    path = store_path(url)
    if not create and not path.is_file():
        raise StoreError("store_missing", path=path)
    with translated(path):
        if create:
            _ensure_folder(path)
        db = connect(path, create=create)
        try:
            if create:
                with transaction(db, write=True):
                    _bring_up(db, path, stamp(clock()))
            _require_current(db, path)
        finally:
            db.close()
    return GeoPackageStore(path, clock)


def _ensure_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError("store_unreachable", path=path, detail=str(error)) from error


def _bring_up(db: sqlite3.Connection, path: Path, now: str) -> None:
    if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        migrations.create_ledger(db, now)
    _require_ours(db, path)
    migrations.upgrade(db, path, now)


def _require_ours(db: sqlite3.Connection, path: Path) -> None:
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"meta", "migration"} <= tables:
        raise StoreError("store_foreign", path=path, detail="")
    row = db.execute("SELECT value FROM meta WHERE key = 'application'").fetchone()
    if row != ("geo-service",):
        raise StoreError("store_foreign", path=path, detail="")


def _require_current(db: sqlite3.Connection, path: Path) -> None:
    _require_ours(db, path)
    if migrations.pending(db, path):
        raise StoreError("store_outdated", path=path)
    if db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError("store_foreign", path=path, detail="")
