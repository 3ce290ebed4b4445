"""Personal values into the register: one entry of the log and one erasable row each."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, cast

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.person import (
    SALT_LENGTH,
    ClearValue,
    PersonalAct,
    PersonalValue,
    digest_of,
)
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError
from geo_service.language.persons import is_free_text, masked, masked_text, numbers_in
from geo_service.services.persons.tokens import renamed
from geo_service.services.persons.veil import Veiled, without_numbers

if TYPE_CHECKING:
    from geo_service.domain.change import Record
    from geo_service.store.protocol import Store, UnitOfWork

KIND = RecordKind.PERSONAL_VALUES
_NAMES = ("name", "title", "file_name")
"""What a record is called by, and shown under: no number of a person may stand in it."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who keeps values, why, and what they rest on: the words of a log entry."""

    actor: str
    reason: str
    basis: str
    source: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Values to be written. `ids` renames tokens of values that the register has already."""

    changes: tuple[Change, ...]
    clear: tuple[ClearValue, ...]
    ids: Mapping[str, str]

    def write(self, work: UnitOfWork) -> None:
        """Log and keep them in the caller's transaction, after the records they belong to."""
        if self.changes:
            work.append(self.changes)
            work.keep_clear(self.clear)


NOBODY = Kept((), (), {})
"""Nothing personal."""


def to_keep(
    store: Store,
    values: Iterable[tuple[RecordKind, str, Veiled]],
    by: Signature,
) -> Kept:
    """What has to be written of values that belong to records (kind, id).

    A value that the register has of the same field of the same record is not kept twice.
    """
    known, ids = _known(store), dict[str, str]()
    changes, clear = list[Change](), list[ClearValue]()
    for kind, subject, value in values:
        place = (str(kind), subject, value.field, value.value)
        if place in known:
            ids[value.id] = known[place]
            continue
        known[place] = value.id
        kept = ClearValue(value.id, secrets.token_hex(SALT_LENGTH // 2), value.value)
        clear.append(kept)
        changes.append(_change(kind, subject, value, kept, by))
    return Kept(tuple(changes), tuple(clear), ids)


def _known(store: Store) -> dict[tuple[str, str, str, str], str]:
    """Ids of the values that are kept, by kind and id of the record, field and value."""
    clear = {value.id: value.value for value in store.clear_values()}
    records = cast("list[PersonalValue]", store.records(KIND)) if clear else []
    return {
        (r.subject_kind, r.subject_id, r.field, clear[r.id]): r.id for r in records if r.id in clear
    }


def _change(
    kind: RecordKind, subject: str, value: Veiled, clear: ClearValue, by: Signature
) -> Change:
    record = PersonalValue(
        id=value.id,
        kind=value.kind,
        subject_kind=str(kind),
        subject_id=subject,
        field=value.field,
        digest=digest_of(clear),
        act=PersonalAct.KEPT,
        provenance=Provenance(source=by.source),
    )
    return Change(
        operation=Operation.CREATE,
        record=record,
        actor=by.actor,
        reason=by.reason,
        basis=by.basis,
    )


def masks_of(store: Store, ids: Iterable[str]) -> dict[str, str]:
    """Masked forms of values, by id; none of one that was erased."""
    clear = {value.id: value.value for value in store.clear_values(ids)}
    records = cast("list[PersonalValue]", store.records(KIND)) if clear else []
    return {r.id: masked(clear[r.id], r.kind) for r in records if r.id in clear}


# --- records written by hand ----------------------------------------------------------------


def veiled_records(changes: Sequence[Change]) -> tuple[tuple[Change, ...], list[Veiled]]:
    """Changes whose free texts hold tokens for the numbers of persons, and those numbers.

    `row` of a value is the position of its change. Raises InputError personal_in_name.
    """
    result, values = list[Change](), list[Veiled]()
    for position, change in enumerate(changes):
        record, found = _veiled(change.record, position)
        result.append(replace(change, record=record) if found else change)
        values += found
    return tuple(result), values


def _veiled(record: Record, position: int) -> tuple[Record, list[Veiled]]:
    for name in (getattr(record, called, "") for called in _NAMES):
        if numbers_in(name):
            raise InputError("personal_in_name", value=masked_text(name))
    own, found = _texts(record, position)
    origin, more = _texts(record.provenance, position)
    if more:
        own["provenance"] = replace(record.provenance, **origin)
    return replace(record, **own), found + more


def _texts(holder: Any, position: int) -> tuple[dict[str, Any], list[Veiled]]:
    told, found = dict[str, Any](), list[Veiled]()
    for field in fields(holder):
        value = getattr(holder, field.name)
        if type(value) is str and is_free_text(field.name) and numbers_in(value):
            told[field.name], values = without_numbers(value, position, field.name)
            found += values
    return told, found


def with_ids(record: Record, ids: Mapping[str, str]) -> Record:
    """A record whose tokens name the values that the register has already."""
    if not ids:
        return record
    own = _swapped(record, ids)
    origin = _swapped(record.provenance, ids)
    if origin:
        own["provenance"] = replace(record.provenance, **origin)
    return replace(record, **own) if own else record


def _swapped(holder: Any, ids: Mapping[str, str]) -> dict[str, Any]:
    pairs = {field.name: getattr(holder, field.name) for field in fields(holder)}
    texts = {name: value for name, value in pairs.items() if type(value) is str}
    new = {name: renamed(value, ids) for name, value in texts.items()}
    return {name: value for name, value in new.items() if value != texts[name]}
