"""`geo-service rules`: the rule book on the terminal and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.rules.engine import FAMILIES, rules_of

IDS = [rule.id for family in FAMILIES for rule in rules_of(family)]


def _run(*arguments: str, lang: str = "zh") -> Result:
    runner = CliRunner(env={"COLUMNS": "160", "GEO_SERVICE_LANG": lang})
    return runner.invoke(app, ["rules", *arguments])


def _json(*arguments: str, lang: str = "zh") -> Any:
    result = _run(*arguments, "--json", "--lang", lang)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_shows_every_rule() -> None:
    result = _run("list")
    assert result.exit_code == 0
    assert all(rule_id in result.stdout for rule_id in IDS)
    assert f"共 {len(IDS)} 条规则" in result.stdout


def test_list_as_json_in_both_languages() -> None:
    zh, en = _json("list"), _json("list", lang="en")
    assert [row["id"] for row in zh] == [row["id"] for row in en] == IDS
    assert all(one["title"] != other["title"] for one, other in zip(zh, en, strict=True))


@pytest.mark.parametrize("family", FAMILIES)
def test_list_of_one_family(family: str) -> None:
    rows = _json("list", "--family", family)
    assert [row["id"] for row in rows] == [rule.id for rule in rules_of(family)]
    assert {row["family"] for row in rows} == {family}


@pytest.mark.parametrize("rule_id", IDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_explain_prints_law_trap_and_every_example(rule_id: str, lang: str) -> None:
    page = _json("explain", rule_id, lang=lang)
    result = _run("explain", rule_id, "--lang", lang)
    assert result.exit_code == 0
    shown = "".join(result.stdout.split())
    for text in (page["title"], page["trap"], page["handling"]):
        assert "".join(text.split()) in shown
    for basis in page["basis"]:
        assert "".join(basis["citation"]["gist"].split()) in shown
        caveat = basis["citation"]["caveat"]
        assert caveat is None or "".join(caveat.split()) in shown
    assert shown.count("2") >= len(page["examples"])


def test_explain_of_an_unknown_rule_says_where_to_look() -> None:
    result = _run("explain", "NM-XXX-99")
    assert result.exit_code == 3
    assert "NM-XXX-99" in result.stderr
    assert "rules list" in result.stderr


def test_explain_of_an_unknown_rule_as_json_carries_the_code() -> None:
    result = _run("explain", "NM-XXX-99", "--json", "--lang", "en")
    assert result.exit_code == 3
    problem = json.loads(result.stdout)
    assert problem["code"] == "rule_unknown"
    assert problem["status"] == 404


def test_list_of_an_unknown_family_is_refused() -> None:
    result = _run("list", "--family", "rivers")
    assert result.exit_code == 3
    assert "boundaries" in result.stderr


def test_coverage_agrees_with_the_rules() -> None:
    book = {row["id"]: row for row in _json("coverage")}
    for family in FAMILIES:
        for rule in rules_of(family):
            for basis in rule.basis:
                rows = {row["article"]: row for row in book[basis.instrument]["articles"]}
                assert rule.id in rows[basis.article]["rules"]
                assert basis.article not in book[basis.instrument]["uncovered"]


def test_coverage_table_marks_what_no_rule_watches() -> None:
    result = _run("coverage", "--lang", "en")
    assert result.exit_code == 0
    total = sum(len(row["articles"]) for row in _json("coverage"))
    missing = sum(len(row["uncovered"]) for row in _json("coverage"))
    assert missing > 0
    assert f"{total - missing} of {total} articles" in result.stdout


def test_several_severities_of_one_basis_are_accounted_for() -> None:
    note = "视名称的具体情形而定"
    assert note in _run("explain", "NM-CHAR-01").stdout
    assert note not in _run("explain", "BD-COD-01").stdout
