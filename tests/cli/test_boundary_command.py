"""`geo-service boundary check` as a person runs it: where its findings may be written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app

SQUARE = [[[120.3, 36.1], [120.4, 36.1], [120.4, 36.2], [120.3, 36.2], [120.3, 36.1]]]
UNIT = {
    "type": "Feature",
    "properties": {"code": "370202", "name": "市南区"},
    "geometry": {"type": "Polygon", "coordinates": SQUARE},
}


def run(*words: str | Path) -> Result:
    runner = CliRunner(env={"COLUMNS": "160", "GEO_SERVICE_LANG": "zh", "GEO_SERVICE_STORE": None})
    return runner.invoke(app, [str(word) for word in words])


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [UNIT]}), "utf-8")
    return path


def test_findings_do_not_replace_the_file_under_check(units: Path) -> None:
    before = units.read_bytes()

    result = run("boundary", "check", units, "--out", units.parent / "." / units.name)

    assert result.exit_code == 3
    assert "不能用检查结果覆盖" in result.stderr
    assert units.read_bytes() == before


@pytest.mark.parametrize("json_", [[], ["--json"]])
def test_findings_do_not_replace_the_register(
    json_: list[str], units: Path, tmp_path: Path
) -> None:
    register = tmp_path / "register.gpkg"
    assert run("store", "init", "--store", f"gpkg:{register}").exit_code == 0
    before = register.read_bytes()

    result = run("boundary", "check", units, "--out", register, *json_)

    assert result.exit_code == 3
    assert register.read_bytes() == before
    if json_:
        assert json.loads(result.stdout)["code"] == "export_onto_register"


def test_unfit_target_is_told_before_the_check(units: Path, tmp_path: Path) -> None:
    result = run("boundary", "check", units, "--out", tmp_path / "out.shp", "--json")

    assert result.exit_code == 3
    assert json.loads(result.stdout)["code"] == "export_format_unknown"


def test_a_missing_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    result = run("boundary", "check", tmp_path / "没有.geojson")

    assert result.exit_code == 3
    assert "没有.geojson：找不到文件。请核对路径和文件名。" in result.stderr
