"""The register as one audience may see it: what is labelled otherwise is not there.

The label is part of every question to the layers, so that counts, pages, boxes, searches and
errors answer as if the rest had never been entered. Nothing is written through such a view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NoReturn, cast

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import LoggedChange, Record, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.person import ClearValue
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.domain.provenance import Label
from geo_service.domain.road import Road
from geo_service.errors import Forbidden, NotFound
from geo_service.store import log, reading
from geo_service.store.engine import Database
from geo_service.store.filing import PLACES, ROADS
from geo_service.store.protocol import Anchor, AuditReport, Box, FiledName, ImportReceipt, LogMark
from geo_service.store.writing import BATCH

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from geo_service.store.protocol import Store, UnitOfWork
    from geo_service.store.sql_store import SqlStore


def _disclosed(record: Record) -> Record:
    """A public record without what is internal of it: agreements are, whatever their line is."""
    if isinstance(record, AdministrativeBoundary):
        return replace(record, agreement_no="")
    return record


class SeenStore:
    """A `Store` for reading, narrowed to an audience; made by `Store.seen_by`."""

    def __init__(self, whole: SqlStore, label: Label) -> None:
        self._whole = whole
        self._label = label
        self._read_to: tuple[LogMark, LogMark] | None = None

    @property
    def url(self) -> str:
        """Address of the store as the user writes it."""
        return self._whole.url

    def seen_by(self, label: Label) -> Store:
        """The view narrowed to an audience; it never grows wider."""
        return self if label is Label.INTERNAL else self._whole.seen_by(label)

    def _db(self) -> AbstractContextManager[Database]:
        return self._whole.reading()

    def _refuse(self) -> NoReturn:
        raise Forbidden("view_read_only")

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """Raises Forbidden: nobody changes what he sees a part of."""
        self._refuse()

    def get(
        self,
        kind: RecordKind,
        record_id: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Record:
        """One record. Raises NotFound, for one that is not to be seen as for one that never was."""
        day = self._whole.day(as_of)
        with self._db() as db:
            record = reading.one(
                db, kind, record_id, as_of=day, known_at=known_at, label=self._label
            )
        if record is None:
            raise NotFound("record_not_found", kind=kind.value, record=record_id)
        return _disclosed(record)

    def version(self, kind: RecordKind, record_id: str) -> int:
        """Newest version of a record, 0 where there is none."""
        return self.versions(kind, [record_id]).get(record_id, 0)

    def versions(self, kind: RecordKind, ids: Iterable[str]) -> dict[str, int]:
        """Newest versions of many records; no entry for one that is not there."""
        found: dict[str, int] = {}
        wanted = iter(ids)
        with self._db() as db:
            while some := list(islice(wanted, BATCH)):
                found |= reading.versions(db, kind, some, self._label)
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
        """As `Store.records`."""
        with self._db() as db:
            found = reading.many(
                db,
                kind,
                as_of=self._whole.day(as_of),
                known_at=known_at,
                box=box,
                within=within,
                having=having,
                limit=limit,
                offset=offset,
                label=self._label,
            )
        return [_disclosed(record) for record in found]

    def touched(
        self,
        kind: RecordKind,
        *,
        within: DivisionCode,
        days: tuple[date, date] | None = None,
        moments: tuple[datetime, datetime] | None = None,
        known_at: datetime | None = None,
    ) -> list[str]:
        """As `Store.touched`."""
        with self._db() as db:
            return reading.touched(
                db,
                kind,
                within=within,
                days=days,
                moments=moments,
                known_at=known_at,
                label=self._label,
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
            return reading.count(
                db,
                kind,
                as_of=self._whole.day(as_of),
                within=within,
                having=having,
                label=self._label,
            )

    def places_like(self, *, as_of: date | None = None, **asked: Any) -> list[NamedPlace]:
        """As `Store.places_like`."""
        asked = {"keys": (), "known_at": None, "within": None, "box": None, "limit": None} | asked
        day, label = self._whole.day(as_of), self._label
        with self._db() as db:
            found = reading.named_like(db, PLACES, as_of=day, label=label, **asked)
        return cast("list[NamedPlace]", found)

    def roads_like(self, *, as_of: date | None = None, **asked: Any) -> list[Road]:
        """As `Store.roads_like`."""
        asked = {"keys": (), "known_at": None, "within": None, "box": None, "limit": None} | asked
        day, label = self._whole.day(as_of), self._label
        with self._db() as db:
            found = reading.named_like(db, ROADS, as_of=day, label=label, **asked)
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
        """As `Store.places_of_status`."""
        with self._db() as db:
            found = reading.places_of_status(
                db,
                statuses,
                as_of=self._whole.day(as_of),
                known_at=known_at,
                within=within,
                limit=limit,
                label=self._label,
            )
        return cast("list[NamedPlace]", found)

    def filed_names(
        self, kind: RecordKind, *, after: int = 0, known_at: datetime | None = None, limit: int
    ) -> list[FiledName]:
        """The names of a kind that stand, by row, from the first row after `after`."""
        label = self._label
        with self._db() as db:
            return reading.filed_names(
                db, kind, after=after, known_at=known_at, limit=limit, label=label
            )

    def log_mark(self, *, known_at: datetime | None = None) -> LogMark:
        """The newest entry on a record that the audience sees, or saw before that entry.

        What happens to other records does not move it.
        """
        whole = self._whole.log_mark(known_at=known_at)
        if known_at is not None:
            with self._db() as db:
                return self._mark(reading.newest_entry(db, (0, whole.sequence), self._label))
        read_to = self._read_to
        if read_to is not None and read_to[0] == whole:
            return read_to[1]
        read, seen = (LogMark(0, log.GENESIS), LogMark(0, log.GENESIS))
        with self._db() as db:
            if read_to is not None and reading.has_mark(db, read_to[0]):
                read, seen = read_to
            newest = reading.newest_entry(db, (read.sequence, whole.sequence), self._label)
        seen = self._mark(newest) if newest else seen
        self._read_to = (whole, seen)
        return seen

    def log_mark_at_once(self) -> LogMark | None:
        """None: the newest entry for this audience has to be looked for."""
        return None

    def _mark(self, sequence: int) -> LogMark:
        if not sequence:
            return LogMark(0, log.GENESIS)
        entry = next(self._whole.log(after=sequence - 1))
        return LogMark(sequence, entry.hash, entry.recorded_at)

    def names_withdrawn(self, kind: RecordKind, since: LogMark) -> list[int] | None:
        """As `Store.names_withdrawn`."""
        with self._db() as db:
            return reading.names_withdrawn(db, kind, since, self._label)

    def records_in_rows(self, kind: RecordKind, rows: Sequence[int]) -> list[Record]:
        """The records in these rows of their kind, in the order given. Raises NotFound."""
        with self._db() as db:
            found = [reading.in_row(db, kind, row, self._label) for row in rows]
        if None in found:
            raise NotFound("record_not_found", kind=kind.value, record=rows[found.index(None)])
        return [_disclosed(record) for record in found if record is not None]

    def receipt(self, digest: str) -> ImportReceipt | None:  # noqa: ARG002 - imports are internal
        """None: who handed in which file is internal."""
        return None

    def receipts(self, *, before: int | None = None, limit: int) -> list[ImportReceipt]:  # noqa: ARG002
        """None of them: who handed in which file is internal."""
        return []

    def clear_values(self, ids: Iterable[str] | None = None) -> list[ClearValue]:  # noqa: ARG002
        """None of them: personal values are internal."""
        return []

    def sweep(self, *, files: bool = False) -> None:  # noqa: ARG002 - refused
        """Raises Forbidden."""
        self._refuse()

    def content_name(self, data: bytes) -> str:
        """The name that the bytes have, or would have, in this store."""
        return self._whole.content_name(data)

    def content(self, name: str) -> bytes:
        """Raises NotFound: attached files are internal."""
        raise NotFound("content_not_found", digest=name)

    def content_subjects(self, name: str) -> list[tuple[str, str]]:  # noqa: ARG002 - internal
        """None: attached files are internal."""
        return []

    def log(
        self, *, after: int = 0, kind: RecordKind | None = None, record_id: str | None = None
    ) -> Iterator[LoggedChange]:
        """Entries that wrote a version for this audience, without who made them and why.

        Those of a record that is no longer for it are not there.
        """
        with self._db() as db:
            pages = reading.entries(db, self._label, after=after, kind=kind, record_id=record_id)
            for entry in map(log.logged_change, chain.from_iterable(pages)):
                yield replace(entry, actor="", reason="", basis="", before_sequence=None)

    def recorded(self, sequence: int) -> Record:
        """The record as the log entry of that number wrote it. Raises NotFound."""
        entry = next(self.log(after=sequence - 1), None)
        if entry is None or entry.sequence != sequence:
            raise NotFound("entry_not_found", sequence=sequence)
        return _disclosed(self._whole.recorded(sequence))

    def verify(self, anchors: Iterable[Anchor] = ()) -> AuditReport:  # noqa: ARG002 - refused
        """Raises Forbidden: the chain cannot be told without all of its entries."""
        self._refuse()

    def anchor(self) -> Anchor:
        """Raises Forbidden, as `verify`."""
        self._refuse()

    def rebuild(self) -> int:
        """Raises Forbidden."""
        self._refuse()

    def info(self) -> Mapping[str, str]:
        """What there is for this audience: counts by kind, and where its log ends."""
        mark = self.log_mark()
        counts = {kind.value: str(self.count(kind)) for kind in RecordKind}
        return {"url": self.url, "entries": str(mark.sequence), "head": mark.hash, **counts}

    def close(self) -> None:
        """Nothing: the store is closed by who opened it."""
