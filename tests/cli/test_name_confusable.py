"""`geo-service name confusable` as a person runs it, for two names and for a file of pairs."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app


def run(*arguments: str) -> Result:
    runner = CliRunner(env={"COLUMNS": "160", "GEO_SERVICE_LANG": "zh", "GEO_SERVICE_STORE": None})
    return runner.invoke(app, ["name", "confusable", *arguments])


def compared(folder: Path, text: str, *arguments: str) -> Result:
    pairs = folder / "pairs.csv"
    pairs.write_text(text, encoding="utf-8")
    return run("--file", str(pairs), str(folder / "out.csv"), *arguments)


def test_two_names_are_answered_in_chinese_with_reason_and_notice() -> None:
    result = run("文登路", "文灯路")
    assert result.exit_code == 0
    assert "容易混淆" in result.stdout
    assert "同音字（登、灯）" in result.stdout
    assert "不替代行政决定" in result.stdout


def test_english_and_json_on_request() -> None:
    assert "n and ng" in run("金水路", "京水路", "--lang", "en").stdout
    answer = json.loads(run("金水路", "京水路", "--json").stdout)
    assert answer["confusable"] is True
    assert answer["type_a"] == "road"
    assert [reason["code"] for reason in answer["reasons"]] == ["nasal"]


def test_a_name_without_chinese_characters_is_told() -> None:
    assert "“abc”中没有汉字" in run("云霄路", "abc").stdout
    assert json.loads(run("云霄路", "abc", "--json").stdout)["without_han"] == ["abc"]
    assert "没有汉字" not in run("云霄路", "云肖路").stdout


@pytest.mark.parametrize(("one", "other"), [("水原", "水园"), ("天龙", "天弄")])
def test_specifics_alone_are_compared_as_they_stand(one: str, other: str) -> None:
    answer = json.loads(run(one, other, "--json").stdout)
    assert answer["confusable"] is True
    assert answer["type_a"] is None


def test_prefixes_of_the_configured_city_count() -> None:
    assert json.loads(run("青岛昌邑路", "昌邑路", "--json").stdout)["confusable"] is True
    assert json.loads(run("烟台昌邑路", "昌邑路", "--json").stdout)["confusable"] is False


def test_a_dialect_is_asked_for_and_refused_where_unknown() -> None:
    pair = ("仁和路", "银河路", "--json")
    assert json.loads(run(*pair).stdout)["confusable"] is False
    assert json.loads(run(*pair, "--dialect", "jiaoliao").stdout)["confusable"] is True
    refused = run(*pair, "--dialect", "nowhere")
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["code"] == "dialect_unknown"


def test_a_file_of_pairs_keeps_its_columns_and_gains_the_answers(tmp_path: Path) -> None:
    text = (
        "no,name_a,name_b,type\n1,文登路,文灯路,\n2,山东路,山西路,road\n=3,昌邑苑,昌易苑,estate\n"
    )
    result = compared(tmp_path, text)
    assert result.exit_code == 0, result.stderr
    assert "3 对" in result.stdout
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["no", "name_a", "name_b", "type", "likeness", "confusable", "reasons"]
    assert list(rows[0]) == columns
    assert [row["confusable"] for row in rows] == ["true", "false", "true"]
    assert all(0 <= float(row["likeness"]) <= 1 and row["reasons"] for row in rows)
    assert rows[2]["no"] == "'=3"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name_a,name_b\n文登路,文灯路\n昌邑路,\n", ("第 3 行", "name_b")),
        ("name_a,other\n文登路,文灯路\n", ("缺少列", "name_b")),
        ("name_a,name_b,type\n文登路,文灯路,planet\n", ("第 2 行", "type")),
        ("name_a,name_b\n文登路,文\x01灯路\n", ("pairs.csv",)),
        (f"name_a,name_b\n文登路,{'长' * 100_000}\n", ("第 2 行", "name_b")),
        ("", ("pairs.csv",)),
    ],
    ids=["blank", "no column", "type", "control", "long", "empty"],
)
def test_a_bad_file_is_refused_by_file_row_and_field(
    tmp_path: Path, text: str, said: tuple[str, ...]
) -> None:
    result = compared(tmp_path, text)
    assert result.exit_code == 3
    assert "pairs.csv" in result.stderr
    assert all(word in result.stderr for word in said)
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_not_there_and_one_onto_itself_are_refused(tmp_path: Path) -> None:
    assert run("--file", str(tmp_path / "none.csv"), str(tmp_path / "out.csv")).exit_code == 3
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("name_a,name_b\n文登路,文灯路\n", encoding="utf-8")
    assert run("--file", str(pairs), str(pairs)).exit_code == 3
    assert run("--file", str(pairs), str(tmp_path / "out.pdf")).exit_code == 3


@pytest.mark.parametrize("arguments", [(), ("文登路",), ("文登路", "文灯路", "--type", "river")])
def test_an_incomplete_command_is_told_as_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("name", ["", "  ", "长" * 100_000, "\x01路"])
def test_what_is_no_name_is_refused(name: str) -> None:
    result = run(name, "文登路")
    assert result.exit_code == 3
    assert "Traceback" not in result.stderr
