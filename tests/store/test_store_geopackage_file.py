"""The file as other programs see it: GDAL opens it, Chinese is right, nothing is left out."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shapely

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.errors import StoreError
from geo_service.store.connection import connect
from geo_service.store.exporting import export_copy
from geo_service.store.schema import LAYERS, ColumnType

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
BOX = ("-spat", "120.45", "36.1", "120.6", "36.3")
PLACES = RecordKind.PLACE_NAMES


@pytest.fixture
def store(file_store):
    """What is asked here concerns the file alone."""
    return file_store


def file_of(store) -> Path:
    return Path(store.url.removeprefix("gpkg:"))


def ogrinfo(path: Path, *layer: str, options: tuple[str, ...] = ()) -> str:
    """What Debian's GDAL says of a file; any warning is an error."""
    done = subprocess.run(
        ["ogrinfo", "-ro", *options, str(path), *layer], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def filled(store, write, build):
    write(
        build.place(),
        build.place(id="P-2", name="𠮷祥里", geometry=shapely.Point(120.5, 36.2)),
        build.place(id="P-3", geometry=None),
        build.unit(),
        build.line(length_km=12.5),
        build.node(),
        build.marker(),
    )
    renamed = build.place(name="香港西路", period=Period(date(2020, 1, 1)))
    write(build.change(renamed, Operation.REVISE, 1))
    return store


def test_the_live_file_opens_in_gdal_with_every_layer_and_column(filled, tmp_path):
    copy = shutil.copy(file_of(filled), tmp_path / "copy.gpkg")
    listing = ogrinfo(copy)
    for layer in LAYERS:
        said = ogrinfo(copy, layer.table, options=("-so",))
        assert layer.table in listing
        assert 'ID["EPSG",4490]' in said
        for column in layer.columns[2:]:
            assert f"\n{column}: " in said, f"GDAL ignores {layer.table}.{column}"
    assert "change" in listing
    for internal in ("name_index", "receipt", "meta", "migration"):
        assert internal not in listing


def test_gdal_reads_chinese_and_the_true_extent(filled, tmp_path):
    copy = shutil.copy(file_of(filled), tmp_path / "copy.gpkg")
    said = ogrinfo(copy, "place_names")
    assert "name (String) = 𠮷祥里" in said
    assert "Extent: (120.380000, 36.060000) - (120.500000, 36.200000)" in said


def test_gdal_uses_our_spatial_index(filled, tmp_path):
    copy = shutil.copy(file_of(filled), tmp_path / "copy.gpkg")
    said = ogrinfo(copy, "place_names", options=("-so", *BOX))
    assert "Feature Count: 1" in said


def test_only_types_of_the_geopackage_standard_are_declared(filled):
    """GDAL and QGIS drop a VARCHAR column with no more than a warning."""
    db = sqlite3.connect(file_of(filled))
    geometries = {"GEOMETRY", "POINT"}
    for layer in LAYERS:
        for _number, name, declared, *_rest in db.execute(f"PRAGMA table_info({layer.table})"):
            assert declared in {*ColumnType, *geometries}, f"{layer.table}.{name} {declared}"
    db.close()


def test_the_file_says_it_is_a_geopackage_and_is_sound(filled):
    db = connect(file_of(filled))
    assert db.execute("PRAGMA application_id").fetchone()[0].to_bytes(4) == b"GPKG"
    assert db.execute("PRAGMA user_version").fetchone() == (10300,)
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()


def test_a_row_added_by_another_program_reaches_the_index_through_the_triggers(filled):
    """And is found out: the register knows nothing of it."""
    db = connect(file_of(filled))
    db.execute(
        "INSERT INTO boundary_nodes (geom, id, version, sequence, recorded_at, node_kind, units,"
        " source, licence, force, label, note) SELECT geom, 'N-9', 1, 1, recorded_at, node_kind,"
        " units, source, licence, force, label, note FROM boundary_nodes"
    )
    assert db.execute("SELECT count(*) FROM rtree_boundary_nodes_geom").fetchone() == (2,)
    db.execute("DELETE FROM boundary_nodes WHERE id = 'N-1'")
    assert db.execute("SELECT count(*) FROM rtree_boundary_nodes_geom").fetchone() == (1,)
    db.close()
    assert not filled.verify().sound


def test_the_triggers_understand_points_without_a_box(filled):
    """GDAL leaves the box out of the header of points."""
    db = connect(file_of(filled))
    bare = b"GP\x00\x01" + (4490).to_bytes(4, "little") + shapely.to_wkb(shapely.Point(121, 37))
    db.execute("UPDATE boundary_nodes SET geom = ? WHERE id = 'N-1'", (bare,))
    box = db.execute("SELECT minx, maxx, miny, maxy FROM rtree_boundary_nodes_geom").fetchone()
    assert box == pytest.approx((121, 121, 37, 37))
    db.close()


def test_the_journal_is_never_the_write_ahead_log(filled):
    """SQLite 3.7.0 to 3.51.2 can corrupt a file in WAL mode with two writers."""
    path = file_of(filled)
    filled.close()
    other = sqlite3.connect(path)
    assert other.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    other.close()
    db = connect(path)
    assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert db.execute("PRAGMA synchronous").fetchone() == (3,)
    db.close()


def test_the_last_change_of_a_layer_is_that_of_its_last_entry(filled, write, build, clock):
    write(build.unit("370203"))
    db = connect(file_of(filled))
    changed = dict(db.execute("SELECT table_name, last_change FROM gpkg_contents"))
    db.close()
    assert changed["units"] == f"{clock.now:%Y-%m-%dT%H:%M:%S}.000Z"
    assert changed["units"] > changed["markers"]


@pytest.fixture
def copied(filled, tmp_path):
    """`copied(day)` writes a copy and names it."""

    def run(day):
        target = tmp_path / "copy.gpkg"
        count = export_copy(
            filled, target, as_of=day, now=NOW, notice="内部", notice_of=lambda _record: "内部"
        )
        return target, count

    return run


def test_a_copy_has_one_row_a_record_as_of_the_day(copied):
    target, count = copied(date(2010, 1, 1))
    assert count == 7
    said = ogrinfo(target, "place_names")
    assert "Feature Count: 3" in said
    assert "香港中路" in said
    assert "香港西路" not in said
    assert 'ID["EPSG",4490]' in said
    assert "superseded_at" not in said
    copied(date(2021, 1, 1))
    assert "香港西路" in ogrinfo(target, "place_names")


def test_the_index_of_a_copy_works(copied):
    target, _count = copied(date(2021, 1, 1))
    assert "Feature Count: 1" in ogrinfo(target, "place_names", options=("-so", *BOX))
    assert "Extent: (120.380000, 36.060000)" in ogrinfo(target, "place_names", options=("-so",))


def test_a_copy_and_each_of_its_rows_bear_the_notice(copied):
    target, count = copied(date(2021, 1, 1))
    assert "DESCRIPTION=地名（内部）" in ogrinfo(target, "place_names")
    told = [ogrinfo(target, layer.table).count("notice (String) = 内部") for layer in LAYERS]
    assert sum(told) == count


def test_a_copy_reads_back_the_same_through_gdal(copied, tmp_path):
    target, _count = copied(date(2021, 1, 1))
    out = tmp_path / "out.geojson"
    subprocess.run(
        ["ogr2ogr", "-f", "GeoJSON", out, target, "boundary_lines"],
        check=True,
        env={"PATH": "/usr/bin"},
    )
    (feature,) = json.loads(out.read_text())["features"]
    assert feature["properties"]["length_km"] == 12.5
    assert feature["geometry"]["coordinates"] == [[120.0, 36.0], [120.2, 36.1]]


def test_a_copy_that_fails_leaves_the_former_file_and_no_draft(copied, tmp_path, monkeypatch):
    target = tmp_path / "copy.gpkg"
    target.write_bytes(b"former")
    monkeypatch.setattr(
        "geo_service.store.exporting.register_layer", _raise(sqlite3.OperationalError("no"))
    )
    with pytest.raises(StoreError):
        copied(date(2021, 1, 1))
    assert target.read_bytes() == b"former"
    assert [path.name for path in tmp_path.glob(".*")] == []


def _raise(error):
    def raising(*_arguments):
        raise error

    return raising
