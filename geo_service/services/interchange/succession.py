"""What a file says of where records came from, and the acts that it comes to in the register.

A unit whose row names the codes it came from (原代码) succeeds those units on the day from which it
holds: renamed, moved, split or merged as by hand, and told so in the log. What the file leaves open
(whether a unit goes on under its code) is told and decided by a person.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.place import NamedPlace
from geo_service.domain.road import Road
from geo_service.errors import GeoServiceError, NotFound
from geo_service.messages import message
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.register import planning
from geo_service.services.register.acts import Act, Basis
from geo_service.services.register.redrawing import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Change, Record
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.text import Text
    from geo_service.services.interchange.cells import Cells
    from geo_service.services.interchange.reading import ReadRow
    from geo_service.services.register.acts import Signed
    from geo_service.services.register.planning import Plan
    from geo_service.store.protocol import Store, UnitOfWork

_NAMED = frozenset((RecordKind.PLACE_NAMES, RecordKind.UNITS, RecordKind.ROADS))


@dataclass(frozen=True, slots=True)
class Former:
    """What a row says of its record's past: its former name, the codes of units it came from."""

    name: str = ""
    codes: tuple[DivisionCode, ...] = ()


NOTHING = Former()


@dataclass(frozen=True, slots=True)
class Succession:
    """The acts that rows come to, the numbers of these rows, and what a person should know."""

    plans: tuple[Plan, ...] = ()
    rows: frozenset[int] = frozenset()
    issues: tuple[Issue, ...] = ()


def former_of(cells: Cells, kind: RecordKind) -> Former:
    """The past of a row's record, nothing for kinds that tell none."""
    if kind not in _NAMED or not {"former_name", "predecessors"} & cells.sheet.columns.keys():
        return NOTHING
    codes = cells.codes("predecessors") if kind is RecordKind.UNITS else ()
    return Former(cells.text("former_name"), tuple(sorted(set(codes))))


def succession(
    store: Store, rows: Sequence[ReadRow], file: str, by: Signed, city: CityProfile
) -> Succession:
    """The acts of the rows that are new to the register and say which units they came from."""
    groups: dict[tuple[date, tuple[DivisionCode, ...]], list[ReadRow]] = defaultdict(list)
    for row in rows:
        start = row.record.period.start
        if row.former.codes and start is not None and isinstance(row.record, AdministrativeUnit):
            groups[start, row.former.codes].append(row)
    plans: list[Plan] = []
    done: set[int] = set()
    issues: list[Issue] = []
    for (start, codes), group in groups.items():
        if all(_is_there(store, row, start) for row in group):
            continue
        try:
            plan = _plan(store, group, codes, start, by, city)
        except GeoServiceError as error:
            plan = None
            why = message(f"errors.{error.code}", **error.context)
            told: dict[str, str | Text] = {"codes": " ".join(codes), "detail": why}
            issues.append(_issue("predecessors_refused", file, group[0], told))
        else:
            if plan is None:
                told = {"codes": " ".join(codes)}
                issues.append(_issue("predecessors_unclear", file, group[0], told))
        if plan is not None:
            plans.append(plan)
            done |= {row.number for row in group}
            issues += _lines_left(store, plan, file, group[0], start)
    return Succession(tuple(plans), frozenset(done), tuple(issues))


def _plan(  # noqa: PLR0917 - one question, asked of one group
    store: Store,
    group: Sequence[ReadRow],
    codes: tuple[DivisionCode, ...],
    start: date,
    by: Signed,
    city: CityProfile,
) -> Plan | None:
    """The act of rows that came from the same units on a day; None where a person must decide."""
    units = [row.record for row in group if isinstance(row.record, AdministrativeUnit)]
    ids = {unit.id for unit in units}
    if len(codes) > 1:
        # Several out of several: which came of which is nowhere said.
        return planning.merge(store, codes, units[0], start, by) if len(units) == 1 else None
    (code,) = codes
    if code not in ids and not _ended(code, start, city):
        return None
    if len(units) > 1:
        return planning.split(store, code, units, start, by)
    former = planning.in_force(store, RecordKind.UNITS, code, start)
    renamed = getattr(former, "name", "") != units[0].name
    act = planning.rename if renamed else planning.move
    return act(store, code, units[0], start, by)


