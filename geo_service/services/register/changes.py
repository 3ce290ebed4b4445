"""What changed of a unit and of all that lies in it: between two days, or between two moments.

Two states are compared, and what happened between them is listed as well: what came and went in
between stands in neither state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Operation, RecordKind
from geo_service.errors import InputError
from geo_service.services.register.acts import KEPT_KINDS
from geo_service.services.register.differences import Difference, difference
from geo_service.services.register.versions import Version, Versions, replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.domain.change import LoggedChange
    from geo_service.domain.identity import DivisionCode
    from geo_service.services.register.acts import Kept
    from geo_service.store.protocol import Store


class Clock(StrEnum):
    """By which of the two clocks changes are told."""

    VALID = "valid"
    """What changed in the world from one day to another, as known at one moment."""
    RECORDED = "recorded"
    """What the register came to say otherwise of one day from one moment to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """A record that is not the same in both states; `before` None: it came, `after` None: it went.

    `entry` is the log entry behind its value in the later state, or behind its end.
    """

    kind: RecordKind
    id: str
    before: Kept | None
    after: Kept | None
    differs: Difference | None
    entry: LoggedChange


class Manner(StrEnum):
    """How a record changed on a day, or what the register did with it at a moment."""

    BEGAN = "began"
    CHANGED = "changed"
    ENDED = "ended"
    CORRECTED = "corrected"
    ANNULLED = "annulled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One change of one record: on a day (valid time) or with an entry (recorded time).

    `day` is the day on which it takes effect, None where what was written has no beginning.
    `differs` is against the value before it, None where there was none.
    """

    kind: RecordKind
    record: Kept
    manner: Manner
    day: date | None
    differs: Difference | None
    entry: LoggedChange


@dataclass(frozen=True, slots=True, kw_only=True)
class KindChanges:
    """What of one kind differs, and what happened to it in between, in order."""

    kind: RecordKind
    differing: tuple[RecordChange, ...]
    happened: tuple[Happening, ...]


def changes_between(
    store: Store,
    code: DivisionCode,
    days: tuple[date, date],
    *,
    plane_epsg: int,
    known_at: datetime | None = None,
) -> tuple[KindChanges, ...]:
    """What of a unit, and of all of each kind that lies in it, changed between days.

    What happened on the first day is part of the state it is compared with. Raises InputError
    unless the first day is before the other.
    """
    if days[0] >= days[1]:
        raise InputError("register_days_swapped", start=days[0], end=days[1])
    told = []
    for kind in KEPT_KINDS:
        then, now = (_state(store, kind, code, as_of=day, known_at=known_at) for day in days)
        ids = store.touched(kind, within=code, days=days, known_at=known_at)
        known = {i: replay(store, kind, i, known_at) for i in {*ids, *then, *now}}
        differing = _differing(kind, then, now, known, day=days[1], plane_epsg=plane_epsg)
        happened = [
            one
            for record_id in ids
            for one in _in_the_world(store, known[record_id], days, plane_epsg)
        ]
        happened.sort(key=lambda one: (one.day, one.record.id, one.entry.sequence))
        told.append(KindChanges(kind=kind, differing=differing, happened=tuple(happened)))
    return tuple(told)


def changes_recorded(
    store: Store,
    code: DivisionCode,
    moments: tuple[datetime, datetime],
    *,
    as_of: date,
    plane_epsg: int,
) -> tuple[KindChanges, ...]:
    """What the register came to say otherwise of a unit on a day, and what was entered meanwhile.

    An entry counts whatever days it speaks of. Raises InputError unless the first moment is before
    the other.
    """
    if moments[0] >= moments[1]:
        raise InputError("register_days_swapped", start=moments[0], end=moments[1])
    told = []
    for kind in KEPT_KINDS:
        then, now = (_state(store, kind, code, as_of=as_of, known_at=when) for when in moments)
        ids = store.touched(kind, within=code, moments=moments)
        known = {i: replay(store, kind, i, moments[1]) for i in {*ids, *then, *now}}
        differing = _differing(kind, then, now, known, day=as_of, plane_epsg=plane_epsg)
        happened = [
            one
            for record_id in ids
            for one in _in_the_log(store, known[record_id], moments[0], plane_epsg)
        ]
        happened.sort(key=lambda one: one.entry.sequence)
        told.append(KindChanges(kind=kind, differing=differing, happened=tuple(happened)))
    return tuple(told)


def _state(
    store: Store, kind: RecordKind, code: DivisionCode, *, as_of: date, known_at: datetime | None
) -> dict[str, Kept]:
    found = store.records(kind, as_of=as_of, known_at=known_at, within=code)
    return {record.id: cast("Kept", record) for record in found}


def _differing(
    kind: RecordKind,
    then: dict[str, Kept],
    now: dict[str, Kept],
    known: dict[str, Versions],
    *,
    day: date,
    plane_epsg: int,
) -> tuple[RecordChange, ...]:
    found = []
    for record_id in sorted(then.keys() | now.keys()):
        before, after = then.get(record_id), now.get(record_id)
        differs = difference(before, after, plane_epsg) if before and after else None
        if differs is None or differs.is_any:
            entry = _behind(known[record_id], day)
            found.append(
                RecordChange(
                    kind=kind,
                    id=record_id,
                    before=before,
                    after=after,
                    differs=differs,
                    entry=entry,
                )
            )
    return tuple(found)


def _behind(versions: Versions, day: date) -> LoggedChange:
    """The entry that says how the record is on the day: the last version begun until then.

    Of what was annulled it is the annulment.
    """
    begun = [v for v in versions.standing if v.period.start is None or v.period.start <= day]
    if not begun:
        return versions.entries[max(versions.entries)]
    last = max(begun, key=lambda v: (v.period.start is not None, v.period.start))
    return versions.entries[last.sequence]


def _in_the_world(
    store: Store, versions: Versions, days: tuple[date, date], plane_epsg: int
) -> Iterator[Happening]:
    ordered = sorted(versions.standing, key=lambda v: v.period.start or date.min)
    for number, version in enumerate(ordered):
        former = ordered[number - 1] if number else None
        joined = former is not None and former.period.end == version.period.start
        record = _value(store, version)
        start, end = version.period.start, version.period.end
        if start is not None and days[0] < start <= days[1]:
            before = _value(store, former) if former is not None and joined else None
            differs = None if before is None else difference(before, record, plane_epsg)
            # An act that was undone leaves two versions of one value: nothing happened there.
            if differs is None or differs.is_any:
                manner = Manner.CHANGED if joined else Manner.BEGAN
                yield _happening(versions, version, record, manner, day=start, differs=differs)
        follows = number + 1 < len(ordered) and ordered[number + 1].period.start == end
        if end is not None and days[0] < end <= days[1] and not follows:
            yield _happening(versions, version, record, Manner.ENDED, day=end)


def _happening(
    versions: Versions,
    version: Version,
    record: Kept,
    manner: Manner,
    *,
    day: date,
    differs: Difference | None = None,
) -> Happening:
    entry = versions.entries[version.sequence]
    return Happening(
        kind=entry.kind, record=record, manner=manner, day=day, differs=differs, entry=entry
    )


_MANNERS = {
    Operation.CREATE: Manner.BEGAN,
    Operation.REVISE: Manner.CHANGED,
    Operation.RETIRE: Manner.ENDED,
    Operation.CORRECT: Manner.CORRECTED,
    Operation.VOID: Manner.ANNULLED,
}


def _in_the_log(
    store: Store, versions: Versions, after: datetime, plane_epsg: int
) -> Iterator[Happening]:
    for sequence, entry in versions.entries.items():
        if entry.recorded_at <= after:
            continue
        record = cast("Kept", store.recorded(sequence))
        former = versions.replaced.get(sequence)
        manner = _MANNERS[entry.operation]
        if manner is Manner.CHANGED and former is None:
            manner = Manner.BEGAN
        before = None if former is None else cast("Kept", store.recorded(former.sequence))
        yield Happening(
            kind=entry.kind,
            record=record,
            manner=manner,
            day=entry.period.end if manner is Manner.ENDED else entry.period.start,
            differs=None if before is None else difference(before, record, plane_epsg),
            entry=entry,
        )


def _value(store: Store, version: Version) -> Kept:
    return replace(cast("Kept", store.recorded(version.sequence)), period=version.period)
