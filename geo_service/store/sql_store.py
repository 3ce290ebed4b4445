"""What both stores have in common: everything but connections, transactions and engine checks.

A store kept apart for each engine would answer apart one day; here the questions are put once,
in the dialect of the connection.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from itertools import islice
from typing import cast

import shapely

from geo_service.domain.change import LoggedChange, Record, RecordKind
from geo_service.domain.clock import CHINA
from geo_service.domain.identity import DivisionCode
from geo_service.domain.person import ClearValue
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.domain.provenance import Label
from geo_service.domain.road import Road
from geo_service.errors import NotFound
from geo_service.store import anchors as anchoring
from geo_service.store import (
    auditing,
    contents,
    digests,
    log,
    migrations,
    persons,
    reading,
    receipts,
    sql,
)
from geo_service.store.engine import Database
from geo_service.store.filing import PLACES, ROADS
from geo_service.store.opening import Clock
from geo_service.store.projector import Projector
from geo_service.store.protocol import (
    Anchor,
    AuditReport,
    Box,
    FiledName,
    ImportReceipt,
    LogMark,
    Store,
)
from geo_service.store.schema import LAYER_OF
from geo_service.store.seen import SeenStore
from geo_service.store.writing import BATCH, StoreWork


class SqlStore(ABC):
    """A `Store` in tables; made by `open_store`. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._public = SeenStore(self, Label.PUBLIC)

    @property
    @abstractmethod
    def url(self) -> str:
        """Address of the store as the user writes it, without a password."""

    @abstractmethod
    def _db(self) -> AbstractContextManager[Database]:
        """A connection; inside a transaction of this thread, the one that it runs on."""

    @abstractmethod
    def transaction(self, *, write: bool) -> AbstractContextManager[Database]:
        """One transaction: for writing the only one at a time, for reading one moment.

        Raises StoreError transaction_open inside another of this thread, and store_busy when
        another writer does not finish in time.
        """

    @abstractmethod
    def integrity(self) -> str:
        """The engine's own check: "ok", or the first fault."""

    @abstractmethod
    def _engine(self) -> Mapping[str, str]:
        """Versions of the engine below."""

    @abstractmethod
    def close(self) -> None:
        """Release the file or the connections."""

    def seen_by(self, label: Label) -> Store:
        """The store as an audience may see it: whole, or what is labelled public alone."""
        return self if label is Label.INTERNAL else self._public

    def reading(self) -> AbstractContextManager[Database]:
        """A connection for questions; inside a transaction of this thread, the one it runs on."""
        return self._db()

    def day(self, as_of: date | None) -> date:
        """The day that is asked for, today in China unless given."""
        return self._clock().astimezone(CHINA).date() if as_of is None else as_of

    @contextmanager
    def begin(self) -> Iterator[StoreWork]:
        """Open the one write transaction; commits on leaving, rolls back on any exception.

        Raises StoreError store_busy when another writer does not finish in time.
        """
        with self.transaction(write=True) as db:
            # The clock is read after the lock is held: recorded times follow the log.
            work = StoreWork(db, self._clock())
            try:
                yield work
                work.complete()
            finally:
                work.end()

    def get(
        self,
        kind: RecordKind,
        record_id: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Record:
        """One record. Raises NotFound."""
        with self._db() as db:
            day = self.day(as_of)
            record = reading.one(db, kind, record_id, as_of=day, known_at=known_at)
        if record is None:
            raise NotFound("record_not_found", kind=kind.value, record=record_id)
        return record

    def version(self, kind: RecordKind, record_id: str) -> int:
        """Newest version of a record, 0 where there is none."""
        return self.versions(kind, [record_id]).get(record_id, 0)

    def versions(self, kind: RecordKind, ids: Iterable[str]) -> dict[str, int]:
        """Newest versions of many records; no entry for one that never was."""
        found: dict[str, int] = {}
        wanted = iter(ids)
        with self._db() as db:
            while some := list(islice(wanted, BATCH)):
                for record_id, rows in Projector(db, LAYER_OF[kind]).standing(some).items():
                    found[record_id] = max(row.version for row in rows)
        return found

    def records(
        self,
        kind: RecordKind,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        box: Box | None = None,
        within: DivisionCode | None = None,
        having: Mapping[str, str] | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Record]:
        """All records of a kind that hold on the day, by id; `box` takes those whose box meets it.

        `within` takes records with a division code in the unit: a line by either side; `having`
        those with these words in these fields.
        """
        with self._db() as db:
            return reading.many(
                db,
                kind,
                as_of=self.day(as_of),
                known_at=known_at,
                box=box,
                within=within,
                having=having,
                limit=limit,
                offset=offset,
            )

    def touched(
        self,
        kind: RecordKind,
        *,
        within: DivisionCode,
        days: tuple[date, date] | None = None,
        moments: tuple[datetime, datetime] | None = None,
        known_at: datetime | None = None,
    ) -> list[str]:
        """Ids of the records of which a version begins or ends in a span, the first end excluded.

        `days` are days in the world, of what was known at a moment; `moments` those at which the
        register took a version in or back. `within` takes versions with a code in the unit.
        """
        with self._db() as db:
            return reading.touched(
                db, kind, within=within, days=days, moments=moments, known_at=known_at
            )

    def count(
        self,
        kind: RecordKind,
        *,
        as_of: date | None = None,
        within: DivisionCode | None = None,
        having: Mapping[str, str] | None = None,
    ) -> int:
        """How many records of a kind hold on the day; narrowed as `records` are."""
        with self._db() as db:
            return reading.count(db, kind, as_of=self.day(as_of), within=within, having=having)

    def places_like(
        self,
        *,
        written: Iterable[str],
        keys: Iterable[str] = (),
        as_of: date | None = None,
        known_at: datetime | None = None,
        within: Iterable[DivisionCode] | None = None,
        box: Box | None = None,
        limit: int | None = None,
    ) -> list[NamedPlace]:
        """Registered names with one of these written forms or likeness keys, by id.

        `within` and `box` narrow them; of more than `limit` the first recorded ones are given.
        """
        with self._db() as db:
            found = reading.named_like(
                db,
                PLACES,
                written=written,
                keys=keys,
                as_of=self.day(as_of),
                known_at=known_at,
                within=within,
                box=box,
                limit=limit,
            )
        return cast("list[NamedPlace]", found)

    def roads_like(
        self,
        *,
        written: Iterable[str],
        keys: Iterable[str] = (),
        as_of: date | None = None,
        known_at: datetime | None = None,
        within: Iterable[DivisionCode] | None = None,
        limit: int | None = None,
    ) -> list[Road]:
        """Roads whose name has one of these written forms or likeness keys, by id."""
        with self._db() as db:
            found = reading.named_like(
                db,
                ROADS,
                written=written,
                keys=keys,
                as_of=self.day(as_of),
                known_at=known_at,
                within=within,
                box=None,
                limit=limit,
            )
        return cast("list[Road]", found)

    def places_of_status(
        self,
        statuses: Iterable[NameStatus],
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
        within: DivisionCode | None = None,
        limit: int | None = None,
    ) -> list[NamedPlace]:
        """Registered names of one of the statuses that hold on the day, by id."""
        with self._db() as db:
            found = reading.places_of_status(
                db,
                statuses,
                as_of=self.day(as_of),
                known_at=known_at,
                within=within,
                limit=limit,
            )
        return cast("list[NamedPlace]", found)

    def filed_names(
        self, kind: RecordKind, *, after: int = 0, known_at: datetime | None = None, limit: int
    ) -> list[FiledName]:
        """The names of a kind that stand, by row, from the first row after `after`."""
        with self._db() as db:
            return reading.filed_names(db, kind, after=after, known_at=known_at, limit=limit)

    def log_mark(self, *, known_at: datetime | None = None) -> LogMark:
        """Where the log ends now, or ended at a moment."""
        with self._db() as db:
            sequence, head, moment = log.head_of(db, known_at)
        return LogMark(sequence, head, log.moment(moment) if moment else None)

    def log_mark_at_once(self) -> LogMark | None:
        """None: a server of databases answers over a line, which may take its time."""
        return None

    def receipts_mark(self) -> tuple[int, str]:
        """Number and hash of the newest receipt."""
        with self._db() as db:
            return receipts.head_of(db)

    def holds(self, mark: LogMark, receipts_mark: tuple[int, str]) -> bool:
        """Whether the log and the receipts of this store go through these two marks."""
        number, kept = receipts_mark
        with self._db() as db:
            entry = db.execute(sql.HASH_OF, (mark.sequence,)).fetchone()
            receipt = db.execute(sql.RECEIPT_HASH_OF, (number,)).fetchone()
        return (entry or (log.GENESIS,), receipt or (log.GENESIS,)) == ((mark.hash,), (kept,))

    def names_withdrawn(self, kind: RecordKind, since: LogMark) -> list[int] | None:
        """Rows of names that no longer stand, of every record of a kind changed since the mark.

        None where the mark is not in this log: the register is not the one that was read.
        """
        with self._db() as db:
            return reading.names_withdrawn(db, kind, since)

    def records_in_rows(self, kind: RecordKind, rows: Sequence[int]) -> list[Record]:
        """The records in these rows of their kind, in the order given. Raises NotFound."""
        with self._db() as db:
            found = [reading.in_row(db, kind, row) for row in rows]
        if None in found:
            raise NotFound("record_not_found", kind=kind.value, record=rows[found.index(None)])
        return cast("list[Record]", found)

    def receipt(self, digest: str) -> ImportReceipt | None:
        """The receipt of an earlier import with this digest."""
        with self._db() as db:
            row = db.execute(sql.RECEIPT_OF, (digest,)).fetchone()
        return None if row is None else receipts.read(row)

    def receipts(self, *, before: int | None = None, limit: int) -> list[ImportReceipt]:
        """Receipts of imports, the newest first. See `Store`."""
        with self._db() as db:
            if before is None:
                rows = db.execute(sql.RECEIPTS_NEWEST, (limit,)).fetchall()
            else:
                rows = db.execute(sql.RECEIPTS_BEFORE, (before, limit)).fetchall()
        return [receipts.read(row) for row in rows]

    def clear_values(self, ids: Iterable[str] | None = None) -> list[ClearValue]:
        """Personal values that are kept in clear: those asked for, or all."""
        with self._db() as db:
            return persons.clear_values(db, ids)

    @abstractmethod
    def sweep(self, *, files: bool = False) -> None:
        """See that nothing erased is left in the files of the engine, as far as it lets us.

        Outside a transaction, after the erasure was committed. With `files` attached files were
        erased as well.
        """

    def content_name(self, data: bytes) -> str:
        """The name that the bytes have, or would have, in this store: digest and its kind."""
        with self._db() as db:
            return contents.name_of(db, data)

    def content(self, name: str) -> bytes:
        """The bytes of an attached file.

        Raises NotFound content_not_found or content_erased, StoreError content_damaged.
        """
        with self._db() as db:
            data = contents.read(db, name, self.url)
        if data is None:
            raise NotFound("content_not_found", digest=name)
        return data

    def content_subjects(self, name: str) -> list[tuple[str, str]]:
        """Kind and id of the records that a file is or was attached to, none for no such file."""
        with self._db() as db:
            return contents.subjects(db, name)

    def log(
        self, *, after: int = 0, kind: RecordKind | None = None, record_id: str | None = None
    ) -> Iterator[LoggedChange]:
        """Log entries in order."""
        with self._db() as db:
            for page in log.pages(db, log.LOGGED, after=after, kind=kind, record_id=record_id):
                yield from map(log.logged_change, page)

    def recorded(self, sequence: int) -> Record:
        """The record as the log entry of that number wrote it. Raises NotFound."""
        with self._db() as db:
            record = log.record_of(db, sequence)
        if record is None:
            raise NotFound("entry_not_found", sequence=sequence)
        return record

    def verify(self, anchors: Iterable[Anchor] = ()) -> AuditReport:
        """Walk the log, compare every row and index with it, and the log with the anchors."""
        with self.transaction(write=False) as db:
            return anchoring.held_against(db, auditing.audit(db), anchors)

    def anchor(self) -> Anchor:
        """Where the log ends now, to be kept elsewhere. Raises StoreError log_unsound."""
        with self.transaction(write=False) as db:
            return anchoring.anchor_of(db, self.url, self._clock())

    def names_indexed(self) -> bool:
        """Whether the index of written forms and likeness keys fits the names and this program."""
        with self.transaction(write=False) as db:
            return auditing.names_indexed(db)

    def misshapen(self) -> str | None:
        """A part of the schema that is not as the program declares it, None where all is well."""
        with self.transaction(write=False) as db:
            return auditing.misshapen(db) or None

    def undeclared(self) -> list[str]:
        """What lies among our tables and is none of the program's."""
        with self.transaction(write=False) as db:
            return db.undeclared()

    def rebuild(self) -> int:
        """Write layers and indexes anew from the log; returns the number of log entries.

        Raises StoreError log_unsound when the chain is broken or its end was cut off while the
        layers still hold what it said: nothing is rebuilt from it, and no record is lost by it.
        """
        with self.transaction(write=True) as db:
            entries, _head = auditing.require_sound_log(db, self.url)
            auditing.rebuild_or_refuse(db, self.url)
        return entries

    def info(self) -> Mapping[str, str]:
        """Schema version, counts, and versions of the engines below, for `store check`."""
        with self._db() as db:
            entries, head, _moment = log.head_of(db)
            schema, digest = max(migrations.applied(db)), digests.name_of(db)
        counts = {kind.value: str(self.count(kind)) for kind in RecordKind}
        engines = {**self._engine(), "geos": shapely.geos_version_string}
        return {
            "url": self.url,
            "schema": str(schema),
            "entries": str(entries),
            "head": head,
            "digest": digest,
            **counts,
            **engines,
        }
