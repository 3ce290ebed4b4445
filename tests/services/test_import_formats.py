"""Good files of every kind and format are read right, and what was assumed is said aloud."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np
import openpyxl
import pyogrio.raw
import pytest
import shapely

from geo_service.cities import CityProfile
from geo_service.domain.boundary import AdministrativeBoundary, NodeKind
from geo_service.domain.change import RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.provenance import Force
from geo_service.errors import InputError
from geo_service.messages import message
from geo_service.resources import data_dir
from geo_service.services.interchange.reading import ReadResult, read_records
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
LINE_CODE = "37020002020203"
SQUARE = shapely.box(120.3, 36.1, 120.4, 36.2)
LINE = shapely.LineString([(120.3, 36.1), (120.4, 36.2)])
TODAY = date(2026, 11, 23)


@pytest.fixture
def read(city: CityProfile) -> Callable[..., ReadResult]:
    def run(path: Path, kind: str, **options: Any) -> ReadResult:
        return read_records(path, RecordKind(kind), city=city, today=TODAY, **options)

    return run


Reader = Callable[..., ReadResult]


def _layer(
    path: Path,
    shapes: list[Any],
    columns: dict[str, list[Any]],
    *,
    crs: str = "EPSG:4490",
    encoding: str | None = None,
    layer: str | None = None,
) -> Path:
    suffix = path.suffix
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=[np.array(values, dtype=object) for values in columns.values()],
        fields=np.array(list(columns)),
        crs=crs,
        geometry_type=shapes[0].geom_type,
        driver={".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON"}[suffix],
        encoding=encoding,
        layer=layer,
    )
    return path


def _codes(result: ReadResult | ImportReport) -> set[str]:
    return {issue.code for issue in result.issues}


# --- place names ----------------------------------------------------------------------------

ROWS = [
    ["编号", "标准名称", "地名类别", "经度", "纬度", "行政区划代码", "批准日期", "地名含义"],
    ["DM001", "香港中路", "道路", 120.39, 36.065, 370202, date(2020, 2, 28), "以香港命名"],
    ["DM002", "浮山", "山", 120.42, 36.07, "370202", "1998年5月1日", None],
]


def _workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(path)
    return path


def _csv(path: Path, encoding: str, delimiter: str = ",") -> Path:
    lines = [delimiter.join("" if c is None else str(c) for c in row) for row in ROWS]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    return path


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda p: _csv(p / "n.csv", "utf-8"), id="utf-8"),
        pytest.param(lambda p: _csv(p / "n.csv", "utf-8-sig"), id="utf-8-bom"),
        pytest.param(lambda p: _csv(p / "n.csv", "gb18030"), id="gb18030"),
        pytest.param(lambda p: _csv(p / "n.csv", "utf-16", "\t"), id="utf-16-tabs"),
        pytest.param(lambda p: _csv(p / "n.csv", "utf-8", ";"), id="semicolons"),
        pytest.param(lambda p: _workbook(p / "n.xlsx"), id="xlsx"),
    ],
)
def test_tables_of_place_names(
    make: Callable[[Path], Path], tmp_path: Path, bring: Importer, store: Store
) -> None:
    report = bring(make(tmp_path), "place-names")

    assert report.accepted, report.errors
    assert report.stored == 2
    assert "crs_presumed" in _codes(report)
    road = cast("NamedPlace", store.get(RecordKind.PLACE_NAMES, "DM001"))
    assert (road.name, road.feature_type) == ("香港中路", FeatureType.ROAD)
    assert road.approved_on == date(2020, 2, 28)
    assert road.unit_code == "370202"
    assert road.meaning == "以香港命名"
    assert shapely.get_coordinates(road.geometry).tolist() == [[120.39, 36.065]]
    hill = cast("NamedPlace", store.get(RecordKind.PLACE_NAMES, "DM002"))
    assert (hill.feature_type, hill.approved_on) == (FeatureType.NATURAL, date(1998, 5, 1))


def test_guessed_encoding_is_said_aloud(tmp_path: Path, bring: Importer) -> None:
    report = bring(_csv(tmp_path / "n.csv", "gb18030"), "place-names")

    assert "encoding_guessed" in _codes(report)
    assert "encoding_guessed" not in _codes(
        bring(_csv(tmp_path / "n.csv", "gb18030"), "place-names", encoding="GBK")
    )


@pytest.mark.parametrize("headers", ["MC,LX,JD,WD", "NAME,Kind,LON,Lat", "地名,类型,lng,latitude"])
def test_column_names_in_three_tongues(headers: str, tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "n.csv"
    path.write_text(f"{headers}\n中山路,道路,120.32,36.06\n", encoding="utf-8")

    [place] = read(path, "place-names").records

    assert cast("NamedPlace", place).feature_type is FeatureType.ROAD
    assert place.name == "中山路"


def test_rows_of_the_report_carry_register_names_and_the_raw_input(
    tmp_path: Path, bring: Importer
) -> None:
    row = bring(_csv(tmp_path / "n.csv", "utf-8"), "place-names").to_json("zh")["rows"][0]

    assert row["id"] == "DM001"
    assert row["unit_code"] == "370202"
    assert row["approved_on"] == "2020-02-28"
    assert row["raw"]["标准名称"] == "香港中路"


def test_hidden_and_wide_characters_are_cleaned_and_listed(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "n.csv"
    path.write_text(
        "name,kind\n\u200b云南路\u00a0,道路\n\uff18号支路,道路\n䶮山路（北）,道路\n",
        encoding="utf-8",
    )

    result = read(path, "place-names")

    assert [place.name for place in result.records] == ["云南路", "8号支路", "䶮山路（北）"]
    assert [(n["row"], n["field"], n["raw"], n["stored"]) for n in result.normalised] == [
        (2, "name", "\u200b云南路\u00a0", "云南路"),
        (3, "name", "\uff18号支路", "8号支路"),
    ]


def test_place_without_id_keeps_its_identity(tmp_path: Path, bring: Importer) -> None:
    path = tmp_path / "n.csv"
    path.write_text("name,lon,lat\n中山路,120.32,36.06\n", encoding="utf-8")
    first = bring(path, "place-names")
    path.write_text("name,lon,lat\n中山路,120.32,36.06\n太平路,120.33,36.06\n", encoding="utf-8")

    second = bring(path, "place-names")

    assert (first.stored, second.stored) == (1, 1)
    assert second.rows[0]["name"] == "太平路"


def test_type_left_out_is_read_from_the_generic_and_said(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "n.csv"
    path.write_text("name\n中山路\n", encoding="utf-8")

    result = read(path, "place-names")

    assert cast("NamedPlace", result.records[0]).feature_type is FeatureType.ROAD
    assert "feature_type_missing" in _codes(result)


def test_former_code_warns_with_its_successor(tmp_path: Path, bring: Importer) -> None:
    path = tmp_path / "n.csv"
    path.write_text("name,kind,code,status\n台东村,村,370205,曾用名\n", encoding="utf-8")

    report = bring(path, "place-names")

    assert report.accepted
    [issue] = [issue for issue in report.issues if issue.code == "code_not_in_force"]
    assert (issue.row, issue.field, issue.values["successors"]) == (2, "unit_code", "370203")
    assert report.rows[0]["status"] == NameStatus.FORMER


def test_every_digit_of_a_chinese_name_survives(tmp_path: Path, bring: Importer) -> None:
    """Characters beyond the basic plane, compatibility and traditional forms are left alone."""
    names = ["𬇙水路", "㑇家村", "臺東路", "凉\uf9d1路"]
    path = tmp_path / "n.csv"
    path.write_text("name\n" + "\n".join(names) + "\n", encoding="utf-8")

    report = bring(path, "place-names")

    assert [row["name"] for row in report.rows] == names


# --- units, lines, markers ------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp"])
def test_units(suffix: str, tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _layer(
        tmp_path / f"u{suffix}",
        [SQUARE],
        {"XZQDM": ["370202"], "XZQMC": ["市南区"]},
        encoding="UTF-8",
    )

    report = bring(path, "units")

    assert report.accepted, report.errors
    unit = store.get(RecordKind.UNITS, "370202")
    assert unit.name == "市南区"
    assert shapely.equals(cast("Any", unit).geometry, SQUARE)


def test_plane_coordinates_land_where_they_belong(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    """A line in the city's zone, with and without zone prefix, to a millimetre."""
    plane = shapely.LineString([(526986.1, 3996003.2), (540000, 4000000)])
    for crs, offset, code in (
        ("EPSG:4549", 0, LINE_CODE),
        ("EPSG:4528", 40_000_000, "37020002020212"),
    ):
        moved = shapely.transform(plane, lambda xy, by=offset: np.add(xy, (by, 0)))
        path = _layer(tmp_path / f"{offset}.gpkg", [moved], {"code": [code]}, crs=crs)
        assert bring(path, "boundary-lines").accepted

    one = cast("AdministrativeBoundary", store.get(RecordKind.BOUNDARY_LINES, LINE_CODE))
    other = cast("AdministrativeBoundary", store.get(RecordKind.BOUNDARY_LINES, "37020002020212"))
    assert shapely.equals_exact(one.geometry, other.geometry, 1e-8)
    assert shapely.get_coordinates(one.geometry)[0] == pytest.approx([120.3, 36.1], abs=0.01)


