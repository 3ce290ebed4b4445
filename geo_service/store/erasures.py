"""Erasures done again on an older backup: what a person had erased must not come back with it.

The list of erasures holds ids of values and digests of files alone. It comes from the log of the
store that a backup replaces, and from a file that is kept with the backups, for the day on which
that store is gone.
"""

from __future__ import annotations

import os
import re
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.person import PersonalAct, PersonalKind, PersonalValue, erased_file
from geo_service.errors import InputError, StoreError
from geo_service.messages import message
from geo_service.store import digests, persons, sql
from geo_service.store.connection import connect, translated
from geo_service.store.schema import LAYER_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from geo_service.store.engine import Database
    from geo_service.store.protocol import Store
    from geo_service.store.sql_store import SqlStore

_TITLE = "geo-service erasures 1"
_LINE = re.compile(r"p[0-9a-f]{16}|(?:sha256|sm3):[0-9a-f]{64}")
_KIND = RecordKind.PERSONAL_VALUES
_PASSING = frozenset({"server_unreachable", "server_forbidden", "store_busy"})
"""What is to be waited for or seen to; anything else is damage, which leaves the question open."""


def carry_out(store: Store, records: Sequence[PersonalValue], actor: str, reason: str) -> None:
    """Log and erase, all or none: values that stand, and files by their `erased_file`.

    What somebody erased meanwhile is logged once more. Raises StoreError person_unswept.
    """
    files = [record.id for record in records if record.kind is PersonalKind.FILE]
    with store.begin() as work:
        work.append([_erasure(store, record, actor, reason) for record in records])
        work.erase_clear(record.id for record in records)
        work.erase_content(files)
    store.sweep(files=bool(files))


def _erasure(store: Store, record: PersonalValue, actor: str, reason: str) -> Change:
    version = store.version(_KIND, record.id)
    return Change(
        operation=Operation.CORRECT if version else Operation.CREATE,
        record=replace(record, act=PersonalAct.ERASED),
        actor=actor,
        reason=reason,
        basis=f"person:{PersonalAct.ERASED}",
        expected_version=version,
    )


def save_erasures(ids: Iterable[str], file: Path) -> None:
    """Write a list to a new file and see it on disk. Raises InputError erasures_unsaved."""
    body = "\n".join([_TITLE, *sorted(ids)])
    try:
        with file.open("x", encoding="utf-8") as target:
            target.write(f"{body}\nseal: {digests.sha256(body.encode())}\n")
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        detail = error.strerror or str(error)
        raise InputError("erasures_unsaved", file=file, detail=detail) from error


def read_erasures(file: Path) -> frozenset[str]:
    """The ids in a list. Raises InputError erasures_unreadable."""
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        raise InputError("erasures_unreadable", file=file) from error
    title, *ids, seal = [line.strip() for line in text.splitlines() if line.strip()] or ["", ""]
    body = "\n".join([title, *ids])
    if title != _TITLE or seal != f"seal: {digests.sha256(body.encode())}":
        raise InputError("erasures_unreadable", file=file)
    if not all(map(_LINE.fullmatch, ids)):
        raise InputError("erasures_unreadable", file=file)
    return frozenset(ids)


def erased_in_file(path: Path) -> frozenset[str] | None:
    """Ids erased in a store that is to be replaced, of whatever schema.

    None where it cannot be read any more. Raises StoreError store_busy.
    """
    if not path.exists():
        return frozenset()
    try:
        with translated(path), closing(connect(path)) as db:
            return _erased(db, {name for (name,) in db.execute(sql.TABLE_NAMES)})
    except StoreError as error:
        if error.code in _PASSING:
            raise
        return None


def erased_on_server(url: str) -> frozenset[str] | None:
    """The same on a server."""
    from geo_service.store import session, sql_server  # noqa: PLC0415 - they load the driver

    try:
        db = session.connect(url)
        with closing(db.connection), session.translated(url):
            return _erased(db, {name for (name,) in db.execute(sql_server.SERVED_TABLES)})
    except StoreError as error:
        if error.code in _PASSING:
            raise
        return None


def _erased(db: Database, tables: set[str]) -> frozenset[str]:
    """None of a store from before such values, or where there is none."""
    known = LAYER_OF[_KIND].table in tables
    return frozenset(persons.erased_ids(db)) if known else frozenset()


def erase_again(store: SqlStore, ids: Iterable[str], actor: str) -> int:
    """Erase what a store has of these and had not erased itself; returns how many.

    Logged like any erasure. Raises StoreError.
    """
    wanted = frozenset(ids)
    records = [
        record
        for record in cast("list[PersonalValue]", store.records(_KIND))
        if record.id in wanted and record.act is not PersonalAct.ERASED
    ]
    for name in sorted(name for name in wanted if ":" in name):
        of = store.content_subjects(name)
        if of and not store.version(_KIND, name):
            records.append(erased_file(name, of[0], actor))
    if records:
        carry_out(store, records, actor, message("store.erased_again").zh)
    if {clear.id for clear in store.clear_values(wanted)}:
        raise StoreError("store_failed", path=store.url, detail="person")
    return len(records)
