"""The unit of work: changes checked, logged and projected in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
import shapely

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.person import ClearValue
from geo_service.errors import Conflict, GeoServiceError, InputError, NotFound, StoreError
from geo_service.language.persons import masked_text, numbers_in
from geo_service.store import contents, log, persons, receipts, sql
from geo_service.store.blobs import to_wkb
from geo_service.store.codec import CODECS, KIND_OF, Values
from geo_service.store.engine import Database
from geo_service.store.projection import Standing
from geo_service.store.projector import Projector
from geo_service.store.protocol import ImportReceipt
from geo_service.store.schema import LAYER_OF

BATCH = 2000
"""Changes projected at a time: bounds memory, and large enough for arrays to pay."""

Batch = tuple[RecordKind, list[Change]]


def batches(changes: Iterable[Change]) -> Iterator[Batch]:
    """Runs of changes of one kind in which no record appears twice, in the order given."""
    kind, run, seen = RecordKind.PLACE_NAMES, list[Change](), set[str]()
    for change in changes:
        change_kind = KIND_OF[type(change.record)]
        record_id = change.record.id
        if run and (change_kind is not kind or record_id in seen or len(run) == BATCH):
            yield kind, run
            run, seen = [], set()
        kind = change_kind
        run.append(change)
        seen.add(record_id)
    if run:
        yield kind, run


class StoreWork:
    """One open transaction of a store; made by `begin`, useless after it."""

    def __init__(self, db: Database, now: datetime) -> None:
        """`now` is the recorded time of all changes; never before that of the last entry."""
        self._db = db
        self._sequence, self._head, newest = log.head_of(db)
        self._recorded_at = max(log.stamp(now), newest)
        self._open = True

    def append(self, changes: Iterable[Change]) -> int:
        """Log the changes and project them; returns how many. See `UnitOfWork`."""
        self._require_open()
        self._open = False  # for good where this fails: half a change must not be committed
        try:
            count = self._append_all(changes)
        except UnicodeEncodeError as error:
            raise InputError("record_unstorable", detail=str(error)) from error
        self._open = True
        return count

    def keep_content(self, data: bytes) -> str:
        """Keep the bytes of a file, once; returns the name that a record knows them by."""
        self._require_open()
        return contents.keep(self._db, data)

    def keep_receipt(self, receipt: ImportReceipt) -> None:
        """Remember an import in the same transaction as its rows.

        Raises Conflict when an import with this digest is on file.
        """
        self._require_open()
        if self._db.execute(sql.RECEIPT_OF, (receipt.digest,)).fetchone():
            raise Conflict("receipt_exists", digest=receipt.digest)
        recorded_at = log.stamp(receipt.recorded_at)
        said = (receipt.digest, receipt.stored, receipt.report_json, recorded_at)
        receipts.append(self._db, [said])

    def keep_clear(self, values: Iterable[ClearValue]) -> None:
        """Keep personal values beside the log. See `UnitOfWork`."""
        self._require_open()
        persons.keep(self._db, values)

    def erase_clear(self, ids: Iterable[str]) -> None:
        """Erase personal values for good. See `UnitOfWork`."""
        self._require_open()
        persons.erase(self._db, ids)

    def erase_content(self, names: Iterable[str]) -> None:
        """Erase attached files for good. See `UnitOfWork`."""
        self._require_open()
        contents.erase(self._db, names)

    def complete(self) -> None:
        """See that all may be committed. Raises StoreError where an append failed."""
        self._require_open()

    def end(self) -> None:
        """Take no more changes."""
        self._open = False

    def _require_open(self) -> None:
        if not self._open:
            raise StoreError("transaction_closed")

    def _append_all(self, changes: Iterable[Change]) -> int:
        count, projectors = 0, dict[RecordKind, Projector]()
        with self._db.appending(), ExitStack() as opened:
            for kind, run in batches(changes):
                if kind not in projectors:
                    projector = Projector(self._db, LAYER_OF[kind])
                    projectors[kind] = opened.enter_context(projector.open())
                count += self._append(projectors[kind], kind, run)
        return count

    def _append(self, projector: Projector, kind: RecordKind, run: list[Change]) -> int:
        wkb, boxes = _shapes(kind, run)
        standing = projector.standing(change.record.id for change in run)
        entries = [
            self._entry(kind, change, data, number, standing.get(change.record.id, ()))
            for number, (change, data) in enumerate(
                zip(run, wkb, strict=True), start=self._sequence + 1
            )
        ]
        self._log(entries)
        projector.apply(entries, standing, boxes)
        self._sequence += len(entries)
        return len(entries)

    def _entry(
        self,
        kind: RecordKind,
        change: Change,
        wkb: bytes | None,
        number: int,
        standing: Sequence[Standing],
    ) -> log.Entry:
        _refuse_persons(change.reason)
        _refuse_persons(change.basis)
        record = change.record
        newest = max(standing, key=lambda row: row.version) if standing else None
        version = newest.version if newest else 0
        if change.expected_version != version or (change.operation is Operation.CREATE) == bool(
            version
        ):
            raise _refusal(kind, change, version)
        values: Values = CODECS[kind].values(record)
        return log.Entry(
            number,
            kind,
            record.id,
            version + 1,
            change.operation,
            record.period,
            self._recorded_at,
            change.actor,
            change.reason,
            change.basis,
            None if newest is None else newest.sequence,
            values,
            wkb,
        )

    def _log(self, entries: list[log.Entry]) -> None:
        try:
            self._head = log.append(self._db, entries, self._head)
        except ValueError as error:  # NaN or infinity have no JSON
            raise InputError("record_unstorable", detail=str(error)) from error


@lru_cache(maxsize=256)
def _refuse_persons(text: str) -> None:
    """The log is kept for ever: no number of a card or telephone in why something was done."""
    if numbers_in(text):
        raise InputError("personal_in_log", value=masked_text(text))


def _refusal(kind: RecordKind, change: Change, version: int) -> GeoServiceError:
    facts: dict[str, Any] = {"kind": kind.value, "record": change.record.id}
    if change.operation is not Operation.CREATE and version == 0:
        return NotFound("record_not_found", **facts)
    return Conflict("version_stale", **facts, expected=change.expected_version, actual=version)


def _shapes(kind: RecordKind, run: list[Change]) -> tuple[list[bytes | None], Any]:
    """WKB and boxes of the records. Raises InputError for empty or non-finite geometry."""
    field = CODECS[kind].geometry
    shapes = np.array([getattr(change.record, field) for change in run], dtype=object)
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    bad = set(owners[~np.isfinite(coordinates).all(axis=1)].tolist())
    bad |= set(np.flatnonzero(shapely.is_empty(shapes)).tolist())
    if bad:
        raise InputError("geometry_unstorable", record=run[min(bad)].record.id, count=len(bad))
    return to_wkb(shapes)
