"""Every format out and in again: text exact, places to a millimetre, or it is said what is lost."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

sys.path.insert(0, str(Path(__file__).parent))
from register_records import MAKERS, records_of

from geo_service import cities
from geo_service.domain.change import Change, Operation, Record, RecordKind
from geo_service.domain.period import ALWAYS
from geo_service.domain.place import NamedPlace
from geo_service.errors import InputError
from geo_service.services.interchange.drawing import export_drawing
from geo_service.services.interchange.exchanging import export_exchange
from geo_service.services.interchange.exporting import export_records, export_register
from geo_service.services.interchange.fields import geometry_of
from geo_service.services.interchange.importing import import_file
from geo_service.services.interchange.issues import Issues
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

CITY = cities.city("990100")
DAY, TODAY = date(2019, 6, 1), date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
GEOD = Geod(ellps="GRS80")
MILLIMETRE = 0.001
FORMATS = [".gpkg", ".geojson", ".csv", ".xlsx", ".kml", ".parquet", ".gdb.zip"]
SEEDS = st.integers(0, 2**32)
few = settings(max_examples=2, deadline=None)


def register(folder: Path, name: str, records: list[Record]) -> Store:
    store = open_store(f"gpkg:{folder / name}", create=True)
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in records
        )
    return store


def brought(folder: Path, path: Path, kind: RecordKind, layers: list[str], crs: str = "") -> Any:
    """What a store that was empty holds after the file was imported, layer by layer."""
    store = register(folder, f"{path.stem}.back.gpkg", [])
    try:
        for layer in layers:
            report = import_file(
                store,
                path,
                kind,
                city=CITY,
                actor="test",
                now=NOW,
                today=TODAY,
                layer=layer,
                crs=crs,
            )
            assert report.accepted, report.errors
        return {record.id: record for record in store.records(kind, as_of=DAY)}
    finally:
        store.close()


def kept_layers(path: Path, kind: RecordKind) -> list[str]:
    """The layers to import: a geodatabase has one for each kind of geometry."""
    if not path.name.endswith(".gdb.zip") or kind is not RecordKind.PLACE_NAMES:
        return [""]
    import pyogrio

    return [str(name) for name, _ in pyogrio.list_layers(path)]


def farthest_m(one: Any, other: Any) -> float:
    """How far apart the vertices are, geodesic; infinite where they are not the same places.

    A format may turn rings its own way round and begin them elsewhere, and give one part without
    the wrapping of several.
    """
    if one is None or other is None:
        return 0.0 if one is other else np.inf
    a, b = (shapely.multipoints(_vertices(shape)).normalize() for shape in (one, other))
    kinds = {shape.geom_type.removeprefix("Multi") for shape in (one, other)}
    rings = [shapely.get_num_interior_rings(shapely.get_parts(s)).sum() for s in (one, other)]
    parts = [shapely.get_num_geometries(shape) for shape in (one, other)]
    if len(kinds) > 1 or rings[0] != rings[1] or parts[0] != parts[1]:
        return np.inf
    p, q = shapely.get_coordinates(a), shapely.get_coordinates(b)
    if len(p) != len(q):
        return np.inf
    _, _, metres = GEOD.inv(p[:, 0], p[:, 1], q[:, 0], q[:, 1])
    return float(np.max(np.abs(metres), initial=0.0))


def _vertices(shape: Any) -> Any:
    """All vertices; the last of a ring, which repeats whichever is the first, left out."""
    if not shape.geom_type.endswith("Polygon"):
        return shapely.get_coordinates(shape)
    rings = shapely.get_rings(shapely.get_parts(shape))
    return np.concatenate([shapely.get_coordinates(ring)[:-1] for ring in rings])


def alike(one: Record, other: Record, *, digits: float = 0.0) -> Iterator[str]:
    """The fields in which two records differ. `digits` is how far a number may be rounded."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("geometry", "position"):
            if not farthest_m(a, b) < MILLIMETRE:
                yield field.name
        elif isinstance(a, float) and digits:
            if b != pytest.approx(a, rel=digits):
                yield field.name
        elif a != b:
            yield f"{field.name}: {a!r} {b!r}"


def compare(before: Store, kind: RecordKind, back: dict[str, Record], **how: float) -> None:
    held = before.records(kind, as_of=DAY)
    assert sorted(back) == sorted(record.id for record in held)
    assert {r.id: told for r in held if (told := list(alike(r, back[r.id], **how)))} == {}


@pytest.mark.parametrize("kind", list(MAKERS))
@pytest.mark.parametrize("suffix", FORMATS)
@few
@given(seed=SEEDS)
def test_records_come_back_as_they_went(suffix: str, kind: RecordKind, seed: int) -> None:
    with TemporaryDirectory() as name:
        folder, told = Path(name), Issues("out")
        store = register(folder, "register.gpkg", records_of(kind, seed, 12))
        path = folder / f"out{suffix}"
        count = export_records(store, kind, path, as_of=DAY, told=told)

        back = brought(folder, path, kind, kept_layers(path, kind))

        assert count == len(back)
        # A workbook holds the fifteen digits that Excel does.
        compare(store, kind, back, digits=1e-14 if suffix == ".xlsx" else 0.0)
        assert {issue.code for issue in told.all()} <= {"gdb_layers"}
        store.close()


