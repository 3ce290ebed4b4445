"""Many records looked up at once, and filed at once: as one by one, and without reading tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from geo_service.domain.change import Operation, RecordKind
from geo_service.language.normalise import normal_form
from geo_service.store import projector, sql, sql_store
from geo_service.store.schema import LAYER_OF

KIND = RecordKind.PLACE_NAMES


def test_versions_of_many(
    store: Any, build: Any, write: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However they fall into batches; asked twice, or never written."""
    monkeypatch.setattr(sql_store, "BATCH", 3)
    write(*(build.place(f"P-{i}") for i in range(8)))
    write(build.change(build.place("P-3", name="改名路"), Operation.CORRECT, 1))
    asked = [f"P-{i}" for i in (7, 3, 3, 99, 0, 5, 3)]

    found = store.versions(KIND, iter(asked))

    assert found == {"P-7": 1, "P-3": 2, "P-0": 1, "P-5": 1}
    assert found == {one: store.version(KIND, one) for one in asked if one != "P-99"}
    assert store.versions(KIND, []) == {}


def test_server_finds_versions_by_the_index_from_the_first_row_on(server_store: Any) -> None:
    """A plan made for an empty table serves while a load fills it: it must not read the whole."""
    table = LAYER_OF[KIND].table
    with server_store.transaction(write=False) as db:
        plan = db.execute(f"EXPLAIN {sql.standing(table, db.dialect)}", ('["P-1"]',)).fetchall()

    said = "\n".join(line for (line,) in plan)
    assert f"{table}_by_id" in said
    assert f"Seq Scan on {table}" not in said


@pytest.mark.parametrize("at_once", [1, 4, 1000])
def test_names_are_filed_however_many_at_once(
    store: Any, build: Any, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(projector, "NAMES_AT_ONCE", at_once)
    names = [f"示例{sign}路" for sign in "甲乙丙丁戊己庚"]
    with store.begin() as work:
        work.append(
            build.change(build.place(f"P-{i}", name=name)) for i, name in enumerate(names[:4])
        )
        # What is filed by one append is found before the next, in the same transaction.
        found = store.places_like(written=[normal_form(names[2])])
        work.append(
            build.change(build.place(f"P-{i}", name=names[i])) for i in range(4, len(names))
        )

    assert [place.id for place in found] == ["P-2"]
    for number, name in enumerate(names):
        assert [p.id for p in store.places_like(written=[normal_form(name)])] == [f"P-{number}"]
    assert store.names_indexed()
