"""How fast a store takes and gives: `pytest benchmarks/bench_store.py`.

Every loaded row has its log entry, its place in the spatial index and its name keys. The server
store comes along where BENCH_SERVER names a database of its own; the register in it is dropped.
"""

from __future__ import annotations

import os
from itertools import count, product
from pathlib import Path

import numpy as np
import psycopg
import pytest
import shapely

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import normal_form
from geo_service.store.opening import open_store
from geo_service.store.sql_store import SqlStore

PLACES = RecordKind.PLACE_NAMES
ROWS = 100_000
SOURCE = Provenance(source="示例", licence="CC0-1.0", force=Force.SYNTHETIC)
SPECIFICS = [
    "".join(pair) for pair in product("香山延宁福云珠海辽徐泰沂", "港东安夏州霄江阳西南岳水")
]


def changes(rows: int) -> list[Change]:
    """Invented roads at seeded points around 120° E, 36° N."""
    chance = np.random.default_rng(20240601)
    points = shapely.points(chance.uniform(119.5, 121, rows), chance.uniform(35.5, 37, rows))
    return [
        Change(
            operation=Operation.CREATE,
            record=NamedPlace(
                id=f"P-{number:07d}",
                name=f"{SPECIFICS[number % len(SPECIFICS)]}{'一二三四五六七八'[number % 8]}路",
                feature_type=FeatureType.ROAD,
                unit_code=DivisionCode("370202"),
                provenance=SOURCE,
                geometry=point,
            ),
            actor="导入",
            reason="基准测试",
            basis="sha256:" + "0" * 64,
        )
        for number, point in enumerate(points)
    ]


SERVER = os.environ.get("BENCH_SERVER", "")
BACK_ENDS = ["gpkg", *(["postgresql"] if SERVER else [])]


def fresh(back_end: str, folder: Path, number: int = 0) -> SqlStore:
    if back_end == "gpkg":
        return open_store(f"gpkg:{folder}/{number}.gpkg", create=True)
    with psycopg.connect(SERVER) as db:
        db.execute("DROP SCHEMA IF EXISTS geo_service CASCADE")
    return open_store(SERVER, create=True)


@pytest.fixture(scope="module", params=BACK_ENDS)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> SqlStore:
    store = fresh(request.param, tmp_path_factory.mktemp("store"))
    with store.begin() as work:
        work.append(changes(ROWS))
    return store


@pytest.mark.parametrize("back_end", BACK_ENDS)
def test_load_100k_points_with_log_entries(benchmark, tmp_path: Path, back_end: str) -> None:
    rows, number = changes(ROWS), count()

    def empty() -> tuple[tuple[SqlStore], dict[str, object]]:
        return (fresh(back_end, tmp_path, next(number)),), {}

    def load(store: SqlStore) -> None:
        with store.begin() as work:
            work.append(rows)

    benchmark.pedantic(load, setup=empty, rounds=3)
    benchmark.extra_info["features_per_s"] = round(ROWS / benchmark.stats.stats.min)
    print(f"\n{benchmark.extra_info['features_per_s']} features/s")


def test_one_change_committed(benchmark, loaded: SqlStore) -> None:
    number = count()

    def change() -> None:
        record = NamedPlace(
            id=f"N-{next(number)}",
            name="示例路",
            feature_type=FeatureType.ROAD,
            provenance=SOURCE,
            geometry=shapely.Point(120, 36),
        )
        with loaded.begin() as work:
            work.append(
                [Change(operation=Operation.CREATE, record=record, actor="甲", reason="试")]
            )

    benchmark(change)


def test_read_all_of_a_kind(benchmark, loaded: SqlStore) -> None:
    assert len(benchmark.pedantic(loaded.records, (PLACES,), rounds=3)) >= ROWS


def test_read_a_small_box(benchmark, loaded: SqlStore) -> None:
    assert benchmark(loaded.records, PLACES, box=(120.0, 36.0, 120.02, 36.02))


def test_find_names_alike(benchmark, loaded: SqlStore) -> None:
    name = f"{SPECIFICS[0]}一路"
    keys = probe_keys(name, FeatureType.ROAD)
    assert benchmark(loaded.places_like, written=[normal_form(name)], keys=keys)


def test_verify_the_log(benchmark, loaded: SqlStore) -> None:
    assert benchmark.pedantic(loaded.verify, rounds=1).sound
