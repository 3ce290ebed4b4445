"""`geo-service person`, and what other commands show of personal values: masks at most."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.store.opening import open_store

MOBILE, NAME = "13987654321", "金丝雀"
Run = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"gpkg:{tmp_path / 'register.gpkg'}"
    open_store(made, create=True).close()
    return made


@pytest.fixture
def run(url: str, tmp_path: Path) -> Run:
    env = {"COLUMNS": "220", "GEO_SERVICE_CITY": "990100", "GEO_SERVICE_STORE": url}
    runner = CliRunner(env={**env, "GEO_SERVICE_LANG": "zh"})

    def command(*words: object, typed: str = "") -> Result:
        return runner.invoke(app, [str(word) for word in words], input=typed)

    path = tmp_path / "a.csv"
    path.write_text(
        f"编号,名称,类型,经度,纬度,联系人,手机\n1,仙霞路,道路,120.39,36.065,{NAME},{MOBILE}\n",
        encoding="utf-8",
    )
    done = command("import", path, "--as", "place-names")
    assert done.exit_code == 0, done.output
    assert MOBILE not in done.output and NAME not in done.output
    return command


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_value_is_found_read_and_erased(run: Run, tmp_path: Path) -> None:
    listed = run("person", "find", "--record", "place-names/1")
    assert "139****4321" in listed.stdout and "金**" in listed.stdout
    assert MOBILE not in listed.stdout and NAME not in listed.stdout
    (found,) = told(run("person", "find", "--value", "-", "--json", typed=f"{MOBILE}\n"))
    assert (found["masked"], found["field"], found["act"]) == ("139****4321", "手机", "kept")

    read = told(run("person", "show", found["id"], "--reason", "核对", "--json"))
    assert read["value"] == MOBILE
    assert MOBILE in run("person", "show", found["id"], "--reason", "核对").stdout
    done = run("person", "erase", found["id"], "--reason", "本人要求")
    assert done.exit_code == 0 and "--erasures" in done.stdout
    assert "已清除" in run("person", "find").stdout
    assert told(run("person", "find", "--value", MOBILE, "--json")) == []
    assert "没有符合" in run("person", "find", "--value", MOBILE).stdout

    gone = run("person", "show", found["id"], "--reason", "再看")
    assert (gone.exit_code, "已清除" in gone.output) == (3, True)
    file = tmp_path / "erasures.txt"
    assert told(run("person", "erasures", file, "--json"))["erasures"] == 1
    assert found["id"] in file.read_text(encoding="utf-8")
    assert run("audit", "verify").exit_code == 0


def test_a_scan_is_erased_by_its_digest(run: Run, tmp_path: Path) -> None:
    scan, out = tmp_path / "申请表.pdf", tmp_path / "out.pdf"
    scan.write_bytes(b"%PDF-1.7 scan")
    of = ("place-names", "1")
    words = (
        "attach",
        *of,
        scan,
        "--on",
        "2020-01-01",
        "--reason",
        "测试",
        "--document",
        "示例 1 号",
    )
    assert run("register", *words).exit_code == 0
    (file,) = told(run("register", "attachments", *of, "--json"))
    assert file["erased"] is None
    done = run("person", "erase", file["digest"], "--reason", "本人要求")
    assert done.exit_code == 0 and "已清除 1 项" in done.stdout
    (file,) = told(run("register", "attachments", *of, "--json"))
    assert file["erased"]["reason"] == "本人要求"
    assert "清除：本人要求" in run("register", "attachments", *of).stdout
    refused = run("register", "extract", *of, file["digest"], out)
    assert refused.exit_code == 3 and "内容已清除" in refused.stderr
    assert not out.exists()
    assert run("audit", "verify").exit_code == 0


def test_a_restored_backup_is_told_of_erasures(run: Run, url: str, tmp_path: Path) -> None:
    backup, file = tmp_path / "backup", tmp_path / "erasures.txt"
    assert run("store", "backup", backup).exit_code == 0
    (found,) = told(run("person", "find", "--value", MOBILE, "--json"))
    assert run("person", "erase", found["id"], "--reason", "本人要求").exit_code == 0
    assert run("person", "erasures", file).exit_code == 0
    other = f"gpkg:{tmp_path / 'new.gpkg'}"
    done = run("store", "restore", backup, "--to", other, "--erasures", file)
    assert done.exit_code == 0 and "1 项" in done.stdout
    assert told(run("person", "find", "--value", MOBILE, "--json", "--store", other)) == []
    assert told(run("store", "restore", backup, "--to", url, "--json"))["erased"] == 1
    assert run("audit", "verify").exit_code == 0


@pytest.mark.parametrize("word", ["show", "erase"])
def test_a_reason_must_be_given(run: Run, word: str) -> None:
    assert run("person", word, "p0").exit_code == 2
    blank = run("person", word, "p0", "--reason", " ")
    assert blank.exit_code == 3 and "--reason" in blank.output
    unknown = run("person", word, "p0", "--reason", "测试")
    assert "person find" in unknown.output


@pytest.mark.parametrize("suffix", [".xlsx", ".html", ".json"])
@pytest.mark.parametrize("lon", ["120.39", "东经120"])
def test_a_report_to_the_sender_shows_masks(
    run: Run, lon: str, suffix: str, tmp_path: Path
) -> None:
    path, report = tmp_path / "b.csv", tmp_path / f"report{suffix}"
    header = "编号,名称,类型,经度,纬度,联系人,手机,地名来历\n"
    row = f"2,云霞路,道路,{lon},36.065,{NAME},{MOBILE},电{MOBILE}说\n"
    path.write_text(header + row, encoding="utf-8")
    done = run("import", path, "--as", "place-names", "--report", report)
    assert done.exit_code == (0 if lon == "120.39" else 3), done.output
    if suffix == ".xlsx":
        with zipfile.ZipFile(report) as book:
            parts = (book.read(name).decode("utf-8", "replace") for name in book.namelist())
            text = unescape("".join(parts))  # where lxml is installed it writes 金 as a number
        assert "139****4321" in text and "金**" in text
    else:
        text = report.read_text(encoding="utf-8")
    assert [canary for canary in (MOBILE, NAME) if canary in text + done.output] == []
