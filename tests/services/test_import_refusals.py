"""Wrong files: refused with file, row, field, reason and remedy, and the register untouched."""

from __future__ import annotations

import json
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import pytest
import shapely

from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
HEADER = "编号,名称,类型,经度,纬度,行政区划代码,批准日期\n"
GOOD = "1,香港中路,道路,120.39,36.065,370202,2020-02-28\n"
SQUARE = [[[120.3, 36.1], [120.4, 36.1], [120.4, 36.2], [120.3, 36.2], [120.3, 36.1]]]
BOW_TIE = [[[120.3, 36.1], [120.4, 36.2], [120.4, 36.1], [120.3, 36.2], [120.3, 36.1]]]
LINE_CODE = "37020002020203"
SCRAMBLED = "青岛路".encode().decode("gb18030", "replace").rstrip("\ufffd")


def _table(tmp_path: Path, *rows: str, name: str = "names.csv", header: str = HEADER) -> Path:
    path = tmp_path / name
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


def _refused(
    report: ImportReport, store: Store, code: str, row: int | None = None, field: str | None = None
) -> None:
    """One error of that code, in its place, with a remedy; nothing was written."""
    matching = [issue for issue in report.errors if issue.code == code]
    assert matching, [(issue.code, issue.row, issue.field) for issue in report.issues]
    issue = matching[0]
    assert issue.file == report.file
    if row is not None:
        assert issue.row == row
    if field is not None:
        assert issue.field == field
    for lang in ("zh", "en"):
        told = issue.to_json(lang)
        assert told["message"] and told["hint"] and "{" not in told["message"] + told["hint"]
    assert not report.accepted
    assert report.stored == 0
    assert report.rows == ()
    assert store.verify().entries == 0


CELLS = [
    pytest.param(("1,中山路,道路,36.06,120.32,370202,", "axes_swapped", "lon"), id="swapped"),
    pytest.param(("1,中山路,道路,540000,3990000,370202,", "crs_mismatch", "lon"), id="metres"),
    pytest.param(("1,中山路,道路,NaN,36.06,370202,", "value_not_finite", "lon"), id="nan"),
    pytest.param(("1,中山路,道路,1e999,36.06,370202,", "value_not_finite", "lon"), id="infinite"),
    pytest.param(("1,中山路,道路,东经120,36.06,370202,", "number_unreadable", "lon"), id="words"),
    pytest.param(("1,中山路,道路,120.32,,370202,", "coordinate_half", "lat"), id="half"),
    pytest.param(("1,中山路,道路,120.3,36.1,37020,", "code_unreadable", "unit_code"), id="code"),
    pytest.param(
        ("1,中山路,道路,120.3,36.1,370202,2023-02-30", "date_impossible", "approved_on"),
        id="30-feb",
    ),
    pytest.param(
        ("1,中山路,道路,120.3,36.1,370202,03/04/2021", "date_ambiguous", "approved_on"),
        id="us-date",
    ),
    pytest.param(
        ("1,中山路,道路,120.3,36.1,370202,民国二十年", "date_ambiguous", "approved_on"), id="era"
    ),
    pytest.param(
        ("1,中山路,道路,120.3,36.1,370202,1985", "date_incomplete", "approved_on"), id="year"
    ),
    pytest.param(("1,中山路,xyz,120.3,36.1,370202,", "value_unknown", "feature_type"), id="type"),
    pytest.param(("1,,道路,120.3,36.1,370202,", "value_missing", "name"), id="no-name"),
    pytest.param(("1,中?????路,道路,120.3,36.1,370202,", "text_lost", "name"), id="question-marks"),
    pytest.param(
        (f"1,{SCRAMBLED},道路,120.3,36.1,370202,", "text_scrambled", "name"), id="mojibake"
    ),
    pytest.param(("1,中山路,道路,120.3,36.1,370202,,多,余", "row_ragged", ""), id="ragged"),
]


@pytest.mark.parametrize("case", CELLS)
def test_bad_cell(
    case: tuple[str, str, str], tmp_path: Path, bring: Importer, store: Store
) -> None:
    row, code, field = case
    report = bring(_table(tmp_path, GOOD, row.replace("1,", "2,", 1) + "\n"), "place-names")

    _refused(report, store, code, 3, field)


