"""`geo-service boundary compare` as a person runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.geometry import crs
from geo_service.maps.offline import check_offline
from geo_service.services.samples.synthetic import synthetic_layer

LINES = synthetic_layer(faults=False).lines[:4]
Write = Callable[..., Path]


def run(*words: object) -> Result:
    runner = CliRunner(
        env={"COLUMNS": "200", "GEO_SERVICE_LANG": "zh", "GEO_SERVICE_CITY": "990100"}
    )
    return runner.invoke(app, ["boundary", "compare", *map(str, words)])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(name, north_deg)` writes the lines moved north as a file."""

    def make(name: str, north_deg: float = 0.0) -> Path:
        by = np.array([0.0, north_deg])
        features = [
            {
                "type": "Feature",
                "properties": {
                    "code": line.code,
                    "name": line.name,
                    "left_code": line.left_code,
                    "right_code": line.right_code,
                },
                "geometry": json.loads(
                    shapely.to_geojson(shapely.transform(line.geometry, lambda p: p + by))
                ),
            }
            for line in LINES
        ]
        path = tmp_path / name
        system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
        document = {"type": "FeatureCollection", "crs": system, "features": features}
        path.write_text(json.dumps(document), encoding="utf-8")
        return path

    return make


def test_the_desk_table_tells_every_line_and_the_shift(write: Write) -> None:
    result = run(write("a.geojson"), write("b.geojson", 0.001))

    assert result.exit_code == 0
    for line in LINES:
        assert line.name in result.stdout
    assert "整体偏移" in result.stdout
    assert "BD-CMP-01" in result.stdout
    assert "行政区域界线管理条例" in result.stdout
    assert "辅助审查意见，不替代行政决定" in result.stdout


def test_copies_that_agree_say_so(write: Write) -> None:
    result = run(write("a.geojson"), write("b.geojson"), "--lang", "en")

    assert result.exit_code == 0
    assert "The copies agree; nothing found." in result.stdout


def test_the_exit_code_serves_other_programs(write: Write) -> None:
    a, b = write("a.geojson"), write("b.geojson", 0.001)

    result = run(a, b, "--json", "--fail-on", "advised_against")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert told["status"] == "compared"
    assert len(told["lines"]) == len(LINES)
    assert told["lines"][0]["measured"]["a_to_b"]["max_m"] == pytest.approx(111, abs=1)
    assert told["offset"]["constant"] is True


def test_stretches_are_layers_of_a_geopackage(write: Write, tmp_path: Path) -> None:
    out = tmp_path / "out.gpkg"

    result = run(write("a.geojson"), write("b.geojson", 0.001), "--out", out)

    assert result.exit_code == 0
    layers = {name for name, _ in pyogrio.list_layers(out)}
    assert layers == {"lines", "matched", "departures", "lonely_vertices"}
    found = pyogrio.raw.read(out, layer="departures")
    assert found[0]["crs"] == "EPSG:4490"
    assert {"side", "from_m", "to_m", "largest_m", "notice"} <= set(found[0]["fields"])
    assert len(found[2]) >= len(LINES)


@pytest.mark.parametrize("suffix", [".geojson", ".csv"])
def test_other_formats_hold_all_layers_in_one_list(
    suffix: str, write: Write, tmp_path: Path
) -> None:
    out = tmp_path / f"out{suffix}"

    result = run(write("a.geojson"), write("b.geojson", 0.001), "--out", out)

    text = out.read_text(encoding="utf-8-sig")
    assert result.exit_code == 0
    for layer in ("lines", "matched", "departures", "lonely_vertices"):
        assert layer in text


def test_the_map_stands_by_itself_and_is_labelled(write: Write, tmp_path: Path) -> None:
    page = tmp_path / "map.html"

    result = run(write("a.geojson"), write("b.geojson", 0.001), "--map", page)

    html = page.read_text(encoding="utf-8")
    assert result.exit_code == 0
    assert check_offline(html) == []
    for words in ("甲份", "乙份", "超限段", "两份界线资料比对", "内部工作用图，未经审核，不得公开"):
        assert words in html


def test_each_copy_is_read_in_its_own_system(write: Write, tmp_path: Path) -> None:
    a, plane = write("a.geojson"), tmp_path / "plane.csv"
    drawn = np.array([line.geometry for line in LINES], dtype=object)
    rows = [
        f"{line.code},{line.left_code},{line.right_code},{shapely.to_wkt(shape, 4)!r}"
        for line, shape in zip(LINES, crs.to_plane(drawn, 4549), strict=True)
    ]
    text = "\n".join(["code,left_code,right_code,wkt", *rows]).replace("'", '"')
    plane.write_text(text, encoding="utf-8")

    right = run(a, plane, "--crs-b", "EPSG:4549", "--json")
    wrong = run(a, plane, "--crs-b", "EPSG:4547")

    assert right.exit_code == 0, right.stderr
    assert json.loads(right.stdout)["findings"] == []
    assert wrong.exit_code == 3
    assert "文件不能使用" in wrong.stderr


def test_a_copy_that_lies_elsewhere_is_told_and_still_compared(write: Write) -> None:
    result = run(write("a.geojson"), write("b.geojson", -0.6), "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert "outside_city" in {issue["code"] for issue in told["issues"]}
    assert told["offset"]["constant"] is True
    assert told["offset"]["shift"]["lat_deg"] == pytest.approx(0.6, abs=1e-4)


def test_a_report_does_not_replace_a_copy(write: Write) -> None:
    a, b = write("a.geojson"), write("b.geojson")
    before = b.read_bytes()

    result = run(a, b, "--out", b)

    assert result.exit_code == 3
    assert b.read_bytes() == before


def test_a_file_without_lines_is_told(write: Write, tmp_path: Path) -> None:
    nodes = tmp_path / "nodes.geojson"
    feature = {
        "type": "Feature",
        "properties": {"id": "T1", "units": "990101 990102 990103"},
        "geometry": {"type": "Point", "coordinates": [120.0, 38.5]},
    }
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    nodes.write_text(
        json.dumps({"type": "FeatureCollection", "crs": system, "features": [feature]})
    )

    result = run(write("a.geojson"), nodes)

    assert result.exit_code == 3
    assert "nodes.geojson 里没有可以比对的界线" in result.stderr


def test_files_without_a_common_line_are_told(write: Write, tmp_path: Path) -> None:
    a, b = write("a.geojson"), tmp_path / "b.geojson"
    other = synthetic_layer(faults=False).lines[30]
    document = json.loads(a.read_text("utf-8"))
    document["features"] = document["features"][:1]
    document["features"][0]["properties"] = {
        "code": other.code,
        "left_code": other.left_code,
        "right_code": other.right_code,
    }
    document["features"][0]["geometry"] = json.loads(shapely.to_geojson(other.geometry))
    b.write_text(json.dumps(document), encoding="utf-8")

    result = run(a, b)

    assert result.exit_code == 3
    assert "两份文件没有共同的界线：甲份 4 条，乙份 1 条" in result.stderr


def test_a_missing_file_is_told_in_one_sentence(write: Write, tmp_path: Path) -> None:
    result = run(write("a.geojson"), tmp_path / "没有.geojson")

    assert result.exit_code == 3
    assert "找不到文件" in result.stderr
