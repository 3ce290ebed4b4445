"""A clerk's work in a fixed order, so that what a store must hold is known from a number alone.

Run as a program it works until it is killed, and says each deed once it is acknowledged:
`python -m geo_service.services.benching.durability.deeds URL ROWS [COUNT]`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import GeoServiceError
from geo_service.services.interchange.importing import import_file
from geo_service.services.register import planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from geo_service.services.register.planning import Plan
    from geo_service.store.sql_store import SqlStore

PLACES = RecordKind.PLACE_NAMES
BEFORE, FIRST, THEN, AFTER = (date(year, 1, 1) for year in (2015, 2020, 2022, 2024))
"""Records hold from `FIRST` on and become others on `THEN`; the outer days are for asking."""
ROUND = 6
"""Deeds that come again and again: an import, two records made, one renamed, moved, retired."""
_CITY, _UNIT = "990100", DivisionCode("990101")
_BY = Signed(actor="经办人甲", reason="试", document_no="示例文 1 号")
_TODAY = date(2026, 6, 1)

Content = dict[str, tuple[str, float, float]]
"""Name, longitude and latitude of each record, by id."""


def entries_of(number: int, rows: int) -> int:
    """Log entries after so many deeds, where an import has so many rows."""
    rounds, rest = divmod(number, ROUND)
    return rounds * (rows + ROUND - 1) + rest


def imports_of(number: int) -> int:
    """Imports among so many deeds."""
    return number // ROUND


def deeds_in(entries: int, rows: int) -> int | None:
    """Deeds that a log of so many entries holds; None where the last of them is not whole."""
    rounds, rest = divmod(entries, rows + ROUND - 1)
    return rounds * ROUND + rest if rest < ROUND else None


def content(number: int, rows: int, day: date) -> Content:
    """What a store must hold on a day after so many deeds."""
    held: Content = {}
    for deed in range(1, number + 1):
        kind, changed = deed % ROUND, day >= THEN
        if kind == 0:
            held |= {f"I-{deed}-{row}": _imported(deed, row) for row in range(rows)}
        elif day < FIRST:
            continue
        elif kind in (1, 3):
            held[f"P-{deed}"] = _made(deed)
        elif kind == 2 and changed:
            _name, x, y = held[f"P-{deed - 1}"]
            held[f"P-{deed - 1}"] = (_renamed(deed), x, y)
        elif kind == 4 and changed:
            name, x, y = held[f"P-{deed - 1}"]
            held[f"P-{deed - 1}"] = (name, x, y + 0.25)
        elif kind == 5 and day >= AFTER:
            del held[f"P-{deed - 4}"]
    return held


def _imported(deed: int, row: int) -> tuple[str, float, float]:
    return f"甲{deed}乙{row}路", 119.5 + row % 1000 / 10000, 38.5 + row // 1000 / 10000


def _made(deed: int) -> tuple[str, float, float]:
    return f"示例{deed}路", 119.25 + deed % 1000 / 10000, 38.25


def _renamed(deed: int) -> str:
    return f"示范{deed}路"


def perform(store: SqlStore, number: int, rows: int, folder: Path) -> None:
    """Do one deed. Raises what the store raises; nothing of the deed is kept then."""
    if number % ROUND == 0:
        _import(store, number, rows, folder)
    else:
        carry_out(store, _plan(store, number))


def _plan(store: SqlStore, number: int) -> Plan:
    kind, former = number % ROUND, f"P-{number - 1}"
    if kind in (1, 3):
        return planning.create(store, _record(number), _BY)
    if kind == 5:
        return planning.retire(store, PLACES, f"P-{number - 4}", AFTER, _BY)
    place = store.get(PLACES, former, as_of=THEN)
    assert isinstance(place, NamedPlace)  # noqa: S101 - the kind asked for
    if kind == 2:
        return planning.rename(store, former, replace(place, name=_renamed(number)), THEN, _BY)
    _name, x, y = _made(number - 1)
    return planning.move(
        store, former, replace(place, geometry=shapely.Point(x, y + 0.25)), THEN, _BY
    )


def _record(number: int) -> NamedPlace:
    name, x, y = _made(number)
    return NamedPlace(
        id=f"P-{number}",
        name=name,
        feature_type=FeatureType.ROAD,
        unit_code=_UNIT,
        provenance=Provenance("示例", force=Force.SYNTHETIC),
        geometry=shapely.Point(x, y),
        period=Period(FIRST),
    )


def _import(store: SqlStore, number: int, rows: int, folder: Path) -> None:
    path = folder / "names.csv"
    lines = (
        f"I-{number}-{row},{name},road,{x:.6f},{y:.6f},{_UNIT}"
        for row, (name, x, y) in enumerate(_imported(number, row) for row in range(rows))
    )
    head = "id,name,feature_type,lon,lat,unit_code"
    path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    city = cities.city(_CITY)
    report = import_file(
        store, path, PLACES, city=city, actor=_BY.actor, now=utc_now(), today=_TODAY
    )
    assert report.stored == rows, report.to_json("en")  # noqa: S101 - the file is right


def _told(url: str, rows: int, count: int) -> Iterator[str]:
    with closing(open_store(url, create=True)) as store, tempfile.TemporaryDirectory() as name:
        number = deeds_in(store.log_mark().sequence, rows)
        assert number is not None, "half a deed"  # noqa: S101 - never go on from such a store
        yield f"ready {number}"
        for _deed in range(count):
            number += 1
            perform(store, number, rows, Path(name))
            yield f"done {number} {store.log_mark().hash}"


def _work(url: str, rows: int, count: int) -> None:
    try:
        for line in _told(url, rows, count):
            _say(line)
    except GeoServiceError as error:
        _say(f"refused {error.code}")
        sys.exit(error.exit_code)


def tell(pipe: Connection, url: str, rows: int) -> None:
    """Work in this process until it is killed, and say into a pipe what a program would print."""
    for stream in (sys.stdout, sys.stderr):
        os.dup2(pipe.fileno(), stream.fileno())
    _work(url, rows, sys.maxsize)


def _say(line: str) -> None:
    """Tell whoever started this, in one piece."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else sys.maxsize)
