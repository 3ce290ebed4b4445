"""What a record came from and what became of it, read off the acts that the log keeps.

A correction of a record corrects its lineage: the day of an act, and the names, are those of the
versions that stand. An act that was undone is not there. What came in by import
has acts where its file said so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

from geo_service.errors import NotFound
from geo_service.services.register.acts import LINEAGE_ACTS, Act, basis_of, label_of
from geo_service.services.register.mending import members
from geo_service.services.register.versions import Version, Versions, replay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from geo_service.domain.change import LoggedChange, RecordKind
    from geo_service.services.register.acts import Kept
    from geo_service.store.protocol import Store

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A record under the name it bore beside an act."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A renaming, move, split or merge: the day it took effect, and what it made of what."""

    number: int
    act: Act
    kind: RecordKind
    day: date
    before: tuple[Node, ...]
    after: tuple[Node, ...]
    document_no: str
    reason: str
    actor: str
    recorded_at: datetime

    @property
    def order(self) -> tuple[date, int]:
        """Events follow each other by day; on one day, as they were recorded."""
        return self.day, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The events behind a record and those that followed, both by day.

    Each holds the whole line: predecessors of predecessors, successors of successors.
    """

    kind: RecordKind
    id: str
    as_of: date
    predecessors: tuple[Event, ...]
    successors: tuple[Event, ...]


def lineage(
    store: Store,
    kind: RecordKind,
    record_id: str,
    *,
    as_of: date,
    known_at: datetime | None = None,
) -> Lineage:
    """What a record came from and what became of it, as it could be told on a day.

    Of an id that was used again later, the use on that day is meant, or the last before it. Raises
    NotFound for a record that had not begun on the day.
    """
    walk = _Walk(store, kind, as_of, known_at)
    life = walk.life(record_id, as_of)
    if not life:
        raise NotFound("record_not_found", kind=kind.value, record=record_id)
    return Lineage(
        kind=kind,
        id=record_id,
        as_of=as_of,
        predecessors=walk.behind(record_id),
        successors=walk.ahead(record_id),
    )


class _Walk:
    """One question to the log; every record and event is read once."""

    def __init__(
        self, store: Store, kind: RecordKind, as_of: date, known_at: datetime | None
    ) -> None:
        self._store = store
        self._kind = kind
        self._as_of = as_of
        self._known_at = known_at
        self._versions: dict[str, Versions] = {}
        self._events: dict[int, Event | None] = {}

    def life(self, record_id: str, day: date) -> list[Version]:
        """The versions, one upon the other without a gap, of the use of the id on the day."""
        versions = self._of(record_id).standing
        rows = sorted(versions, key=lambda version: version.period.start or date.min)
        found: list[Version] = []
        for row in rows:
            last = found[-1] if found else None
            joined = last is not None and not last.ended and last.period.end == row.period.start
            if not joined and (row.period.start or date.min) > day:
                break
            found = [*found, row] if joined else [row]
        return found

    def behind(self, record_id: str) -> tuple[Event, ...]:
        """All events that led to the record as it was on the day."""
        found: dict[int, Event] = {}
        todo = list(self._into(record_id, self._as_of, None))
        while todo:
            event = todo.pop()
            if event.number in found:
                continue
            found[event.number] = event
            for node in event.before:
                todo += self._into(node.id, event.day - _DAY, event)
        return _in_order(found)

    def ahead(self, record_id: str) -> tuple[Event, ...]:
        """All events that followed from the record, until the day."""
        found: dict[int, Event] = {}
        todo = list(self._out_of(record_id, self._as_of, None))
        while todo:
            event = todo.pop()
            if event.number in found:
                continue
            found[event.number] = event
            for node in event.after:
                todo += self._out_of(node.id, event.day, event)
        return _in_order(found)

    def _into(self, record_id: str, day: date, until: Event | None) -> Iterator[Event]:
        for event in self._beside(record_id, day):
            earlier = until is None or event.order < until.order
            if earlier and record_id in {node.id for node in event.after}:
                yield event

    def _out_of(self, record_id: str, day: date, since: Event | None) -> Iterator[Event]:
        for event in self._beside(record_id, day):
            later = since is None or event.order > since.order
            if later and record_id in {node.id for node in event.before}:
                yield event

    def _beside(self, record_id: str, day: date) -> Iterator[Event]:
        life = self.life(record_id, day)
        numbers = {n for version in life for n in (version.began, version.ended) if n}
        for number in sorted(numbers):
            event = self._event(number)
            if event is not None and event.day <= self._as_of:
                yield event

    def _of(self, record_id: str) -> Versions:
        if record_id not in self._versions:
            read = replay(self._store, self._kind, record_id, self._known_at)
            self._versions[record_id] = read
        return self._versions[record_id]

    def _event(self, number: int) -> Event | None:
        if number not in self._events:
            self._events[number] = self._read_event(number)
        return self._events[number]

    def _read_event(self, number: int) -> Event | None:
        entries = list(members(self._store, number))
        # What an act did to records of other kinds followed from it: it is not their lineage.
        if entries[0].kind is not self._kind:
            return None
        entries = [entry for entry in entries if entry.kind is self._kind]
        told = basis_of(entries[0])
        if told is None or told.act not in LINEAGE_ACTS:
            return None
        before: list[tuple[date, Node]] = []
        after: list[tuple[date, Node]] = []
        for entry in entries:
            before += self._left(entry, number)
            after += self._made(entry, number)
        if not before or not after:
            return None
        return Event(
            number=number,
            act=told.act,
            kind=entries[0].kind,
            day=min(day for day, _ in (*before, *after)),
            before=tuple(sorted(node for _, node in before)),
            after=tuple(sorted(node for _, node in after)),
            document_no=told.document_no,
            reason=entries[0].reason,
            actor=entries[0].actor,
            recorded_at=entries[0].recorded_at,
        )

    def _made(self, entry: LoggedChange, number: int) -> Iterator[tuple[date, Node]]:
        for version in self._of(entry.record_id).standing:
            if version.began == number and version.period.start is not None:
                yield version.period.start, self._node(version)

    def _left(self, entry: LoggedChange, number: int) -> Iterator[tuple[date, Node]]:
        versions = self._of(entry.record_id)
        for version in versions.standing:
            if version.ended == number and version.period.end is not None:
                yield version.period.end, self._node(version)
            if version.began == number and entry.sequence in versions.replaced:
                former = _before(versions.standing, version)
                if former is not None and version.period.start is not None:
                    yield version.period.start, self._node(former)

    def _node(self, version: Version) -> Node:
        record = cast("Kept", self._store.recorded(version.sequence))
        return Node(record.id, label_of(record))


def _before(standing: Sequence[Version], version: Version) -> Version | None:
    """The version that holds until this one begins."""
    found = (v for v in standing if v.period.end and v.period.end == version.period.start)
    return next(found, None)


def _in_order(found: dict[int, Event]) -> tuple[Event, ...]:
    return tuple(sorted(found.values(), key=lambda event: event.order))