def _lines_left(store: Store, plan: Plan, file: str, row: ReadRow, start: date) -> Iterator[Issue]:
    """What to say of lines that are as they were: a file of units does not redraw them."""
    results = {change.record.id for change in plan.changes if change.record.period.start == start}
    several = plan.act in {Act.SPLIT, Act.MERGE}
    units = {
        unit.code
        for unit in plan.sources
        if isinstance(unit, AdministrativeUnit) and (several or unit.id not in results)
    }
    lines = sorted(line.code for line in lines_of(store, units, start))
    if lines:
        told = {"codes": " ".join(sorted(units)), "lines": " ".join(lines)}
        yield _issue("lines_left", file, row, told)


def _is_there(store: Store, row: ReadRow, start: date) -> bool:
    """Whether the register has the record from that day: another file said so before."""
    try:
        known = store.get(RecordKind.UNITS, row.record.id, as_of=start)
    except NotFound:
        return False
    return known.period.start == start


def _ended(code: DivisionCode, day: date, city: CityProfile) -> bool:
    """Whether the table of codes says that a unit was no more on the day."""
    history = city.code_history(code.county)
    return bool(history) and not any(row.period.covers(day) for row in history)


def is_renamed(known: Record, record: Record) -> bool:
    """Whether a row tells of another name that holds from a day after the known one began."""
    if not isinstance(known, NamedPlace | AdministrativeUnit | Road):
        return False
    start, before = record.period.start, known.period.start
    later = start is not None and before is not None and before < start
    return later and known.name != getattr(record, "name", "")


def other_former_name(row: ReadRow, known: Record, file: str) -> Iterator[Issue]:
    """What to say where the former name of a row is not the one that the register has."""
    former, name = row.former.name, getattr(known, "name", "")
    if former and former != name:
        yield _issue("former_name_differs", file, row, {"value": former, "known": name})


def annulled(store: Store, kind: RecordKind, row: ReadRow, file: str) -> Iterator[Issue]:
    """What to say where the last word on a record was that it never held."""
    last = deque(store.log(kind=kind, record_id=row.record.id), maxlen=1)
    if last and last[0].operation is Operation.VOID:
        values = {"id": row.record.id, "reason": last[0].reason, "actor": last[0].actor}
        yield _issue("record_annulled", file, row, values)


def write(
    store: Store, work: UnitOfWork, changes: Sequence[Change], plans: Sequence[Plan], by: Signed
) -> None:
    """Write the changes of rows, then the acts; what is an act says so in the log, by number."""
    work.append(_numbered(store, changes, by))
    for plan in plans:
        basis = _basis(store, plan.act, by)
        work.append([replace(change, basis=basis) for change in plan.changes])


def _numbered(store: Store, changes: Sequence[Change], by: Signed) -> Iterator[Change]:
    first = store.log_mark().sequence + 1
    for number, change in enumerate(changes, start=first):
        if change.operation is Operation.REVISE:
            told = Basis(act=Act.RENAME, event=number, document_no=by.document_no)
            yield replace(change, basis=str(told))
        else:
            yield change


def _basis(store: Store, act: Act, by: Signed) -> str:
    event = store.log_mark().sequence + 1
    return str(Basis(act=act, event=event, document_no=by.document_no))


_FIELDS = {"former_name_differs": "former_name", "record_annulled": ""}


def _issue(code: str, file: str, row: ReadRow, values: Mapping[str, str | Text]) -> Issue:
    field = _FIELDS.get(code, "predecessors")
    return Issue(Level.WARNING, code, file, row.number, field, values)
