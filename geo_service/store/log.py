"""The change log: numbered entries, each sealed with the hash of the one before.

    hash = digest(prev_hash \n head \n payload \n digest of the geometry)

`head` is the canonical JSON list of the columns of `HEAD` in order, `payload` the canonical JSON
of the attributes, the geometry its ISO WKB ("" where there is none). JSON holds no raw line
break, so the four parts cannot be shifted into each other. The digest is SHA-256, or SM3 where the
store was made so (`digests`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import shapely

from geo_service.domain.change import LoggedChange, Operation, Record, RecordKind
from geo_service.domain.clock import in_utc
from geo_service.domain.period import Period
from geo_service.errors import InputError
from geo_service.store import digests, sql
from geo_service.store.codec import (
    CODECS,
    Values,
    canonical_list,
    day,
    day_text,
    payload,
    payload_values,
)
from geo_service.store.digests import Digest
from geo_service.store.engine import Database
from geo_service.store.schema import CHANGE

GENESIS = "0" * 64
"""What the first entry is chained to."""

COLUMNS = tuple(column.name for column in CHANGE.columns)
HEAD = COLUMNS[: COLUMNS.index("payload")]
PAGE = 2000
"""Entries read at a time: an open cursor would keep writers out."""

_HEAD_NOW = "SELECT sequence, hash, recorded_at FROM change ORDER BY sequence DESC LIMIT 1"
_HEAD_THEN = (
    "SELECT sequence, hash, recorded_at FROM change"
    " WHERE recorded_at <= ? ORDER BY sequence DESC LIMIT 1"
)
_NUL = "\\u0000"
"""How canonical JSON writes the character that ends a text in C."""

Row = tuple[Any, ...]


class Entry(NamedTuple):
    """One change as logged, without its seal. `values` and `wkb` are those of the record."""

    sequence: int
    kind: RecordKind
    record_id: str
    version: int
    operation: Operation
    period: Period
    recorded_at: str
    actor: str
    reason: str
    basis: str
    before_sequence: int | None
    values: Values
    wkb: bytes | None


def stamp(moment: datetime) -> str:
    """A moment as stored: UTC, milliseconds, the form of a GeoPackage DATETIME."""
    told = in_utc(moment).replace(tzinfo=None)
    return f"{told.isoformat(timespec='milliseconds')}Z"


def dated(stamp: str) -> str:
    """A stamp of the log as a part of a file name."""
    return re.sub(r"[-:]|\.\d+", "", stamp)


def moment(text: str) -> datetime:
    """The moment that a stored stamp says."""
    return datetime.fromisoformat(text)


def seal(previous: str, head: Sequence[Any], body: str, wkb: bytes | None, digest: Digest) -> str:
    """The hash of an entry, chained to the previous one."""
    geometry = "" if wkb is None else digest(wkb)
    text = f"{previous}\n{canonical_list(head)}\n{body}\n{geometry}"
    return digest(text.encode())


def _row(entry: Entry, previous: str, digest: Digest) -> Row:
    number, kind, record_id, version, operation, period, *rest, values, wkb = entry
    start, end = day_text(period.start), day_text(period.end)
    head = (number, str(kind), record_id, version, str(operation), start, end, *rest)
    body = payload(kind, values)
    # PostgreSQL keeps no such text, and what one store refuses the other must not take.
    if _NUL in body and any("\0" in value for value in values if isinstance(value, str)):
        raise ValueError("NUL")
    if "\0" in f"{record_id}{rest[1]}{rest[2]}{rest[3]}":
        raise ValueError("NUL")
    return (*head, body, wkb, previous, seal(previous, head, body, wkb, digest))


def head_of(db: Database, known_at: datetime | None = None) -> tuple[int, str, str]:
    """Sequence, hash and recorded time of the newest entry, now or at a moment."""
    then = () if known_at is None else (stamp(known_at),)
    row = db.execute(_HEAD_THEN if then else _HEAD_NOW, then).fetchone()
    return row or (0, GENESIS, "")


def append(db: Database, entries: Iterable[Entry], previous: str) -> str:
    """Seal and write entries in order; returns the new head.

    Raises ValueError or UnicodeEncodeError for text or numbers that JSON cannot hold.
    """
    rows, digest = [], digests.of(db)
    for entry in entries:
        rows.append(_row(entry, previous, digest))
        previous = rows[-1][-1]
    db.insert_rows(CHANGE.name, COLUMNS, rows)
    return previous


def pages(
    db: Database,
    columns: tuple[str, ...] = COLUMNS,
    *,
    after: int = 0,
    kind: RecordKind | None = None,
    record_id: str | None = None,
) -> Iterator[list[Row]]:
    """The log in pages, `sequence` first in each row; narrowed to a kind or record if asked."""
    query = sql.history(columns, kind=kind is not None, record=record_id is not None)
    narrowed = [value for value in (kind, record_id) if value is not None]
    while page := db.execute(query, (after, *narrowed, PAGE)).fetchall():
        yield page
        after = page[-1][0]


# Asked of every entry when a log is walked: the usual words and periods are few.
_kind = lru_cache(maxsize=64)(RecordKind)
_operation = lru_cache(maxsize=64)(Operation)


@lru_cache(maxsize=4096)
def _period(start: str | None, end: str | None) -> Period:
    return Period(day(start), day(end))


def entry_of(row: Row) -> Entry:
    """An entry out of a row of the log (all columns). Raises ValueError for a forged one."""
    kind = _kind(row[1])
    return Entry(
        row[0],
        kind,
        row[2],
        row[3],
        _operation(row[4]),
        _period(row[5], row[6]),
        row[7],
        row[8],
        row[9],
        row[10],
        row[11],
        payload_values(kind, row[12]),
        row[13],
    )


def record_of(db: Database, sequence: int) -> Record | None:
    """The record as the entry of that number wrote it, None where there is no such entry."""
    row = next(iter(next(pages(db, after=sequence - 1), [])), None)
    if row is None or row[0] != sequence:
        return None
    entry = entry_of(row)
    shape = None if entry.wkb is None else shapely.from_wkb(entry.wkb)
    return CODECS[entry.kind].read(entry.record_id, entry.values, shape, entry.period)


LOGGED = (*HEAD, "prev_hash", "hash")
"""The columns of `logged_change`: without payload and geometry."""


def logged_change(row: Row) -> LoggedChange:
    """The public view of a row with the columns `LOGGED`."""
    value = dict(zip(LOGGED, row, strict=True))
    return LoggedChange(
        sequence=value["sequence"],
        kind=RecordKind(value["kind"]),
        record_id=value["record_id"],
        version=value["version"],
        operation=Operation(value["operation"]),
        period=Period(day(value["valid_from"]), day(value["valid_to"])),
        actor=value["actor"],
        reason=value["reason"],
        basis=value["basis"],
        before_sequence=value["before_sequence"],
        recorded_at=moment(value["recorded_at"]),
        previous_hash=value["prev_hash"],
        hash=value["hash"],
    )


class Walk:
    """The chain walked once: entries in pages as they prove sound, and then where it ended.

    `entries` and `head` are those of the sound part; `bad` is the first entry that does not belong
    there (None where all do), `problem` what is wrong with it.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self.entries, self.head = 0, GENESIS
        self.bad: int | None = None
        self.problem = ""

    def __iter__(self) -> Iterator[list[Entry]]:
        digest = digests.of(self._db)
        for page in pages(self._db):
            sound: list[Entry] = []
            for row in page:
                entry = self._checked(row, digest)
                if entry is None:
                    break
                sound.append(entry)
                self.entries, self.head = row[0], row[-1]
            yield sound
            if self.problem:
                return

    def to_the_end(self) -> Walk:
        """Walk it all, for those who do not want the entries."""
        for _page in self:
            pass
        return self

    def _checked(self, row: Row, digest: Digest) -> Entry | None:
        entry, self.problem = _read(row, self.entries + 1, self.head, digest)
        if self.problem:
            self.bad = self.entries + 1
        return entry


def _read(row: Row, expected: int, previous: str, digest: Digest) -> tuple[Entry | None, str]:
    if row[0] != expected:
        return None, "entry_missing"
    if row[14] != previous:
        return None, "chain_broken"
    try:
        if seal(previous, row[:12], row[12], row[13], digest) != row[15]:
            return None, "entry_changed"
        return entry_of(row), ""
    except (TypeError, ValueError, KeyError, InputError):
        return None, "entry_unreadable"
