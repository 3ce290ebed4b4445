"""The report that goes back to the sender: every fault at its cell, safe to open, fit to print."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from geo_service.cities import CityProfile
from geo_service.cli.import_report import write_report
from geo_service.cli.main import app
from geo_service.services.interchange.report import ImportReport
from geo_service.services.interchange.returning import Occasion

Importer = Callable[..., ImportReport]
RED, YELLOW, BLUE = "00FFC7CE", "00FFEB9C", "00DDEBF7"
ROWS = (
    "编号,名称,类型,经度,纬度,行政区划代码,批准日期,备注",
    "1,甲路,道路,120.39,36.065,370202,2020-02-28,",
    "2,乙路,道路,36.06,120.32,370202,民国二十三年,=cmd|' /C calc'!A0",
    "2,丙路,道路,120.32,36.06,37020x,03/04/2021,<script>alert(1)</script>",
    "4,,类型甲,120.32,36.06,370202,2021-02-30,",
    "5,丁路,道路,120.32,36.06,370299,二〇二一年三月五日,",
)
FAULTS = {
    (3, "经度"): "axes_swapped",
    (3, "批准日期"): "date_ambiguous",
    (4, "编号"): "id_repeated",
    (4, "行政区划代码"): "code_unreadable",
    (4, "批准日期"): "date_ambiguous",
    (5, "名称"): "value_missing",
    (5, "类型"): "value_unknown",
    (5, "批准日期"): "date_impossible",
}


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "甲区.csv"
    path.write_text("\n".join(ROWS) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def write(city: CityProfile, tmp_path: Path) -> Callable[..., Path]:
    def run(report: ImportReport, suffix: str, lang: Any = "zh") -> Path:
        path = tmp_path / f"report{suffix}"
        write_report(path, report, Occasion(city.name, date(2026, 11, 23), False), lang)
        return path

    return run


def _grid(path: Path, title: str) -> Any:
    return openpyxl.load_workbook(path)[title]


def test_the_senders_rows_come_back_with_every_fault_at_its_cell(
    bad: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    report = bring(bad, "place-names")
    sheet = _grid(write(report, ".xlsx"), "来文")

    head = [cell.value for cell in sheet[1]]
    assert head == ["行", *ROWS[0].split(","), "问题与处理办法"]
    red = {
        (int(row[0].value), head[cell.column - 1]): cell.comment
        for row in sheet.iter_rows(min_row=2)
        for cell in row[:-1]
        if cell.fill.fill_type and cell.fill.fgColor.rgb == RED
    }
    assert red.keys() == FAULTS.keys()
    told = {(issue.row, issue.code): issue for issue in report.errors}
    for (row, column), code in FAULTS.items():
        issue = told[row, code]
        note = red[row, column].text
        assert issue.message.zh in note and issue.hint.zh in note
    assert sheet.cell(3, 2).value == "2" and sheet.cell(3, 3).value == "乙路", "as it came"
    assert "错误" in sheet.cell(3, len(head)).value, "colour is never the only sign"
    assert sheet.cell(6, 7).fill.fgColor.rgb == YELLOW, "a code that is not the city's is a warning"
    assert sheet.cell(2, len(head)).value is None


def test_summary_issues_and_normalised_texts_have_their_sheets(
    bad: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    report = bring(bad, "place-names")
    path = write(report, ".xlsx")

    summary = {row[0].value: row[1].value for row in _grid(path, "情况").iter_rows()}
    assert (summary["文件"], summary["数据行数"], summary["有错误的行数"]) == ("甲区.csv", "5", "3")
    assert summary["错误（须改正）"] == str(len(report.errors)) == "8"
    assert len(summary["文件摘要（SHA-256）"]) == 64
    issues = [[cell.value for cell in row] for row in _grid(path, "问题清单").iter_rows()]
    assert issues[0] == ["程度", "行", "记录", "列", "来文内容", "问题", "处理办法"]
    assert issues[1][:5] == ["错误", "3", "2 乙路", "经度", "36.06"]
    assert len(issues) - 1 == len(report.issues)
    changed = [[cell.value for cell in row] for row in _grid(path, "规范化").iter_rows()]
    assert changed[1] == ["6", "approved_on", "二〇二一年三月五日", "2021-03-05"]


def test_no_cell_of_the_report_is_a_formula_not_even_when_edited(
    bad: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    book = openpyxl.load_workbook(write(bring(bad, "place-names"), ".xlsx"))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]

    assert all(cell.data_type != "f" for cell in cells)
    risky = [cell for cell in cells if str(cell.value or "").startswith("=")]
    assert risky and all(cell.quotePrefix for cell in risky)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_offline_and_for_a4(
    lang: str, bad: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    report = bring(bad, "place-names")
    page = write(report, ".html", lang).read_text(encoding="utf-8")

    assert "size: A4" in page and "<script" not in page.lower()
    assert not re.search(r"(?:src|href|url)\s*[=(]", page)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page or "<script>alert" not in page
    for issue in report.issues:
        said = issue.message.zh if lang == "zh" else issue.message.en
        assert said.replace("'", "&#39;").replace('"', "&#34;") in page
    assert ("须改正" if lang == "zh" else "to be corrected") in page


def test_features_and_papers_are_marked_in_their_own_rows(
    geojson: Callable[..., Path], tmp_path: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    square = [[[120.3, 36.1], [120.4, 36.2], [120.4, 36.1], [120.3, 36.2], [120.3, 36.1]]]
    path = geojson(
        [
            ({"code": "370202", "name": "甲区"}, None),
            ({"code": "370203", "name": "乙区"}, {"type": "Polygon", "coordinates": square}),
        ]
    )
    sheet = _grid(write(bring(path, "units"), ".xlsx"), "来文")
    marked = [row[0].value for row in sheet.iter_rows(min_row=2) if row[0].fill.fill_type]
    assert marked == ["1", "2"], "what has no column is marked at the row"

    book = openpyxl.Workbook()
    for title, bad in (("甲段", ""), ("乙段", "x")):
        page = book.create_sheet(title)
        page.append([f"{title} 界桩成果表"])
        page.append(["界桩编号", "界线代码", "经度", "纬度"])
        page.append([f"00{1 if bad else 2}Q", f"37020002020203{bad}", 120.3, 36.1])
    del book["Sheet"]
    book.save(tmp_path / "papers.xlsx")
    report = bring(tmp_path / "papers.xlsx", "markers", crs="EPSG:4490")
    rows = [[c.value for c in row] for row in _grid(write(report, ".xlsx"), "来文").iter_rows()]
    assert [row[0] for row in rows[1:]] == ["甲段!3", "乙段!3"]
    assert "37020002020203X" in rows[2][-1].upper()


def test_of_a_long_file_the_rows_with_something_to_say_are_shown(
    tmp_path: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    path = tmp_path / "long.csv"
    rows = [f"{i},第{i}路,道路,{'2021-02-30' if i % 20 == 0 else ''}" for i in range(6_000)]
    path.write_text("编号,名称,类型,批准日期\n" + "\n".join(rows) + "\n", encoding="utf-8")

    report = bring(path, "place-names")
    book = openpyxl.load_workbook(write(report, ".xlsx"))

    assert [issue.code for issue in report.issues].count("date_impossible") == 200
    assert book["来文"].max_row == 1 + 300 + 1
    assert "6000" in book["来文"].cell(302, 1).value
    assert book["问题清单"].max_row == 1 + 300, "the list of the screen stops at 200, this does not"


def test_a_secret_file_leaves_nothing_of_itself_in_the_report(
    tmp_path: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    path = tmp_path / "n.csv"
    path.write_text("名称,密级\n甲路,机密\n", encoding="utf-8")
    report = bring(path, "place-names")

    text = write(report, ".html").read_text(encoding="utf-8")
    cells = [c.value for s in openpyxl.load_workbook(write(report, ".xlsx")) for r in s for c in r]

    assert "甲路" not in text and "甲路" not in cells
    assert report.errors[0].message.zh in text


def test_persons_are_masked_in_what_goes_back(
    tmp_path: Path, bring: Importer, write: Callable[..., Path]
) -> None:
    path = tmp_path / "n.csv"
    path.write_text(
        "名称,类型,登记人,联系电话,批准日期\n甲路,道路,钱小乙,13800001234,2021-02-30\n",
        encoding="utf-8",
    )
    report = bring(path, "place-names")

    book = openpyxl.load_workbook(write(report, ".xlsx"))
    cells = " ".join(str(c.value) for s in book for r in s.iter_rows() for c in r)
    page = write(report, ".html").read_text(encoding="utf-8")

    for text in (cells, page, json.dumps(report.to_json("zh"), ensure_ascii=False)):
        assert "钱小乙" not in text and "13800001234" not in text
    assert "甲路" in cells and "2021-02-30" in cells


# --- the command ----------------------------------------------------------------------------


def _import(path: Path, store: Path, *options: object) -> Result:
    words = ["import", str(path), "--as", "place-names", "--store", f"gpkg:{store}"]
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*words, *map(str, options)])


@pytest.mark.parametrize("suffix", [".xlsx", ".html", ".json"])
def test_command_writes_the_report_of_a_refused_and_of_an_accepted_file(
    suffix: str, bad: Path, tmp_path: Path
) -> None:
    target, good = tmp_path / f"out{suffix}", tmp_path / "good.csv"
    good.write_text("\n".join(ROWS[:2]) + "\n", encoding="utf-8")

    assert _import(bad, tmp_path / "r.gpkg", "--report", target).exit_code == 3
    refused = target.read_bytes()
    assert _import(good, tmp_path / "r.gpkg", "--report", target).exit_code == 0
    assert target.read_bytes() != refused
    again = _import(good, tmp_path / "r.gpkg", "--report", target, "--json")
    assert again.exit_code == 0
    if suffix == ".json":
        told = json.loads(target.read_text(encoding="utf-8"))
        assert told == json.loads(again.stdout.splitlines()[-1])


def test_command_refuses_a_target_that_cannot_be_before_it_reads(bad: Path, tmp_path: Path) -> None:
    for target in (bad, tmp_path / "r.pdf"):
        done = _import(bad, tmp_path / "r.gpkg", "--report", target)
        assert done.exit_code == 3
        assert not (tmp_path / "r.gpkg").exists()
    assert bad.read_text(encoding="utf-8").startswith("编号")
