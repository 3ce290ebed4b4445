"""A file into the register: all of it, with its log entries and a receipt, or nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from geo_service.cities import CityProfile
from geo_service.domain.change import Change, Operation, Record, RecordKind
from geo_service.errors import InputError, NotFound
from geo_service.messages import message
from geo_service.services.interchange.columns import IMPORTABLE
from geo_service.services.interchange.identity import renamed_unsaid
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.mappings import ColumnMapping
from geo_service.services.interchange.merging import kept_fields, merged
from geo_service.services.interchange.other_days import meant, unclear
from geo_service.services.interchange.outcome import Sanction, written_of
from geo_service.services.interchange.reading import ReadResult, ReadRow, read_records
from geo_service.services.interchange.report import (
    ROWS_SHOWN,
    ImportReport,
    accepted,
    first_result,
    rejected,
)
from geo_service.services.interchange.shift import shifted, verified
from geo_service.services.interchange.standing import standing_alike
from geo_service.services.interchange.succession import (
    is_renamed,
    other_former_name,
    succession,
    write,
)
from geo_service.services.interchange.uncollected import uncollected
from geo_service.services.interchange.watching import TOLD_EVERY, Step, Watch, unwatched
from geo_service.services.persons.keeping import (
    NOBODY,
    Kept,
    Signature,
    masks_of,
    to_keep,
    with_ids,
)
from geo_service.services.persons.tokens import ids_in, renamed
from geo_service.services.register.acts import Signed
from geo_service.store.protocol import ImportReceipt, Store

_ROWS_NAMED = 20


@uncollected()
def import_file(
    store: Store,
    path: Path,
    kind: RecordKind,
    *,
    city: CityProfile,
    actor: str,
    now: datetime,
    today: date,
    layer: str = "",
    crs: str = "",
    encoding: str = "",
    dry_run: bool = False,
    mapping: ColumnMapping | None = None,
    called: str = "",
    watch: Watch = unwatched,
    accounted: bool = False,
    sanction: Sanction | None = None,
) -> ImportReport:
    """Read, check and store a file; `now` is UTC, `today` the day codes and dates are judged by.

    Any error refuses the whole file. The same bytes with the same options are answered with the
    first result and write nothing. A record already registered with the same content is left
    alone; a different one becomes a correction of the version read here, another name from a later
    day a renaming, and units that say which units they came from succeed them. What the file has no
    column for stays as it is. A `mapping` of columns is an option like any other, and is told.
    `called` is what the sender calls the file; `watch` is told how far the work is (see `Step`).
    With a `sanction` it is stored by the word of a second person, and only as that one saw it;
    then, and where it is asked to be `accounted`, the report names every change (`written`).
    Raises InputError `import_kind_unknown` for a kind that is not imported, Conflict when somebody
    else wrote a record in the meantime, and what the sanction raises.
    """
    if kind not in IMPORTABLE:
        raise InputError("import_kind_unknown", kind=kind, known=" ".join(IMPORTABLE))
    read = read_records(
        path,
        kind,
        city=city,
        today=today,
        layer=layer,
        crs=crs,
        encoding=encoding,
        columns=None if mapping is None else mapping.fields,
        called=called,
        watch=watch,
    )
    read = read if mapping is None else _mapped(read, mapping)
    options = [layer, crs, encoding, str(city.code)]
    options += [] if mapping is None else [mapping.digest]
    digest = _digest(read, options)
    masks = {value.id: value.mask for value in read.persons}
    earlier = None if read.refused else store.receipt(digest)
    if earlier is not None:
        return _as_seen(_first_result(store, earlier, read, masks), sanction)
    refusals = shifted(store, read, city)
    if read.refused or refusals:
        return _as_seen(rejected(read, refusals).masked(masks), sanction)
    return _stored(
        store,
        read,
        digest,
        city=city,
        by=_signed(read, actor) if sanction is None else sanction.by,
        now=now,
        dry_run=dry_run,
        watch=watch,
        accounted=accounted,
        sanction=sanction,
    )


def _as_seen(report: ImportReport, sanction: Sanction | None) -> ImportReport:
    """The report, where it is what a second person saw. Raises what the sanction raises."""
    if sanction is not None:
        sanction.expect(report)
    return report


def _stored(
    store: Store,
    read: ReadResult,
    digest: str,
    *,
    city: CityProfile,
    by: Signed,
    now: datetime,
    dry_run: bool,
    watch: Watch,
    accounted: bool,
    sanction: Sanction | None,
) -> ImportReport:
    """What a file without faults of its own comes to in the register: written, or refused there."""
    masks = {value.id: value.mask for value in read.persons}
    persons = _persons(store, read, by.actor)
    read = _with_ids(read, persons)
    masks |= {persons.ids[own]: masks[own] for own in persons.ids}
    followed = succession(store, read.rows, read.file, by, city)
    changes, told_of = _changes(store, read, by, followed.rows, city, watch=watch)
    if any(issue.level is Level.ERROR for issue in told_of):
        return _as_seen(rejected(read, tuple(told_of)).masked(masks), sanction)
    written = [replace(row, record=change.record) for row, change in changes[:ROWS_SHOWN]]
    extra = (*verified(store, read, city), *_kept(read, changes), *followed.issues, *told_of)
    extra += standing_alike(store, read.file, _created(changes))
    report = accepted(read, written, len(changes) + len(followed.rows), extra)
    rows = [change for _, change in changes]
    shown = report.masked(masks)
    if accounted or sanction is not None:
        acts = [change for plan in followed.plans for change in plan.changes]
        written_all = written_of(
            [*rows, *acts], masks, lambda one: _known(store, read.kind, one), city.plane_epsg
        )
        shown = replace(shown, written=written_all)
    _as_seen(shown, sanction)
    if not dry_run:
        watch(Step.WRITING, 0, report.stored)
        if sanction is not None:
            rows = [replace(change, basis=sanction.basis) for change in rows]
        with store.begin() as work:
            event = store.log_mark().sequence + 1
            write(store, work, rows, followed.plans, by)
            persons.write(work)
            work.keep_receipt(_receipt(digest, report, persons, (read.kind, by.actor, now)))
            if sanction is not None:
                work.append(sanction.beside(event))
    return shown


def _first_result(
    store: Store, earlier: ImportReceipt, read: ReadResult, masks: dict[str, str]
) -> ImportReport:
    """The answer of then; what was erased since is not shown again."""
    kept = masks_of(store, ids_in(earlier.report_json))
    return first_result(earlier.report_json, read.sent).masked({**masks, **kept})


def _receipt(
    digest: str, report: ImportReport, persons: Kept, by: tuple[RecordKind, str, datetime]
) -> ImportReceipt:
    kind, actor, now = by
    dumped = report.dump(kind=kind.value, actor=actor)
    return ImportReceipt(digest, report.stored, renamed(dumped, persons.ids), now)


def _persons(store: Store, read: ReadResult, actor: str) -> Kept:
    """The personal values of the file, each with the record of its row."""
    if not read.persons:
        return NOBODY
    subjects = {row.number: row.record.id for row in read.rows}
    reason, basis = message("import.reason", file=read.file).zh, f"sha256:{read.digest}"
    return to_keep(
        store,
        [(read.kind, subjects[v.row], v) for v in read.persons if v.row in subjects],
        Signature(actor, reason, basis, read.file),
    )


def _with_ids(read: ReadResult, persons: Kept) -> ReadResult:
    """The rows with the tokens of personal values that the register has already."""
    if not persons.ids:
        return read
    rows = tuple(replace(row, record=with_ids(row.record, persons.ids)) for row in read.rows)
    return replace(read, rows=rows)


def _signed(read: ReadResult, actor: str) -> Signed:
    """The file signs for its rows."""
    reason = message("import.reason", file=read.file).zh
    return Signed(actor=actor, reason=reason, document_no=f"sha256:{read.digest}")


def _mapped(read: ReadResult, mapping: ColumnMapping) -> ReadResult:
    """Tells by whose word the columns were read."""
    values = {"sender": mapping.sender, "version": mapping.version}
    values |= {"signer": mapping.signer, "saved_at": mapping.saved_text}
    unsaved = "mapping_given" if mapping.sender else "mapping_once"
    code = "mapping_used" if mapping.version else unsaved
    told = Issue(Level.INFO, code, read.file, values=values)
    return replace(read, issues=(*read.issues, told), sent=read.sent.with_more([told]))


def _digest(read: ReadResult, options: list[str]) -> str:
    """What makes two imports the same: bytes, target and options."""
    parts = [read.digest, read.kind.value, *options]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _changes(
    store: Store,
    read: ReadResult,
    by: Signed,
    followed: frozenset[int],
    city: CityProfile,
    *,
    watch: Watch,
) -> tuple[list[tuple[ReadRow, Change]], list[Issue]]:
    """What has to be written, row by row, and what to know of it.

    Nothing where the register says the same already, or the row is part of an act (`followed`).
    """
    versions = store.versions(read.kind, (row.record.id for row in read.rows))
    changes: list[tuple[ReadRow, Change]] = []
    issues: list[Issue] = []
    for done, row in enumerate(read.rows):
        if done % TOLD_EVERY == 0:
            watch(Step.COMPARING, done, len(read.rows))
        if row.number in followed:
            continue
        version = versions.get(row.record.id, 0)
        operation: Operation | None = Operation.CREATE
        record = row.record
        if version:
            operation, record = _to_write(store, read, row, issues, city)
        if operation is not None and version > 1:
            issues += unclear(store, read.kind, row, operation, record, read.file)
        if operation is not None:
            change = Change(
                operation=operation,
                record=record,
                actor=by.actor,
                reason=by.reason,
                basis=by.document_no,
                expected_version=version,
            )
            changes.append((row, change))
    return changes, issues


def _to_write(
    store: Store, read: ReadResult, row: ReadRow, issues: list[Issue], city: CityProfile
) -> tuple[Operation | None, Record]:
    """The record of a row where the register has one, and how; no operation for no news.

    Another name from a later day is a renaming: the former name stays for the days before. All
    else corrects what the register has for the time of which the file speaks.
    """
    operation: Operation | None = Operation.CORRECT
    known = _known(store, read.kind, row.record)
    if known is None:
        operation, known = meant(store, read.kind, row, read.file, issues)
    if known is None:
        return operation, row.record
    record = merged(row.record, known, row.said)
    issues += renamed_unsaid(row, known, record, read.file, city)
    # Another file that says the same is no news; another note or standing is.
    same_source = replace(known.provenance, source=record.provenance.source)
    if replace(known, provenance=same_source) == record:
        return None, record
    if not is_renamed(known, record):
        return Operation.CORRECT, record
    issues += other_former_name(row, known, read.file)
    return Operation.REVISE, record


def _known(store: Store, kind: RecordKind, record: Record) -> Record | None:
    """What the register says of a record at the time of which the file speaks."""
    try:
        return store.get(kind, record.id, as_of=_day_within(record))
    except NotFound:
        return None


def _created(changes: list[tuple[ReadRow, Change]]) -> Iterator[tuple[int, Record]]:
    for row, change in changes:
        if change.operation is Operation.CREATE:
            yield row.number, change.record


def _kept(read: ReadResult, changes: list[tuple[ReadRow, Change]]) -> tuple[Issue, ...]:
    """Tells which fields stay as the register has them because the file has no such column."""
    kept = {
        field
        for row, change in changes
        if change.operation is Operation.CORRECT
        for field in kept_fields(row.record, change.record)
    }
    if not kept:
        return _corrected(read, changes)
    values = {"fields": ", ".join(sorted(kept))}
    kept_issue = Issue(Level.INFO, "fields_kept", read.file, values=values)
    return (kept_issue, *_corrected(read, changes))


def _corrected(read: ReadResult, changes: list[tuple[ReadRow, Change]]) -> tuple[Issue, ...]:
    """Tells which rows say something else than the register did: each corrects a record."""
    rows = [row.number for row, change in changes if change.operation is Operation.CORRECT]
    if not rows:
        return ()
    shown = ", ".join(map(str, rows[:_ROWS_NAMED])) + (" …" if len(rows) > _ROWS_NAMED else "")
    values = {"count": len(rows), "rows": shown}
    return (Issue(Level.INFO, "records_corrected", read.file, rows[0], values=values),)


def _day_within(record: Record) -> date | None:
    """A day on which the record holds, None for today."""
    period = record.period
    if period.start is not None:
        return period.start
    return None if period.end is None else period.end - timedelta(days=1)
