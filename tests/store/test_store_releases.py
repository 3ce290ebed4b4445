"""Stores of every schema, made by the programs of their time: refused, upgraded, and read alike."""

from __future__ import annotations

import gzip
import importlib.util
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType
from geo_service.errors import StoreError
from geo_service.language.likeness_keys import probe_keys
from geo_service.store import blobs, migrations
from geo_service.store.copying import copy_store
from geo_service.store.ewkb import ewkb
from geo_service.store.manifests import STORE, read_manifest
from geo_service.store.opening import open_store
from geo_service.store.restoring import restore
from geo_service.store.session import connect

DATA = Path(__file__).parents[1] / "data" / "stores"
OLD = sorted(DATA.glob("schema-*.gpkg.gz"))
NEWEST = max(step.number for step in migrations.all_migrations())
DAYS = [None, date(2005, 1, 1), date(2015, 1, 1), date(2025, 1, 1)]
MOMENTS = [None, *(datetime(2024, 1, 1, 0, 0, second, tzinfo=UTC) for second in (2, 4, 6))]
SINCE = {RecordKind.ACCEPTED_PAIRS: 3, RecordKind.FINDINGS: 4, RecordKind.REVIEW_RUNS: 4}
SINCE |= {RecordKind.PERSONAL_VALUES: 6, RecordKind.DOCUMENTS: 7, RecordKind.ATTACHMENTS: 7}
SINCE |= {RecordKind.ROADS: 8, RecordKind.DRAFTS: 9}


def number_of(path: Path) -> int:
    return int(path.name.split("-")[1].split(".")[0])


