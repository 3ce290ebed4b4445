"""`boundary check --keep` and `geo-service finding`: findings followed from run to run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from geo_service import compose
from geo_service.cli.main import app
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.provenance import Label, Provenance
from geo_service.services.samples.exporting import export_synthetic
from geo_service.services.samples.synthetic import synthetic_layer
from geo_service.settings import Settings
from geo_service.store.opening import open_store

RULE = "BD-NET-08"
"""A line drawn against the usual direction: found on the line alone, and mended by turning it."""

Run = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A register with the invented city and its faults."""
    made = f"gpkg:{tmp_path / 'register.gpkg'}"
    layer = synthetic_layer()
    store = open_store(made, create=True)
    with store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
            for record in (*layer.units, *layer.lines, *layer.nodes)
        )
    store.close()
    return made


@pytest.fixture
def run(url: str) -> Run:
    def command(*words: object) -> Result:
        env = {"COLUMNS": "220", "GEO_SERVICE_CITY": "990100", "GEO_SERVICE_STORE": url}
        runner = CliRunner(env={**env, "GEO_SERVICE_LANG": "zh"})
        return runner.invoke(app, [str(word) for word in words])

    return command


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def kept(run: Run, *words: object) -> dict[str, int]:
    report = told(run("boundary", "check", *words, "--keep", "--json"))
    found: dict[str, int] = report["kept"]
    return found


def of_rule(run: Run, rule: str = RULE) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = told(run("finding", "list", "--rule", rule, "--json"))
    return rows


def edit(url: str, code: str, **fields: Any) -> None:
    """Correct a line of the register."""
    store = open_store(url)
    line = store.get(RecordKind.BOUNDARY_LINES, code)
    assert isinstance(line, AdministrativeBoundary)
    if fields.pop("turned", False):
        assert line.geometry is not None
        fields["geometry"] = line.geometry.reverse()
    change = Change(
        operation=Operation.CORRECT,
        record=replace(line, **fields),
        actor="test",
        reason="test",
        expected_version=store.version(RecordKind.BOUNDARY_LINES, code),
    )
    with store.begin() as work:
        work.append([change])
    store.close()


def test_a_finding_from_the_first_run_to_the_last(run: Run, url: str) -> None:
    first = kept(run)
    assert first["opened"] == first["seen"] > 0
    one, two = of_rule(run)
    assert (one["state"], two["state"]) == ("open", "open")

    waived = run("finding", "waive", one["id"], "--signer", "张三", "--reason", "按协议图走向")
    assert waived.exit_code == 0
    assert f"{one['id']} 已豁免：张三" in waived.stdout
    run("finding", "confirm", two["id"], "--signer", "李四", "--reason", "核对属实")
    assert {row["state"] for row in of_rule(run)} == {"waived", "confirmed"}
    again = kept(run)
    assert {**again, "run": "", "seen": 0} == {
        "run": "", "seen": 0, "opened": 0, "reopened": 0, "lapsed": 0, "mended": 0,
    }  # fmt: skip

    edit(url, one["subject"]["id"], name="更名线")
    edit(url, two["subject"]["id"], turned=True)
    last = kept(run)
    assert (last["lapsed"], last["mended"]) == (1, 1)
    shown = told(run("finding", "show", one["id"], "--json"))
    assert [step["state"] for step in shown["history"]] == ["open", "waived", "reopened"]
    assert shown["history"][1]["decision"]["reason"] == "按协议图走向"
    assert shown["decision"] is None
    assert run("audit", "verify").exit_code == 0

    text = run("finding", "show", one["id"]).stdout
    assert "按协议图走向" in text
    assert f"所涉记录已变更（界线 {one['subject']['id']}）" in text
    english = run("finding", "show", two["id"], "--lang", "en").stdout
    assert "confirmed: 李四" in english
    assert "no longer found by run" in english


def test_waived_findings_stay_listed_and_do_not_fail_the_check(run: Run) -> None:
    kept(run)
    severe = ("--fail-on", "info")
    assert run("boundary", "check", *severe).exit_code == 1
    rows = told(run("finding", "list", "--json"))
    for row in rows:
        done = run("finding", "waive", row["fingerprint"], "--signer", "张三", "--reason", "试")
        assert done.exit_code == 0, done.stderr
    assert run("boundary", "check", *severe).exit_code == 0
    report = told(run("boundary", "check", *severe, "--json"))
    assert len(report["findings"]) == len(rows) == report["states"]["waived"]
    assert {finding["state"] for finding in report["findings"]} == {"waived"}
    assert {d["signer"] for d in report["decisions"]} == {"张三"}
    text = run("boundary", "check").stdout
    barred = report["severities"]["prohibited"]
    assert f"其中 {barred} 条“不得报送”的问题已豁免" in text
    assert "已豁免：张三" in text


