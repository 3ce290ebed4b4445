"""A restore tried for practice: backup, loss and return of a whole store, in a place of its own.

The store itself is only read; what is destroyed is the copy.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import StoreError
from geo_service.store.backups import back_up
from geo_service.store.disk import own_folder
from geo_service.store.manifests import file_digest
from geo_service.store.opening import open_store
from geo_service.store.restoring import restore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from geo_service.store.manifests import Manifest
    from geo_service.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class Drill:
    """What came back, proved to be what was there, and how long each half took in seconds."""

    manifest: Manifest
    receipts: int
    backup_s: float
    restore_s: float


def drill(store: SqlStore, folder: Path, now: datetime) -> Drill:
    """Back a store up, restore it, see that all digests are the same, and take both away again.

    Needs room in `folder` for two copies. Raises as `back_up` and `restore` do, and StoreError
    restore_differs where what came back is not what was kept.
    """
    with _place(folder) as name:
        kept, path = Path(name) / "kept", Path(name) / "lost.gpkg"
        start = time.perf_counter()
        _folder, manifest = back_up(store, kept, now)
        made = time.perf_counter()
        restore(kept, f"gpkg:{path}", now)
        done = time.perf_counter()
        receipts = _require_same(store, path, manifest, now)
    return Drill(manifest, receipts, made - start, done - made)


@contextmanager
def _place(folder: Path) -> Iterator[str]:
    try:
        own_folder(folder)
        place = tempfile.TemporaryDirectory(prefix="drill-", dir=folder)
    except OSError as error:
        detail = error.strerror or str(error)
        raise StoreError("backup_failed", path=folder, detail=detail) from error
    with place as name:
        yield name


def _require_same(store: SqlStore, path: Path, manifest: Manifest, now: datetime) -> int:
    """The file byte for byte, and both heads; the log of the store itself may be longer by now."""
    if file_digest(path) != manifest.file_sha256:
        raise StoreError("restore_differs", detail="SHA-256")
    with closing(open_store(f"gpkg:{path}", clock=lambda: now)) as back:
        mark, receipts = back.log_mark(), back.receipts_mark()
    if (mark.sequence, mark.hash) != (manifest.entries, manifest.head):
        raise StoreError("restore_differs", detail="head")
    if not store.holds(mark, receipts):
        raise StoreError("restore_differs", detail="log")
    return receipts[0]
