"""`geo-service boundary check FILE… --layer …`: files of every kind, from disk to finding."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas
import openpyxl
import pyogrio
import pytest
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon, box
from typer.testing import CliRunner

from geo_service.cli.main import app

LINE = "99010001010102"
COURSE = LineString([(120.0, 38.5), (120.01, 38.5), (120.02, 38.5)])
NORTH, SOUTH = box(120.0, 38.5, 120.02, 38.51), box(120.0, 38.49, 120.02, 38.5)
METRE = 1 / 111_000
"""Degrees of latitude, about."""
Told = Callable[..., dict[str, object]]


def put(path: Path, rows: list[dict[str, object]], shapes: list[object], crs: str) -> Path:
    """Rows as a file of the suffix: GeoJSON, GeoPackage or Shapefile."""
    geopandas.GeoDataFrame(rows, geometry=shapes, crs=crs).to_file(path)
    return path


def sheet(path: Path, *rows: tuple[object, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def run(*words: object):
    env = {"COLUMNS": "200", "GEO_SERVICE_LANG": "zh", "GEO_SERVICE_CITY": "990100"}
    return CliRunner(env=env).invoke(app, ["boundary", "check", *map(str, words)])


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """`told(layer=file, …)` checks two units and their line beside layers; the report as JSON."""
    units = [{"code": "990101", "name": "甲区"}, {"code": "990102", "name": "乙区"}]
    line = {"code": LINE, "name": "甲乙线", "left_code": "990101", "right_code": "990102"}
    files = [
        put(tmp_path / "units.geojson", units, [NORTH, SOUTH], "EPSG:4490"),
        put(tmp_path / "lines.gpkg", [line], [COURSE], "EPSG:4490"),
    ]

    def check(*more: object, **layers: Path) -> dict[str, object]:
        given = [f"--layer={word.replace('_', '-')}={path}" for word, path in layers.items()]
        done = run(*files, *given, *more, "--json", "--as-of", "2026-01-01")
        assert done.exit_code in (0, 1), done.output
        return json.loads(done.stdout)

    return check


def of(report: dict[str, object], rule_id: str) -> list[dict[str, object]]:
    return [finding for finding in report["findings"] if finding["rule_id"] == rule_id]


def test_without_layers_their_rules_say_that_they_did_not_run(told: Told) -> None:
    lacking = {row["rule_id"]: row["missing"] for row in told()["rules_not_run"]}
    assert lacking["BD-CMP-04"] == "detailed-map"
    assert lacking["BD-GND-02"] == "buildings"
    assert lacking["BD-SEA-04"] == "tidal-land"


def test_a_detailed_map_in_plane_coordinates_and_its_stretch_as_a_layer(
    told: Told, tmp_path: Path
) -> None:
    bulge = LineString([(120, 38.5), (120.009, 38.5), (120.01, 38.5 + 12 * METRE), (120.02, 38.5)])
    (plane,) = geopandas.GeoSeries([bulge], crs="EPSG:4490").to_crs("EPSG:4549")
    drawn = put(tmp_path / "详图.gpkg", [{"界线代码": LINE}], [plane], "EPSG:4549")
    out = tmp_path / "问题.gpkg"

    report = told("--out", out, detailed_map=drawn)

    (finding,) = of(report, "BD-CMP-04")
    assert finding["severity"] == "advised_against"
    assert finding["evidence"]["measured"] == pytest.approx(12, abs=0.2)
    assert {row["id"] for row in finding["related"]} == {LINE, "990101", "990102"}
    assert "14" in {citation["article"] for citation in finding["citations"]}
    layer = geopandas.read_file(out)
    (row,) = layer[layer["rule_id"] == "BD-CMP-04"].itertuples()
    assert isinstance(row.geometry, MultiLineString | LineString)
    assert 0.009 < row.geometry.bounds[2] - row.geometry.bounds[0] < 0.011
    assert pyogrio.read_info(out)["crs"] == "EPSG:4490"


def test_a_detailed_map_without_a_system_is_refused_and_nothing_is_written(
    told: Told, tmp_path: Path
) -> None:
    told()
    table = tmp_path / "详图.csv"
    table.write_text(f'界线代码,wkt\n{LINE},"{COURSE.wkt}"\n', encoding="utf-8")
    out = tmp_path / "问题.gpkg"

    done = run(tmp_path / "lines.gpkg", f"--layer=detailed-map={table}", "--out", out, "--json")

    assert done.exit_code == 3
    (issue,) = [i for i in json.loads(done.stdout)["issues"] if i["severity"] == "error"]
    assert (issue["code"], issue["file"]) == ("crs_missing", "详图.csv")
    assert issue["message"]
    assert issue["hint"]
    assert not out.exists()


def test_buildings_of_a_geojson_file_and_the_one_that_is_registered(
    told: Told, tmp_path: Path
) -> None:
    rows = [{"名称": "示例楼", "登记号": None}, {"名称": "界上楼", "登记号": "示例-1"}]
    shapes = [box(x, 38.5 - 8 * METRE, x + 0.0003, 38.5 + 24 * METRE) for x in (120.004, 120.015)]
    drawn = put(tmp_path / "房屋.geojson", rows, shapes, "EPSG:4490")

    (finding,) = of(told(buildings=drawn), "BD-GND-02")

    assert finding["severity"] == "info"
    assert finding["subject"]["name"] == "示例楼"
    assert finding["evidence"]["measured"] == pytest.approx(0.25, abs=0.01)
    assert "乙区" in finding["message"]
    assert "25%" in finding["message"]


def test_signs_of_a_workbook(told: Told, tmp_path: Path) -> None:
    book = sheet(
        tmp_path / "界牌.xlsx",
        ("编号", "名称", "经度", "纬度", "同意方"),
        ("S1", "示例界牌", 120.012, 38.5 + 15 * METRE, "990101"),
        ("S2", "双方界牌", 120.013, 38.5, "990101、990102"),
        ("S3", "村口牌", 120.013, 38.505, None),
    )

    (finding,) = of(told(signs=book), "BD-GND-06")

    assert finding["subject"] == {"kind": "signs", "id": "S1", "name": "示例界牌"}
    assert "没有乙区同意的记录" in finding["message"]
    assert finding["evidence"]["measured"] == pytest.approx(15, abs=0.1)


def test_two_surveys_of_a_river_from_two_files(told: Told, tmp_path: Path) -> None:
    north = 90 * METRE
    bent = LineString(
        [(120, 38.5), (120.008, 38.5), (120.01, 38.5 + north), (120.012, 38.5), (120.02, 38.5)]
    )
    old = put(
        tmp_path / "旧河.gpkg",
        [{"名称": "示例河", "测绘日期": "2003-05-01"}],
        [COURSE],
        "EPSG:4490",
    )
    new = put(
        tmp_path / "新河.shp", [{"名称": "示例河", "日期": "2023-05-01"}], [bent], "EPSG:4490"
    )

    report = told(f"--layer=feature-epochs={old}", feature_epochs=new)

    (finding,) = of(report, "BD-GND-01")
    assert finding["subject"]["id"] == LINE
    # The line looks at the slanting reaches of the bend, not at its apex.
    assert finding["evidence"]["measured"] == pytest.approx(80, abs=1)
    assert "界线位置不变" in finding["suggestion"]
    assert finding["geometry"]["type"] == "LineString"


def test_a_table_of_addresses_booked_under_their_unit(told: Told, tmp_path: Path) -> None:
    table = tmp_path / "门址.csv"
    table.write_text(
        "名称,行政区划代码,经度,纬度\n"
        "示例路1号,990101,120.005,38.505\n"
        "示例路2号,990102,120.005,38.503\n",
        encoding="gb18030",
    )

    (finding,) = of(told(placed_names=table), "BD-GND-03")

    assert finding["subject"]["name"] == "示例路2号"
    assert {row["id"] for row in finding["related"]} == {LINE, "990101", "990102"}


def test_shore_layers_together(told: Told, tmp_path: Path) -> None:
    coast = LineString([(120.0, 38.51), (120.02, 38.51), (120.02, 38.49), (120.0, 38.49)])
    islet = Polygon([(120.03, 38.5), (120.031, 38.5), (120.031, 38.501)])
    flat = box(120.02, 38.5, 120.022, 38.501)
    report = told(
        coast=put(tmp_path / "海岸.geojson", [{"id": "c"}], [coast], "EPSG:4490"),
        islands=put(tmp_path / "海岛.geojson", [{"名称": "示例岛"}], [islet], "EPSG:4490"),
        tidal_land=put(tmp_path / "围垦.geojson", [{"名称": "围垦区"}], [flat], "EPSG:4490"),
    )
    assert of(report, "BD-SEA-02") == []
    (island,), (land,) = of(report, "BD-SEA-03"), of(report, "BD-SEA-04")
    assert island["severity"] == "human"
    assert island["question"]
    assert shapely.from_geojson(json.dumps(land["geometry"])).area == pytest.approx(flat.area)
