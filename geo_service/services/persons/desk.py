"""What people do with personal values: find them masked, read one in clear, erase them.

A file attached to a record is erased in the same way, by its digest: whole, as nobody can tell the
person in a scan from the rest of it.

Reading and erasing are entries of the log, with who and why. That a value was erased stays known;
what it was does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Change, Operation
from geo_service.domain.person import PersonalAct, PersonalValue, erased_file
from geo_service.errors import InputError, NotFound
from geo_service.language.persons import masked
from geo_service.services.persons.keeping import KIND
from geo_service.store.erasures import carry_out

if TYPE_CHECKING:
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """A value as the register shows it: masked, "" where it was erased."""

    record: PersonalValue
    mask: str


def find(
    store: Store, *, value: str = "", subject: tuple[str, str] | None = None
) -> tuple[Entry, ...]:
    """Values by their own text, or those of a record (kind, id); all without either.

    Masked: nobody learns more than he asks with, and nothing is written.
    """
    clear = {kept.id: kept.value for kept in store.clear_values()}
    records = cast("list[PersonalValue]", store.records(KIND))
    wanted = _bare(value)
    return tuple(
        Entry(record, masked(clear[record.id], record.kind) if record.id in clear else "")
        for record in records
        if (not value or (wanted and _bare(clear.get(record.id, "")) == wanted))
        and (subject is None or (record.subject_kind, record.subject_id) == subject)
    )


def _bare(value: str) -> str:
    return "".join(sign for sign in value.casefold() if sign.isalnum())


def show(store: Store, value_id: str, actor: str, reason: str) -> tuple[PersonalValue, str]:
    """A value in clear, after the log was told who read it and why.

    Raises NotFound, InputError person_erased for one that is gone, person_unreasoned.
    """
    with store.begin() as work:
        # Read behind the lock: an erasure in between would be written over in the log.
        (record,) = _standing(store, [value_id], reason)
        work.append([_shown(store, record, actor, reason)])
    found = store.clear_values([value_id])
    if not found:
        raise InputError("person_erased", id=value_id)
    return record, found[0].value


def erase(store: Store, ids: Sequence[str], actor: str, reason: str) -> tuple[PersonalValue, ...]:
    """Erase values and attached files for good, all or none; the log says that, not what.

    `ids` are those of values and the whole digests of files (`sha256:…`, `sm3:…`). Raises NotFound,
    InputError person_erased for one that is gone already, person_unreasoned.
    """
    files = [name for name in dict.fromkeys(ids) if ":" in name]
    records = _standing(store, [value_id for value_id in ids if ":" not in value_id], reason)
    records += [_file(store, name, actor) for name in files]
    carry_out(store, records, actor, reason.strip())
    return tuple(records)


def _file(store: Store, name: str, actor: str) -> PersonalValue:
    """What is logged of the erasure of a file, of the first of the records that have it."""
    of = store.content_subjects(name)
    if not of:
        raise NotFound("content_not_found", digest=name)
    if store.version(KIND, name):
        raise InputError("person_erased", id=name)
    return erased_file(name, of[0], actor)


def erased(store: Store) -> tuple[str, ...]:
    """Ids of all values and digests of all files that were erased, for older backups to be told."""
    records = cast("list[PersonalValue]", store.records(KIND))
    return tuple(record.id for record in records if record.act is PersonalAct.ERASED)


def _standing(store: Store, ids: Iterable[str], reason: str) -> list[PersonalValue]:
    if not reason.strip():
        raise InputError("person_unreasoned")
    records = []
    for value_id in dict.fromkeys(ids):
        try:
            record = cast("PersonalValue", store.get(KIND, value_id))
        except NotFound:
            raise NotFound("person_unknown", id=value_id) from None
        if record.act is PersonalAct.ERASED:
            raise InputError("person_erased", id=value_id)
        records.append(record)
    return records


def _shown(store: Store, record: PersonalValue, actor: str, reason: str) -> Change:
    return Change(
        operation=Operation.CORRECT,
        record=replace(record, act=PersonalAct.SHOWN),
        actor=actor,
        reason=reason.strip(),
        basis=f"person:{PersonalAct.SHOWN}",
        expected_version=store.version(KIND, record.id),
    )
