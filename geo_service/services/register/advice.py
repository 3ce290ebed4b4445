"""What a person should know before an act is written; nothing of it bars the act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, LineCode
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.place import NamedPlace
from geo_service.domain.road import Road
from geo_service.errors import InputError, NotFound
from geo_service.messages import message
from geo_service.services.codes import code_problem
from geo_service.services.register.acts import KEPT_KINDS
from geo_service.store.codec import KIND_OF

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Change, Record
    from geo_service.domain.text import Text
    from geo_service.services.register.planning import Plan
    from geo_service.store.protocol import Store


_ENDING = frozenset((Operation.RETIRE, Operation.VOID))


def advice_on(plan: Plan, city: CityProfile, store: Store) -> tuple[Text, ...]:
    """Codes not in force on the day an act begins, and what belongs to a unit that ends or never
    was.
    """
    found: dict[Text, None] = {}
    begun = {change.record.id for change in plan.changes}
    for change in plan.changes:
        if change.operation in _ENDING:
            found |= dict.fromkeys(_left_behind(change, plan, store))
        else:
            found |= dict.fromkeys(_codes_not_in_force(change.record, begun, city, store))
            found |= dict.fromkeys(_approval_dropped(change.record, store))
    return tuple(found)


def _left_behind(change: Change, plan: Plan, store: Store) -> Iterator[Text]:
    unit, period = change.record, change.record.period
    void = change.operation is Operation.VOID
    end = period.start if void else period.end
    if not isinstance(unit, AdministrativeUnit) or not (void or end):
        return
    key = "belongs_to_annulled" if void else "left_behind"
    for kind in KEPT_KINDS:
        # One more than the act itself changes, the unit among them.
        changed = {c.record.id for c in plan.changes if KIND_OF[type(c.record)] is kind}
        held = store.records(kind, as_of=end, within=unit.code, limit=len(changed) + 1)
        others = [record.id for record in held if record.id not in changed]
        if others:
            of = message(f"register.kind_{kind.value}")
            facts = {"unit": unit.id, "name": unit.name, "kind": of, "id": others[0]}
            yield message(f"register.{key}", **facts)


def _approval_dropped(record: Record, store: Store) -> Iterator[Text]:
    """The approval of a former name does not go over to another one (`fields.altered`)."""
    if not isinstance(record, NamedPlace) or record.document_no or record.approved_on:
        return
    try:
        known = store.get(RecordKind.PLACE_NAMES, record.id, as_of=record.period.start)
    except NotFound:
        return
    if isinstance(known, NamedPlace) and known.name != record.name:
        told = (str(known.approved_on or ""), known.document_no)
        if any(told):
            approval = " ".join(word for word in told if word)
            yield message("register.approval_dropped", id=record.id, approval=approval)


def _codes_not_in_force(
    record: Record, begun: set[str], city: CityProfile, store: Store
) -> Iterator[Text]:
    day = record.period.start
    for code in _codes_of(record):
        problem = None if day is None else code_problem(code, city, record.period, day)
        if problem is None or day is None or code in begun or _registered(code, day, store):
            continue
        key, facts = problem
        yield message(f"import.{key}", **facts)


def _registered(code: DivisionCode, day: date, store: Store) -> bool:
    try:
        store.get(RecordKind.UNITS, code, as_of=day)
    except NotFound:
        return False
    return True


def _codes_of(record: Record) -> tuple[DivisionCode, ...]:
    match record:
        case NamedPlace() | Road():
            return (record.unit_code,) if record.unit_code else ()
        case AdministrativeUnit():
            return (record.code,)
        case AdministrativeBoundary():
            return (record.left_code, record.right_code)
        case BoundaryMarker():
            return _sides(record.line_code)
        case _:
            return ()


def _sides(line_code: str) -> tuple[DivisionCode, ...]:
    try:
        return LineCode(line_code).sides
    except InputError:  # a line of lower level has no such code, and says nothing of its sides
        return ()
