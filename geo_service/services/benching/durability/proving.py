"""Is a store that was cut short as it was acknowledged? Each fault told, nothing where all is."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.services.benching.durability import deeds
from geo_service.store import sql
from geo_service.store.checkup import State, check_store
from geo_service.store.opening import open_store
from geo_service.store.schema import CHANGE, RECEIPT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import shapely

    from geo_service.domain.place import NamedPlace
    from geo_service.store.sql_store import SqlStore

_DAYS = (deeds.BEFORE, deeds.FIRST, deeds.THEN, deeds.AFTER)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The newest deed that was acknowledged, and the head of the log then ("" for none)."""

    number: int = 0
    head: str = ""

    @classmethod
    def last_in(cls, lines: str, before: Acknowledged) -> Acknowledged:
        """What whole lines of a worker say, `before` where they say nothing new."""
        for line in lines.splitlines(keepends=True):
            if line.startswith("done ") and line.endswith("\n"):
                _word, number, head = line.split()
                before = cls(int(number), head)
        return before


def faults_of(url: str, told: Acknowledged, rows: int, *, under_way: bool = True) -> Iterator[str]:
    """What is wrong with a store of `deeds`.

    It must hold all that was acknowledged and, with `under_way`, may hold the deed after it: as a
    whole, with its log entries, its receipt, its indexes.
    """
    for check in check_store(url):
        if check.state is not State.OK:
            yield f"check {check.key} {check.state} {dict(check.facts)}"
            if check.key == "opens":
                return
    with closing(open_store(url)) as store:
        yield from _departures(store, told, rows, under_way=under_way)


def _departures(
    store: SqlStore, told: Acknowledged, rows: int, *, under_way: bool
) -> Iterator[str]:
    with store.transaction(write=False) as db:
        (entries,) = db.execute(sql.rows_in(CHANGE.name)).fetchone()
        (receipts,) = db.execute(sql.rows_in(RECEIPT.name)).fetchone()
        head = db.execute(sql.HASH_OF, (deeds.entries_of(told.number, rows),)).fetchone()
    number = deeds.deeds_in(entries, rows)
    if number is None:
        yield f"half {entries} entries"
        return
    if number < told.number:
        yield f"lost {told.number - number} after {number}"
    if number > told.number + under_way:
        yield f"beyond {number} > {told.number}"
    if told.head and head != (told.head,):
        yield f"other {told.number}"
    if receipts != deeds.imports_of(number):
        yield f"receipts {receipts} of {number}"
    for day in _DAYS:
        if content_on(store, day) != deeds.content(number, rows, day):
            yield f"content {number} {day}"


def content_on(store: SqlStore, day: date) -> deeds.Content:
    """What the store says of a day, as `deeds.content` says it."""
    held: deeds.Content = {}
    for record in cast("list[NamedPlace]", store.records(deeds.PLACES, as_of=day)):
        point = cast("shapely.Point", record.geometry)
        held[record.id] = (record.name, round(point.x, 6), round(point.y, 6))
    return held
