"""Restoring a backup: tried in a place of its own, and put in use only when nothing is amiss.

The store that stood there before is kept beside it under a dated name. Nothing is ever half
restored: the new file takes the place of the old one in one step.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.errors import StoreError
from geo_service.store import auditing, companions, log, migrations, receipts
from geo_service.store.addresses import is_server, shown, store_path
from geo_service.store.backups import counts
from geo_service.store.connection import connect, translated
from geo_service.store.copying import fill
from geo_service.store.disk import flush, own_file, own_folder, scratch
from geo_service.store.erasures import erase_again, erased_in_file, erased_on_server
from geo_service.store.manifests import STORE, Manifest, file_digest, read_manifest
from geo_service.store.opening import open_store, require_driver
from geo_service.store.preparing import holds_register, prepare
from geo_service.store.served import unserved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from geo_service.store.engine import Database


_ACTOR = "geo-service store restore"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: where to, in which schema, and where the former store is kept.

    `aside` is the path of a file, or the name of a schema on the server; None where none was there.
    `erased` counts personal values that were erased after the backup, and now in it as well;
    `unread` says that the former store could not tell which, for it is damaged. `beside` are the
    files that were put back with it.
    """

    url: str
    manifest: Manifest
    schema: int
    aside: str | None
    erased: int = 0
    unread: bool = False
    beside: tuple[Path, ...] = ()


def restore(
    backup: Path,
    url: str,
    now: datetime,
    erasures: frozenset[str] = frozenset(),
    beside: Mapping[str, Path] | None = None,
) -> Restored:
    """Put a backup (its folder, or a file in it) in use at `url`, after it was proved whole.

    Proved are the digest of the file, its integrity and that of its spatial indexes, the log, the
    tables against the log, and counts and head against the manifest; on a server all of it once
    more of what arrived there. A backup of an older schema is brought up to date. Personal values
    that `erasures` or the log of the former store say were erased are erased in it before it is
    used. `beside` says where files go that the backup has beside the register; without it they are
    proved and left. Nothing may use the former store, or those files, meanwhile. Raises InputError
    backup_foreign, and StoreError: backup_damaged, store_too_new, store_foreign, store_busy or
    store_served for what stands at `url`, restore_failed when the disk refuses, restore_differs.
    """
    folder = backup if backup.is_dir() else backup.parent
    manifest = read_manifest(folder)
    known = max(step.number for step in migrations.all_migrations())
    if manifest.schema > known:
        raise StoreError("store_too_new", path=folder, found=manifest.schema, known=known)
    companions.prove(folder, manifest.beside)
    put = _to_server if is_server(url) else _to_file
    aside, erased, unread = put(folder, url, _Wanted(manifest, now, erasures))
    put_back: tuple[Path, ...] = ()
    if beside is not None:
        date = log.dated(log.stamp(now))
        put_back = tuple(companions.put_back(folder, manifest.beside, beside, date).values())
    return Restored(shown(url), manifest, known, aside, erased, unread, put_back)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is restored, when, and which personal values must not come back."""

    manifest: Manifest
    now: datetime
    erasures: frozenset[str]


_Put = tuple[str | None, int, bool]
"""Where the former store is kept, how many values were erased, whether it could not tell."""


def _to_server(folder: Path, url: str, wanted: _Wanted) -> _Put:
    require_driver()
    from geo_service.store.preparing_server import replacing  # noqa: PLC0415 - it loads the driver

    with scratch() as place:
        draft = place / STORE
        _prove(folder, draft, wanted.manifest, wanted.now)
        former = erased_on_server(url)
        erased = _erased(draft, wanted.erasures | (former or frozenset()))
        with (
            closing(open_store(f"gpkg:{draft}")) as store,
            store.transaction(write=False) as old,
            replacing(url, now=wanted.now, digest=wanted.manifest.digest) as (new, aside),
        ):
            fill(old, new, shown(url), shown(url))
            _require_same(old, new)
            return aside, erased, former is None


def _require_same(old: Database, new: Database) -> None:
    """What arrived on the server is sound, and ends where the proved file does."""
    report = auditing.audit(new)
    if not report.sound:
        raise StoreError("restore_differs", detail=report.problem)
    if (report.entries, report.head) != log.head_of(old)[:2]:
        raise StoreError("restore_differs", detail="head")
    if receipts.head_of(new) != receipts.head_of(old):
        raise StoreError("restore_differs", detail="receipts")


def _to_file(folder: Path, url: str, wanted: _Wanted) -> _Put:
    path = store_path(url)
    if path.exists() and path.stat().st_size and not holds_register(path):
        raise StoreError("store_foreign", path=path, detail="")
    with unserved(path), _beside(path) as draft:
        _prove(folder, draft, wanted.manifest, wanted.now)
        former = erased_in_file(path)
        erased = _erased(draft, wanted.erasures | (former or frozenset()))
        aside = _put_in_use(draft, path, log.dated(log.stamp(wanted.now)))
        return aside, erased, former is None


def _erased(draft: Path, ids: frozenset[str]) -> int:
    """Erase in a draft what was erased after its backup; returns how many."""
    if not ids:
        return 0
    with closing(open_store(f"gpkg:{draft}")) as store:
        erased = erase_again(store, ids, _ACTOR)
    flush(draft)
    return erased


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        own_folder(path.parent)
        yield draft
    except OSError as error:
        detail = error.strerror or str(error)
        raise StoreError("restore_failed", path=path, detail=detail) from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _prove(folder: Path, draft: Path, manifest: Manifest, now: datetime) -> None:
    """Copy the file of a backup and see that it is what the manifest says."""
    if not (folder / STORE).is_file():
        raise StoreError("backup_damaged", path=folder, detail=STORE)
    own_file(draft)
    shutil.copyfile(folder / STORE, draft)
    if file_digest(draft) != manifest.file_sha256:
        raise StoreError("backup_damaged", path=folder, detail=f"{STORE}: SHA-256")
    with translated(draft), closing(connect(draft)) as db:
        fault, found = db.integrity(), counts(db)
    if fault != "ok":
        raise StoreError("backup_damaged", path=folder, detail=fault)
    if found != manifest.rows:
        raise StoreError("backup_damaged", path=folder, detail="rows")
    prepare(draft, create=True, now=now, digest=manifest.digest, keep=False)
    with closing(open_store(f"gpkg:{draft}")) as store:
        report = store.verify()
    if not report.sound:
        raise StoreError("backup_damaged", path=folder, detail=report.problem)
    if (report.entries, report.head) != (manifest.entries, manifest.head):
        raise StoreError("backup_damaged", path=folder, detail="head")
    flush(draft)


def _put_in_use(draft: Path, path: Path, date: str) -> str | None:
    """Let the draft take the place of the store, which gets a dated name beside it."""
    aside = path.with_name(f"{path.stem}.replaced-{date}{path.suffix}")
    if not path.exists():
        draft.rename(path)
        flush(path.parent)
        return None
    with _nobody_in(path):
        os.link(path, aside)
        flush(path.parent)  # else a power cut could leave the new name without the old one's
        journal = path.with_name(f"{path.name}-journal")
        # A journal of a file beyond reading goes with it: it must never be played into the new one.
        if journal.exists():
            journal.rename(aside.with_name(f"{aside.name}-journal"))
        draft.replace(path)
        flush(path.parent)
    return str(aside)


@contextmanager
def _nobody_in(path: Path) -> Iterator[None]:
    """Keep other writers and readers out of a store; one that is beyond opening has none."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1)) as db:
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise StoreError("store_busy", path=path) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            pass
        yield
