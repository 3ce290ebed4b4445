"""Acts worked out before anything is written: what they need, and the changes they come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.errors import Conflict, InputError, NotFound
from geo_service.services.register.acts import Act, Signed, basis_of, label_of, require_signed
from geo_service.services.register.versions import replay
from geo_service.store.codec import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from geo_service.domain.change import LoggedChange, Record
    from geo_service.services.register.acts import Kept
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes of one act. `new_names` are the records that bear a name for the first time.

    `sources` are the records that the act starts from, as they were on its day.
    """

    act: Act
    kind: RecordKind
    by: Signed
    changes: tuple[Change, ...]
    sources: tuple[Kept, ...] = ()
    new_names: tuple[Kept, ...] = ()
    undone: int = 0


def create(store: Store, record: Kept, by: Signed) -> Plan:
    """A record that was not there; its period says from when it holds.

    Raises InputError without a first day, Conflict where the record is there already.
    """
    if record.period.start is None:
        raise InputError("register_day_missing", record=record.id)
    return _act(
        store, Act.CREATE, KIND_OF[type(record)], (), (record,), on=record.period.start, by=by
    )


def change(store: Store, record: Kept, on: date, by: Signed) -> Plan:
    """The record as it is from a day on, its name kept.

    Raises InputError where it would bear another name (that is a renaming), or nothing changes.
    """
    kind = KIND_OF[type(record)]
    former = in_force(store, kind, record.id, on)
    if label_of(former) != label_of(record):
        raise InputError("register_use_rename", record=record.id)
    _require_other(former, record)
    return _act(store, Act.CHANGE, kind, (record.id,), (record,), on=on, by=by)


def rename(store: Store, record_id: str, record: Kept, on: date, by: Signed) -> Plan:
    """The record under its new name, or new code, from a day on.

    Under another id the former record is retired on that day. Raises InputError where name and id
    stay as they were.
    """
    kind = KIND_OF[type(record)]
    former = in_force(store, kind, record_id, on)
    if (former.id, label_of(former)) == (record.id, label_of(record)):
        raise InputError("register_same_name", record=record_id, name=label_of(record))
    return _act(store, Act.RENAME, kind, (record_id,), (record,), on=on, by=by)


def move(store: Store, record_id: str, record: Kept, on: date, by: Signed) -> Plan:
    """The record where it lies from a day on: another place, another unit, or another code.

    Raises InputError where it stays where it was.
    """
    kind = KIND_OF[type(record)]
    former = in_force(store, kind, record_id, on)
    _require_other(former, record)
    return _act(store, Act.MOVE, kind, (record_id,), (record,), on=on, by=by)


def retire(store: Store, kind: RecordKind, record_id: str, on: date, by: Signed) -> Plan:
    """The record holds no more from a day on."""
    return _act(store, Act.RETIRE, kind, (record_id,), (), on=on, by=by)


def split(store: Store, record_id: str, parts: Sequence[Kept], on: date, by: Signed) -> Plan:
    """Two records or more in the place of one; where a part keeps its id, it goes on in that part.

    Raises InputError for fewer than two parts.
    """
    kind = _one_kind(parts)
    if len(parts) < 2:
        raise InputError("register_split_of_one", record=record_id)
    return _act(store, Act.SPLIT, kind, (record_id,), parts, on=on, by=by)


def merge(store: Store, ids: Sequence[str], into: Kept, on: date, by: Signed) -> Plan:
    """One record in the place of several; where it has the id of one of them, that one goes on.

    Raises InputError for fewer than two.
    """
    if len(set(ids)) < 2:
        raise InputError("register_merge_of_one", record=" ".join(ids))
    return _act(store, Act.MERGE, KIND_OF[type(into)], ids, (into,), on=on, by=by)


def correct(store: Store, record: Kept, by: Signed) -> Plan:
    """The register was wrong: the record as it should have stood on the days of its period.

    Raises NotFound where there is no such record, InputError where nothing changes.
    """
    require_signed(by, Act.CORRECT)
    kind = KIND_OF[type(record)]
    versions = replay(store, kind, record.id)
    if not versions.standing:
        raise NotFound("record_not_found", kind=kind.value, record=record.id)
    by = replace(by, expected={record.id: versions.newest, **by.expected})
    standing = [replace(_record(store, v.sequence), period=v.period) for v in versions.standing]
    if record in standing:
        raise InputError("register_nothing_changes", record=record.id)
    known = {label_of(version) for version in standing}
    named = () if record.period.start is None or label_of(record) in known else (record,)
    changes = (_change(store, Operation.CORRECT, record, by),)
    return Plan(act=Act.CORRECT, kind=kind, by=by, changes=changes, new_names=named)


def undo(store: Store, event: int, by: Signed) -> Plan:
    """All records of an act with their former values, each a new correction.

    Raises NotFound for a number that is no act, InputError where the act made records anew: they
    stood in the register and can be retired, not unsaid; Conflict where one has changed since.
    """
    require_signed(by, Act.UNDO)
    entries = tuple(members(store, event))
    if not entries:
        raise NotFound("register_act_unknown", event=event)
    changes = tuple(_undoing(store, entry, event, by) for entry in entries)
    return Plan(act=Act.UNDO, kind=entries[0].kind, by=by, changes=changes, undone=event)