@few
@given(seed=SEEDS)
def test_linked_places_come_back_as_they_went(seed: int) -> None:
    kind = RecordKind.PLACE_NAMES
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = register(folder, "register.gpkg", records_of(kind, seed, 12))
        path = folder / "out.jsonld"
        export_records(store, kind, path, as_of=DAY)

        compare(store, kind, brought(folder, path, kind, [""]))
        store.close()


@few
@given(seed=SEEDS)
def test_the_whole_register_comes_back_layer_by_layer(seed: int) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        made = [record for kind in MAKERS for record in records_of(kind, seed, 8)]
        store = register(folder, "register.gpkg", made)
        path = folder / "all.gpkg"
        export_register(store, path, as_of=DAY, now=NOW)

        for kind in MAKERS:
            part = path.rename(folder / f"{kind}.gpkg")
            compare(store, kind, brought(folder, part, kind, [kind.value.replace("-", "_")]))
            part.rename(path)
        store.close()


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4326"])
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".gpkg", ".geojson", ".parquet", ".gdb.zip"])
@settings(max_examples=1, deadline=None)
@given(seed=SEEDS)
def test_another_system_comes_back_to_the_millimetre(suffix: str, crs: str, seed: int) -> None:
    """The file names its system by itself, a table too."""
    kind = RecordKind.BOUNDARY_LINES
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = register(folder, "register.gpkg", records_of(kind, seed, 8))
        path = folder / f"out{suffix}"
        export_records(store, kind, path, as_of=DAY, crs=crs)

        compare(store, kind, brought(folder, path, kind, [""]), digits=1e-14)
        store.close()


# --- exchange files: what a dictionary has no column or no word for is told -----------------


NAME = "mzt-practice"
LEFT_OUT = re.compile("[a-z0-9_]+")


