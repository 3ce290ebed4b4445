"""Exports: whole files, marked for internal use, that other programs read right."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio.raw
import pytest
import shapely

from geo_service.domain.accepted_pair import AcceptedPair
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.change import BOOKKEEPING, Change, Operation, Record, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.document import Attachment, DocumentKind, OfficialDocument
from geo_service.domain.draft import Draft, DraftAct
from geo_service.domain.finding import Finding, FindingState, Measure, Severity, Subject
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin, ReviewRun
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.person import PersonalAct, PersonalKind, PersonalValue
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.road import Road
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.services.interchange.exporting import (
    export_findings,
    export_records,
    export_register,
)
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
NOTICE = "内部工作用图，未经审核，不得公开"
SAMPLE = Provenance(source="生成器", licence="CC0-1.0", force=Force.SYNTHETIC)
LINE_CODE = "37020002020203"

CONTENT = b"%PDF-1.7"
DIGEST = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
RECORDS: dict[RecordKind, list[Record]] = {
    RecordKind.PLACE_NAMES: [
        NamedPlace(
            id="DM1",
            name="𬇙水路",
            feature_type=FeatureType.ROAD,
            provenance=SAMPLE,
            unit_code=DivisionCode("370202"),
            geometry=shapely.LineString([(120.3, 36.1), (120.31, 36.12)]),
            approved_on=date(2020, 2, 28),
            meaning="=HYPERLINK(1)",
        ),
        NamedPlace(id="DM2", name="甲县", feature_type=FeatureType.UNIT, provenance=SAMPLE),
    ],
    RecordKind.UNITS: [
        AdministrativeUnit(
            code=DivisionCode("370202"),
            name="市南区",
            provenance=Provenance(source="a", force=Force.EVALUATION),
            geometry=shapely.box(120.3, 36.1, 120.4, 36.2),
        )
    ],
    RecordKind.BOUNDARY_LINES: [
        AdministrativeBoundary(
            code=LINE_CODE,
            name="市南市北线",
            left_code=DivisionCode("370202"),
            right_code=DivisionCode("370203"),
            provenance=Provenance(source="a"),
            geometry=shapely.LineString([(120.3, 36.1), (120.4, 36.2)]),
            length_km=12.5,
        )
    ],
    RecordKind.BOUNDARY_NODES: [
        BoundaryNode(
            id="T1",
            kind=NodeKind.TRIPOINT,
            units=(DivisionCode("370202"), DivisionCode("370203"), DivisionCode("370212")),
            position=shapely.Point(120.3, 36.1),
            provenance=Provenance(source="a"),
        )
    ],
    RecordKind.MARKERS: [
        BoundaryMarker(
            number=MarkerNumber("001Q"),
            line_code=LINE_CODE,
            kind=MarkerKind.SINGLE,
            provenance=Provenance(source="a"),
            position=shapely.Point(120.3, 36.1),
            height_m=35.2,
        )
    ],
    RecordKind.ROADS: [
        Road(
            id="RD1",
            name="𬇙水路",
            provenance=Provenance(source="a"),
            geometry=shapely.LineString([(120.3, 36.1), (120.31, 36.12)]),
            grade="主干路",
            width_m=20.5,
            length_m=2394.0,
            unit_code=DivisionCode("370202"),
        )
    ],
    RecordKind.ACCEPTED_PAIRS: [
        AcceptedPair(
            id="AP-1",
            one="云宁路",
            other="云陵路",
            signer="张三",
            accepted_on=date(2020, 2, 28),
            reason="相距较远",
            provenance=Provenance(source="a"),
        )
    ],
    RecordKind.FINDINGS: [
        KeptFinding(
            id="a" * 64,
            rule_id="BD-NET-01",
            family="boundaries",
            city="990100",
            scale=10_000,
            origin=Origin.REGISTER,
            subject_kind="boundary-line",
            subject_id=LINE_CODE,
            subject_name="甲乙线",
            severity=Severity.HUMAN,
            title="悬挂",
            title_en="dangle",
            message="甲",
            message_en="a",
            named=(),
            state=FindingState.WAIVED,
            cause=Cause.WAIVED,
            run_id="R-1",
            first_seen=date(2020, 2, 28),
            last_seen=date(2020, 2, 28),
            signer="张三",
            signed_on=date(2020, 2, 29),
            reason="旧测绘",
            provenance=Provenance(source="a"),
        )
    ],
    RecordKind.DOCUMENTS: [
        OfficialDocument(
            id="D-1",
            kind=DocumentKind.NOTICE,
            title="示例公告",
            provenance=SAMPLE,
            number="示例 1 号",
        )
    ],
    RecordKind.ATTACHMENTS: [
        Attachment(
            id=f"units/990101#{DIGEST}",
            subject_kind="units",
            subject_id="990101",
            digest=DIGEST,
            media_type="application/pdf",
            size=len(CONTENT),
            file_name="示例.pdf",
            provenance=SAMPLE,
        )
    ],
    RecordKind.DRAFTS: [
        Draft(
            id="D-1",
            target_kind="place-names",
            target_id="1",
            act=DraftAct.RENAME,
            body=(("name", "示例新路"),),
            effective_on=date(2026, 1, 1),
            authors=("经办人甲",),
            provenance=SAMPLE,
        )
    ],
    RecordKind.REVIEW_RUNS: [
        ReviewRun(
            id="R-1",
            families=("boundaries",),
            city="990100",
            scale=10_000,
            origin=Origin.REGISTER,
            rules=("BD-NET-01", "BD-NET-02"),
            counts=(("lines", 2),),
            tally=(("seen", 1),),
            found="ab",
            rules_digest="cd",
            data_digest="ef",
            code="1",
            provenance=Provenance(source="a"),
        )
    ],
    RecordKind.PERSONAL_VALUES: [
        PersonalValue(
            id="p0123456789abcdef",
            kind=PersonalKind.MOBILE,
            subject_kind="place-names",
            subject_id="1",
            field="联系电话",
            digest="ab",
            act=PersonalAct.ERASED,
            provenance=Provenance(source="a"),
        )
    ],
}
NOT_IMPORTED = (RecordKind.BOUNDARY_NODES, RecordKind.ACCEPTED_PAIRS, *BOOKKEEPING)


@pytest.fixture
def filled(store: Store) -> Store:
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for records in RECORDS.values()
            for record in records
        )
        assert work.keep_content(CONTENT) == DIGEST
    return store


@pytest.mark.parametrize("kind", list(RecordKind))
def test_geopackage_opens_in_debians_gdal(kind: RecordKind, filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"

    assert export_records(filled, kind, path) == len(RECORDS[kind])

    done = subprocess.run(["ogrinfo", "-al", str(path)], capture_output=True, text=True, check=True)
    assert 'ID["EPSG",4490]' in done.stdout
    assert "Warning" not in done.stderr
    assert f"Feature Count: {len(RECORDS[kind])}" in done.stdout
    assert NOTICE in done.stdout
    for column in ("source", "licence", "force", "valid_from", "notice"):
        assert f"\n{column}: String" in done.stdout
    assert getattr(RECORDS[kind][0], "name", RECORDS[kind][0].id.rpartition("/")[2]) in done.stdout


@pytest.mark.parametrize("kind", [k for k in RecordKind if k not in NOT_IMPORTED])
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".csv"])
def test_export_comes_back_as_it_went(
    kind: RecordKind, suffix: str, filled: Store, tmp_path: Path, bring: Importer
) -> None:
    """The register finds nothing new in its own export, whatever the format."""
    path = tmp_path / f"out{suffix}"
    if suffix == ".csv":
        # A CSV guards a text that begins like a formula; see below.
        _replace_formula(filled)
    export_records(filled, kind, path)
    before = filled.verify().entries

    report = bring(path, kind.value, crs="EPSG:4490" if suffix == ".csv" else "")

    assert report.accepted, report.errors
    assert report.stored == 0, report.rows
    assert filled.verify().entries == before


def _replace_formula(store: Store) -> None:
    from dataclasses import replace

    record = RECORDS[RecordKind.PLACE_NAMES][0]
    plain = replace(record, meaning="水名")  # type: ignore[arg-type, call-arg]
    change = Change(
        operation=Operation.CORRECT,
        record=plain,
        actor="test",
        reason="test",
        expected_version=1,
    )
    with store.begin() as work:
        work.append([change])


def test_csv_cells_are_no_formulas(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    export_records(filled, RecordKind.PLACE_NAMES, path)

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["meaning"] == "'=HYPERLINK(1)"
    assert rows[0]["notice"] == f"示例（虚构数据）；{NOTICE}"
    assert rows[0]["force"] == "synthetic"


def test_negative_numbers_stay_numbers(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    marker = RECORDS[RecordKind.MARKERS][0]
    from dataclasses import replace

    low = replace(marker, height_m=-1.5)  # type: ignore[arg-type, call-arg]
    with filled.begin() as work:
        work.append(
            [
                Change(
                    operation=Operation.CORRECT,
                    record=low,
                    actor="t",
                    reason="t",
                    expected_version=1,
                )
            ]
        )

    export_records(filled, RecordKind.MARKERS, path)

    with path.open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["height"] == "-1.5"


def test_geojson_is_lon_lat_and_marked(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.geojson"

    export_records(filled, RecordKind.UNITS, path)

    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert document["notice"] == NOTICE
    marked = document["features"][0]["properties"]["notice"]
    assert marked == f"开放数据，仅供评估，无法律效力；{NOTICE}"
    west, south, east, north = pyogrio.read_info(path)["total_bounds"]
    assert (west, south, east, north) == (120.3, 36.1, 120.4, 36.2)


def test_another_system(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"

    export_records(filled, RecordKind.MARKERS, path, crs="EPSG:4549")

    meta, _, geometry, _ = pyogrio.raw.read(path)
    assert meta["crs"] == "EPSG:4549"
    easting, northing = shapely.get_coordinates(shapely.from_wkb(geometry))[0]
    assert (round(easting), round(northing)) == (527015, 3996680)


@pytest.mark.parametrize(
    ("name", "crs", "code"),
    [
        pytest.param("out.mif", "EPSG:4490", "export_format_unknown", id="format"),
        pytest.param("out.csv", "EPSG:2364", "crs_ballpark", id="ballpark"),
        pytest.param("out.csv", "EPSG:1", "crs_unreadable", id="no-crs"),
    ],
)
def test_refused_exports_leave_the_old_file(
    name: str, crs: str, code: str, filled: Store, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text("old", encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        export_records(filled, RecordKind.UNITS, path, crs=crs)

    assert refusal.value.code == code
    assert path.read_text(encoding="utf-8") == "old"


def test_full_disk_leaves_the_old_file(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old", encoding="utf-8")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InputError) as refusal:
        export_records(filled, RecordKind.UNITS, path)

    assert refusal.value.code == "export_disk_full"
    assert path.read_text(encoding="utf-8") == "old"
    assert [entry.name for entry in tmp_path.glob("*out*")] == ["out.csv"]


def test_register_is_never_replaced(filled: Store, tmp_path: Path) -> None:
    register = tmp_path / "register.gpkg"
    broken = tmp_path / "broken.gpkg"
    broken.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 16)
    before = filled.verify()

    for path in (register, broken):
        kept = path.read_bytes()
        with pytest.raises(InputError) as refusal:
            export_records(filled, RecordKind.UNITS, path)
        assert refusal.value.code == "export_onto_register"
        assert path.read_bytes() == kept
    assert filled.verify() == before


def test_export_replaces_an_earlier_export(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    export_records(filled, RecordKind.UNITS, path)

    assert export_records(filled, RecordKind.MARKERS, path) == len(RECORDS[RecordKind.MARKERS])
    assert [name for name, _ in pyogrio.list_layers(path)] == ["markers"]


def test_export_as_of_a_day(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"

    assert export_records(filled, RecordKind.UNITS, path, as_of=date(1950, 1, 1)) == 1


DAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 6, tzinfo=UTC)


def test_the_register_as_one_file_has_a_layer_for_each_kind(filled: Store, tmp_path: Path) -> None:
    path = tmp_path / "new" / "all.gpkg"

    assert export_register(filled, path, as_of=DAY, now=NOW) == sum(map(len, RECORDS.values()))

    assert {name for name, _ in pyogrio.list_layers(path)} == {
        kind.value.replace("-", "_") for kind in RecordKind
    }
    for kind, records in RECORDS.items():
        layer = kind.value.replace("-", "_")
        meta, _, _, fields = pyogrio.raw.read(path, layer=layer)
        column = dict(zip(meta["fields"], fields, strict=True))
        assert sorted(column["id"]) == sorted(record.id for record in records)
        assert all(told.endswith(NOTICE) for told in column["notice"])
        assert NOTICE in pyogrio.read_info(path, layer=layer)["layer_metadata"]["DESCRIPTION"]
        if kind is RecordKind.PLACE_NAMES:
            assert all(told.startswith("示例（虚构数据）") for told in column["notice"])


@pytest.mark.parametrize(
    ("name", "code"),
    [("all.csv", "export_format_unknown"), ("register.gpkg", "export_onto_register")],
)
def test_the_register_goes_into_a_geopackage_that_is_not_itself(
    name: str, code: str, filled: Store, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as refusal:
        export_register(filled, tmp_path / name, as_of=DAY, now=NOW)

    assert refusal.value.code == code
    assert filled.verify().sound


def test_a_folder_that_cannot_be_made_is_told(filled: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(InputError) as refusal:
        export_register(filled, tmp_path / "file" / "all.gpkg", as_of=DAY, now=NOW)

    assert refusal.value.code == "export_failed"


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_findings_with_their_places(suffix: str, tmp_path: Path) -> None:
    finding = Finding(
        id="F1",
        rule_id="BD-001",
        rule_version=1,
        severity=Severity.PROHIBITED,
        category="topology",
        title=Text("重叠", "overlap"),
        message=Text("甲县与乙县重叠", "two units overlap"),
        subject=Subject("units", "370202", "甲县"),
        related=(),
        measure=Measure(12.5, 1.0, "m2", "profile"),
        geometry=shapely.box(120.3, 36.1, 120.31, 36.11),
        citations=(),
        question=None,
        suggestion=None,
        fingerprint="abc",
    )
    path = tmp_path / f"findings{suffix}"

    assert export_findings([finding], path, Text(NOTICE, "")) == 1

    meta, _, geometry, fields = pyogrio.raw.read(path)
    row = dict(zip(meta["fields"], (column[0] for column in fields), strict=True))
    assert (row["rule_id"], row["severity"], row["measured"]) == ("BD-001", "prohibited", 12.5)
    assert (row["message"], row["notice"]) == ("甲县与乙县重叠", NOTICE)
    assert shapely.equals(shapely.from_wkb(geometry)[0], finding.geometry)


# --- what other programs make of the files ---------------------------------------------------


def _gdal(path: Path) -> tuple[str, dict[str, str], list[dict[str, Any]]]:
    """The only layer as Debian's GDAL tells it, the types of its fields, and its features."""
    # Of a workbook in which all cells are text GDAL takes no row for a header unasked.
    words = ("--config", "OGR_XLSX_HEADERS", "FORCE") if path.suffix == ".xlsx" else ()
    asked = ["ogrinfo", "-al", "-so", *words, str(path)]
    told = subprocess.run(asked, capture_output=True, check=True, text=True)
    types = dict(re.findall(r"^(\w+): (String|Real|Integer)\b", told.stdout, re.MULTILINE))
    asked = ["ogr2ogr", "-f", "GeoJSON", "-lco", "RFC7946=NO", *words, "/vsistdout/", str(path)]
    done = subprocess.run(asked, capture_output=True, check=True, text=True)
    assert "Warning" not in told.stderr + done.stderr
    return told.stdout, types, json.loads(done.stdout)["features"]


