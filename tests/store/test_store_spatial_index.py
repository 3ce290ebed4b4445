"""The spatial index after loads of any size: as SQLite, a plain search and the guards see it."""

from __future__ import annotations

import sqlite3
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.errors import Conflict, StoreError
from geo_service.store import spatial_index
from geo_service.store.ddl import guard_statements
from geo_service.store.opening import open_store
from geo_service.store.schema import LAYERS, TABLES

PLACES, LINES = RecordKind.PLACE_NAMES, RecordKind.BOUNDARY_LINES
RTREE = "rtree_place_names_geom"
WORLD = (-180.0, -90.0, 180.0, 90.0)


@pytest.fixture
def store(file_store):
    """What is asked here concerns the file alone."""
    return file_store


def opened(store) -> sqlite3.Connection:
    """The file as another program opens it, without our functions."""
    return sqlite3.connect(store.url.removeprefix("gpkg:"))


def shapes(count: int, seed: int) -> list[shapely.Geometry | None]:
    """Points, boxes and nothing, spread and in heaps, with edges that 32 bits cannot hold."""
    chance = np.random.default_rng(seed)
    west, south = chance.uniform(119, 121, count), chance.uniform(35, 37, count)
    heap = chance.random(count) < 0.3
    west[heap] = 120.38
    width = np.where(chance.random(count) < 0.5, 0.0, chance.exponential(0.1, count))
    found: list[shapely.Geometry | None] = [
        shapely.Point(x, y) if w == 0 else shapely.box(x, y, x + w, y + w / 3)
        for x, y, w in zip(west, south, width, strict=True)
    ]
    for place in np.flatnonzero(chance.random(count) < 0.1):
        found[place] = None
    return found


def meeting(records, box) -> list[str]:
    """What a search without an index finds."""
    west, south, east, north = box
    placed = [(r.id, r.geometry.bounds) for r in records if r.geometry is not None]
    return [
        id_
        for id_, (x0, y0, x1, y1) in placed
        if x1 >= west and x0 <= east and y1 >= south and y0 <= north
    ]


def assert_index_right(store, seed: int = 0) -> None:
    """SQLite finds the tree sound, each row is in it once, and searches find what is there."""
    db = opened(store)
    assert db.execute(f"SELECT rtreecheck('{RTREE}')").fetchone() == ("ok",)
    rows = "SELECT fid FROM place_names WHERE geom NOT NULL ORDER BY fid"
    entries = f"SELECT id FROM {RTREE} ORDER BY id"  # noqa: S608 - a test
    assert db.execute(entries).fetchall() == db.execute(rows).fetchall()
    db.close()
    records = store.records(PLACES)
    chance = np.random.default_rng(seed)
    for _search in range(5):
        x, y, w = chance.uniform(119, 121), chance.uniform(35, 37), chance.exponential(0.2)
        box = (x, y, x + w, y + w)
        found = [record.id for record in store.records(PLACES, box=box)]
        assert found == meeting(records, box)
    assert store.verify().sound


def places(build, count: int, seed: int, prefix: str = "P") -> list:
    return [
        build.change(build.place(id=f"{prefix}-{number:05d}", geometry=shape))
        for number, shape in enumerate(shapes(count, seed))
    ]


@pytest.mark.parametrize("count", [0, 1, 32, 33, 51, 52, 103, 2601, 2602, 3000])
def test_a_load_of_any_size_into_an_empty_layer(store, build, count):
    loaded = places(build, count, seed=count)
    with store.begin() as work:
        assert work.append(loaded) == count
    assert store.records(PLACES) == [change.record for change in loaded]
    assert [entry.sequence for entry in store.log()] == list(range(1, count + 1))
    assert_index_right(store)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    loads=st.lists(st.integers(1, 160), min_size=2, max_size=5),
    together=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_loads_one_after_the_other(tmp_path_factory, build, loads, together, seed):
    """Larger and smaller loads in turn: packed anew, or added to what is there."""
    store = open_store(f"gpkg:{tmp_path_factory.mktemp('loads')}/s.gpkg", create=True)
    batches = [places(build, n, seed + i, f"L{i}") for i, n in enumerate(loads)]
    if together:
        with store.begin() as work:
            for batch in batches:
                work.append(batch)
    else:
        for batch in batches:
            with store.begin() as work:
                work.append(batch)
    assert_index_right(store, seed)
    store.close()


