"""Papers on markers as bureaus send them, and the review that takes them in."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from geo_service import cities
from geo_service.cli.main import app
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.marker import MarkerDocument, MarkerEntry, MarkerState
from geo_service.services.boundaries import case_of, check_boundaries
from geo_service.services.boundary_files import read_files
from geo_service.services.interchange.reading import read_records
from geo_service.services.marker_files import MarkerFiles, read_marker_files
from geo_service.services.markers import marker_case, with_markers
from geo_service.services.samples.synthetic import AS_OF, synthetic_layer
from geo_service.store.opening import open_store

CITY = cities.city("990100")
LINE = "99010001010102"
HEADER = (
    "界桩编号,界线代码,经度,纬度,YHFWWWZ,YHFWWFWJ,YHFWWJL,"
    "EHFWWWZ,EHFWWFWJ,EHFWWJL,SHFWWWZ,SHFWWFWJ,SHFWWJL"
)


def sheet(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def read(*paths: Path, crs: str = "EPSG:4490") -> MarkerFiles:
    return read_marker_files(paths, city=CITY, today=AS_OF, crs=crs)


def codes(read_: MarkerFiles) -> list[tuple[str, int | None, str]]:
    return [(i.code, i.row, i.field) for i in read_.issues if i.level.value == "error"]


def run(*arguments: object) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "GEO_SERVICE_CITY": "990100"})
    return runner.invoke(app, ["boundary", "check", *map(str, arguments)])


# --- reading --------------------------------------------------------------------------------


def test_a_marker_form_is_read_with_its_three_objects(tmp_path):
    path = sheet(
        tmp_path / "甲乙线界桩登记表.csv",
        f"001Q,{LINE},119.61,38.5,水塔,227°10′,88.5,桥头,57°10′30″,120,公里碑,180.25,60",
    )

    given = read(path)

    assert not given.refused
    (entry,) = given.entries
    assert entry.document is MarkerDocument.FORM
    assert [(o.name, o.distance_m) for o in entry.references] == [
        ("水塔", 88.5),
        ("桥头", 120.0),
        ("公里碑", 60.0),
    ]
    azimuths = [o.azimuth_deg for o in entry.references]
    assert azimuths == pytest.approx([227 + 1 / 6, 57.175, 180.25])
    assert "column_ignored" not in {issue.code for issue in given.issues}


def test_blank_objects_are_none_at_all(tmp_path):
    path = sheet(tmp_path / "登记表.csv", f"001Q,{LINE},119.61,38.5,水塔,10,88,,,,,,")

    (entry,) = read(path).entries

    assert [one.name for one in entry.references] == ["水塔"]


def test_a_marker_table_in_a_workbook_gives_both_pairs_of_coordinates(tmp_path):
    book = Workbook()
    book.active.append(["JZBH", "JXDM", "JD", "WD", "ZZB", "HZB", "GC", "GLF"])
    book.active.append(["001A", LINE, 119.61, 38.5, 4263000.5, 40465000.25, 12.3, "990101"])
    path = tmp_path / "界桩成果表.xlsx"
    book.save(path)

    (entry,) = read(path).entries

    assert entry.document is MarkerDocument.TABLE
    assert entry.plane == (40465000.25, 4263000.5)
    assert entry.references is None
    assert (entry.marker.height_m, entry.marker.responsible_side) == (12.3, "990101")


def test_plane_coordinates_alone_are_the_position_and_compared_with_nothing(tmp_path):
    path = sheet(
        tmp_path / "成果表.csv", f"001Q,{LINE},4262000,466000", header="编号,界线代码,纵坐标,横坐标"
    )

    (entry,) = read(path, crs="EPSG:4549").entries

    assert entry.plane is None
    assert 119 < entry.marker.position.x < 120


def test_an_inspection_record_tells_state_repair_and_witness(tmp_path):
    path = sheet(
        tmp_path / "记录.csv",
        f"001Q,{LINE},119.61,38.5,联检记录,2024-05-01,倾斜,2024年6月1日,990102",
        header="界桩编号,界线代码,经度,纬度,文件类型,联检日期,界桩状态,修复日期,在场方",
    )

    (entry,) = read(path).entries

    assert entry.document is MarkerDocument.INSPECTION
    assert (entry.state, entry.dated) == (MarkerState.LEANING, date(2024, 5, 1))
    assert (entry.repaired_on, entry.witness_sides) == (date(2024, 6, 1), ("990102",))


@pytest.mark.parametrize(
    ("column", "cell", "sides"),
    [
        (",在场方", ",990101、990102", ("990101", "990102")),
        (",在场方", ",乙区 990102；990103 丙区", ("990102", "990103")),
        (",在场方", ",", ()),
        ("", "", None),
    ],
)
def test_a_paper_without_a_column_for_witnesses_is_told_from_a_blank(tmp_path, column, cell, sides):
    path = sheet(
        tmp_path / "记录.csv",
        f"001Q,{LINE},119.61,38.5,2024-06-01{cell}",
        header=f"界桩编号,界线代码,经度,纬度,修复日期{column}",
    )

    (entry,) = read(path).entries

    assert entry.witness_sides == sides


def test_a_witness_without_a_code_is_refused(tmp_path):
    path = sheet(
        tmp_path / "记录.csv",
        f"001Q,{LINE},119.61,38.5,2024-06-01,乙区民政局",
        header="界桩编号,界线代码,经度,纬度,修复日期,在场方",
    )

    assert codes(read(path)) == [("code_unreadable", 2, "witness_side")]


def test_an_import_still_says_that_it_leaves_the_objects_out(tmp_path):
    from geo_service.domain.change import RecordKind

    path = sheet(tmp_path / "登记表.csv", f"001Q,{LINE},119.61,38.5,水塔,10,88,,,,,,")

    issues = read_records(path, RecordKind.MARKERS, city=CITY, today=AS_OF, crs="EPSG:4490").issues

    assert ["YHFWWWZ" in str(i.values) for i in issues if i.code == "column_ignored"] == [True]


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (f"001Q,{LINE},119.61,38.5,水塔,370,88,,,,,,", ("angle_unreadable", 2, "object1_azimuth")),
        (
            f"001Q,{LINE},119.61,38.5,水塔,10°75′,8,,,,,,",
            ("angle_unreadable", 2, "object1_azimuth"),
        ),
        (f"001Q,{LINE},119.61,38.5,水塔,东北,88,,,,,,", ("angle_unreadable", 2, "object1_azimuth")),
        (f"001Q,{LINE},119.61,38.5,水塔,nan,88,,,,,,", ("angle_unreadable", 2, "object1_azimuth")),
        (f"001Q,{LINE},119.61,38.5,水塔,10,近,,,,,,", ("number_unreadable", 2, "object1_distance")),
        (f"1Q,{LINE},119.61,38.5,,,,,,,,,", ("code_unreadable", 2, "number")),
        (f"001Q,{LINE},119.61,,,,,,,,,,", ("coordinate_half", 2, "lat")),
        (f"001Q,{LINE},1e400,38.5,,,,,,,,,", ("value_not_finite", 2, "lon")),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_cell(tmp_path, row, error):
    given = read(sheet(tmp_path / "登记表.csv", row))

    assert given.refused
    assert error in codes(given)


@pytest.mark.parametrize("lon", ["999", "12.5", "1e300"])
def test_an_object_nowhere_near_the_city_is_refused(tmp_path, lon):
    path = sheet(
        tmp_path / "登记表.csv",
        f"001Q,{LINE},119.61,38.5,水塔,10,88,{lon},38.5",
        header="界桩编号,界线代码,经度,纬度,YHFWWWZ,YHFWWFWJ,YHFWWJL,YHFWWJD,YHFWWWD",
    )

    given = read(path)

    assert given.refused
    assert codes(given) == [("outside_city", 2, "object1_lon")]


def test_an_unknown_state_is_refused_and_the_accepted_words_are_told(tmp_path):
    path = sheet(
        tmp_path / "联检.csv",
        f"001Q,{LINE},119.61,38.5,还行",
        header="界桩编号,界线代码,经度,纬度,界桩状态",
    )

    given = read(path)

    assert codes(given) == [("value_unknown", 2, "state")]
    assert "missing" in next(i for i in given.issues if i.code == "value_unknown").hint.zh


def test_without_a_system_nothing_is_presumed(tmp_path):
    given = read(sheet(tmp_path / "登记表.csv", f"001Q,{LINE},119.61,38.5,,,,,,,,,"), crs="")

    assert given.refused
    assert ("crs_missing", None, "crs") in codes(given)


def test_a_repeated_number_is_left_to_the_rule(tmp_path):
    rows = [f"001Q,{LINE},119.61,38.5,,,,,,,,,", f"001Q,{LINE},119.62,38.5,,,,,,,,,"]

    given = read(sheet(tmp_path / "成果表.csv", *rows))

    assert not given.refused
    assert len(given.entries) == 2


def test_counts_of_markers_come_with_the_lines(tmp_path):
    path = sheet(
        tmp_path / "lines.csv",
        f'{LINE},3,1,0,5,"LINESTRING (119.6 38.5, 119.7 38.5)"',
        header="界线代码,单立界桩数,双立界桩数,三立界桩数,界桩颗数,wkt",
    )

    given = read_files([path], city=CITY, today=AS_OF, crs="EPSG:4490")

    (tally,) = given.tallies
    assert (tally.line_code, tally.singles, tally.pairs, tally.stones) == (LINE, 3, 1, 5)
    assert not given.refused
    wrong = path.read_text(encoding="utf-8").replace(",5,", ",五,")
    path.write_text(wrong, encoding="utf-8")
    assert read_files([path], city=CITY, today=AS_OF, crs="EPSG:4490").refused


# --- the command ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"gpkg:{tmp_path_factory.mktemp('store') / 'synthetic.gpkg'}"
    layer = synthetic_layer(faults=False)
    store = open_store(url, create=True)
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in (*layer.units, *layer.lines, *layer.nodes, *layer.markers)
        )
    store.close()
    return url


def answer(*arguments: object) -> dict:
    result = run(*arguments, "--as-of", AS_OF, "--json")
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


def test_the_markers_of_the_register_are_checked_and_sound(register):
    report = answer("--store", register)

    assert report["counts"]["markers"] == 168
    assert {"MK-POS-01", "MK-NUM-01", "MK-STA-03"} <= set(report["rules_run"])
    assert [f for f in report["findings"] if f["rule_id"].startswith("MK")] == []
    assert {"rule_id": "MK-REF-01", "missing": "references"} in report["rules_not_run"]


def test_papers_are_held_against_the_register(register, tmp_path):
    store = open_store(register)
    marker = next(iter(store.records(RecordKind.MARKERS, as_of=AS_OF)))
    store.close()
    place = marker.position
    path = sheet(
        tmp_path / "联检记录.csv",
        f"{marker.number},{marker.line_code},{place.x},{place.y + 0.0003},缺失",
        header="界桩编号,界线代码,经度,纬度,界桩状态",
    )

    report = answer("--store", register, "--markers", path, "--markers-crs", "EPSG:4490")

    found = {f["rule_id"]: f for f in report["findings"] if f["rule_id"].startswith("MK")}
    assert set(found) == {"MK-POS-03", "MK-STA-01"}
    moved = found["MK-POS-03"]
    assert moved["subject"]["id"] == marker.id
    assert moved["severity"] == "human"
    assert moved["evidence"]["measured"] == pytest.approx(33.3, abs=0.1)
    assert {r["kind"] for r in moved["related"]} == {"boundary-line", "unit"}
    assert "里程" in moved["message"]


def test_a_paper_that_cannot_be_read_ends_with_three(register, tmp_path):
    path = sheet(tmp_path / "登记表.csv", f"001Q,{LINE},119.61,38.5,水塔,370,88,,,,,,")

    result = run("--store", register, "--markers", path, "--markers-crs", "EPSG:4490")

    assert result.exit_code == 3
    assert "370" in result.stderr


def test_without_markers_the_answer_says_so(tmp_path):
    path = sheet(
        tmp_path / "lines.csv",
        f'{LINE},"LINESTRING (119.6 38.5, 119.7 38.5)"',
        header="界线代码,wkt",
    )

    result = run(path, "--crs", "EPSG:4490", "--as-of", AS_OF, "--lang", "en")

    assert "--markers" in result.stdout


@pytest.mark.parametrize("seed", [753, 1])
def test_the_seeded_faults_of_the_sample_say_nothing_of_its_markers(seed):
    layer = synthetic_layer(seed)
    beside = case_of([*layer.units, *layer.lines, *layer.nodes], CITY)
    case = marker_case([MarkerEntry(marker=marker) for marker in layer.markers], beside)

    found = with_markers(check_boundaries(beside, CITY, AS_OF), case, CITY).findings

    assert [f.message.zh for f in found if f.rule_id.startswith("MK")] == []


def test_findings_are_not_written_over_the_papers(register, tmp_path):
    path = sheet(tmp_path / "登记表.csv", f"001Q,{LINE},119.61,38.5,水塔,10,88,,,,,,")

    result = run("--store", register, "--markers", path, "--out", path)

    assert result.exit_code == 3
    assert path.read_text(encoding="utf-8").startswith("界桩编号")


@pytest.mark.parametrize("suffix", [".csv", ".geojson", ".gpkg"])
def test_a_public_file_of_findings_holds_nothing_of_a_marker(register, tmp_path, suffix):
    store = open_store(register)
    marker = next(iter(store.records(RecordKind.MARKERS, as_of=AS_OF)))
    store.close()
    place = marker.position
    path = sheet(
        tmp_path / "联检记录.csv",
        f"{marker.number},{marker.line_code},{place.x},{place.y + 0.0003},缺失",
        header="界桩编号,界线代码,经度,纬度,界桩状态",
    )
    asked = ("--store", register, "--markers", path, "--markers-crs", "EPSG:4490")
    whole, public = tmp_path / f"whole{suffix}", tmp_path / f"public{suffix}"

    run(*asked, "--as-of", AS_OF, "--out", whole)
    told = run(*asked, "--as-of", AS_OF, "--out", public, "--public")

    assert b"MK-POS-03" in whole.read_bytes()
    for text in (public.read_bytes(), told.stdout.encode()):
        assert b"MK-POS-03" not in text
        assert f"{place.x:.4f}".encode() not in text


def test_heights_and_device_messages_are_read_beside_the_markers(tmp_path):
    papers = sheet(
        tmp_path / "界桩成果表.csv",
        f"001Q,{LINE},119.61,38.5,53.2",
        f"002Q,{LINE},119.62,38.5,35.0",
        header="界桩编号,界线代码,经度,纬度,高程",
    )
    ground = sheet(tmp_path / "ground.csv", "119.6101,38.5,35.1", header="经度,纬度,高程")
    devices = sheet(
        tmp_path / "devices.csv",
        f"{LINE},001Q,{AS_OF - timedelta(days=30)},0.2",
        f"{LINE},002Q,{AS_OF},9.5",
        header="界线代码,界桩编号,最新报文时间,漂移距离",
    )
    lines = sheet(
        tmp_path / "lines.csv",
        f'{LINE},"LINESTRING (119.6 38.5, 119.7 38.5)"',
        header="界线代码,wkt",
    )
    asked = ("--markers", papers, "--layer", f"heights={ground}", "--layer", f"devices={devices}")

    report = answer(lines, *asked, "--crs", "EPSG:4490")

    found = {(f["rule_id"], f["subject"]["name"]) for f in report["findings"]}
    assert {
        ("MK-POS-07", "001Q"),
        ("MK-DEV-01", "001Q"),
        ("MK-DEV-02", "002Q"),
    } <= found
    assert not {("MK-POS-07", "002Q"), ("MK-DEV-01", "002Q"), ("MK-DEV-02", "001Q")} & found


def test_heights_of_the_ground_beside_markers_without_heights_say_nothing(tmp_path):
    papers = sheet(
        tmp_path / "成果表.csv", f"001Q,{LINE},119.61,38.5", header="界桩编号,界线代码,经度,纬度"
    )
    ground = sheet(tmp_path / "ground.csv", "119.6101,38.5,35.1", header="经度,纬度,高程")
    lines = sheet(
        tmp_path / "lines.csv",
        f'{LINE},"LINESTRING (119.6 38.5, 119.7 38.5)"',
        header="界线代码,wkt",
    )

    report = answer(
        lines, "--markers", papers, "--layer", f"heights={ground}", "--crs", "EPSG:4490"
    )

    assert "MK-POS-07" in report["rules_run"]
    assert "MK-POS-07" not in {f["rule_id"] for f in report["findings"]}
