"""`geo-service boundary repair` as a person runs it: previews, one application, one way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.rules.boundaries._drawing import at_metres

WEST = "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))"
EAST = "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 900 500, 1000 0))"
LINE = "LINESTRING(1000 1000, 1000 0)"
KEYS = [
    *("status", "issues", "city", "as_of", "scale", "counts", "severities", "proposals"),
    *("unmended", "digest", "notice"),
]


def run(*words: str | Path) -> Result:
    environment = {
        "COLUMNS": "160",
        "GEO_SERVICE_LANG": "zh",
        "GEO_SERVICE_STORE": None,
        "GEO_SERVICE_CITY": "990100",
    }
    return CliRunner(env=environment).invoke(app, [str(word) for word in words])


def collection(path: Path, *features: tuple[dict[str, Any], str]) -> Path:
    told = [
        {
            "type": "Feature",
            "properties": properties,
            "geometry": json.loads(shapely.to_geojson(at_metres(wkt))),
        }
        for properties, wkt in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": told}), "utf-8")
    return path


@pytest.fixture
def units(tmp_path: Path) -> Path:
    return collection(
        tmp_path / "units.geojson",
        ({"code": "990101", "name": "甲区"}, WEST),
        ({"code": "990102", "name": "乙区"}, EAST),
    )


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    sides = {"code": "99010001010102", "left_code": "990102", "right_code": "990101"}
    return collection(tmp_path / "lines.geojson", ({**sides, "name": "甲乙线"}, LINE))


@pytest.fixture
def store(units: Path, lines: Path, tmp_path: Path) -> str:
    url = f"gpkg:{tmp_path / 'register.gpkg'}"
    run("store", "init", "--store", url)
    for path, kind in ((units, "units"), (lines, "boundary-lines")):
        done = run("import", path, "--as", kind, "--store", url)
        assert done.exit_code == 0, done.output
    return url


def preview(*words: str | Path) -> dict[str, Any]:
    result = run("boundary", "repair", *words, "--json")
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


def test_files_are_previewed_and_left_as_they_are(units: Path, lines: Path) -> None:
    before = [path.read_bytes() for path in (units, lines)]

    told = preview(units, lines)

    assert list(told) == KEYS
    (proposal,) = told["proposals"]
    assert proposal["kind"] == "outline_from_line"
    assert [record["id"] for record in proposal["records"]] == ["990102"]
    assert proposal["transfers"][0]["to"] == "990101"
    assert [path.read_bytes() for path in (units, lines)] == before


def test_a_person_reads_what_changes_and_what_is_left(units: Path) -> None:
    result = run("boundary", "repair", units)

    assert "以甲区的边为准" in result.stdout
    assert "以乙区的边为准" in result.stdout
    assert "不作取舍" in result.stdout
    assert "辅助审查意见" in result.stdout
    english = run("boundary", "repair", units, "--lang", "en", "--lock", "990101").stdout
    assert "The edge of 甲区 stays" in english
    assert "The edge of 乙区 stays" not in english
    assert "stays: 甲区 990101 (locked)" in english


def test_files_take_no_application(units: Path) -> None:
    result = run("boundary", "repair", units, "--apply", "R-0", "--actor", "张三", "--reason", "试")

    assert result.exit_code == 3
    assert "文件是送来的证据" in result.stderr


def test_apply_and_take_back(store: str) -> None:
    (proposal,) = preview("--store", store)["proposals"]
    signed = ("--actor", "张三", "--reason", "核对附图", "--store", store)

    unsigned = run("boundary", "repair", "--apply", proposal["id"], "--store", store)
    applied = run("boundary", "repair", "--apply", proposal["id"], *signed, "--json")
    told = preview("--store", store)
    again = run("boundary", "repair", "--apply", proposal["id"], *signed)
    back = run("boundary", "repair", "--revert", proposal["id"], *signed)
    twice = run("boundary", "repair", "--revert", proposal["id"], *signed, "--json")

    assert (unsigned.exit_code, "--actor" in unsigned.stderr) == (3, True)
    assert applied.exit_code == 0, applied.output
    written = json.loads(applied.stdout)
    assert (written["status"], written["repair"]) == ("applied", proposal["id"])
    (entry,) = written["changes"]
    assert (entry["record"], entry["actor"], entry["reason"]) == ("990102", "张三", "核对附图")
    assert told["proposals"] == []
    assert (again.exit_code, "重新预览" in again.stderr) == (3, True)
    assert (back.exit_code, "已撤回" in back.stdout) == (0, True)
    assert (twice.exit_code, json.loads(twice.stdout)["code"]) == (4, "repair_superseded")
    assert [p["id"] for p in preview("--store", store)["proposals"]] == [proposal["id"]]
    assert run("audit", "verify", "--store", store).exit_code == 0


def test_a_preview_says_by_its_exit_whether_findings_are_left(units: Path, lines: Path) -> None:
    assert run("boundary", "repair", units, lines).exit_code == 0
    assert run("boundary", "repair", units, lines, "--fail-on", "advised_against").exit_code == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--lock", "990177"), "repair_lock_unknown"),
        (("--unlock", "990101"), "repair_unlock_unknown"),
        (("--only", "F-0"), "repair_unknown"),
        (("--out", "preview.shp"), "export_format_unknown"),
    ],
)
def test_what_cannot_be_done_is_told(words: tuple[str, ...], code: str, units: Path) -> None:
    result = run("boundary", "repair", units, *words, "--json")

    assert result.exit_code == 3
    assert json.loads(result.stdout)["code"] == code


def test_one_application_at_a_time(store: str) -> None:
    assert run("boundary", "repair", "--apply", "R-1", "--revert", "R-2").exit_code == 2


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".csv"])
def test_before_and_after_go_to_a_file(suffix: str, units: Path, tmp_path: Path) -> None:
    target = tmp_path / f"preview{suffix}"

    result = run("boundary", "repair", units, "--out", target)

    assert result.exit_code == 0, result.output
    assert "6 个图形" in result.stdout
    if suffix == ".geojson":
        features = json.loads(target.read_text("utf-8"))["features"]
        layers = [feature["properties"]["layer"] for feature in features]
        assert layers == ["before"] * 2 + ["after"] * 2 + ["ground"] * 2
        assert {feature["properties"]["way"] for feature in features[4:]} == {"lost"}


def test_the_map_shows_before_after_and_the_ground(
    units: Path, lines: Path, tmp_path: Path
) -> None:
    page = tmp_path / "map.html"

    result = run("boundary", "repair", units, lines, "--map", page)

    assert result.exit_code == 0, result.output
    text = page.read_text("utf-8")
    assert all(word in text for word in ("改前（1）", "改后（1）", "变动的地（1）", "沿界线甲乙线"))
    assert "未经审核" in text


def test_nothing_there_is_no_clean_bill(tmp_path: Path) -> None:
    url = f"gpkg:{tmp_path / 'empty.gpkg'}"
    run("store", "init", "--store", url)

    result = run("boundary", "repair", "--store", url, "--json")

    assert result.exit_code == 3
    assert json.loads(result.stdout)["code"] == "nothing_to_check"
