"""How fast the embedded store takes and gives: `pytest benchmarks/bench_store.py`.

Every loaded row has its log entry, its place in the spatial index and its name keys.
"""

from __future__ import annotations

from itertools import count, product
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import normal_form
from geo_service.store.geopackage import GeoPackageStore
from geo_service.store.opening import open_store

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


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> GeoPackageStore:
    store = open_store(f"gpkg:{tmp_path_factory.mktemp('store')}/s.gpkg", create=True)
    with store.begin() as work:
        work.append(changes(ROWS))
    return store


def test_load_100k_points_with_log_entries(benchmark, tmp_path: Path) -> None:
    rows, number = changes(ROWS), count()

    def empty() -> tuple[tuple[GeoPackageStore], dict[str, object]]:
        return (open_store(f"gpkg:{tmp_path}/{next(number)}.gpkg", create=True),), {}

    def load(store: GeoPackageStore) -> None:
        with store.begin() as work:
            work.append(rows)

    benchmark.pedantic(load, setup=empty, rounds=3)
    benchmark.extra_info["features_per_s"] = round(ROWS / benchmark.stats.stats.min)
    print(f"\n{benchmark.extra_info['features_per_s']} features/s")


def test_one_change_committed(benchmark, loaded: GeoPackageStore) -> None:
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


def test_read_all_of_a_kind(benchmark, loaded: GeoPackageStore) -> None:
    assert len(benchmark.pedantic(loaded.records, (PLACES,), rounds=3)) >= ROWS


def test_read_a_small_box(benchmark, loaded: GeoPackageStore) -> None:
    assert benchmark(loaded.records, PLACES, box=(120.0, 36.0, 120.02, 36.02))


def test_find_names_alike(benchmark, loaded: GeoPackageStore) -> None:
    name = f"{SPECIFICS[0]}一路"
    keys = probe_keys(name, FeatureType.ROAD)
    assert benchmark(loaded.places_like, written=[normal_form(name)], keys=keys)


def test_verify_the_log(benchmark, loaded: GeoPackageStore) -> None:
    assert benchmark.pedantic(loaded.verify, rounds=1).sound
