"""`geo-service name romanise`: one name, a sheet of names, and what cannot be used."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geo_service.cli.main import app

runner = CliRunner()


def run(*words: str) -> tuple[int, str, str]:
    result = runner.invoke(app, ["name", "romanise", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def sheet(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes("\n".join(lines).encode(encoding))
    return path


def answers(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_name_is_spelt_and_its_reading_marked() -> None:
    code, out, _ = run("乐亭县")
    assert code == 0
    assert "Làotíng Xiàn" in out
    assert "读音有据" in out
    code, out, _ = run("知行路", "--lang", "en")
    assert code == 0
    assert "guessed" in out
    assert "Zhīháng Lù" in out


def test_a_name_without_generic_is_all_specific() -> None:
    answer = json.loads(run("云栖蝶谷里头", "--json")[1])
    assert answer["feature_type"] is None
    assert answer["romanization"]["text"] == "Yúnqīdiégǔlǐtóu"


def test_a_known_division_needs_no_generic() -> None:
    code, out, _ = run("番禺", "--json")
    assert code == 0
    answer = json.loads(out)
    assert answer["feature_type"] == "unit"
    assert answer["romanization"] == {
        "text": "Pānyú",
        "reading_source": "stored",
        "alternatives": [],
    }
    assert answer["agrees"] is None


@pytest.mark.parametrize(
    ("name", "text"), [("铅山", "Yánshān"), ("綦江", "Qíjiāng"), ("滇池", "Diān Chí")]
)
def test_a_division_is_known_by_its_name_alone(name: str, text: str) -> None:
    assert json.loads(run(name, "--json")[1])["romanization"]["text"] == text


def test_what_has_no_reading_is_named() -> None:
    code, out, _ = run("😀安路", "--lang", "en")
    assert code == 0
    assert "'😀' (U+1F600) has no known reading" in out
    assert json.loads(run("SOHO路", "--json")[1])["unread"] == ["S", "O", "H"]
    assert json.loads(run("三〇5路", "--json")[1])["unread"] == []
    assert json.loads(run("嶗山路", "--json")[1])["unread"] == []


def test_a_name_without_chinese_characters_is_told() -> None:
    assert "“((((”中没有汉字" in run("((((")[1]
    assert json.loads(run("((((", "--json")[1])["lacks_han"] is True
    assert json.loads(run("5路", "--json")[1])["lacks_han"] is False


def test_a_given_spelling_is_checked() -> None:
    code, out, _ = run("香港中路", "--given", "Xianggang Middle Road", "--json")
    assert code == 1
    answer = json.loads(out)
    assert answer["agrees"] is False
    assert [(d["kind"], d["level"]) for d in answer["differences"]] == [("english", "error")]
    code, out, _ = run("香港中路", "--given", "XIANGGANG ZHONGLU")
    assert code == 0
    assert "符合规则" in out


def test_altered_characters_are_told_with_their_code_points() -> None:
    code, out, _ = run("\u2ee2家嶗\u200b路")
    assert code == 0
    assert all(point in out for point in ("U+2EE2", "U+5D97", "U+200B"))
    assert "Mǎjiāláo Lù" in out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_sheet_keeps_its_columns_and_gains_the_answers(tmp_path: Path, encoding: str) -> None:
    source = sheet(
        tmp_path / "in.csv",
        "序号,name,feature_type,given",
        "1,香港中路,road,Xiānggǎng Zhōng Lù",
        "2,乐亭,行政区划,Làotíng",
        "3,知行路,,",
        encoding=encoding,
    )
    code, out, err = run("--file", str(source), str(tmp_path / "out.csv"))
    assert code == 0, out + err
    assert ("GB18030" in err) == (encoding == "gb18030")
    first, second, third = answers(tmp_path / "out.csv")
    asked = ["序号", "name", "feature_type", "given"]
    told = ["romanization", "reading_source", "alternatives", "agrees", "differences"]
    assert list(first) == asked + told
    assert (first["romanization"], first["agrees"]) == ("Xiānggǎng Zhōnglù", "no")
    assert "分写" in first["differences"]
    assert (second["romanization"], second["reading_source"]) == ("Làotíng", "stored")
    assert (second["agrees"], second["differences"]) == ("yes", "")
    assert (third["agrees"], third["reading_source"]) == ("", "guessed")
    assert "Zhīháng Lù" in third["alternatives"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("nm,given", "香港路,"), ("in.csv", "name")),
        (("name,feature_type", "香港路,road", "乐亭,planet"), ("in.csv", "3", "feature_type")),
        (("name", "香港路", "\u200b"), ("in.csv", "3", "name")),
        (("name,given", f"香港路,{'x' * 700}"), ("in.csv", "2", "given")),
    ],
)
def test_a_sheet_that_cannot_be_used_is_refused_whole(
    tmp_path: Path, lines: tuple[str, ...], told: tuple[str, ...]
) -> None:
    source = sheet(tmp_path / "in.csv", *lines)
    for lang in ("zh", "en"):
        target = tmp_path / "out.csv"
        code, out, err = run("--file", str(source), str(target), "--lang", lang)
        assert code == 3
        assert all(word in err for word in told), out + err
        assert "。。" not in err
        assert ".." not in err
        assert not target.exists()


def test_bytes_of_no_encoding_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"name\n\xff\xfe\xff\xff\xff\n")
    code, _, err = run("--file", str(source), str(tmp_path / "out.csv"))
    assert code == 3
    assert "in.csv" in err


@pytest.mark.parametrize(
    "name", ["", " \u3000", "\u200b\u202e", "香港\x07路", "路" * 30_000, "1" * 30_000, "\x00"]
)
def test_what_cannot_be_a_name_is_refused_in_words(name: str) -> None:
    code, out, err = run(name)
    assert code == 3
    assert err
    assert "Traceback" not in out + err


@pytest.mark.parametrize("name", ["😀路", "ABC", "???", "🏳️‍🌈大厦", "ก็路", "\ue000路"])
def test_what_is_no_chinese_stands_for_itself(name: str) -> None:
    code, out, _ = run(name, "--given", name)
    assert code in (0, 1)
    assert out


def test_a_name_or_a_file_is_needed() -> None:
    assert run()[0] == 2