def test_the_public_learns_of_no_signer(run: Run, url: str) -> None:
    kept(run)
    one = of_rule(run)[0]
    run("finding", "waive", one["id"], "--signer", "张三", "--reason", "按协议图走向")
    edit(url, one["subject"]["id"], provenance=Provenance("示例", label=Label.PUBLIC))
    inside = run("boundary", "check", "--json")
    assert "张三" in inside.stdout
    public = run("boundary", "check", "--public", "--json")
    assert one["id"] in public.stdout
    for secret in ("张三", "按协议图走向"):
        assert secret not in public.stdout
        assert secret not in run("boundary", "check", "--public").stdout


def test_a_check_that_is_not_kept_writes_nothing(run: Run, url: str) -> None:
    run("boundary", "check")
    assert "没有保存的问题" in run("finding", "list").stdout
    store = open_store(url)
    assert store.count(RecordKind.REVIEW_RUNS) == store.count(RecordKind.FINDINGS) == 0
    store.close()


def test_files_are_kept_in_the_register_and_mend_nothing_of_it(run: Run, tmp_path: Path) -> None:
    kept(run)
    folder = tmp_path / "files"
    export_synthetic(folder)
    files = sorted(folder.glob("*.geojson")) or sorted(folder.iterdir())
    lines = [path for path in files if "line" in path.name]
    partial = kept(run, *lines)
    assert partial["mended"] == 0
    assert all(row["state"] == "open" for row in of_rule(run))


def test_the_list_is_filtered_and_read_as_of_a_day(run: Run) -> None:
    kept(run)
    one, two = of_rule(run)
    run("finding", "waive", one["id"], "--signer", "张三", "--reason", "试")
    listed = told(run("finding", "list", "--state", "waived", "--json"))
    assert [row["id"] for row in listed] == [one["id"]]
    both = told(run("finding", "list", "--state", "waived", "--state", "open", "--json"))
    assert len(both) > 2
    yesterday = compose.build(Settings()).today() - timedelta(days=1)
    assert told(run("finding", "list", "--as-of", yesterday, "--json")) == []
    table = run("finding", "list", "--rule", RULE).stdout
    assert "共 2 条" in table
    assert two["id"] in table
    assert "张三" in table
    assert run("finding", "list", "--state", "closed").exit_code == 2


def test_a_waiver_is_given_until_a_day_and_taken_back(run: Run) -> None:
    kept(run)
    one = of_rule(run)[0]["id"]
    by = ("--signer", "张三", "--reason", "试")
    words = (*by, "--until", "2999-12-31", "--document", "示例1号", "--json")
    decision = told(run("finding", "waive", one, *words))["decision"]
    assert (decision["ends_on"], decision["document_no"]) == ("2999-12-31", "示例1号")
    assert run("finding", "waive", one, *by).exit_code == 4
    done = run("finding", "withdraw", one, "--reason", "误签")
    assert "重新列为待处理" in done.stdout
    assert "处理意见已撤回：误签" in run("finding", "show", one).stdout
    steps = told(run("finding", "show", one, "--json"))["history"]
    assert [step["reason"] for step in steps[1:]] == ["试", "误签"]
    assert run("finding", "withdraw", one, "--reason", "再撤").exit_code == 3


@pytest.mark.parametrize(
    ("words", "code", "exit_code"),
    [
        (("waive", "F-0", "--signer", "a", "--reason", " "), "finding_unsigned", 3),
        (("waive", "F-不存在", "--signer", "a", "--reason", "b"), "finding_not_kept", 3),
        (("waive", "f", "--signer", "a", "--reason", "b", "--until", "2001-01-01"),
         "waiver_ended", 3),
        (("confirm", "F-", "--signer", "a", "--reason", "b"), "finding_not_kept", 3),
        (("show", "F-不存在"), "finding_not_kept", 3),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told(
    run: Run, words: tuple[str, ...], code: str, exit_code: int
) -> None:
    kept(run)
    result = run("finding", *words, "--json")
    assert (result.exit_code, told(result)["code"]) == (exit_code, code)
    for lang in ("zh", "en"):
        assert run("finding", *words, "--lang", lang).stderr


def test_an_id_that_fits_several_findings_is_told_with_them(run: Run) -> None:
    kept(run)
    first = [row["fingerprint"][0] for row in told(run("finding", "list", "--json"))]
    shared = next(letter for letter in first if first.count(letter) > 1)
    result = run("finding", "show", shared)
    assert result.exit_code == 3
    assert f"对应 {first.count(shared)} 条问题" in result.stderr


def test_a_review_of_a_past_day_is_not_kept_after_a_later_one(run: Run) -> None:
    kept(run)
    result = run("boundary", "check", "--as-of", "2020-01-01", "--keep", "--json")
    assert (result.exit_code, told(result)["code"]) == (3, "run_before_kept")
    assert len(of_rule(run)) == 2
