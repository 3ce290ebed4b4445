"""`geo-service register changes`: what changed of a unit between two days or two moments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from geo_service.cli.options import (
    JsonOption,
    KnownAtOption,
    LangOption,
    RecordsAsOfOption,
    StoreOption,
    print_json,
    say,
    tell,
)
from geo_service.cli.register_options import (
    CsvOption,
    FromOption,
    RecordedFromOption,
    RecordedToOption,
    ToOption,
    UnitArgument,
)
from geo_service.cli.register_running import opened

if TYPE_CHECKING:
    from datetime import date, datetime

    from geo_service.compose import Services
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.text import Lang
    from geo_service.services.register.changes import KindChanges


def changes(
    unit: UnitArgument,
    start: FromOption = None,
    end: ToOption = None,
    recorded_from: RecordedFromOption = None,
    recorded_to: RecordedToOption = None,
    as_of: RecordsAsOfOption = None,
    known_at: KnownAtOption = None,
    csv: CsvOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
    store: StoreOption = None,
) -> None:
    """两日之间或两个登记时刻之间单位的变化 / what changed of a unit between two days or moments."""
    from geo_service.domain.identity import DivisionCode
    from geo_service.services.register.change_sheet import write_csv
    from geo_service.services.register.telling import changes_json

    code = DivisionCode.parse(unit)
    days, moments = (start, end), (recorded_from, recorded_to)
    with opened(store) as services:
        day = as_of or services.today()
        found = _found(services, code, days, moments, day, known_at)
    clock = "valid" if start else "recorded"
    first, last = (str(days[0]), str(days[1])) if start else _stamps(*moments)
    if csv is not None:
        write_csv(csv, found, lang)
    if json_:
        seen = {"known_at": known_at.isoformat() if known_at else None} if start else {}
        seen |= {} if start else {"as_of": str(day)}
        facts = {"unit": code, "clock": clock, "from": first, "to": last, **seen}
        print_json({**facts, "kinds": changes_json(found)})
        return
    count = sum(len(of.differing) for of in found)
    between = sum(len(of.happened) for of in found)
    key = f"register.changed_{clock}"
    tell(say(key, lang, unit=code, start=first, end=last, day=day, count=count, between=between))
    if count or between:
        _show(found, lang)


def _found(
    services: Services,
    code: DivisionCode,
    days: tuple[date | None, date | None],
    moments: tuple[datetime | None, datetime | None],
    day: date,
    known_at: datetime | None,
) -> tuple[KindChanges, ...]:
    from geo_service.services.register.changes import changes_between, changes_recorded

    store, plane = services.store, services.city.plane_epsg
    match (*days, *moments):
        case (start, end, None, None) if start and end:
            span = (start, end)
            return changes_between(store, code, span, plane_epsg=plane, known_at=known_at)
        case (None, None, first, last) if first and last and known_at is None:
            return changes_recorded(store, code, (first, last), as_of=day, plane_epsg=plane)
        case _:
            text = "须给出 --from 和 --to，或 --recorded-from 和 --recorded-to / give one pair"
            raise typer.BadParameter(text)


def _stamps(*moments: datetime | None) -> tuple[str, ...]:
    return tuple("" if moment is None else moment.isoformat() for moment in moments)


def _show(found: Sequence[KindChanges], lang: Lang) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from geo_service.language.normalise import visible
    from geo_service.services.register.change_sheet import lines, titles

    table = Table(box=SIMPLE_HEAD)
    for title in titles(lang):
        table.add_column(title, overflow="fold")
    for line in lines(found, lang):
        table.add_row(*map(visible, line))
    Console(highlight=False, markup=False, emoji=False).print(table)
