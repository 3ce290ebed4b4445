"""Exports: whole files, marked for internal use, that other programs read right."""

from __future__ import annotations

import csv
import json
import subprocess
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
from geo_service.domain.finding import Finding, FindingState, Measure, Severity, Subject
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin, ReviewRun
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance
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

    assert refusal.value.code == "export_failed"
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