@pytest.mark.parametrize(
    ("kind", "profile"),
    [
        (RecordKind.BOUNDARY_LINES, NAME),
        (RecordKind.MARKERS, NAME),
        (RecordKind.PLACE_NAMES, "census-practice"),
        (RecordKind.PLACE_NAMES, "dmk-practice"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".shp", ".gpkg", ".geojson"])
@few
@given(seed=SEEDS)
def test_exchange_files_carry_or_tell(
    suffix: str, kind: RecordKind, profile: str, seed: int
) -> None:
    """A field that does not come back is one of those the report names, with its row."""
    if (suffix, kind) == (".shp", RecordKind.PLACE_NAMES):
        return  # names of ten bytes, and one kind of geometry: refused, see test_exchange_files
    with TemporaryDirectory() as name:
        folder, told = Path(name), Issues("out")
        made = records_of(kind, seed, 8, longest=20)
        store = register(folder, "register.gpkg", made)
        path = folder / f"out{suffix}"
        export_exchange(store, kind, path, profile, city=CITY, as_of=DAY, told=told)
        codes = {issue.code for issue in told.all()}
        if (suffix, kind) == (".xlsx", RecordKind.BOUNDARY_LINES):
            assert "exchange_without_geometry" in codes
            store.close()
            return
        crs = "EPSG:4490" if suffix in (".csv", ".xlsx") else ""

        back = brought(folder, path, kind, [""], crs)

        held = store.records(kind, as_of=DAY)
        named = {
            (issue.row, issue.field)
            for issue in told.all()
            if issue.code in ("exchange_word_left_out", "exchange_without_geometry")
        }
        listed = {
            word
            for issue in told.all()
            if issue.code == "exchange_fields_left_out"
            for word in LEFT_OUT.findall(str(issue.values["fields"]))
        }
        for number, record in enumerate(held, start=1):
            told_here = {field for row, field in named if row == number} | listed
            lost = {text.partition(":")[0] for text in alike(record, back[record.id], digits=1e-9)}
            assert lost <= told_here, (lost, told_here, record, back[record.id])
        store.close()


@few
@given(seed=SEEDS)
def test_a_drawing_brings_back_the_lines_and_tells_the_rest(seed: int) -> None:
    kind = RecordKind.BOUNDARY_LINES
    with TemporaryDirectory() as name:
        folder = Path(name)
        store = register(folder, "register.gpkg", records_of(kind, seed, 8))
        path = folder / "out.dxf"
        drawing = export_drawing(store, path, city=CITY, as_of=DAY)

        back = brought(folder, path, kind, [""], "EPSG:4549")

        [said] = [i for i in drawing.issues if i.code == "dxf_fields_left_out"]
        told = set(LEFT_OUT.findall(str(said.values["fields"])))
        for record in store.records(kind, as_of=DAY):
            assert farthest_m(geometry_of(record), geometry_of(back[record.id])) < MILLIMETRE
            assert {"name", "left_code", "right_code", "source"} <= told
        store.close()


# --- what a format cannot hold ---------------------------------------------------------------


def place(**changed: Any) -> NamedPlace:
    [record] = records_of(RecordKind.PLACE_NAMES, 0, 1)
    assert isinstance(record, NamedPlace)
    return replace(record, period=ALWAYS, **changed)


@pytest.mark.parametrize(
    ("suffix", "meaning", "code"),
    [
        (".kml", "甲\x01", "export_text_unfit"),
        (".xlsx", "甲\x01", "export_text_unfit"),
        (".xlsx", "甲\r乙", "export_text_unfit"),
        (".xlsx", "甲" * 32_768, "export_text_too_long"),
    ],
)
def test_a_text_that_a_format_cannot_hold_is_refused_with_its_row(
    suffix: str, meaning: str, code: str, tmp_path: Path
) -> None:
    store = register(
        tmp_path, "register.gpkg", [place(meaning="甲"), place(id="2", meaning=meaning)]
    )
    path = tmp_path / f"out{suffix}"
    path.write_text("old", encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        export_records(store, RecordKind.PLACE_NAMES, path, as_of=DAY)

    assert (refusal.value.code, refusal.value.context["field"]) == (code, "meaning")
    assert refusal.value.context["row"] == 2
    assert path.read_text(encoding="utf-8") == "old"
    store.close()


@pytest.mark.parametrize("suffix", [".csv", ".gpkg", ".kml", ".parquet", ".gdb.zip", ".geojson"])
def test_a_text_of_a_hundred_thousand_characters_comes_back(suffix: str, tmp_path: Path) -> None:
    long = place(meaning="=𠮷" + "甲𡋾" * 50_000, geometry=None)
    store = register(tmp_path, "register.gpkg", [long])
    path = tmp_path / f"out{suffix}"
    export_records(store, RecordKind.PLACE_NAMES, path, as_of=DAY)

    compare(store, RecordKind.PLACE_NAMES, brought(tmp_path, path, RecordKind.PLACE_NAMES, [""]))
    store.close()


def test_a_place_too_long_for_a_cell_is_left_out_and_told(tmp_path: Path) -> None:
    many = shapely.LineString(
        np.random.default_rng(1).uniform((119.3, 38.3), (120, 38.8), (999, 2))
    )
    store = register(
        tmp_path, "register.gpkg", [place(geometry=many), place(id="2", geometry=None)]
    )
    told, path = Issues("out.xlsx"), tmp_path / "out.xlsx"

    export_records(store, RecordKind.PLACE_NAMES, path, as_of=DAY, told=told)

    [issue] = told.all()
    assert (issue.code, issue.row, issue.field) == ("xlsx_place_left_out", 2, "geometry")
    back = brought(tmp_path, path, RecordKind.PLACE_NAMES, [""])
    assert all(geometry_of(record) is None for record in back.values())
    store.close()


def test_line_breaks_are_put_into_one_line_and_told(tmp_path: Path) -> None:
    """Nothing that the reading changes goes unsaid: the raw text stands in the report."""
    raw = "甲\n乙\t丙"
    store = register(tmp_path, "register.gpkg", [place(meaning=raw)])
    path = tmp_path / "out.csv"
    export_records(store, RecordKind.PLACE_NAMES, path, as_of=DAY)
    other = register(tmp_path, "other.gpkg", [])

    report = import_file(
        other, path, RecordKind.PLACE_NAMES, city=CITY, actor="test", now=NOW, today=TODAY
    )

    [said] = [row for row in report.normalised if row["field"] == "meaning"]
    assert (said["row"], said["raw"], said["stored"]) == (2, raw, "甲 乙 丙")
    store.close()
    other.close()


def test_rows_of_two_systems_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_text(
        "name,type,geometry,crs\n甲路,道路,POINT(119.5 38.5),EPSG:4490\n"
        "乙路,道路,POINT(500000 4260000),EPSG:4549\n",
        encoding="utf-8",
    )
    store = register(tmp_path, "register.gpkg", [])

    report = import_file(
        store, path, RecordKind.PLACE_NAMES, city=CITY, actor="test", now=NOW, today=TODAY
    )

    assert {issue.code for issue in report.errors} == {"crs_several", "crs_missing"}
    store.close()


def test_only_what_holds_on_the_day_and_was_known_then_goes_out(tmp_path: Path) -> None:
    store = register(tmp_path, "register.gpkg", [place()])
    [entry] = store.log()
    path = tmp_path / "out.gpkg"
    before = entry.recorded_at.replace(year=2000)

    assert export_records(store, RecordKind.PLACE_NAMES, path, known_at=before) == 0
    assert export_register(store, path, as_of=DAY, now=NOW, known_at=before) == 0
    assert export_records(store, RecordKind.PLACE_NAMES, path, known_at=entry.recorded_at) == 1
    store.close()


def test_a_geopackage_is_one_for_sqlite_too(tmp_path: Path) -> None:
    store = register(tmp_path, "register.gpkg", [place()])
    path = tmp_path / "out.gpkg"
    export_records(store, RecordKind.PLACE_NAMES, path)
    store.close()

    db = sqlite3.connect(path)
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert db.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
    db.close()
