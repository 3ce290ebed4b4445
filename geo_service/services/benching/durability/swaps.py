"""A store put in the place of another, by a restore or an upgrade, recorded for `power_cuts`.

At every cut the store is the former or the new one, whole; once the command has said that it is
done it is the new one, and what was kept of the former is whole too.
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.services.benching.durability import deeds
from geo_service.services.benching.durability.disk import Disk
from geo_service.services.benching.durability.power_cuts import Trial
from geo_service.services.benching.durability.proving import Acknowledged, faults_of
from geo_service.services.benching.durability.recording import concerns
from geo_service.services.benching.durability.tracing import Call, Replay, calls, strace
from geo_service.store.backups import back_up
from geo_service.store.checkup import State, check_store
from geo_service.store.opening import open_store
from geo_service.store.restoring import restore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.services.benching.durability.power_cuts import Proving

_STORE = "s.gpkg"
_FORMER, _NEW = 8, 14
"""Deeds of the store that is replaced, and of the backup."""
_NOW = datetime(2024, 6, 1, tzinfo=UTC)
_WRITES = frozenset({"openat", "write", "pwrite64", "lseek", "sendfile"})
"""Calls that make nothing certain and give no name."""


def record_restore(scratch: Path, rows: int, *, torn: bool = False) -> Trial:
    """A backup restored over a store that was worked on since.

    With `torn` that store is one beyond reading, beside it the journal of a change cut short.
    """
    folder = scratch / "disk"
    folder.mkdir()
    path = folder / _STORE
    _worked_on(path, _FORMER, rows, scratch)
    _worked_on(scratch / "other.gpkg", _NEW, rows, scratch)
    with closing(open_store(f"gpkg:{scratch / 'other.gpkg'}")) as store:
        kept, _manifest = back_up(store, scratch / "kept", _NOW)
    if torn:
        held = path.read_bytes()
        path.write_bytes(held[:100] + bytes(8000) + held[8100:])
        path.with_name(f"{_STORE}-journal").write_bytes(held[:6000])

    def faults(image: Path, told: Acknowledged | None, _under_way: bool) -> Iterator[str]:
        found = image / _STORE
        if told is None and torn and found.exists() and not _has(found, _NEW, rows):
            if found.read_bytes() != path_before:
                yield "neither the former file nor the new store"
            return
        if not found.exists():
            yield "no store"
        elif told is None and _has(found, _FORMER, rows):
            return
        else:
            yield from faults_of(f"gpkg:{found}", Acknowledged(_NEW), rows, under_way=False)
        aside = list(image.glob("s.replaced-*.gpkg"))
        if not (aside and (torn or _has(aside[0], _FORMER, rows))):
            yield "the former store is not beside it"

    path_before = path.read_bytes()
    return _recorded(scratch, ("store", "restore", str(kept), "--to", f"gpkg:{path}"), faults)


def _worked_on(path: Path, count: int, rows: int, scratch: Path) -> None:
    with closing(open_store(f"gpkg:{path}", create=True)) as store:
        for number in range(1, count + 1):
            deeds.perform(store, number, rows, scratch)


def _has(path: Path, number: int, rows: int) -> bool:
    told = Acknowledged(number)
    return not list(faults_of(f"gpkg:{path}", told, rows, under_way=False))


def record_upgrade(scratch: Path, packed: Path) -> Trial:
    """A store of an older schema, from a packed file, brought up to date."""
    folder = scratch / "disk"
    folder.mkdir()
    path = folder / _STORE
    old = gzip.decompress(packed.read_bytes())
    path.write_bytes(old)
    whole = scratch / "whole.gpkg"
    whole.write_bytes(old)
    expected = _content(whole)

    def faults(image: Path, told: Acknowledged | None, _under_way: bool) -> Iterator[str]:
        found = image / _STORE
        if not found.exists():
            yield "no store"
            return
        if told is not None:
            open_store(f"gpkg:{found}").close()  # refuses a schema that is not of today
        if _content(found) != expected:
            yield "other content"
        for check in check_store(f"gpkg:{found}"):
            if check.state is not State.OK:
                yield f"check {check.key} {check.state} {dict(check.facts)}"
        kept = list(image.glob("s-before-schema-*"))
        if told is not None and not kept:
            yield "no backup of before"
        for backup in kept[:1]:
            yield from _not_restored(backup, expected)

    return _recorded(scratch, ("store", "init", "--store", f"gpkg:{path}"), faults)


def _not_restored(backup: Path, expected: object) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as place:
        again = Path(place) / _STORE
        restore(backup, f"gpkg:{again}", _NOW)
        if _content(again) != expected:
            yield "the backup of before holds other content"


def _content(path: Path) -> object:
    """All versions of all records, by kind, and the head of the log; brought up to date first."""
    with closing(open_store(f"gpkg:{path}", create=True)) as store:
        held = {kind: sorted(map(repr, store.records(kind))) for kind in RecordKind}
        return held, store.log_mark()


def _recorded(scratch: Path, words: tuple[str, ...], faults: Proving) -> Trial:
    folder, trace, disk = scratch / "disk", scratch / "trace", Disk()
    disk.load(folder)
    command = [*strace(trace), sys.executable, "-m", "geo_service", *words]
    done = subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own words
    assert done.returncode == 0, done.stderr  # noqa: S101 - there is nothing to try otherwise
    recorded = [call for call in calls(trace) if concerns(call, folder) or _printed(call)]
    trace.unlink()
    last = max(at for at, call in enumerate(recorded) if _printed(call))
    steps = {at for at, call in enumerate(recorded) if call.name not in _WRITES and not call.begun}
    return Trial(
        recorded=recorded,
        told={last: Acknowledged(1)},
        disk=disk,
        replay=Replay(disk, folder),
        faults=faults,
        steps=frozenset(steps),
    )


def _printed(call: Call) -> bool:
    return call.name == "write" and call.number == 1 and not call.begun