def test_line_from_its_two_sides(
    geojson: Callable[..., Path], bring: Importer, store: Store
) -> None:
    path = geojson(
        [
            (
                {"left_code": "370203", "right_code": "370202", "JXCD": "12.5", "是否争议": "否"},
                shapely.geometry.mapping(LINE),
            )
        ]
    )

    assert bring(path, "boundary-lines").accepted
    line = cast("AdministrativeBoundary", store.get(RecordKind.BOUNDARY_LINES, LINE_CODE))
    assert (line.left_code, line.right_code) == ("370203", "370202")
    assert (line.length_km, line.legal_status.value) == (12.5, "agreed")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        pytest.param(("纵坐标,横坐标", 3996003.2, 526986.1), None, id="named-axes"),
        pytest.param(("X,Y", 3996003.2, 526986.1), "axes_x_north", id="x-is-north"),
        pytest.param(("x,y", 526986.1, 3996003.2), "axes_x_east", id="x-is-east"),
    ],
)
def test_marker_axes(
    case: tuple[str, float, float], said: str | None, tmp_path: Path, read: Reader
) -> None:
    header, x, y = case
    path = tmp_path / "m.csv"
    path.write_text(
        f"JZBH,JXDM,JZLX,高程,{header}\n001A,{LINE_CODE},双立,35.2,{x},{y}\n", encoding="utf-8"
    )

    result = read(path, "markers", crs="EPSG:4549")

    assert not result.refused, result.issues
    marker = cast("BoundaryMarker", result.records[0])
    assert (marker.kind, marker.height_m) == (MarkerKind.PAIRED, 35.2)
    assert shapely.get_coordinates(marker.position)[0] == pytest.approx([120.3, 36.1], abs=0.01)
    assert {code for code in _codes(result) if code.startswith("axes")} == (
        {said} if said else set()
    )


