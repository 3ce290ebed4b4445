"""`name check --follow`: findings on a name, decided on and followed like those on boundaries."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.services.names import check_name
from geo_service.store.opening import open_store

Run = Callable[..., Result]
BY = ("--signer", "张三", "--reason", "相距较远")
RIVAL = NamedPlace(
    id="P-1",
    name="云陵路",
    feature_type=FeatureType.ROAD,
    unit_code=DivisionCode("370202"),
    provenance=Provenance("test"),
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"gpkg:{tmp_path / 'register.gpkg'}"
    store = open_store(made, create=True)
    with store.begin() as work:
        work.append([Change(operation=Operation.CREATE, record=RIVAL, actor="a", reason="b")])
    store.close()
    return made


@pytest.fixture
def run(url: str) -> Run:
    def command(*words: object, **env: str) -> Result:
        fixed = {"COLUMNS": "220", "GEO_SERVICE_CITY": "370200", "GEO_SERVICE_STORE": url}
        runner = CliRunner(env={**fixed, "GEO_SERVICE_LANG": "zh", **env})
        return runner.invoke(app, [str(word) for word in words])

    return command


def check(run: Run, name: str, *words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("name", "check", name, *words, "--json").stdout)
    return found


def states(verdict: dict[str, Any]) -> dict[str, str]:
    return {finding["rule_id"]: finding["state"] for finding in verdict["findings"]}


def listed(run: Run) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(run("finding", "list", "--json").stdout)
    return rows


def test_a_finding_on_a_name_is_waived_and_lapses_when_the_other_name_changes(
    run: Run, url: str
) -> None:
    assert set(states(check(run, "云宁路", "--follow")).values()) == {"open"}
    likeness = next(row for row in listed(run) if "云陵路" in row["message"])
    assert run("finding", "waive", likeness["id"], *BY).exit_code == 0
    again = check(run, "云宁路")
    assert states(again)[likeness["rule_id"]] == "waived"
    assert "状态：已豁免：张三" in run("name", "check", "云宁路").stdout
    assert run("name", "check", "云宁路", "--fail-on", "human").exit_code == 0
    store = open_store(url)
    with store.begin() as work:
        moved = replace(RIVAL, meaning="改")
        change = Change(
            operation=Operation.CORRECT, record=moved, actor="a", reason="b", expected_version=1
        )
        work.append([change])
    store.close()
    assert states(check(run, "云宁路"))[likeness["rule_id"]] == "reopened"
    check(run, "云宁路", "--follow")
    shown = json.loads(run("finding", "show", likeness["id"], "--json").stdout)
    assert shown["history"][-1]["changed"] == ["place-name/P-1"]
    assert "地名 P-1" in shown["history"][-1]["reason"]


def test_a_name_that_the_law_forbids_is_never_waived(run: Run) -> None:
    verdict = check(run, "曼哈顿路", "--follow")
    barred = [f for f in verdict["findings"] if f["severity"] == "prohibited"]
    assert barred
    for finding in barred:
        refused = run("finding", "waive", finding["id"], *BY, "--json")
        assert refused.exit_code == 3
        assert json.loads(refused.stdout)["code"] == "waiver_of_prohibition"
    assert run("name", "check", "曼哈顿路").exit_code == 1


def test_another_name_leaves_the_findings_of_this_one_alone(run: Run) -> None:
    check(run, "云宁路", "--follow")
    before = {row["id"] for row in listed(run)}
    check(run, "海澜路", "--follow")
    assert {row["state"] for row in listed(run) if row["id"] in before} == {"open"}


def test_a_name_on_the_bureaus_own_list_is_not_stored(run: Run, tmp_path: Path, url: str) -> None:
    path = tmp_path / "restricted.txt"
    path.write_text("# 示例示例示例示例示例示例示例示例示例示例\n甲乙丙\n", encoding="utf-8")
    refused = run(
        "name", "check", "甲乙丙路", "--follow", "--json", GEO_SERVICE_RESTRICTED_NAMES=str(path)
    )
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["code"] == "follow_restricted"
    store = open_store(url)
    assert store.count(RecordKind.FINDINGS) == store.count(RecordKind.REVIEW_RUNS) == 0
    store.close()


def test_following_needs_the_register(run: Run) -> None:
    assert run("name", "check", "云宁路", "--follow", "--no-register").exit_code == 2


def test_a_line_kept_for_replay_knows_no_states(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    check(run, "云宁路", "--follow", "--keep", path)
    for row in listed(run):
        run("finding", "confirm", row["id"], *BY)
    check(run, "云宁路", "--keep", path)
    for line in path.read_text(encoding="utf-8").splitlines():
        assert set(states(json.loads(line)).values()) == {"open"}
    assert run("name", "replay", path).exit_code == 0


def test_what_is_written_while_a_kept_check_runs_is_no_part_of_it(
    run: Run, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.jsonl"

    def check_late(*words: Any) -> Any:
        store = open_store(url)
        with store.begin() as work:
            same = replace(RIVAL, id="P-2", name="云宁路")
            work.append([Change(operation=Operation.CREATE, record=same, actor="a", reason="b")])
        store.close()
        return check_name(*words)

    with monkeypatch.context() as patched:
        patched.setattr("geo_service.services.names.check_name", check_late)
        check(run, "云宁路", "--keep", path)
    assert run("name", "replay", path).exit_code == 0
