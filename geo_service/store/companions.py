"""Files that stand beside a register: accounts with their sign-ins, checks of names that were kept.

They are SQLite files of their own, backed up and put back with the register, so that nobody who
loses a disk loses them.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from geo_service.errors import StoreError
from geo_service.store.disk import flush, own_file, own_folder
from geo_service.store.manifests import file_digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def keep(draft: Path, files: Mapping[str, Path]) -> dict[str, str]:
    """Copy those that are there into the folder of a backup; SHA-256 of each by name.

    Each as of one moment, while others write. Raises OSError, and StoreError store_corrupt for one
    that is not whole.
    """
    kept = {}
    for name, path in files.items():
        if not path.exists():
            continue
        copy = _in(draft, name)
        own_file(copy)
        try:
            with closing(sqlite3.connect(path)) as old, closing(sqlite3.connect(copy)) as new:
                old.backup(new)
        except sqlite3.DatabaseError as error:
            raise StoreError("store_corrupt", path=path, detail=str(error)) from error
        _require_whole(copy, path)
        flush(copy)
        kept[name] = file_digest(copy)
    return kept


def prove(folder: Path, digests: Mapping[str, str]) -> None:
    """See that a backup has them as it was written. Raises StoreError backup_damaged."""
    for name, digest in digests.items():
        file = _in(folder, name)
        if not file.is_file() or file_digest(file) != digest:
            raise StoreError("backup_damaged", path=folder, detail=f"{file.name}: SHA-256")


def put_back(
    folder: Path, digests: Mapping[str, str], files: Mapping[str, Path], date: str
) -> dict[str, Path]:
    """Put them where `files` says; where each now stands, by name.

    What stood there is kept beside it under a dated name. Nothing may use them meanwhile. Raises
    StoreError restore_failed.
    """
    put = {}
    for name in digests:
        path = files[name]
        draft = path.with_name(f".{path.name}.part")
        try:
            own_folder(path.parent)
            draft.unlink(missing_ok=True)
            own_file(draft)
            shutil.copyfile(_in(folder, name), draft)
            flush(draft)
            # With its journal, if it has one: that belongs to no other file.
            for standing in (path, path.with_name(f"{path.name}-journal")):
                if standing.exists():
                    standing.rename(standing.with_name(f"{standing.name}.replaced-{date}"))
            draft.rename(path)
            flush(path.parent)
        except OSError as error:
            detail = error.strerror or str(error)
            raise StoreError("restore_failed", path=path, detail=detail) from error
        put[name] = path
    return put


def _in(folder: Path, name: str) -> Path:
    return folder / f"{name}.sqlite"


def _require_whole(copy: Path, source: Path) -> None:
    with closing(sqlite3.connect(copy)) as db:
        (fault,) = db.execute("PRAGMA integrity_check").fetchone()
    if fault != "ok":
        raise StoreError("store_corrupt", path=source, detail=fault)