def test_synthetic_rows_stay_synthetic(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "n.csv"
    path.write_text("name,force,source\n甲县路,示例,生成器\n", encoding="utf-8")

    origin = read(path, "place-names").records[0].provenance

    assert (origin.force, origin.source) == (Force.SYNTHETIC, "生成器")


def test_kinds_of_later_work_are_not_accepted(tmp_path: Path, bring: Callable[..., object]) -> None:
    with pytest.raises(InputError) as refusal:
        bring(tmp_path / "n.gpkg", "boundary-nodes")
    assert refusal.value.code == "import_kind_unknown"


def test_nodes_are_read_for_a_check(
    tmp_path: Path, geojson: Callable[..., Path], read: Reader
) -> None:
    point = {"type": "Point", "coordinates": [120.3, 36.1]}
    path = geojson(
        [
            ({"id": "T1", "类型": "三交点", "units": "370203 370202、370212"}, point),
            ({"id": "S1", "units": "370202,370212"}, point),
            ({"id": "X1", "units": "370202,37"}, point),
        ]
    )

    result = read(path, "boundary-nodes")

    first, second = result.records[:2]
    assert (first.id, first.kind, first.units) == (
        "T1",
        NodeKind.TRIPOINT,
        ("370202", "370203", "370212"),
    )
    assert (second.kind, second.position) == (NodeKind.SEA_END, shapely.Point(120.3, 36.1))
    assert [(i.row, i.field) for i in result.issues if i.code == "code_unreadable"] == [
        (3, "units")
    ]


# --- shapefiles and their encodings ---------------------------------------------------------

NAMES = ["市南区", "联通", "市北区"]


def _shapefile(tmp_path: Path, encoding: str, cpg: str | None) -> Path:
    path = _layer(
        tmp_path / "in.shp",
        [shapely.Point(120.3 + i / 100, 36.1) for i in range(3)],
        {"名称": NAMES, "LX": ["政区", "设施", "政区"]},
        encoding=encoding,
    )
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg)
    return path


