"""A search of what was known at a moment: as a naive model says, and as it was answered then."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import shapely

from geo_service.domain.change import Operation
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.services.register_then import as_known
from geo_service.services.search import MAX_LIMIT, SearchRequest, search, search_json
from geo_service.services.searching.index import NameIndex
from geo_service.services.searching.matching import Match

NAMES = ("云岭路", "云岭东路", "云陵路", "海月街", "海悦街", "长宁里", "宁长里", "云岭公园")
WRITTEN = ("云岭", "海月街", "长", "路", "云")
HEARD = ("yunlinglu", "yld", "云领路", "haiyue")
PLACE = (119.5, 38.5)
IDS = [f"{kind}-{number}" for kind in ("P", "RD") for number in range(5)]


@dataclass
class Version:
    """A version of a record that stands: the years it holds, its name and unit."""

    start: int
    end: int | None
    name: str
    unit: str | None


Register = dict[str, list[Version]]


def year(number: int | None) -> date | None:
    return None if number is None else date(2000 + number, 1, 1)


def act(chance: random.Random, versions: list[Version]) -> Operation | None:
    """Do something to the last version of a record in the model, and say what; None for nothing."""
    name, unit = chance.choice(NAMES), chance.choice([None, "990101", "990102"])
    if not versions:
        versions.append(Version(0, None, name, unit))
        return Operation.CREATE
    last = versions[-1]
    if last.end is not None:
        return None
    operation = chance.choice([Operation.CORRECT, Operation.REVISE, Operation.RETIRE])
    if operation is Operation.CORRECT:
        last.name, last.unit = name, unit
    elif operation is Operation.REVISE:
        last.end = last.start + 2
        versions.append(Version(last.end, None, name, unit))
    else:
        last.end = last.start + 1
    return operation


def steps(chance: random.Random, build: Any) -> Iterator[tuple[list[Any], Register]]:
    """Transactions, each with the register as it stands afterwards."""
    model: Register = {id: [] for id in IDS}
    counts = dict.fromkeys(IDS, 0)
    for _transaction in range(12):
        changes = []
        for id in chance.sample(IDS, 3):
            operation = act(chance, model[id])
            if operation is None:
                continue
            changes.append(
                build.change(record(chance, build, id, model[id][-1]), operation, counts[id])
            )
            counts[id] += 1
        yield changes, copy.deepcopy(model)


def record(chance: random.Random, build: Any, id: str, version: Version) -> Any:
    told: dict[str, Any] = {
        "name": version.name,
        "unit_code": None if version.unit is None else DivisionCode(version.unit),
        "period": Period(year(version.start), year(version.end)),
    }
    x, y = PLACE[0] + chance.randrange(9) / 100, PLACE[1]
    if id.startswith("RD"):
        return build.road(id, geometry=shapely.LineString([(x, y), (x + 0.01, y)]), **told)
    return build.place(id, geometry=chance.choice([None, shapely.Point(x, y)]), **told)


def expected(model: Register, text: str, day: date, unit: str | None) -> list[tuple[str, str]]:
    """Ids and names that hold the text on the day, one after the other looked at."""
    return sorted(
        (id, version.name)
        for id, versions in model.items()
        for version in versions
        if year(version.start) <= day and (version.end is None or day < year(version.end))
        if text in version.name and (unit is None or version.unit == unit)
    )


@pytest.mark.parametrize("seed", range(3))
def test_what_was_known_is_found_as_the_model_says_and_as_it_was_told_then(
    seed, store, write, build, clock
):
    chance = random.Random(seed)  # noqa: S311 - a repeatable draw, no secret
    index, moments = NameIndex(store), []
    asked = [
        SearchRequest(
            text,
            year(chance.randrange(8)),
            chance.choice([None, PLACE]) if text else PLACE,
            chance.choice([None, None, DivisionCode("990101")]),
            MAX_LIMIT,
        )
        for text in [*WRITTEN, *HEARD, ""] * 3
    ]
    for changes, model in [([], {}), *steps(chance, build)]:
        write(*changes)
        told = [search_json(search(request, index, store), "zh") for request in asked]
        moments.append((clock.now, model, told))
    assert len({str(told) for _, _, told in moments}) > 8, "the answers changed with the register"
    for moment, model, told in moments:
        view = as_known(store, moment)
        then = NameIndex(view)
        pages = [search(request, then, view) for request in asked]
        assert [search_json(page, "zh") for page in pages] == told
        for page in pages:
            found = [
                hit for hit in page.hits if hit.match in {Match.SAME, Match.PREFIX, Match.INSIDE}
            ]
            if page.request.text in WRITTEN:
                request = page.request
                wanted = expected(model, request.text, request.as_of, request.unit)
                assert sorted((hit.place.id, hit.place.name) for hit in found) == wanted
                assert {hit.kind.value == "roads" for hit in found} == {
                    id.startswith("RD") for id, _ in wanted
                }