@pytest.fixture(params=OLD, ids=lambda path: path.name)
def old(request, tmp_path) -> tuple[int, Path]:
    path = tmp_path / "s.gpkg"
    path.write_bytes(gzip.decompress(request.param.read_bytes()))
    return number_of(request.param), path


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows that an upgrade must not touch, by table."""
    with closing(sqlite3.connect(path)) as db:
        found = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        layers = {"place_names", "units", "boundary_lines", "boundary_nodes", "markers"}
        layers |= {"accepted_pairs", "findings", "review_runs", "roads", "drafts", "change"}
        said = {name: db.execute(f"SELECT * FROM {name}").fetchall() for name in found & layers}  # noqa: S608
        said["receipt"] = db.execute(
            "SELECT digest, stored, report_json, recorded_at FROM receipt ORDER BY digest"
        ).fetchall()
    return said


def reads(store, kinds: list[RecordKind]) -> list[object]:
    keys = probe_keys("东风路", FeatureType.ROAD)
    return [
        *(
            store.records(kind, as_of=day, known_at=moment)
            for kind in kinds
            for day in DAYS
            for moment in MOMENTS
        ),
        store.places_like(written=[], keys=keys, as_of=DAYS[1]),
        # Where an upgrade sealed them, the log had grown by then.
        [replace(store.receipt(digit * 64), sequence=0) for digit in "ab"],
        list(store.log())[:15],
    ]


@pytest.fixture
def now(tmp_path):
    """The same content written by this program."""
    spec = importlib.util.spec_from_file_location("build", DATA / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    build.main(tmp_path / "now.gpkg")
    with closing(open_store(f"gpkg:{tmp_path}/now.gpkg")) as made:
        yield made


def test_there_is_a_store_of_every_schema():
    assert {number_of(path) for path in OLD} >= set(range(1, 10))


def test_an_old_store_is_refused_until_it_is_upgraded_and_then_reads_as_ever(old, now):
    schema, path = old
    before, kinds = tables(path), [k for k in RecordKind if SINCE.get(k, 1) <= schema]
    if schema < NEWEST:
        with pytest.raises(StoreError) as caught:
            open_store(f"gpkg:{path}")
        assert caught.value.code == "store_outdated"
    with closing(open_store(f"gpkg:{path}", create=True)) as store:
        assert (store.info()["schema"], store.verify().sound) == (str(NEWEST), True)
        assert (store.integrity(), store.undeclared(), store.names_indexed()) == ("ok", [], True)
        assert reads(store, kinds) == reads(now, kinds)
    after = tables(path)
    assert {name: after[name] for name in before} == before


def test_the_state_before_an_upgrade_is_kept_and_comes_back(old, now, tmp_path, clock):
    schema, path = old
    before = tables(path)
    open_store(f"gpkg:{path}", create=True).close()
    open_store(f"gpkg:{path}", create=True).close()
    kept = list(path.parent.glob(f"s-before-schema-{NEWEST}-*"))
    assert len(kept) == (schema < NEWEST)
    for folder in kept:
        assert (read_manifest(folder).schema, tables(folder / STORE)) == (schema, before)
        done = restore(folder, f"gpkg:{tmp_path}/again.gpkg", clock())
        assert (done.manifest.schema, done.schema) == (schema, NEWEST)
        with closing(open_store(f"gpkg:{tmp_path}/again.gpkg")) as again:
            assert again.verify().sound
        after = tables(tmp_path / "again.gpkg")
        assert {name: after[name] for name in before} == before


@pytest.fixture
def old_server(old, server):
    """The same rows in tables that the migrations of that time made on a server."""
    schema, path = old
    with server.database("bare") as name, closing(sqlite3.connect(path)) as file:
        db = connect(server.url(name))
        with closing(db.connection), db.connection.transaction():
            db.execute("CREATE SCHEMA geo_service")
            migrations.create_ledger(db, "2024-01-01T00:00:00.000Z", "sha256")
            migrations.upgrade(db, name, "2024-01-01T00:00:00.000Z", upto=schema)
            for table in [*tables(path), "name_index"]:
                found = file.execute(f"SELECT * FROM {table}")  # noqa: S608 - a test
                columns = tuple(column[0] for column in found.description)
                rows = [
                    [to_server(value, column) for value, column in zip(row, columns, strict=True)]
                    for row in found
                ]
                db.insert_rows(table, columns, rows)
        yield schema, server.url(name)


def to_server(value, column):
    if column != "geom" or value is None:
        return value
    (shape,) = blobs.geometries([value])
    return ewkb(blobs.to_wkb([shape])[0][0])


def test_an_old_server_is_backed_up_in_its_own_schema_and_upgraded(old, old_server, now, tmp_path):
    schema, url = old_server
    kinds = [kind for kind in RecordKind if SINCE.get(kind, 1) <= schema]
    if schema < NEWEST:
        with pytest.raises(StoreError) as caught:
            open_store(url)
        assert caught.value.code == "store_outdated"
    with closing(open_store(url, create=True, backups=tmp_path / "kept")) as store:
        assert (reads(store, kinds), store.verify().sound) == (reads(now, kinds), True)
        assert (store.undeclared(), store.names_indexed()) == ([], True)
    kept = list(tmp_path.glob(f"kept/geo-service-before-schema-{NEWEST}-*"))
    assert len(kept) == (schema < NEWEST)
    for folder in kept:
        assert read_manifest(folder).schema == schema
        assert tables(folder / STORE) == tables(old[1])


def test_a_server_that_cannot_be_backed_up_is_not_upgraded(old_server, tmp_path):
    schema, url = old_server
    if schema == NEWEST:
        return
    (tmp_path / "taken").write_text("x")
    with pytest.raises(StoreError) as caught:
        open_store(url, create=True, backups=tmp_path / "taken")
    assert caught.value.code == "backup_failed"
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert caught.value.code == "store_outdated"


def test_an_upgraded_store_moves_to_a_server_without_loss(old, server, now):
    schema, path = old
    kinds = [kind for kind in RecordKind if SINCE.get(kind, 1) <= schema]
    with server.database() as name, closing(open_store(server.url(name))) as there:
        with closing(open_store(f"gpkg:{path}", create=True)) as store:
            copy_store(store, there)
        assert (reads(there, kinds), there.verify().sound) == (reads(now, kinds), True)


def test_a_newer_schema_is_refused_and_left_alone(old):
    _schema, path = old
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO migration VALUES (9999, '9999_future', 'x', '2030-01-01')")
    before = path.read_bytes()
    for create in (False, True):
        with pytest.raises(StoreError) as caught:
            open_store(f"gpkg:{path}", create=create)
        assert caught.value.code == "store_too_new"
    assert path.read_bytes() == before
