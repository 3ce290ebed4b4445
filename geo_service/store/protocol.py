"""What a store does: narrow, coarse, in domain types. No SQL, frames or dicts leak out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from geo_service.domain.change import Change, LoggedChange, Record, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.person import ClearValue
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.domain.provenance import Label
from geo_service.domain.road import Road

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees, EPSG:4490."""


@dataclass(frozen=True, slots=True)
class AuditReport:
    """Result of walking the change log: how far it is sound, and the first entry that is not."""

    entries: int
    head: str
    first_bad: int | None
    problem: str

    @property
    def sound(self) -> bool:
        """Whether nothing was found wrong."""
        return self.first_bad is None and not self.problem


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a log ended when it was anchored; kept outside, it shows what the log cannot.

    `store` is the hash of the first entry, which a log keeps through every copy. Both times are
    UTC as the log writes them, `recorded_at` that of the last entry ("" for an empty log).
    `receipts` and `receipts_head` are number and hash of the newest receipt; an anchor of before
    schema 5 knows none.
    """

    store: str
    entries: int
    head: str
    recorded_at: str
    made_at: str
    digest: str
    receipts: int = 0
    receipts_head: str = ""


@dataclass(frozen=True, slots=True)
class ImportReceipt:
    """What a finished import left behind: asked again with the same digest, it is answered.

    The store gives its `number`, and the `sequence` of the log's newest entry when it was kept:
    that of the import, where it wrote any. Receipts of stores before schema 5 were kept anew by the
    upgrade.
    """

    digest: str
    stored: int
    report_json: str
    recorded_at: datetime
    number: int = 0
    sequence: int = 0


class LogMark(NamedTuple):
    """How far the change log was read: its newest entry, that entry's hash and when it was made.

    `recorded_at` is None for an empty log, and where nobody asked.
    """

    sequence: int
    hash: str
    recorded_at: datetime | None = None


class FiledName(NamedTuple):
    """One version of a name that stands in the register, with what a search needs of it.

    `row` grows with every version recorded of its kind. `spelling` is the romanization where its
    reading is an approved one, else empty. `position` is the middle of the record's box, in degrees
    as a spatial index rounds them (to a metre or so); None without geometry.
    """

    row: int
    name: str
    status: NameStatus
    unit_code: str | None
    period: Period
    position: tuple[float, float] | None
    spelling: str = ""


class UnitOfWork(Protocol):
    """One transaction: everything in it is kept together with its log entries, or nothing is."""

    def append(self, changes: Iterable[Change]) -> int:
        """Log the changes and project them; returns how many.

        Raises Conflict when a record has moved on from `expected_version`, and names it. After
        any failure the transaction takes and commits nothing more, though the error be caught.
        """
        ...

    def keep_content(self, data: bytes) -> str:
        """Keep the bytes of a file, once; returns the name that a record knows them by."""
        ...

    def keep_receipt(self, receipt: ImportReceipt) -> None:
        """Remember an import in the same transaction as its rows."""
        ...

    def keep_clear(self, values: Iterable[ClearValue]) -> None:
        """Keep personal values beside the log, of which records were logged in this transaction."""
        ...

    def erase_clear(self, ids: Iterable[str]) -> None:
        """Erase personal values for good, of which the erasure was logged in this transaction."""
        ...

    def erase_content(self, names: Iterable[str]) -> None:
        """Erase attached files for good, of which the erasure was logged in this transaction."""
        ...


class Store(Protocol):
    """The register's memory. Reads see one moment: `as_of` in the world, `known_at` in the log.

    `as_of=None` means today, `known_at=None` means everything recorded so far.
    """

    @property
    def url(self) -> str:
        """Address of the store as the user writes it."""
        ...

    def seen_by(self, label: Label) -> Store:
        """The store as an audience may see it.

        For `public` whatever is labelled otherwise is not there: not in counts, pages, searches,
        the log or its mark, and an id of it is not found as one that never was. Kinds that are
        internal whatever their label hold nothing. Such a view takes no changes.
        """
        ...

    def begin(self) -> AbstractContextManager[UnitOfWork]:
        """Open the one write transaction; commits on leaving, rolls back on any exception."""
        ...

    def get(
        self,
        kind: RecordKind,
        record_id: str,
        *,
        as_of: date | None = None,
        known_at: datetime | None = None,
    ) -> Record:
        """One record. Raises NotFound."""
        ...

    def version(self, kind: RecordKind, record_id: str) -> int:
        """Newest version of a record, 0 where there is none."""
        ...

    def versions(self, kind: RecordKind, ids: Iterable[str]) -> dict[str, int]:
        """Newest versions of many records; no entry for one that never was."""
        ...

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
        """All records of a kind that hold on the day, by id; `box` and `within` narrow them.

        `having` takes those with these words in these fields, none where the kind has no such
        field.
        """
        ...

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
        ...

    def count(
        self,
        kind: RecordKind,
        *,
        as_of: date | None = None,
        within: DivisionCode | None = None,
        having: Mapping[str, str] | None = None,
    ) -> int:
        """How many records of a kind hold on the day; narrowed as `records` are."""
        ...

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
        """Registered names of any status with one of these written forms or likeness keys, by id.

        The forms are those of `language.normalise.normal_form`, the keys those of
        `language.likeness_keys`. `within` leaves out names of other units; those of no known unit,
        and those known to lie in a wider one only, may lie there and come along. `box` takes names
        whose own box meets it. With `limit` the first recorded ones are given: as many as that
        means that there may be more.
        """
        ...

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
        """Roads under one of these written forms or likeness keys, asked for as `places_like`."""
        ...

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
        ...

    def filed_names(
        self, kind: RecordKind, *, after: int = 0, known_at: datetime | None = None, limit: int
    ) -> list[FiledName]:
        """The names of a kind that stand, by row, from the first row after `after`.

        Place names and roads have names.
        """
        ...

    def log_mark(self, *, known_at: datetime | None = None) -> LogMark:
        """Where the log ends now, or ended at a moment."""
        ...

    def log_mark_at_once(self) -> LogMark | None:
        """As `log_mark` for now, in microseconds; None where it cannot be told without waiting."""
        ...

    def names_withdrawn(self, kind: RecordKind, since: LogMark) -> list[int] | None:
        """Rows of names that no longer stand, of every record of a kind changed since the mark.

        None where the mark is not in this log: the register is not the one that was read.
        """
        ...

    def records_in_rows(self, kind: RecordKind, rows: Sequence[int]) -> list[Record]:
        """The records in these rows of their kind, in the order given. Raises NotFound.

        Of a version it tells what was recorded, whether it still stands or not.
        """
        ...

    def receipt(self, digest: str) -> ImportReceipt | None:
        """The receipt of an earlier import with this digest."""
        ...

    def receipts(self, *, before: int | None = None, limit: int) -> list[ImportReceipt]:
        """Receipts of imports, the newest first; only those numbered `before` where it is given."""
        ...

    def clear_values(self, ids: Iterable[str] | None = None) -> list[ClearValue]:
        """Personal values that are kept in clear: those asked for, or all."""
        ...

    def sweep(self, *, files: bool = False) -> None:
        """See that nothing erased is left in the files of the engine, as far as it lets us.

        With `files` attached files were erased as well.
        """
        ...

    def content_name(self, data: bytes) -> str:
        """The name that the bytes have, or would have, in this store: digest and its kind."""
        ...

    def content(self, name: str) -> bytes:
        """The bytes of an attached file.

        Raises NotFound content_not_found or content_erased, StoreError content_damaged.
        """
        ...

    def content_subjects(self, name: str) -> list[tuple[str, str]]:
        """Kind and id of the records that a file is or was attached to, none for no such file."""
        ...

    def log(
        self, *, after: int = 0, kind: RecordKind | None = None, record_id: str | None = None
    ) -> Iterator[LoggedChange]:
        """Log entries in order."""
        ...

    def recorded(self, sequence: int) -> Record:
        """The record as the log entry of that number wrote it. Raises NotFound."""
        ...

    def verify(self, anchors: Iterable[Anchor] = ()) -> AuditReport:
        """Walk the log, compare every row with it, and the log with anchors kept elsewhere.

        `problem` is a code, and what it concerns after a blank: "row_differs units/370202".
        """
        ...

    def anchor(self) -> Anchor:
        """Where the log ends now, to be kept elsewhere. Raises StoreError log_unsound."""
        ...

    def rebuild(self) -> int:
        """Write all tables anew from the log; returns the number of its entries.

        Raises StoreError log_unsound when the chain is broken.
        """
        ...

    def info(self) -> Mapping[str, str]:
        """Schema version, counts, and versions of the engines below, for `store check`."""
        ...

    def close(self) -> None:
        """Release the file or connection."""
        ...