CODED = {
    RecordKind.UNITS: ("code", "370202", "市南区"),
    RecordKind.BOUNDARY_LINES: ("code", LINE_CODE, "市南市北线"),
    RecordKind.MARKERS: ("number", "001Q", None),
}


@pytest.mark.parametrize("kind", list(CODED))
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".kml", ".gdb.zip", ".csv", ".xlsx"])
def test_other_programs_find_count_system_types_and_text(
    suffix: str, kind: RecordKind, filled: Store, tmp_path: Path
) -> None:
    field, code, name = CODED[kind]
    path = tmp_path / f"out{suffix}"
    export_records(filled, kind, path)

    told, types, features = _gdal(path)

    assert len(features) == len(RECORDS[kind])
    assert f"Feature Count: {len(features)}\n" in told
    assert types[field] == types["source"] == "String"
    properties = features[0]["properties"]
    assert properties[field] == code
    assert NOTICE in properties["notice"]
    if name is not None:
        assert properties["name" if suffix != ".kml" else "Name"] == name
    if suffix in (".gpkg", ".geojson", ".gdb.zip"):
        assert 'ID["EPSG",4490]' in told
        height = {"height": "Real", "length_km": "Real"}
        assert {n: types[n] for n in height if n in types}.items() <= height.items()
    if suffix not in (".csv", ".xlsx"):
        place = shapely.from_geojson(json.dumps(features[0]["geometry"]))
        [record] = RECORDS[kind]
        own = getattr(record, "geometry", None) or record.position  # type: ignore[union-attr]
        assert shapely.hausdorff_distance(place, own) < 9e-9