@pytest.mark.parametrize(
    ("written", "guessed"),
    [
        pytest.param(("GBK", "GBK"), False, id="gbk-declared"),
        pytest.param(("GBK", "936"), False, id="gbk-by-code-page"),
        pytest.param(("GBK", None), True, id="gbk-undeclared"),
        pytest.param(("GB18030", "GB18030"), False, id="gb18030-declared"),
        pytest.param(("UTF-8", "UTF-8"), False, id="utf-8-declared"),
        pytest.param(("UTF-8", None), False, id="utf-8-undeclared"),
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_shapefile_text(
    written: tuple[str, str | None], guessed: bool, zipped: bool, tmp_path: Path, read: Reader
) -> None:
    path = _shapefile(tmp_path, *written)
    if zipped:
        path = _pack(path)

    result = read(path, "place-names")

    assert not result.refused, result.issues
    assert [place.name for place in result.records] == NAMES
    assert ("encoding_guessed" in _codes(result)) is guessed


def _pack(path: Path) -> Path:
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(path.parent.glob("in.*")):
            if part != target:
                archive.write(part, f"数据/{part.name}")
    return target


@pytest.mark.parametrize(("encoding", "cpg"), [("GBK", "UTF-8"), ("UTF-8", "GBK")])
def test_shapefile_that_declares_the_wrong_encoding(
    encoding: str, cpg: str, tmp_path: Path, read: Reader
) -> None:
    result = read(_shapefile(tmp_path, encoding, cpg), "place-names")

    assert result.refused
    assert "encoding_declared_wrong" in _codes(result)
    mended = read(_shapefile(tmp_path, encoding, cpg), "place-names", encoding=encoding)
    assert [place.name for place in mended.records] == NAMES


# --- layers ---------------------------------------------------------------------------------


def test_one_of_several_layers_has_to_be_named(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "two.gpkg"
    for layer in ("甲", "乙"):
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(np.array([shapely.Point(120.3, 36.1)], dtype=object)),
            field_data=[np.array([f"{layer}路"], dtype=object)],
            fields=np.array(["name"]),
            crs="EPSG:4490",
            geometry_type="Point",
            driver="GPKG",
            layer=layer,
            append=path.exists(),
        )

    unclear = read(path, "place-names")
    assert unclear.refused
    assert "甲" in unclear.issues[0].message.zh
    assert [p.name for p in read(path, "place-names", layer="乙").records] == ["乙路"]
    assert "layer_unknown" in _codes(read(path, "place-names", layer="丙"))


# --- messages -------------------------------------------------------------------------------


def test_every_code_in_the_sources_has_message_and_remedy() -> None:
    """Codes are strings in the readers; a missing text would only show on the day it is needed."""
    import re
    import tomllib

    package = Path(__file__).parents[2] / "geo_service" / "services" / "interchange"
    told = re.compile(
        r"(?:\berror|\bwarning|\binfo|\btell|Unreadable|DateRefused)\(\s*\"([a-z0-9_]+)\""
        r"|note\(\"(?:error|warning|info)\", \"([a-z0-9_]+)\""
    )
    used = {
        first or second
        for path in package.rglob("*.py")
        for first, second in told.findall(path.read_text(encoding="utf-8"))
    }
    with (data_dir() / "messages" / "import.toml").open("rb") as file:
        table = tomllib.load(file)["import"]

    assert len(used) > 60
    assert {code for code in used if code not in table or f"{code}_hint" not in table} == set()
    assert message("import.notice").zh == "内部工作用图，未经审核，不得公开"


def test_codes_compare_as_text(tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "n.csv"
    path.write_text("name,unit_code\n中山路,370202000000\n", encoding="utf-8")

    place = cast("NamedPlace", read(path, "place-names").records[0])

    assert place.unit_code == DivisionCode("370202")


def test_unit_under_a_name_its_code_does_not_have(
    geojson: Callable[..., Path], read: Reader
) -> None:
    path = geojson([({"code": "370215", "name": "即墨市"}, shapely.geometry.mapping(SQUARE))])

    result = read(path, "units")

    assert not result.refused
    [issue] = [issue for issue in result.issues if issue.code == "unit_name_differs"]
    assert "即墨区" in issue.message.zh


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2020-02-28", None),
        ("2020/2/28", None),
        ("20200228", None),
        ("2020年2月28日", None),
        ("\uff12\uff10\uff12\uff10-02-28", None),
        ("2020-02-28 10:30:00", None),
        ("2020-02-28T23:00:00+08:00", None),
        ("2020-02-27T16:00:00Z", "date_ambiguous"),
        ("2020-02-30", "date_impossible"),
        ("2021-02-29", "date_impossible"),
        ("2020-13-01", "date_impossible"),
        ("28/02/2020", "date_ambiguous"),
        ("2020年2月", "date_incomplete"),
        ("43889", "date_ambiguous"),
        ("二〇二〇年", "date_incomplete"),
    ],
)
def test_dates(written: str, code: str | None, tmp_path: Path, read: Reader) -> None:
    path = tmp_path / "n.csv"
    path.write_text(f"name,date\n中山路,{written}\n", encoding="utf-8")

    result = read(path, "place-names")

    dates = {c for c in _codes(result) if c.startswith("date")}
    assert dates == ({code} if code else set())
    if code is None:
        assert cast("NamedPlace", result.records[0]).approved_on == date(2020, 2, 28)
