"""Acts worked out before anything is written: what they need, and the changes they come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.errors import Conflict, InputError, NotFound
from geo_service.services.register.acts import Act, Signed, label_of, require_signed
from geo_service.services.register.versions import replay
from geo_service.store.codec import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from geo_service.domain.change import Record
    from geo_service.domain.text import Text
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
    already: int = 0
    """The act that did it before; nothing is left to do."""
    contents: tuple[bytes, ...] = ()
    """Files to be kept with it."""
    left: tuple[Text, ...] = ()
    """What a person still has to decide or do, because the act could not."""


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
    changes = [ended(store, s, on, by) for s in sources.values() if s.id not in _ids(results)]
    changes += [begun(store, record, sources.get(record.id), on, by) for record in results]
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


def ended(store: Store, source: Kept, on: date, by: Signed) -> Change:
    """The record as it is until the day."""
    ended = replace(source, period=Period(source.period.start, on))
    return change_of(store, Operation.RETIRE, ended, by)


def begun(store: Store, record: Kept, source: Kept | None, on: date, by: Signed) -> Change:
    """The record from the day on: until the end that is known of its former value, if any."""
    kind = KIND_OF[type(record)]
    if source is not None:
        after = replace(record, period=Period(on, source.period.end))
        return change_of(store, Operation.REVISE, after, by)
    first = replace(record, period=Period(on, record.period.end))
    versions = replay(store, kind, record.id)
    if any(version.period.intersects(first.period) for version in versions.standing):
        raise Conflict("register_id_in_use", kind=kind.value, record=record.id, day=on)
    return change_of(store, Operation.REVISE if versions.newest else Operation.CREATE, first, by)


def change_of(store: Store, operation: Operation, record: Kept, by: Signed) -> Change:
    """One change of an act, against the version that the person saw."""
    seen = by.expected.get(record.id)
    return Change(
        operation=operation,
        record=cast("Record", record),
        actor=by.actor,
        reason=by.reason.strip(),
        expected_version=store.version(KIND_OF[type(record)], record.id) if seen is None else seen,
    )