def test_a_workbook_keeps_codes_as_text(filled: Store, tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "out.xlsx"
    export_records(filled, RecordKind.PLACE_NAMES, path)

    sheet = openpyxl.load_workbook(path).active
    header = {cell.value: cell.column for cell in sheet[1]}
    for column, text in (("unit_code", "370202"), ("meaning", "=HYPERLINK(1)"), ("id", "DM1")):
        cell = sheet.cell(2, header[column])
        assert (cell.value, cell.data_type) == (text, "s")
    assert sheet.cell(2, header["crs"]).value == "EPSG:4490"


def test_geoparquet_tells_its_system_and_the_box_of_every_row(
    filled: Store, tmp_path: Path
) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "out.parquet"
    export_records(filled, RecordKind.PLACE_NAMES, path)

    table = pq.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    column = geo["columns"][geo["primary_column"]]
    assert geo["version"] == "1.1.0"
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["LineString"])
    assert column["crs"]["id"] == {"authority": "EPSG", "code": 4490}
    assert column["crs"]["$schema"].endswith("projjson.schema.json")
    assert column["covering"]["bbox"]["xmax"] == ["bbox", "xmax"]
    assert table["bbox"].to_pylist() == [
        {"xmin": 120.3, "ymin": 36.1, "xmax": 120.31, "ymax": 36.12},
        None,
    ]
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.read_parquet(path, bbox=(120.0, 36.0, 120.5, 36.5))
    assert list(frame["name"]) == ["𬇙水路"]
    assert frame.crs.to_epsg() == 4490


