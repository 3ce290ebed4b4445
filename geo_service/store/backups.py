"""Backups: a folder with a whole store as one file, and a manifest of what is in it.

Made while others read and write. The folder gets its name only when everything in it is on disk,
so that a backup is there as a whole or not at all.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from geo_service import __version__
from geo_service.errors import InputError, StoreError
from geo_service.store import (
    auditing,
    companions,
    digests,
    ledger,
    log,
    migrations,
    receipts,
    sql,
)
from geo_service.store.addresses import is_server, shown, store_path
from geo_service.store.connection import connect, transaction, translated
from geo_service.store.copying import copy_store
from geo_service.store.disk import failed_writing, flush, own_file, own_folder
from geo_service.store.keeping import keep_tables
from geo_service.store.manifests import STORE, Manifest, file_digest, write_manifest
from geo_service.store.opening import open_store
from geo_service.store.schema import CHANGE, CONTENT, LAYERS, PERSON, RECEIPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from geo_service.store.connection import FileConnection
    from geo_service.store.session import Session
    from geo_service.store.sql_store import SqlStore

_BESIDE = (CHANGE, RECEIPT, PERSON, CONTENT)
_COUNTED = (*(table.name for table in _BESIDE), *(layer.table for layer in LAYERS))


def back_up(
    store: SqlStore, target: Path, now: datetime, beside: Mapping[str, Path] | None = None
) -> tuple[Path, Manifest]:
    """Back a store up into a new folder: `target`, or a dated one in it where it exists.

    `beside` are files that stand beside the register and go with it, by name.

    Raises InputError backup_exists, and StoreError: backup_failed when the disk refuses,
    log_unsound, receipts_unsound, ledger_unsound, tables_unsound or store_corrupt for a store that
    is not worth relying on.
    """
    made_at = log.stamp(now)
    folder = target / f"geo-service-{log.dated(made_at)}" if target.is_dir() else target
    with _draft(folder) as draft:
        if is_server(store.url):
            with closing(open_store(f"gpkg:{draft / STORE}", create=True)) as copy:
                copy_store(store, copy)
        else:
            _copy_file(store_path(store.url), draft / STORE)
        kept = companions.keep(draft, beside or {})
        manifest = _described(draft, store.url, made_at, kept)
    return folder, manifest


def keep_before_upgrade(path: Path, known: int, made_at: str) -> None:
    """Back a file up beside itself before its schema changes. Raises as `back_up` does."""
    folder = path.with_name(f"{path.stem}-before-schema-{known}-{log.dated(made_at)}")
    with _draft(folder) as draft:
        _copy_file(path, draft / STORE)
        _described(draft, f"gpkg:{path}", made_at)


def keep_server(db: Session, url: str, target: Path, known: int, made_at: str) -> None:
    """Back a server up before its schema changes, inside that transaction. Raises as `back_up`."""
    folder = target / f"geo-service-before-schema-{known}-{log.dated(made_at)}"
    with _draft(folder) as draft:
        keep_tables(db, draft / STORE, made_at)
        _described(draft, shown(url), made_at)


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """A folder under another name, which takes the right one when all in it went well."""
    if os.path.lexists(folder):
        raise InputError("backup_exists", path=folder)
    draft = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        own_folder(folder.parent)
        own_folder(draft)
        own_file(draft / STORE)
        yield draft
        flush(draft)
        draft.rename(folder)
        flush(folder.parent)
    except OSError as error:
        detail = error.strerror or str(error)
        raise StoreError("backup_failed", path=folder, detail=detail) from error
    except StoreError as error:
        if error.code != "store_full":
            raise
        detail = str(error.context["detail"])
        raise StoreError("backup_failed", path=folder, detail=detail) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _copy_file(path: Path, copy: Path) -> None:
    """The file as of one moment, through SQLite, which knows of writers at work."""
    with translated(path), closing(connect(path)) as old, closing(sqlite3.connect(copy)) as new:
        try:
            old.backup(new)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_FULL":
                raise
            raise failed_writing(error, copy.parent) from error  # of the copy: the store is read


def _described(
    draft: Path, source: str, made_at: str, kept: Mapping[str, str] | None = None
) -> Manifest:
    """See the copy whole and on disk, and write down what is in it."""
    path = draft / STORE
    with translated(path), closing(connect(path)) as db:
        fault = db.integrity()
        if fault != "ok":
            raise StoreError("store_corrupt", path=source, detail=fault)
        entries, head = _proved(db, source)
        schema, digest = max(migrations.applied(db)), digests.name_of(db)
        rows = counts(db)
    flush(path)
    manifest = Manifest(
        created_at=made_at,
        program=__version__,
        source=source,
        schema=schema,
        digest=digest,
        entries=entries,
        head=head,
        rows=rows,
        file_sha256=file_digest(path),
        file_bytes=path.stat().st_size,
        beside=kept or {},
    )
    write_manifest(draft, manifest)
    return manifest


def _proved(db: FileConnection, source: str) -> tuple[int, str]:
    """How many entries the log has, and its head.

    All tables are held against it, as a restore will do, so that no backup is refused on the day
    it is needed; of an older schema only what is sealed can be.
    """
    current = not migrations.pending(db, source)
    if current:
        with transaction(db, write=False):
            report = auditing.audit(db)
        if report.sound:
            return report.entries, report.head
    walk = log.Walk(db).to_the_end()
    if walk.bad is not None:
        raise StoreError("log_unsound", path=source, sequence=walk.bad)
    _require_sealed(db, source)
    if current:
        raise StoreError("tables_unsound", path=source, detail=report.problem)
    return walk.entries, walk.head


def _require_sealed(db: FileConnection, source: str) -> None:
    """Receipts and ledger; a file of before they were sealed is backed up to be upgraded."""
    if max(migrations.applied(db)) < migrations.SEALED:
        return
    receipts.require_sound(db, source)
    ledger.require_sound(db, source)


def counts(db: FileConnection) -> dict[str, int]:
    """Rows of the log, the receipts, the personal values and every layer that the file has."""
    tables = {name for (name,) in db.execute(sql.TABLE_NAMES)}
    return {
        name: db.execute(sql.rows_in(name)).fetchone()[0] for name in _COUNTED if name in tables
    }
