"""Acts written to the register: each one transaction, numbered, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.services.persons.keeping import KIND as PERSONS
from geo_service.services.persons.keeping import (
    NOBODY,
    Kept,
    Signature,
    to_keep,
    veiled_records,
    with_ids,
)
from geo_service.services.register.acts import Basis
from geo_service.store.codec import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from geo_service.domain.change import Change, LoggedChange
    from geo_service.domain.text import Text
    from geo_service.services.persons.veil import Veiled
    from geo_service.services.register.evidence import NameEvidence
    from geo_service.services.register.planning import Plan
    from geo_service.store.protocol import Store


class _Tried(Exception):  # noqa: N818 - a signal, not an error: nothing went wrong
    """Leaves the transaction of a trial, so that nothing of it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """An act as it was written: its number, its changes, what was found of its names
    and what else a person should know.

    Of a trial `event` is the number it would have had, and there are no entries. Of what an earlier
    act had done already it is the number of that one, and there is nothing else.
    """

    plan: Plan
    event: int
    changes: tuple[Change, ...]
    evidence: tuple[NameEvidence, ...]
    advice: tuple[Text, ...] = ()
    entries: tuple[LoggedChange, ...] = ()


def carry_out(
    store: Store,
    plan: Plan,
    evidence: tuple[NameEvidence, ...] = (),
    advice: tuple[Text, ...] = (),
    *,
    dry_run: bool = False,
    beside: Callable[[int], Iterable[Change]] | None = None,
) -> Done:
    """Write all changes of an act in one transaction; in a trial take them back again.

    `beside` makes changes of bookkeeping that stand or fall with the act, from its number.

    What was done already is not done again. Raises Conflict where a record has moved on since the
    person saw it, and whatever else the store refuses; nothing is written then.
    """
    if plan.already:
        return Done(plan=plan, event=plan.already, changes=(), evidence=())
    try:
        with store.begin() as work:
            event = store.log_mark().sequence + 1
            basis = str(_basis(plan, evidence, event))
            told, values = veiled_records(plan.changes)
            persons = _persons(store, told, values, basis)
            changes = tuple(
                replace(c, basis=basis, record=with_ids(c.record, persons.ids)) for c in told
            )
            work.append(changes)
            persons.write(work)
            if beside is not None:
                work.append(beside(event))
            for data in plan.contents:
                work.keep_content(data)
            done = Done(plan=plan, event=event, changes=changes, evidence=evidence, advice=advice)
            if dry_run:
                raise _Tried
    except _Tried:
        return done
    entries = tuple(
        e for e in store.log(after=event - 1) if e.basis == basis and e.kind is not PERSONS
    )
    return replace(done, entries=entries)


def _persons(store: Store, changes: tuple[Change, ...], values: list[Veiled], basis: str) -> Kept:
    """Numbers of persons that stood in texts typed by hand, each with its record."""
    if not values:
        return NOBODY
    by = Signature(changes[0].actor, changes[0].reason, basis, changes[0].record.provenance.source)
    told = [(changes[value.row].record, value) for value in values]
    return to_keep(store, [(KIND_OF[type(r)], r.id, value) for r, value in told], by)


def _basis(plan: Plan, evidence: tuple[NameEvidence, ...], event: int) -> Basis:
    return Basis(
        act=plan.act,
        event=event,
        undone=plan.undone,
        check=";".join(told.word for told in evidence),
        document_no=plan.by.document_no.strip(),
    )