def members(store: Store, event: int) -> Iterator[LoggedChange]:
    """The entries of an act, none where the number is not that of an act."""
    for entry in store.log(after=event - 1):
        told = basis_of(entry)
        if told is None or told.event != event:
            return
        yield entry


def _undoing(store: Store, entry: LoggedChange, event: int, by: Signed) -> Change:
    versions = replay(store, entry.kind, entry.record_id)
    former = versions.replaced.get(entry.sequence)
    if former is None:
        raise InputError("register_undo_of_creation", record=entry.record_id, event=event)
    if versions.newest != entry.version:
        facts = {"kind": entry.kind.value, "record": entry.record_id}
        raise Conflict("register_changed_since", **facts, event=event)
    period = entry.period if entry.operation is Operation.REVISE else former.period
    record = replace(_record(store, former.sequence), period=period)
    return _change(
        store, Operation.CORRECT, record, replace(by, expected={record.id: entry.version})
    )


def _act(
    store: Store,
    act: Act,
    kind: RecordKind,
    ids: Sequence[str],
    results: Sequence[Kept],
    *,
    on: date,
    by: Signed,
) -> Plan:
    """The one shape of all acts on a day: what was there, and what is there from then on."""
    require_signed(by, act)
    by = as_seen(store, kind, ids, by)
    sources = {record_id: in_force(store, kind, record_id, on) for record_id in ids}
    for source in sources.values():
        _require_later(source, on)
    _require_distinct(results)
    changes = [_ended(store, s, on, by) for s in sources.values() if s.id not in _ids(results)]
    changes += [_begun(store, record, sources.get(record.id), on, by) for record in results]
    known = {label_of(source) for source in sources.values()}
    return Plan(
        act=act,
        kind=kind,
        by=by,
        changes=tuple(changes),
        sources=tuple(sources.values()),
        new_names=tuple(record for record in results if label_of(record) not in known),
    )


def _ids(records: Sequence[Kept]) -> set[str]:
    return {record.id for record in records}


def as_seen(store: Store, kind: RecordKind, ids: Iterable[str], by: Signed) -> Signed:
    """The act with the present version of each record of which the person did not say one.

    Asked before the record is read, so that a change in between is a Conflict and not overwritten.
    """
    now = {record_id: store.version(kind, record_id) for record_id in ids}
    return replace(by, expected={**now, **by.expected})


def in_force(store: Store, kind: RecordKind, record_id: str, on: date) -> Kept:
    """The record as it is on a day. Raises NotFound `register_not_in_force`."""
    try:
        return cast("Kept", store.get(kind, record_id, as_of=on))
    except NotFound as error:
        facts = {"kind": kind.value, "record": record_id}
        raise NotFound("register_not_in_force", **facts, day=on) from error


def _require_other(former: Kept, record: Kept) -> None:
    """The period apart, something must be different."""
    if replace(former, period=record.period) == record:
        raise InputError("register_nothing_changes", record=record.id)


def _require_later(source: Kept, on: date) -> None:
    """What began on the same day cannot have become something else on it: that is a correction."""
    if source.period.start is not None and source.period.start >= on:
        raise InputError("register_day_taken", record=source.id, day=on)


def _require_distinct(results: Sequence[Kept]) -> None:
    if len(_ids(results)) < len(results):
        raise InputError("register_id_twice", records=" ".join(record.id for record in results))


def _one_kind(records: Sequence[Kept]) -> RecordKind:
    kinds = {KIND_OF[type(record)] for record in records}
    if len(kinds) != 1:
        raise InputError("register_kinds_mixed", kinds=" ".join(sorted(kinds)))
    return kinds.pop()


def _ended(store: Store, source: Kept, on: date, by: Signed) -> Change:
    ended = replace(source, period=Period(source.period.start, on))
    return _change(store, Operation.RETIRE, ended, by)


def _begun(store: Store, record: Kept, source: Kept | None, on: date, by: Signed) -> Change:
    """The record from the day on: until the end that is known of its former value, if any."""
    kind = KIND_OF[type(record)]
    if source is not None:
        begun = replace(record, period=Period(on, source.period.end))
        return _change(store, Operation.REVISE, begun, by)
    begun = replace(record, period=Period(on, record.period.end))
    standing = replay(store, kind, record.id).standing
    if any(version.period.intersects(begun.period) for version in standing):
        raise Conflict("register_id_in_use", kind=kind.value, record=record.id, day=on)
    return _change(store, Operation.REVISE if standing else Operation.CREATE, begun, by)


def _change(store: Store, operation: Operation, record: Kept, by: Signed) -> Change:
    seen = by.expected.get(record.id)
    return Change(
        operation=operation,
        record=cast("Record", record),
        actor=by.actor,
        reason=by.reason.strip(),
        expected_version=store.version(KIND_OF[type(record)], record.id) if seen is None else seen,
    )


def _record(store: Store, sequence: int) -> Kept:
    return cast("Kept", store.recorded(sequence))
