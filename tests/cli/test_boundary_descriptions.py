"""`geo-service boundary describe` and `check-description` as a person runs them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app

TEXT = (
    "从1号界桩起，沿清水河左岸向东至石岭村，转向南行约1100米至2号界桩止。该段界线长度为1.982千米。"
)
BENT = [[119.5, 38.5], [119.51, 38.5], [119.51, 38.49]]


def run(*words: str | Path) -> Result:
    runner = CliRunner(
        env={"COLUMNS": "160", "GEO_SERVICE_LANG": "zh", "GEO_SERVICE_CITY": "990100"}
    )
    return runner.invoke(app, [str(word) for word in words])


def features(path: Path, *rows: tuple[dict[str, Any], str, Any]) -> Path:
    made = [
        {"type": "Feature", "properties": facts, "geometry": {"type": kind, "coordinates": places}}
        for facts, kind, places in rows
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), "utf-8")
    return path


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, "utf-8")
    return path


@pytest.fixture
def line(tmp_path: Path) -> Path:
    facts = {
        "code": "99010001010102",
        "name": "甲乙线",
        "left_code": "990101",
        "right_code": "990102",
    }
    return features(tmp_path / "line.geojson", (facts, "LineString", BENT))


@pytest.fixture
def markers(tmp_path: Path) -> Path:
    return features(
        tmp_path / "markers.geojson",
        *(
            ({"number": f"00{n}Q", "line_code": "99010001010102"}, "Point", place)
            for n, place in ((1, BENT[0]), (2, BENT[-1]))
        ),
    )


@pytest.fixture
def landmarks(tmp_path: Path) -> Path:
    return features(
        tmp_path / "names.geojson",
        ({"name": "石岭村", "feature_type": "village"}, "Point", BENT[1]),
        (
            {"name": "清水河", "feature_type": "natural"},
            "LineString",
            [[119.499, 38.4999], [119.511, 38.4999]],
        ),
    )


def test_without_a_line_the_text_is_parsed_only(text: Path) -> None:
    result = run("boundary", "check-description", text, "--json")
    assert result.exit_code == 0, result.output
    (segment,) = json.loads(result.stdout)["segments"]
    assert (segment["start"], segment["end"], segment["length_km"]) == ("1号界桩", "2号界桩", 1.982)
    first, second = segment["clauses"]
    assert (first["direction"], first["bearing_deg"], first["along"]) == ("东", 90.0, "清水河")
    assert (first["via"], first["sense"], first["length_m"]) == ([], None, None)
    assert (second["direction"], second["length_m"], second["approximate"]) == ("南", 1100.0, False)
    assert TEXT[slice(*second["span"])] == second["quote"]


def test_other_encodings_are_read_and_told(tmp_path: Path) -> None:
    path = tmp_path / "gbk.txt"
    path.write_bytes(TEXT.encode("gb18030"))
    guessed = json.loads(run("boundary", "check-description", path, "--json").stdout)
    assert [issue["code"] for issue in guessed["issues"]] == ["encoding_guessed"]
    named = run("boundary", "check-description", path, "--encoding", "GBK", "--json")
    assert json.loads(named.stdout)["issues"] == []
    assert json.loads(named.stdout)["segments"] == guessed["segments"]


def test_a_text_that_fits_its_line_has_no_finding(
    text: Path, line: Path, markers: Path, landmarks: Path
) -> None:
    result = run(
        *("boundary", "check-description", text, "--line", line, "--markers", markers),
        *("--landmarks", landmarks, "--json", "--fail-on", "info"),
    )
    report = json.loads(result.stdout)
    assert [finding["message"] for finding in report["findings"]] == []
    assert result.exit_code == 0
    assert report["rules_not_run"] == []


def test_a_contradiction_ends_with_one(tmp_path: Path, line: Path, markers: Path) -> None:
    path = tmp_path / "wrong.txt"
    path.write_text(TEXT.replace("2号界桩", "3号界桩"), "utf-8")
    arguments = ("boundary", "check-description", path, "--line", line, "--markers", markers)
    result = run(*arguments, "--json")
    assert result.exit_code == 1
    assert {f["rule_id"] for f in json.loads(result.stdout)["findings"]} == {"DS-NODE-01"}
    told = run(*arguments)
    assert told.exit_code == 1
    assert "[不宜] DS-NODE-01" in told.stdout
    assert "未运行 DS-LMK-01" in told.stdout


@pytest.mark.parametrize(
    "content",
    [
        "The quick brown fox jumps over the lazy dog. " * 50,
        "\x07\x1b[31m\x00" * 2000,
        "“（「" * 20_000,
        "甲乙丙丁" * 25_000,
        "向东，" * 33_000,
        "从1号界桩起，向东至2号界桩止。" * 6_000,
    ],
    ids=["english", "control", "brackets", "no words", "no end", "over and over"],
)
def test_a_hostile_text_has_a_clear_answer(
    tmp_path: Path, line: Path, markers: Path, content: str
) -> None:
    path = tmp_path / "hostile.txt"
    path.write_text(content, "utf-8")
    told = run("boundary", "check-description", path, "--line", line, "--markers", markers)
    assert told.exit_code in (0, 1), told.output[-2000:]
    assert told.exception is None or isinstance(told.exception, SystemExit)
    assert "\x1b" not in told.stdout
    empty = "没有一句读得出" in told.stdout + told.stderr
    assert empty == ("向东" not in content)


def test_a_file_with_markers_of_several_lines_must_tell_which(
    tmp_path: Path, text: Path, line: Path, markers: Path
) -> None:
    own = json.loads(markers.read_text("utf-8"))["features"]
    rows = [(f["properties"], "Point", f["geometry"]["coordinates"]) for f in own]
    moved = [[lon + 0.05, lat] for _, _, (lon, lat) in rows]
    other = [
        ({**facts, "line_code": "99010001010103"}, "Point", place)
        for (facts, _, _), place in zip(rows, moved, strict=True)
    ]
    third = [({**facts, "line_code": "99010001020103"}, kind, at) for facts, kind, at in other]
    both = features(tmp_path / "both.geojson", *rows, *other)
    neither = features(tmp_path / "neither.geojson", *other, *third)
    command = ("boundary", "check-description", text, "--json")

    told = run(*command, "--line", line, "--markers", both)
    assert told.exit_code == 0, told.output
    assert [finding["rule_id"] for finding in json.loads(told.stdout)["findings"]] == []
    for refused in (
        run(*command, "--markers", both),
        run(*command, "--line", line, "--markers", neither),
    ):
        assert refused.exit_code == 3
        issues = json.loads(refused.stdout)["issues"]
        (issue,) = [issue for issue in issues if issue["severity"] == "error"]
        assert (issue["code"], issue["field"]) == ("markers_of_lines", "line_code")
        assert "--line" in issue["hint"]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("空.txt", b"", "file_empty"),
        ("机密-说明.txt", TEXT.encode(), "classified"),
        ("a.txt", ("机密★10年\n" + TEXT).encode(), "classified"),
        ("b.txt", b"\xff\xfe\xff", "text_undecodable"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    result = run("boundary", "check-description", path, "--json")
    assert result.exit_code == 3
    answer = json.loads(result.stdout)
    assert answer["status"] == "rejected"
    assert [issue["code"] for issue in answer["issues"]] == [code]


def test_a_missing_file_and_several_lines_are_refused(
    tmp_path: Path, text: Path, markers: Path
) -> None:
    assert run("boundary", "check-description", tmp_path / "none.txt").exit_code == 3
    two = features(
        tmp_path / "two.geojson",
        *(
            (
                {"code": f"9901000101010{n}", "left_code": "990101", "right_code": f"99010{n}"},
                "LineString",
                BENT,
            )
            for n in (2, 3)
        ),
    )
    result = run("boundary", "check-description", text, "--line", two, "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["code"] == "line_not_one"


def test_a_line_from_a_file_is_described(line: Path, markers: Path, landmarks: Path) -> None:
    result = run(
        *("boundary", "describe", line, "--markers", markers, "--landmarks", landmarks, "--json")
    )
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["text"].startswith("从1号界桩起，向东沿清水河行")
    assert "至石岭村，转向南行" in answer["text"]
    (segment,) = answer["segments"]
    assert [clause["direction"] for clause in segment["clauses"]] == ["东", "南"]
    assert "不得公开" in answer["notice"]


def test_the_sections_go_into_a_file_for_a_gis(
    line: Path, markers: Path, landmarks: Path, tmp_path: Path
) -> None:
    out = tmp_path / "sections.gpkg"
    asked = ("boundary", "describe", line, "--markers", markers, "--landmarks", landmarks)
    told = json.loads(run(*asked, "--sections", out, "--json").stdout)
    assert told["sections"]
    assert len(told["sections"]) == len(told["segments"])
    listed = subprocess.run(
        ["ogrinfo", "-ro", "-so", out, "sections"], capture_output=True, text=True, check=True
    ).stdout
    assert f"Feature Count: {len(told['sections'])}" in listed
    assert run(*asked, "--sections", tmp_path / "sections.doc").exit_code != 0


def test_a_line_of_the_store_is_described_with_its_markers(
    tmp_path: Path, line: Path, markers: Path
) -> None:
    store = f"gpkg:{tmp_path / 'register.gpkg'}"
    assert run("store", "init", "--store", store).exit_code == 0
    for path, kind in ((line, "boundary-lines"), (markers, "markers")):
        taken = run("import", path, "--as", kind, "--store", store)
        assert taken.exit_code == 0, taken.output
    result = run("boundary", "describe", "99010001010102", "--store", store)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("从1号界桩起，向东行")
    assert run("boundary", "describe", "99010001010109", "--store", store).exit_code == 3
