"""The register was wrong, not the world: records corrected or annulled, and acts undone as one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.errors import Conflict, InputError, NotFound
from geo_service.services.register.acts import Act, Signed, basis_of, label_of, require_signed
from geo_service.services.register.planning import Plan, change_of
from geo_service.services.register.versions import Version, Versions, replay
from geo_service.store.codec import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.domain.change import LoggedChange
    from geo_service.services.register.acts import Kept
    from geo_service.store.protocol import Store


def correct(store: Store, record: Kept, by: Signed) -> Plan:
    """The register was wrong: the record as it should have stood on the days of its period.

    Raises NotFound where there is no such record, InputError where nothing changes.
    """
    require_signed(by, Act.CORRECT)
    kind = KIND_OF[type(record)]
    versions = _known(store, kind, record.id)
    if not versions.standing:
        raise NotFound("record_not_found", kind=kind.value, record=record.id)
    by = replace(by, expected={record.id: versions.newest, **by.expected})
    standing = [_as_it_stands(store, version) for version in versions.standing]
    if record in standing:
        raise InputError("register_nothing_changes", record=record.id)
    known = {label_of(version) for version in standing}
    named = () if record.period.start is None or label_of(record) in known else (record,)
    changes = (change_of(store, Operation.CORRECT, record, by),)
    return Plan(act=Act.CORRECT, kind=kind, by=by, changes=changes, new_names=named)


def void(
    store: Store, kind: RecordKind, record_id: str, by: Signed, day: date | None = None
) -> Plan:
    """The record was entered in error and never held; with `day` only its version of that day.

    What the register said stays known by recorded time. Where it was annulled before, the plan
    has no changes and says by which act. Raises NotFound where there is no such record or version.
    """
    require_signed(by, Act.VOID)
    versions = _known(store, kind, record_id)
    meant = [v for v in versions.standing if day is None or v.period.covers(day)]
    if not meant and versions.standing:
        raise NotFound("register_not_in_force", kind=kind.value, record=record_id, day=day)
    if not meant:
        told = basis_of(versions.entries[max(versions.entries)])
        already = told.event if told else max(versions.entries)
        return Plan(act=Act.VOID, kind=kind, by=by, changes=(), already=already)
    seen = by.expected.get(record_id, versions.newest)
    ordered = sorted(meant, key=lambda version: version.period.start or date.min)
    changes = _numbered(store, by, seen, [(Operation.VOID, version) for version in ordered])
    return Plan(act=Act.VOID, kind=kind, by=by, changes=changes)


def undo(store: Store, event: int, by: Signed) -> Plan:
    """All of an act taken back at once: former values return, what it began is annulled.

    An act that was undone before gives a plan without changes, with the number of the act that did
    it. Raises NotFound for a number that is no act, Conflict where a record has changed since.
    """
    require_signed(by, Act.UNDO)
    entries = tuple(members(store, event))
    if not entries:
        raise NotFound("register_act_unknown", event=event)
    groups: dict[tuple[RecordKind, str], list[LoggedChange]] = {}
    for entry in entries:
        groups.setdefault((entry.kind, entry.record_id), []).append(entry)
    known = {key: replay(store, *key) for key in groups}
    kind, already = entries[0].kind, _undone_by(known.values(), event)
    if already:
        return Plan(act=Act.UNDO, kind=kind, by=by, changes=(), undone=event, already=already)
    changes = tuple(
        change
        for key, group in groups.items()
        for change in _undoing(store, known[key], group, event, by)
    )
    return Plan(act=Act.UNDO, kind=kind, by=by, changes=changes, undone=event)


def members(store: Store, event: int) -> Iterator[LoggedChange]:
    """The entries of an act, none where the number is not that of an act."""
    for entry in store.log(after=event - 1):
        told = basis_of(entry)
        if told is None or told.event != event:
            return
        yield entry


def _undone_by(known: Iterable[Versions], event: int) -> int:
    """The act that undid the act, if that is the last that befell every record; else 0."""
    last = {basis_of(versions.entries[max(versions.entries)]) for versions in known}
    undoing = last.pop() if len(last) == 1 else None
    return undoing.event if undoing and undoing.undone == event else 0


def _undoing(
    store: Store, versions: Versions, entries: Sequence[LoggedChange], event: int, by: Signed
) -> tuple[Change, ...]:
    """What takes back the entries of one record."""
    last = entries[-1]
    if not _stands_as_written(versions, last):
        facts = {"kind": last.kind.value, "record": last.record_id}
        raise Conflict("register_changed_since", **facts, event=event)
    steps = list[tuple[Operation, Version]]()
    for entry in entries:
        steps += _reverse(versions, entry, standing=bool(versions.standing or steps))
    return _numbered(store, by, versions.newest, steps)


def _stands_as_written(versions: Versions, last: LoggedChange) -> bool:
    """Whether nothing befell the record after the entry, or all of it was undone since."""
    told = [
        basis_of(entry) for entry in versions.entries.values() if entry.sequence > last.sequence
    ]
    open_acts: list[int] = []
    for event, undone in dict.fromkeys((b.event, b.undone) if b else (0, 0) for b in told):
        if undone and undone in open_acts[-1:]:
            open_acts.pop()
        else:
            open_acts.append(event)
    return not open_acts


def _reverse(
    versions: Versions, entry: LoggedChange, *, standing: bool
) -> Iterator[tuple[Operation, Version]]:
    """The operations that take an entry back, with the value and the days they are to write.

    `standing` is whether the record holds on any day by then: what was annulled comes back beside
    versions of other days as a revision, and where there is none as a correction. What the entry
    wrote may lie in several parts, where a later act was undone.
    """
    former = versions.replaced.get(entry.sequence)
    parts = [v for v in versions.standing if entry.period.contains(v.period)]
    if former is None:
        yield from ((Operation.VOID, part) for part in parts)
    elif entry.operation is Operation.VOID:
        yield (Operation.REVISE if standing else Operation.CORRECT), former
    elif entry.operation is Operation.REVISE:
        yield from ((Operation.CORRECT, replace(former, period=v.period)) for v in parts)
    else:
        yield Operation.CORRECT, former


def _numbered(
    store: Store, by: Signed, seen: int, steps: Sequence[tuple[Operation, Version]]
) -> tuple[Change, ...]:
    """Changes of one record that follow each other: each expects the version before it."""
    return tuple(
        replace(
            change_of(store, operation, _as_it_stands(store, version), by),
            expected_version=seen + number,
        )
        for number, (operation, version) in enumerate(steps)
    )


def _known(store: Store, kind: RecordKind, record_id: str) -> Versions:
    versions = replay(store, kind, record_id)
    if not versions.entries:
        raise NotFound("record_not_found", kind=kind.value, record=record_id)
    return versions


def _as_it_stands(store: Store, version: Version) -> Kept:
    return replace(cast("Kept", store.recorded(version.sequence)), period=version.period)