def test_history_is_indexed_with_the_load_that_made_it(store, build):
    """A closed version is a row of its own, also where load and revision are one append."""
    start = Period(date(2000, 1, 1))
    later = Period(date(2020, 1, 1))
    before = build.place(period=start)
    after = build.place(period=later, geometry=shapely.Point(120.5, 36.5))
    nowhere = build.place(id="P-2", period=start, geometry=None)
    somewhere = build.place(id="P-2", period=later)
    with store.begin() as work:
        work.append(
            [
                build.change(before),
                build.change(nowhere),
                build.change(after, Operation.REVISE, 1),
                build.change(somewhere, Operation.REVISE, 1),
                *places(build, 60, seed=1, prefix="Q"),
            ]
        )
    assert_index_right(store)
    then = store.records(PLACES, as_of=date(2010, 1, 1), box=(120.3, 36, 120.4, 36.1))
    assert "P-1" in [record.id for record in then]


def test_rows_leave_and_enter_a_packed_tree_by_the_triggers(store, build):
    """What other programs do to the file later, SQLite does to the tree we packed."""
    with store.begin() as work:
        work.append(places(build, 3000, seed=7))
    db = opened(store)
    for edge in ("MinX", "MaxX", "MinY", "MaxY"):
        db.create_function(f"ST_{edge}", 1, lambda _geom: 120.25)
    db.create_function("ST_IsEmpty", 1, lambda _geom: 0)
    db.execute("PRAGMA trusted_schema = ON")
    db.execute("DELETE FROM place_names WHERE fid % 3 <> 0")
    db.execute("UPDATE place_names SET geom = geom WHERE fid % 2 = 0")
    db.commit()
    assert db.execute(f"SELECT rtreecheck('{RTREE}')").fetchone() == ("ok",)
    left = db.execute("SELECT count(*) FROM place_names WHERE geom NOT NULL").fetchone()
    assert db.execute(f"SELECT count(*) FROM {RTREE}").fetchone() == left  # noqa: S608 - a test
    db.close()


def test_the_writer_finds_what_it_appended_before_it_commits(store, build):
    with store.begin() as work:
        work.append(places(build, 200, seed=3))
        assert len(store.records(PLACES, box=WORLD)) > 100


def test_a_rebuilt_index_is_right(store, build):
    with store.begin() as work:
        work.append(places(build, 300, seed=5))
    assert store.rebuild() == 300
    assert_index_right(store)


def guards(store) -> dict[str, str]:
    db = opened(store)
    found = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    db.close()
    return found


ALL_GUARDS = guard_statements(LAYERS, TABLES)


def test_the_guards_stand_after_a_write_to_several_layers(store, build):
    with store.begin() as work:
        work.append([build.change(build.place()), build.change(build.line())])
        work.append([build.change(build.node())])
    assert guards(store) == ALL_GUARDS


def test_the_guards_stand_after_a_failed_write(store, build):
    stale = build.change(build.place(id="P-9"), Operation.CREATE, 4)
    with pytest.raises(Conflict), store.begin() as work:
        work.append([*places(build, 100, seed=2), stale])
    assert guards(store) == ALL_GUARDS
    assert store.count(PLACES) == 0


def test_a_failed_append_cannot_be_committed_though_its_error_is_caught(store, build):
    """Half of it was written and a guard is away: only undoing the whole is right."""
    stale = build.change(build.line(), Operation.CREATE, 4)
    with pytest.raises(StoreError) as caught, store.begin() as work:
        work.append([build.change(build.place(id="P-0"))])
        with pytest.raises(Conflict):
            work.append([*places(build, 100, seed=2), stale])
        with pytest.raises(StoreError):
            work.append([build.change(build.place(id="P-9"))])
    assert caught.value.code == "transaction_closed"
    assert guards(store) == ALL_GUARDS
    assert (store.count(PLACES), list(store.log())) == (0, [])
    assert store.verify().sound


def _forbidden(*_arguments):
    raise sqlite3.OperationalError("table rtree_place_names_geom_node may not be modified")


def _tree_of_one_leaf_too_few(*arguments, real=spatial_index.levels):
    leaves, *above = real(*arguments)
    yield leaves._replace(cells=leaves.cells[1:], holders=leaves.holders[1:])
    yield from above


@pytest.mark.parametrize("levels", [_forbidden, _tree_of_one_leaf_too_few])
def test_where_packing_fails_the_index_is_filled_box_by_box_and_says_so(
    store, build, monkeypatch, levels
):
    monkeypatch.setattr(spatial_index, "levels", levels)
    with pytest.warns(RuntimeWarning, match="请向开发者报告"), store.begin() as work:
        work.append(places(build, 200, seed=4))
    monkeypatch.undo()
    assert_index_right(store)
