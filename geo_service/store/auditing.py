"""Replaying the log: to check the layers against it, and to write them anew from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain

from shapely.errors import ShapelyError

from geo_service.errors import GeoServiceError, StoreError
from geo_service.store import breaks, contents, ddl, ledger, log, persons, receipts, sql
from geo_service.store.blobs import boxes
from geo_service.store.engine import Database
from geo_service.store.filing import FILED
from geo_service.store.log import Entry
from geo_service.store.projector import Projector, name_keys
from geo_service.store.protocol import AuditReport
from geo_service.store.schema import LAYERS, NAME_INDEX, TABLES


def audit(db: Database) -> AuditReport:
    """Walk the chain and the receipts, then compare guards, layers and indexes with what it says.

    Run inside one read transaction, which takes the tables for comparing with it: a writer in
    between would look like a forgery.
    """
    differing, walk = misshapen(db), log.Walk(db)
    _make_room(db)
    failed = replay(_replaying(db), walk)
    bad, problem = _found(db, walk, failed, differing)
    return AuditReport(entries=walk.entries, head=walk.head, first_bad=bad, problem=problem)


def _found(
    db: Database, walk: log.Walk, failed: Entry | None, differing: str
) -> tuple[int | None, str]:
    """The first thing wrong, the log before what rests on it."""
    if walk.bad is not None:
        return breaks.named(db, walk.bad, walk.head, walk.problem)
    if differing:
        return None, differing
    if last_projected(db) > walk.entries:
        return walk.entries + 1, "log_truncated"
    if problem := _unsealed(db):
        return None, problem
    if failed is not None:
        return failed.sequence, f"entry_impossible {failed.kind.value}/{failed.record_id}"
    return _differences(db)


def misshapen(db: Database) -> str:
    """What differs in guards and schema from what the program declares: a problem, or ""."""
    for name, statement in ddl.guard_statements(LAYERS, TABLES, db.dialect).items():
        if (statement,) not in db.execute(db.dialect.guard, (name, name)).fetchall():
            return f"guard_missing {name}"
    found = db.misshapen()
    return "" if found is None else f"schema_differs {found}"


def _unsealed(db: Database) -> str:
    number, problem = receipts.first_break(db)
    if problem:
        return f"{problem} {number}"
    fault = ledger.fault(db)
    return "" if fault is None else f"ledger_differs {fault}"


def _make_room(db: Database) -> None:
    """Temporary tables for the replayed log."""
    for layer in LAYERS:
        for statement in ddl.create_layer(layer, temporary=True, dialect=db.dialect):
            db.execute(statement)


def _differences(db: Database) -> tuple[int | None, str]:
    for layer in LAYERS:
        row = db.execute(sql.differing_rows(layer, db.dialect)).fetchone()
        if row is not None:
            return row[0], f"row_differs {layer.kind.value}/{row[1]}"
        misplaced = db.misplaced(layer)
        if misplaced is not None:
            return None, misplaced
    person = persons.differing(db)
    if person is not None:
        return None, f"person_differs {person}"
    return None, contents.fault(db)


Projectors = Mapping[str, Projector]


def _replaying(db: Database) -> Projectors:
    return {layer.kind.value: Projector(db, layer, replay=True) for layer in LAYERS}


def replay(projectors: Projectors, pages: Iterable[Sequence[Entry]]) -> Entry | None:
    """Project entries, a whole log; returns the first of a run that does not fit, None when all do.

    The pages are read to their end in any case.
    """
    failed: Entry | None = None
    for run in _runs(pages):
        if failed is not None:
            continue
        projector = projectors[run[0].kind.value]
        standing = projector.standing(entry.record_id for entry in run)
        try:
            projector.apply(run, standing, boxes([entry.wkb for entry in run]))
        except (GeoServiceError, ShapelyError):
            failed = run[0]
    return failed


def _runs(pages: Iterable[Sequence[Entry]]) -> Iterator[list[Entry]]:
    """Entries of one kind, no record twice, in order (as `writing.batches` does for changes)."""
    run: list[Entry] = []
    seen: set[str] = set()
    for page in pages:
        for entry in page:
            if run and (entry.kind is not run[0].kind or entry.record_id in seen):
                yield run
                run, seen = [], set()
            run.append(entry)
            seen.add(entry.record_id)
        if run:
            yield run
            run, seen = [], set()


def last_projected(db: Database) -> int:
    """The newest log entry that any layer knows of; beyond the log's end, the log was cut."""
    found = (db.execute(sql.last_sequence(layer, db.dialect)).fetchone()[0] for layer in LAYERS)
    return max(number or 0 for number in found)


def rebuild(db: Database) -> Entry | None:
    """Empty the layers and fill them from the log, inside the caller's write transaction."""
    db.execute(sql.empty(NAME_INDEX.name))
    for layer in LAYERS:
        db.empty_layer(layer)
    with ExitStack() as opened:
        projectors = {
            layer.kind.value: opened.enter_context(Projector(db, layer).open()) for layer in LAYERS
        }
        return replay(projectors, (list(map(log.entry_of, page)) for page in log.pages(db)))


def index_names(db: Database) -> None:
    """Write the name index anew from the names, inside the caller's write transaction."""
    db.execute(sql.empty(NAME_INDEX.name))
    _file_names(db, f"{db.dialect.stored}.{NAME_INDEX.name}")


def _file_names(db: Database, table: str) -> None:
    columns = tuple(column.name for column in NAME_INDEX.columns)
    for filing in FILED.values():
        last = 0
        while page := db.execute(sql.names_after(filing), (last, log.PAGE)).fetchall():
            keys = [name_keys((name, of, unit), fid, filing) for fid, name, of, unit in page]
            db.insert_rows(table, columns, sorted(chain.from_iterable(keys)))
            last = page[-1][0]


def names_indexed(db: Database) -> bool:
    """Whether the name index is what this program's language tables make of the names.

    Not part of the audit: new tables of readings change the keys without anybody's doing. Run
    inside a read transaction.
    """
    for statement in ddl.create_table(NAME_INDEX, temporary=True, dialect=db.dialect):
        db.execute(statement)
    _file_names(db, f"{db.dialect.temporary}.{NAME_INDEX.name}")
    return db.execute(sql.differing_keys(db.dialect)).fetchone() is None


def require_sound_log(db: Database, url: str) -> tuple[int, str]:
    """Number of entries and head of a log that nothing is wrong with, or StoreError log_unsound.

    Wrong is also a log whose end was cut off while the layers still hold what it said.
    """
    walk = log.Walk(db).to_the_end()
    bad = walk.bad
    if bad is None and last_projected(db) > walk.entries:
        bad = walk.entries + 1
    if bad is not None:
        raise StoreError("log_unsound", path=url, sequence=bad)
    return walk.entries, walk.head


def rebuild_or_refuse(db: Database, url: str) -> None:
    """Fill the layers from the log. Raises StoreError log_unsound where an entry does not fit."""
    failed = rebuild(db)
    if failed is not None:
        raise StoreError("log_unsound", path=url, sequence=failed.sequence)