@pytest.mark.parametrize(
    ("suffix", "crs", "code"),
    [
        (".csv", "+proj=longlat +ellps=GRS80 +towgs84=1,2,3", "crs_unnamed"),
        (".geojson", "+proj=longlat +ellps=GRS80 +towgs84=1,2,3", "crs_unnamed"),
    ],
)
def test_a_system_that_the_file_cannot_say_is_refused(
    suffix: str, crs: str, code: str, filled: Store, tmp_path: Path
) -> None:
    path = tmp_path / f"out{suffix}"

    with pytest.raises(InputError) as refusal:
        export_records(filled, RecordKind.UNITS, path, crs=crs)

    assert refusal.value.code == code
    assert not path.exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from geo_service.domain.change import RecordKind
from geo_service.services.interchange.exporting import export_records
from geo_service.store.opening import open_store

whole, calls, at = os.fsync, 0, int(sys.argv[3])
def fsync(descriptor):
    global calls
    calls += 1
    if calls == at:
        os.kill(os.getpid(), signal.SIGKILL)
    whole(descriptor)
os.fsync = fsync
store = open_store(sys.argv[1])
export_records(store, RecordKind.UNITS, Path(sys.argv[2]))
"""


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".csv", ".xlsx", ".kml", ".gdb.zip"])
def test_a_killed_export_leaves_a_whole_file(
    suffix: str, at: int, filled: Store, tmp_path: Path
) -> None:
    """Killed before the new file is safe, the old one stands; after it, the new one does."""
    path = tmp_path / f"out{suffix}"
    path.write_bytes(b"old")

    done = subprocess.run(
        [sys.executable, "-c", KILLED, filled.url, str(path), str(at)],
        capture_output=True,
        check=False,
    )

    assert done.returncode == -9, done.stderr
    if at == 1:
        assert path.read_bytes() == b"old"
    else:
        assert path.read_bytes() != b"old"
        _, _, features = _gdal(path)
        assert len(features) == 1