def test_all_problems_are_told_in_one_pass(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _table(
        tmp_path,
        "1,中山路,道路,36.06,120.32,370202,2023-02-30\n",
        "1,太平路,道路,120.32,36.06,37020x,\n",
    )

    report = bring(path, "place-names")

    assert {(issue.code, issue.row) for issue in report.errors} == {
        ("axes_swapped", 2),
        ("date_impossible", 2),
        ("code_unreadable", 3),
        ("id_repeated", 3),
    }
    assert store.verify().entries == 0


def test_repeated_id_names_both_rows(tmp_path: Path, bring: Importer, store: Store) -> None:
    report = bring(_table(tmp_path, GOOD, GOOD.replace("香港中路", "太平路")), "place-names")

    _refused(report, store, "id_repeated", 3, "id")
    assert report.errors[0].values["first"] == 2


def test_missing_file(tmp_path: Path, bring: Importer, store: Store) -> None:
    _refused(bring(tmp_path / "没有.csv", "place-names"), store, "file_missing")


def test_folder_and_unknown_format(tmp_path: Path, bring: Importer, store: Store) -> None:
    (tmp_path / "d.csv").mkdir()
    (tmp_path / "a.mif").write_bytes(b"x")

    _refused(bring(tmp_path / "d.csv", "place-names"), store, "file_not_regular")
    _refused(bring(tmp_path / "a.mif", "place-names"), store, "format_unknown")


def test_missing_column_says_what_would_do(tmp_path: Path, bring: Importer, store: Store) -> None:
    report = bring(_table(tmp_path, "1,2\n", header="经度,纬度\n"), "place-names")

    _refused(report, store, "column_missing", field="name")
    assert "地名" in report.errors[0].message.zh


@pytest.mark.parametrize(
    "content",
    [
        pytest.param((HEADER + GOOD).encode("big5", "ignore"), id="big5"),
        pytest.param((HEADER + GOOD).encode()[:-20] + b"\xe6\xb5" + b",,,,,\n", id="cut-utf8"),
        pytest.param((HEADER + GOOD).encode() + b"\xff\xfe\xfd\xfc,,,,,,\n", id="binary"),
    ],
)
def test_undecodable_text(content: bytes, tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(content)

    report = bring(path, "place-names")

    _refused(report, store, "text_undecodable")
    assert report.errors[0].row is not None


def test_wrong_encoding_asked_for(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes((HEADER + GOOD).encode("gb18030"))

    _refused(bring(path, "place-names", encoding="UTF-8"), store, "text_undecodable", 1)
    _refused(bring(path, "place-names", encoding="klingon"), store, "encoding_unknown")


# --- GeoJSON --------------------------------------------------------------------------------


def _unit(code: str = "370202", name: str = "市南区") -> dict[str, str]:
    return {"code": code, "name": name}


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        pytest.param({"type": "Polygon", "coordinates": BOW_TIE}, "geometry_invalid", id="bow-tie"),
        pytest.param({"type": "Polygon", "coordinates": []}, "geometry_empty", id="empty"),
        pytest.param({"type": "Point", "coordinates": [120.3, 36]}, "geometry_type", id="point"),
        pytest.param(None, "geometry_missing", id="none"),
        pytest.param(
            {"type": "Polygon", "coordinates": [SQUARE[0][:-1]]}, "geometry_unreadable", id="open"
        ),
        pytest.param(
            {"type": "Polygon", "coordinates": [[[120, float("nan")], *SQUARE[0]]]},
            "coordinate_not_finite",
            id="nan",
        ),
        pytest.param(
            {"type": "Polygon", "coordinates": [[p[::-1] for p in SQUARE[0]]]},
            "axes_swapped",
            id="swapped",
        ),
        pytest.param(
            {"type": "Polygon", "coordinates": [[[x - 20, y] for x, y in SQUARE[0]]]},
            "outside_city",
            id="outside",
        ),
        pytest.param(
            {
                "type": "Polygon",
                "coordinates": [[[x * 4500, y * 1e5 + 380000] for x, y in SQUARE[0]]],
            },
            "crs_mismatch",
            id="metres",
        ),
    ],
)
def test_bad_unit_geometry(
    geometry: Any, code: str, geojson: Callable[..., Path], bring: Importer, store: Store
) -> None:
    square = {"type": "Polygon", "coordinates": SQUARE}
    path = geojson([(_unit(), square), (_unit("370203", "市北区"), geometry)])

    report = bring(path, "units")

    _refused(report, store, code, 2, "geometry")
    assert [issue.row for issue in report.errors] == [2]


def test_invalid_ring_names_the_place(
    geojson: Callable[..., Path], bring: Importer, store: Store
) -> None:
    report = bring(geojson([(_unit(), {"type": "Polygon", "coordinates": BOW_TIE})]), "units")

    assert "边界自相交，位置 120.35, 36.15" in report.errors[0].message.zh
    assert "the outline crosses itself at 120.35, 36.15" in report.errors[0].message.en


def test_arcs_are_refused_in_their_row(tmp_path: Path, bring: Importer, store: Store) -> None:
    arc = "CURVEPOLYGON(CIRCULARSTRING(120.1 36,120.2 36.1,120.3 36,120.2 35.9,120.1 36))"
    path = _table(
        tmp_path,
        '370202,市南区,"POLYGON((120.3 36.1,120.4 36.1,120.4 36.2,120.3 36.1))"\n',
        f'370203,市北区,"{arc}"\n',
        header="code,name,wkt\n",
    )

    report = bring(path, "units", crs="EPSG:4490")

    _refused(report, store, "geometry_unreadable", 3, "geometry")
    assert len(report.errors) == 1


LINE = shapely.LineString([(120.3, 36.1), (120.4, 36.2)])
TRIANGLE = shapely.Polygon([(120.3, 36.1), (120.4, 36.1), (120.4, 36.2)])
HALF_TURN = shapely.LineString([(120.3, 36.1), (120.35, 36.15), (120.4, 36.1)])
WAY_BACK = shapely.to_wkb(shapely.LineString([(120.4, 36.1), (120.35, 36.05), (120.3, 36.1)]))


def _joined(kind: int, *parts: bytes) -> bytes:
    """A WKB geometry of parts: 9 compound curve, 10 curve polygon, 11 and 12 several of them."""
    return struct.pack("<BII", 1, kind, len(parts)) + b"".join(parts)


def _arc() -> bytes:
    """A circular string is written like a line, as kind 8: shapely knows no arcs."""
    return struct.pack("<BI", 1, 8) + shapely.to_wkb(HALF_TURN)[5:]


ROUND = _joined(10, _joined(9, _arc(), WAY_BACK))
ARCS = [
    pytest.param(_arc(), LINE, id="circular string"),
    pytest.param(_joined(9, _arc(), WAY_BACK), LINE, id="compound curve"),
    pytest.param(ROUND, TRIANGLE, id="curve polygon"),
    pytest.param(_joined(11, _arc(), WAY_BACK), LINE, id="multicurve"),
    pytest.param(_joined(12, ROUND), TRIANGLE, id="multisurface"),
]


@pytest.mark.parametrize(("curved", "plain"), ARCS)
def test_arcs_of_a_geopackage_are_refused_and_not_turned_into_chords(
    curved: bytes, plain: shapely.Geometry, tmp_path: Path, bring: Importer, store: Store
) -> None:
    units = plain is TRIANGLE
    pyogrio.raw.write(
        tmp_path / "curves.gpkg",
        geometry=np.array([shapely.to_wkb(plain), curved], dtype=object),
        field_data=[
            np.array(("370202", "370203") if units else (LINE_CODE, "37020002020212"), object),
            np.array(("甲", "乙"), object),
        ],
        fields=np.array(["code", "name"]),
        crs="EPSG:4490",
        geometry_type="Unknown",
        driver="GPKG",
    )

    report = bring(tmp_path / "curves.gpkg", "units" if units else "boundary-lines")

    _refused(report, store, "geometry_unreadable", 2, "geometry")
    assert len(report.errors) == 1
    assert "圆弧" in report.errors[0].message.zh


def test_vertex_beyond_the_earth_is_refused(
    geojson: Callable[..., Path], bring: Importer, store: Store
) -> None:
    flung = [[[120.3, 36.1], [1e300, 36.1], [120.4, 36.2], [120.3, 36.1]]]
    report = bring(geojson([(_unit(), {"type": "Polygon", "coordinates": flung})]), "units")

    _refused(report, store, "outside_city", 1, "geometry")


def test_names_that_no_check_would_take(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _table(tmp_path, GOOD, f"2,{'长' * 101},道路,120.3,36.1,370202,\n")

    _refused(bring(path, "place-names"), store, "name_too_long", 3, "name")


@pytest.mark.parametrize(("name", "guess"), [("%E9%9D%92路", "青路"), ("云%00山路", "")])
def test_only_escapes_that_say_something_are_undone(
    name: str, guess: str, tmp_path: Path, bring: Importer
) -> None:
    report = bring(_table(tmp_path, f"9,{name},道路,120.3,36.1,370202,\n"), "place-names")

    told = [issue.values["guess"] for issue in report.issues if issue.code == "text_scrambled"]
    assert told == ([guess] if guess else [])


def test_a_row_of_totals_is_no_record(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _table(tmp_path, GOOD, "合计：,2处,道路,120.3,36.1,370202,\n")

    _refused(bring(path, "place-names"), store, "row_of_totals", 3, "id")


def test_a_type_taken_for_want_of_another_is_told_in_chinese(
    tmp_path: Path, bring: Importer
) -> None:
    report = bring(_table(tmp_path, "9,海门路,,120.3,36.1,370202,\n"), "place-names")

    (told,) = (issue for issue in report.issues if issue.code == "feature_type_missing")
    assert "道路" in told.message.zh
    assert "road" in told.message.en


def test_scrambled_text_with_control_characters(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    read_as_latin_1 = "青岛路".encode().decode("latin-1")
    path = _table(tmp_path, f"1,{read_as_latin_1},道路,120.3,36.1,370202,\n")

    report = bring(path, "place-names")

    _refused(report, store, "text_scrambled", 2, "name")
    assert report.errors[0].values["guess"] == "青岛路"


def test_lost_text_is_not_also_called_missing(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    report = bring(_table(tmp_path, "1,???路,道路,120.3,36.1,370202,\n"), "place-names")

    assert [issue.code for issue in report.errors] == ["text_lost"]
    assert store.verify().entries == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param('{"type": "FeatureCollection", "features": [', "json_broken", id="cut"),
        pytest.param("[" * 5000, "json_too_deep", id="deep"),
        pytest.param('{"type": "Topology"}', "geojson_no_features", id="topojson"),
        pytest.param('{"type": "x", "type": "y"}', "json_repeated_key", id="twice"),
        pytest.param('{"type": "FeatureCollection", "features": []}', "no_rows", id="no-rows"),
    ],
)
def test_bad_json(text: str, code: str, tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "in.geojson"
    path.write_text(text, encoding="utf-8")

    _refused(bring(path, "units"), store, code)


@pytest.mark.parametrize(
    ("text", "field"),
    [('{"name": "\\ud800路"}', "name"), ('{"name": "x", "memo": "\\udfff"}', "memo")],
)
def test_half_a_character(
    text: str, field: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = tmp_path / "in.geojson"
    feature = f'{{"type": "Feature", "properties": {text}, "geometry": null}}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}', encoding="utf-8")

    _refused(bring(path, "place-names"), store, "text_lost", 1, field)


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp", ".zip", ".xlsx"])
def test_disguised_vrt_reads_no_other_file(
    suffix: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    secret = tmp_path / "server.csv"
    secret.write_text("name,lon,lat\n不得外泄,120.3,36.1\n", encoding="utf-8")
    path = tmp_path / f"in{suffix}"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="server">'
        f"<SrcDataSource>{secret}</SrcDataSource><GeometryType>wkbPoint</GeometryType>"
        '<GeometryField encoding="PointFromColumns" x="lon" y="lat"/>'
        "</OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )

    report = bring(path, "place-names")

    assert not report.accepted
    assert "不得外泄" not in json.dumps(report.to_json("zh"), ensure_ascii=False)
    assert store.verify().entries == 0


# --- coordinate systems ---------------------------------------------------------------------


def _shapefile(tmp_path: Path, crs: str | None, shape: Any, **columns: str) -> Path:
    path = tmp_path / "in.shp"
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([shape], dtype=object)),
        field_data=[np.array([value], dtype=object) for value in columns.values()],
        fields=np.array(list(columns)),
        crs=crs or "EPSG:4490",
        geometry_type=shape.geom_type,
        driver="ESRI Shapefile",
        encoding="UTF-8",
    )
    if crs is None:
        path.with_suffix(".prj").unlink()
    return path


LINE_4549 = shapely.LineString([(530000, 3990000), (540000, 4000000)])


@pytest.mark.parametrize(
    ("crs", "code"),
    [
        pytest.param(None, "crs_missing", id="none"),
        pytest.param("EPSG:4547", "crs_mismatch", id="wrong-zone"),
        pytest.param("EPSG:4528", "crs_mismatch", id="prefix-declared-not-written"),
        pytest.param("EPSG:2364", "crs_ballpark", id="xian-80"),
        pytest.param("EPSG:4490", "crs_mismatch", id="degrees-declared"),
    ],
)
def test_wrong_system_of_a_legal_layer(
    crs: str | None, code: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = _shapefile(tmp_path, crs, LINE_4549, code=LINE_CODE)

    report = bring(path, "boundary-lines")

    _refused(report, store, code)
    if code == "crs_mismatch":
        assert report.errors[0].row == 1
        assert "EPSG:4549" in report.errors[0].hint.zh


def test_system_declared_inside_geojson(
    geojson: Callable[..., Path], bring: Importer, store: Store
) -> None:
    path = geojson([(_unit(), {"type": "Polygon", "coordinates": SQUARE})])
    document = json.loads(path.read_text(encoding="utf-8"))
    for name in ("EPSG:4549", "urn:ogc:def:crs:EPSG::4549"):
        document["crs"] = {"type": "name", "properties": {"name": name}}
        path.write_text(json.dumps(document), encoding="utf-8")

        _refused(bring(path, "units"), store, "crs_mismatch", 1)

    document["crs"] = None
    path.write_text(json.dumps(document), encoding="utf-8")
    _refused(bring(path, "units"), store, "crs_missing")


def test_swapped_plane_axes(tmp_path: Path, bring: Importer, store: Store) -> None:
    swapped = shapely.transform(LINE_4549, lambda points: points[:, ::-1])
    path = _shapefile(tmp_path, "EPSG:4549", swapped, code=LINE_CODE)

    _refused(bring(path, "boundary-lines"), store, "axes_swapped", 1)


def test_lon_lat_of_markers_still_need_a_system(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = _table(
        tmp_path, f"001Q,{LINE_CODE},120.3,36.1\n", header="界桩编号,界线代码,经度,纬度\n"
    )

    _refused(bring(path, "markers"), store, "crs_missing", field="crs")
    _refused(bring(path, "markers", crs="EPSG:0"), store, "crs_unreadable", field="crs")


def test_layer_moved_like_gcj02_against_the_register(
    geojson: Callable[..., Path], bring: Importer, store: Store
) -> None:
    square = {"type": "Polygon", "coordinates": SQUARE}
    assert bring(geojson([(_unit(), square)]), "units").accepted
    before = store.verify().head
    moved = {"type": "Polygon", "coordinates": [[[x + 0.00503, y] for x, y in SQUARE[0]]]}

    report = bring(geojson([(_unit(), moved)], "moved.geojson"), "units")

    assert [issue.code for issue in report.errors] == ["shifted"]
    assert "GCJ-02" in report.errors[0].message.zh
    assert store.verify().head == before


# --- codes of lines and markers -------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [
        pytest.param((f"1Q,{LINE_CODE},120.3,36.1", "code_unreadable", "number"), id="number"),
        pytest.param(("001Q,3702,120.3,36.1", "code_unreadable", "line_code"), id="line"),
        pytest.param(("001Q,,120.3,36.1", "value_missing", "line_code"), id="no-line"),
        pytest.param((f"001Q,{LINE_CODE},,", "geometry_missing", "lon"), id="no-place"),
    ],
)
def test_bad_marker(
    case: tuple[str, str, str], tmp_path: Path, bring: Importer, store: Store
) -> None:
    row, code, field = case
    path = _table(tmp_path, row + "\n", header="JZBH,JXDM,JD,WD\n")

    _refused(bring(path, "markers", crs="EPSG:4490"), store, code, 2, field)


def test_line_code_must_name_its_sides(
    geojson: Callable[..., Path], bring: Importer, store: Store
) -> None:
    line = {"type": "LineString", "coordinates": [[120.3, 36.1], [120.4, 36.2]]}
    path = geojson([({"code": LINE_CODE, "left_code": "370202", "right_code": "370212"}, line)])

    _refused(bring(path, "boundary-lines"), store, "line_code_differs", 1, "code")


# --- archives and workbooks -----------------------------------------------------------------


def _zip(tmp_path: Path, entries: dict[str, bytes]) -> Path:
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        pytest.param({"a.shp": bytes(210 << 20)}, "archive_too_big", id="bomb"),
        pytest.param({f"{i}.txt": b"" for i in range(1001)}, "archive_too_many", id="many"),
        pytest.param({"../../a.shp": b"x"}, "archive_unsafe_name", id="climbs"),
        pytest.param({"/etc/a.shp": b"x"}, "archive_unsafe_name", id="root"),
        pytest.param({"inner.zip": b"x"}, "archive_nested", id="nested"),
        pytest.param({"readme.txt": b"x"}, "archive_without_shapefile", id="no-layer"),
        pytest.param({"a.shp": b"x"}, "shapefile_part_missing", id="parts"),
        pytest.param({"机密.shp": b"x"}, "classified", id="secret"),
    ],
)
def test_bad_archive(
    entries: dict[str, bytes], code: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    _refused(bring(_zip(tmp_path, entries), "units"), store, code)


def test_archive_that_lies_about_its_size(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _zip(tmp_path, {"a.shp": bytes(210 << 20), "a.shx": b"", "a.dbf": b""})
    honest = (210 << 20).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(honest, (100).to_bytes(4, "little")))

    report = bring(path, "units")

    assert {issue.code for issue in report.errors} <= {"archive_too_big", "archive_broken"}
    assert not report.accepted


def test_link_in_an_archive(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = tmp_path / "in.zip"
    entry = zipfile.ZipInfo("a.shp")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")

    _refused(bring(path, "units"), store, "archive_link")


def _workbook(tmp_path: Path, rows: list[list[Any]], name: str = "in.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / name
    book.save(path)
    return path


def test_formula_without_a_saved_value(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _workbook(tmp_path, [["名称", "含义"], ["中山路", "=A1"]])

    _refused(bring(path, "place-names"), store, "formula_without_value", 2, "含义")


def test_entities_in_a_workbook(tmp_path: Path, bring: Importer, store: Store) -> None:
    source = _workbook(tmp_path, [["名称"], ["中山路"]], "plain.xlsx")
    path = tmp_path / "in.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
            new.writestr(name, content)

    _refused(bring(path, "place-names"), store, "xml_doctype")


# --- secrets --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["界线（秘密）.csv", "机密名单.csv", "绝密.geojson"])
def test_secret_by_name_is_not_opened(
    name: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = tmp_path / name
    path.write_text(HEADER + GOOD, encoding="utf-8")
    path.chmod(0)  # opening it would be told as file_unreadable to anybody but root
    before = path.stat().st_atime_ns

    report = bring(path, "place-names")

    _refused(report, store, "classified")
    assert path.stat().st_atime_ns == before
    assert [issue.code for issue in report.issues] == ["classified"]


@pytest.mark.parametrize("mark", ["机密★20年", "秘密", "密级：绝密", "（机密）"])
def test_secret_by_mark_tells_nothing_of_the_content(
    mark: str, tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = _table(tmp_path, f"{mark},,,,,,\n", GOOD)

    report = bring(path, "place-names")

    _refused(report, store, "classified")
    assert "香港中路" not in json.dumps(report.to_json("zh"), ensure_ascii=False)


def test_a_place_named_secret_is_a_place(tmp_path: Path, bring: Importer) -> None:
    assert bring(
        _table(tmp_path, GOOD.replace("香港中路", "秘密花园").replace("道路", "小区")),
        "place-names",
    ).accepted
