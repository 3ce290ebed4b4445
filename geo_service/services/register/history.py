"""The history of one record, and what changed of a unit between two days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RecordKind
from geo_service.errors import InputError, NotFound
from geo_service.services.register.acts import KEPT_KINDS, basis_of
from geo_service.services.register.differences import Difference, difference
from geo_service.services.register.versions import replay

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from geo_service.domain.change import LoggedChange
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.period import Period
    from geo_service.services.register.acts import Basis, Kept
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One version of a record with both its clocks, who wrote it, why, and what it changed.

    `period` is its valid time as it stands now, None where it was taken back: then `superseded_at`
    and `superseded_by` (a log entry) say when. `differs` is against the value it took the place of,
    None where there was none.
    """

    record: Kept
    entry: LoggedChange
    basis: Basis | None
    period: Period | None
    superseded_at: datetime | None
    superseded_by: int | None
    differs: Difference | None

    @property
    def document_no(self) -> str:
        """The document, or whatever else the entry says it rests on (the digest of a file)."""
        return self.entry.basis if self.basis is None else self.basis.document_no


def history(
    store: Store,
    kind: RecordKind,
    record_id: str,
    *,
    plane_epsg: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[Step, ...]:
    """Every version of a record in the order recorded, as known at a moment (default: now).

    With `as_of` only those that were ever said of that day. Raises NotFound where there is none.
    """
    versions = replay(store, kind, record_id, known_at)
    if not versions.entries:
        raise NotFound("record_not_found", kind=kind.value, record=record_id)
    standing = {version.sequence: version.period for version in versions.standing}
    steps = []
    for sequence, entry in versions.entries.items():
        if as_of is not None and not entry.period.covers(as_of):
            continue
        record = _recorded(store, sequence)
        former = versions.replaced.get(sequence)
        gone = versions.gone.get(sequence)
        steps.append(
            Step(
                record=record,
                entry=entry,
                basis=basis_of(entry),
                period=standing.get(sequence),
                superseded_at=gone.recorded_at if gone else None,
                superseded_by=gone.sequence if gone else None,
                differs=difference(_recorded(store, former.sequence), record, plane_epsg)
                if former
                else None,
            )
        )
    return tuple(steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChange:
    """A record that is not the same on both days; `before` None: it came, `after` None: it went.

    `entry` is the log entry behind its value on the later day, or behind its end.
    """

    kind: RecordKind
    id: str
    before: Kept | None
    after: Kept | None
    differs: Difference | None
    entry: LoggedChange


def changes_between(
    store: Store,
    code: DivisionCode,
    start: date,
    end: date,
    *,
    plane_epsg: int,
    known_at: datetime | None = None,
) -> tuple[RecordChange, ...]:
    """What of a unit (itself and those below, names, lines, markers) differs between two days.

    What changed and changed back in between is not told. Raises InputError unless `start` is before
    `end`.
    """
    if start >= end:
        raise InputError("register_days_swapped", start=start, end=end)
    return tuple(
        change
        for kind in KEPT_KINDS
        for change in _changes(store, kind, code, (start, end), known_at, plane_epsg=plane_epsg)
    )


def _changes(
    store: Store,
    kind: RecordKind,
    code: DivisionCode,
    days: tuple[date, date],
    known_at: datetime | None,
    *,
    plane_epsg: int,
) -> Iterator[RecordChange]:
    then, now = (
        {
            record.id: cast("Kept", record)
            for record in store.records(kind, as_of=day, known_at=known_at, within=code)
        }
        for day in days
    )
    for record_id in sorted(then.keys() | now.keys()):
        before, after = then.get(record_id), now.get(record_id)
        differs = difference(before, after, plane_epsg) if before and after else None
        if differs is None or differs.is_any:
            yield RecordChange(
                kind=kind,
                id=record_id,
                before=before,
                after=after,
                differs=differs,
                entry=_behind(store, kind, record_id, days[1], known_at),
            )


def _behind(
    store: Store, kind: RecordKind, record_id: str, day: date, known_at: datetime | None
) -> LoggedChange:
    """The entry that says how the record is on the day: the last version begun until then."""
    versions = replay(store, kind, record_id, known_at)
    begun = [v for v in versions.standing if v.period.start is None or v.period.start <= day]
    last = max(begun, key=lambda v: (v.period.start is not None, v.period.start))
    return versions.entries[last.sequence]


def _recorded(store: Store, sequence: int) -> Kept:
    return cast("Kept", store.recorded(sequence))
