"""`name check-file`, `replay`, `accept-pair`: exit codes, files, and what a person reads."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from geo_service.cli.main import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run(words)` under `name`, over a register of its own."""
    store = f"gpkg:{tmp_path / 's.gpkg'}"
    runner = CliRunner(env={"COLUMNS": "160", "GEO_SERVICE_LANG": "zh", "GEO_SERVICE_STORE": store})
    assert runner.invoke(app, ["store", "init"]).exit_code == 0

    def invoke(*words: str, group: str = "name") -> Result:
        return runner.invoke(app, [group, *words])

    register = tmp_path / "register.csv"
    register.write_text("id,name,feature_type,unit_code\nR1,云陵路,road,370202\n", encoding="utf-8")
    assert invoke(str(register), "--as", "place-names", group="import").exit_code == 0
    return invoke


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(
        "name,feature_type,unit_code\n云宁路,road,370202\n,road,\n台湾路,road,\n", encoding="utf-8"
    )
    return path


def out_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_file_is_checked_against_the_register_or_without_it(
    run: Run, names: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    done = run("check-file", str(names), str(target))
    assert done.exit_code == 0, done.output
    for part in ("共 3 行", "需人工审查 1", "第 3 行", "不替代行政决定"):
        assert part in done.stdout
    first, second, third = out_of(target)
    assert (first["verdict"], first["rule_ids"]) == ("review", "NM-DUP-04")
    assert "云陵路(0.85)" in first["near_names"]
    assert (second["verdict"], bool(second["check_problem"])) == ("", True)
    assert third["verdict"] == "pass"
    assert run("check-file", str(names), str(target), "--no-register").exit_code == 0
    assert out_of(target)[0]["verdict"] == "pass"


def test_the_exit_code_follows_fail_on_and_the_file(run: Run, names: Path, tmp_path: Path) -> None:
    target = str(tmp_path / "out.csv")
    assert run("check-file", str(names), target, "--fail-on", "human").exit_code == 1
    names.write_text("name,feature_type\n曼哈顿广场,estate\n", encoding="utf-8")
    assert run("check-file", str(names), target, "--no-register").exit_code == 1
    names.write_text("编号\n1\n", encoding="utf-8")
    refused = run("check-file", str(names), target, "--no-register")
    assert refused.exit_code == 3
    assert "Traceback" not in refused.output
    assert run("check-file", str(tmp_path / "none.csv"), target).exit_code == 3


def test_a_file_of_which_no_row_can_be_checked_is_refused(run: Run, tmp_path: Path) -> None:
    names, target = tmp_path / "in.csv", tmp_path / "out.csv"
    names.write_text("name,lon,lat\n云宁路,120。3,36\n", encoding="utf-8")
    refused = run("check-file", str(names), str(target))
    assert refused.exit_code == 3
    assert "第 2 行：lon 列" in refused.stdout
    assert "十进制度" in out_of(target)[0]["check_problem"]


def test_a_title_above_the_columns_is_told(run: Run, tmp_path: Path) -> None:
    names = tmp_path / "in.csv"
    names.write_text("青岛市地名表,\n名称,类型\n云宁路,road\n", encoding="utf-8")
    for lang, said in (("zh", "列名在本行，不在第 1 行"), ("en", "a title")):
        told = run("check-file", str(names), str(tmp_path / "out.csv"), "--lang", lang)
        assert told.exit_code == 3
        assert said in told.stderr


def test_a_file_that_holds_no_verdicts_is_not_replayed(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "v.jsonl"
    kept.write_text('{"a": 1}\n{"verdict": "pass", "request": null}\n', encoding="utf-8")
    told = run("replay", str(kept))
    assert told.exit_code == 3
    assert "第 1 条不能重演" in told.stdout
    assert "第 2 条不能重演" in told.stdout


def test_json_is_one_object(run: Run, names: Path, tmp_path: Path) -> None:
    done = run("check-file", str(names), str(tmp_path / "out.csv"), "--json")
    report = json.loads(done.stdout)
    assert {k: report[k] for k in ("rows", "pass", "review", "fail", "problems")} == {
        "rows": 3,
        "pass": 1,
        "review": 1,
        "fail": 0,
        "problems": 1,
    }
    assert [row["row"] for row in report["not_checked"]] == [3]


def test_kept_verdicts_are_the_same_though_the_register_moves_on(
    run: Run, names: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept" / "v.jsonl"
    run("check", "云宁路", "--keep", str(kept))
    run("check-file", str(names), str(tmp_path / "out.csv"), "--keep", str(kept))
    run("check", "台湾路", "--no-register", "--keep", str(kept))
    pair = ("云宁路", "云陵路", "--signer", "张三", "--reason", "相距较远", "--on", "2020-01-01")
    accepted = run("accept-pair", *pair)
    assert accepted.exit_code == 0, accepted.output
    assert "张三" in run("accepted-pairs").stdout
    assert "认可" in run("check", "云宁路").stdout
    same = run("replay", str(kept))
    assert same.exit_code == 0, same.output
    assert "共 4 条：一致 4" in same.stdout
    one = run("replay", str(kept), "--rule", "NM-DUP-04", "--json")
    assert json.loads(one.stdout)["identical"] == 4


def test_a_pair_accepted_by_slip_is_taken_back_the_same_day(run: Run) -> None:
    pair = ("accept-pair", "云宁路", "云陵路")
    assert run(*pair, "--signer", "张三", "--reason", "相距较远").exit_code == 0
    undone = run(*pair, "--reason", "录错", "--withdraw")
    assert undone.exit_code == 0, undone.output
    assert "张三" not in run("accepted-pairs").stdout
    assert run(*pair, "--reason", "录错", "--withdraw").exit_code == 3


def test_a_verdict_that_was_tampered_with_differs(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "v.jsonl"
    run("check", "云宁路", "--keep", str(kept))
    line = json.loads(kept.read_text(encoding="utf-8"))
    line["verdict"], line["findings"] = "pass", []
    kept.write_text(json.dumps(line), encoding="utf-8")
    told = run("replay", str(kept))
    assert told.exit_code == 1
    assert "pass → review" in told.stdout
    assert "NM-DUP-04" in told.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("replay {}/none.jsonl", 3),
        ("replay {}/in.csv", 3),
        ("accept-pair 云宁路 云宁路 --signer a --reason b", 3),
        ("accept-pair 云宁路 云陵路 --signer a --reason b --on 2024-13-01", 2),
        ("accept-pair 云宁路 云陵路 --reason b", 3),
        ("accept-pair 云宁路 云陵路 --reason b --withdraw", 3),
    ],
)
def test_refusals_are_told(run: Run, names: Path, tmp_path: Path, words: str, code: int) -> None:
    told = run(*words.format(tmp_path).split())
    assert told.exit_code == code
    assert "Traceback" not in told.output


@pytest.mark.parametrize(
    "name",
    [" ", "香" * 100_000, "香\u202e港路", "香\x07港路", "🙂🙂路", "香\udc80港路", "。。"],
    ids=["blank", "long", "bidi", "control", "emoji", "surrogate", "no Han"],
)
def test_any_text_is_answered(run: Run, name: str) -> None:
    told = run("check", name, "--type", "road", "--no-register")
    assert told.exit_code in (0, 1, 3)
    assert "Traceback" not in told.output
    assert told.exception is None or isinstance(told.exception, SystemExit)
    assert told.exit_code == 3 or "【" in told.stdout
