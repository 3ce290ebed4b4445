"""Replaying the log: to check the layers against it, and to write them anew from it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

from shapely.errors import ShapelyError

from geo_service.errors import GeoServiceError
from geo_service.store import log, sql
from geo_service.store.blobs import boxes
from geo_service.store.bulk import insert_rows
from geo_service.store.container import guard_statements
from geo_service.store.log import Entry
from geo_service.store.projector import Projector, name_keys
from geo_service.store.protocol import AuditReport
from geo_service.store.schema import LAYERS, NAME_INDEX, TABLES


def audit(db: sqlite3.Connection) -> AuditReport:
    """Walk the chain, then compare guards, layers and spatial indexes with what it says.

    Run inside one read transaction: a writer in between would look like a forgery.
    """
    entries, head, bad, problem = log.first_break(db)
    if not problem:
        bad, problem = _differences(db)
    return AuditReport(entries=entries, head=head, first_bad=bad, problem=problem)


def _differences(db: sqlite3.Connection) -> tuple[int | None, str]:
    for name, statement in guard_statements(LAYERS, TABLES).items():
        found = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        if found != (statement,):
            return None, f"guard_missing {name}"
    try:
        return _compare(db)
    finally:
        for layer in LAYERS:
            db.execute(f"DROP TABLE IF EXISTS temp.{layer.table}")


def _compare(db: sqlite3.Connection) -> tuple[int | None, str]:
    for layer in LAYERS:
        for statement in sql.create_layer(layer, temporary=True):
            db.execute(statement)
    failed = replay(db, _replaying(db))
    if failed is not None:
        return failed.sequence, f"entry_impossible {failed.kind.value}/{failed.record_id}"
    for layer in LAYERS:
        row = db.execute(sql.differing_rows(layer)).fetchone()
        if row is not None:
            return row[0], f"row_differs {layer.kind.value}/{row[1]}"
        fid = db.execute(sql.unindexed_rows(layer)).fetchone()
        if fid is not None:
            return None, f"index_differs {layer.table}/{fid[0]}"
    return None, ""


Projectors = Mapping[str, Projector]


def _replaying(db: sqlite3.Connection) -> Projectors:
    return {layer.kind.value: Projector(db, layer, replay=True) for layer in LAYERS}


def replay(db: sqlite3.Connection, projectors: Projectors) -> Entry | None:
    """Project the whole log; returns the first of a run that does not fit, None when all do."""
    for run in _runs(db):
        projector = projectors[run[0].kind.value]
        standing = projector.standing(entry.record_id for entry in run)
        try:
            projector.apply(run, standing, boxes([entry.wkb for entry in run]))
        except (GeoServiceError, ShapelyError):
            return run[0]
    return None


def _runs(db: sqlite3.Connection) -> Iterator[list[Entry]]:
    """Entries of one kind, no record twice, in order (as `writing.batches` does for changes)."""
    run: list[Entry] = []
    seen: set[str] = set()
    for page in log.pages(db):
        for entry in map(log.entry_of, page):
            if run and (entry.kind is not run[0].kind or entry.record_id in seen):
                yield run
                run, seen = [], set()
            run.append(entry)
            seen.add(entry.record_id)
        if run:
            yield run
            run, seen = [], set()


def last_projected(db: sqlite3.Connection) -> int:
    """The newest log entry that any layer knows of; beyond the log's end, the log was cut."""
    found = (db.execute(sql.last_sequence(layer)).fetchone()[0] for layer in LAYERS)
    return max(number or 0 for number in found)


def rebuild(db: sqlite3.Connection) -> Entry | None:
    """Empty the layers and fill them from the log, inside the caller's write transaction."""
    db.execute(sql.empty(NAME_INDEX.name))
    for layer in LAYERS:
        db.execute(sql.empty(layer.table))
        db.execute(sql.empty(layer.rtree))
        db.execute(sql.FORGET_EXTENT, (layer.table,))
    with ExitStack() as opened:
        projectors = {
            layer.kind.value: opened.enter_context(Projector(db, layer).open()) for layer in LAYERS
        }
        return replay(db, projectors)


def index_names(db: sqlite3.Connection) -> None:
    """Write the name index anew from the names, inside the caller's write transaction."""
    db.execute(sql.empty(NAME_INDEX.name))
    _file_names(db, f"main.{NAME_INDEX.name}")


def _file_names(db: sqlite3.Connection, table: str) -> None:
    last, columns = 0, tuple(column.name for column in NAME_INDEX.columns)
    while page := db.execute(sql.NAMES_AFTER, (last, log.PAGE)).fetchall():
        keys = sorted(
            key for fid, name, kind, unit in page for key in name_keys((name, kind, unit), fid)
        )
        insert_rows(db, table, columns, keys)
        last = page[-1][0]


def names_indexed(db: sqlite3.Connection) -> bool:
    """Whether the name index is what this program's language tables make of the names.

    Not part of the audit: new tables of readings change the keys without anybody's doing. Run
    inside a read transaction.
    """
    for statement in sql.create_table(NAME_INDEX, temporary=True):
        db.execute(statement)
    try:
        _file_names(db, f"temp.{NAME_INDEX.name}")
        return db.execute(sql.DIFFERING_KEYS).fetchone() is None
    finally:
        db.execute("DROP TABLE temp.name_index")
