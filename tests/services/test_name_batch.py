"""Sheets and batches of names: every row answered, none stopped by another."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from geo_service.cities import CityProfile, city
from geo_service.domain.change import Change, Operation
from geo_service.domain.finding import Outcome, Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError
from geo_service.rules.names import Standing
from geo_service.services.name_batch import COLUMNS, answered, batch_json, batch_of
from geo_service.services.name_file import FileReport, check_file
from geo_service.services.name_sheet import NameRow, read_names
from geo_service.services.names import NameRequest, check_name
from geo_service.services.wire import verdict_json
from geo_service.store.protocol import Store

QINGDAO = city("370200")
DAY, TODAY = date(2024, 6, 1), date(2026, 11, 23)
ROAD, ESTATE = FeatureType.ROAD, FeatureType.ESTATE
Check = Callable[..., FileReport]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """`check(source, target)` with the rules alone."""

    def run(source: Path, target: Path | None = None, **options: Any) -> FileReport:
        return check_file(
            source,
            target or tmp_path / "out.csv",
            batch_of(QINGDAO, None),
            as_of=DAY,
            today=TODAY,
            **options,
        )

    return run


def sheet(folder: Path, text: str, name: str = "in.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def request(name: str, kind: FeatureType = ROAD, unit: str = "") -> NameRequest:
    code = DivisionCode(unit) if unit else None
    return NameRequest(name, kind, Standing.PROPOSED, DAY, unit_code=code)


# --- files ---------------------------------------------------------------------------------------


def test_rows_come_back_in_order_with_their_verdicts(check: Check, tmp_path: Path) -> None:
    source = sheet(
        tmp_path,
        "编号,名称,类型,备注\n7,曼哈顿广场,住宅区,甲\n8,台湾路,路,乙\n9,碧澜壹号公寓,estate,丙\n",
    )
    report = check(source)
    rows = rows_of(tmp_path / "out.csv")
    assert list(rows[0]) == ["编号", "名称", "类型", "备注", *COLUMNS]
    assert [row["备注"] for row in rows] == ["甲", "乙", "丙"]
    assert [row["verdict"] for row in rows] == ["fail", "pass", "review"]
    assert "NM-FOR-01" in rows[0]["rule_ids"].split(";")
    assert "洋" in rows[0]["categories"].split(";")
    assert "曼哈顿" in rows[0]["messages"]
    assert report.count.to_json() == {
        "rows": 3,
        "pass": 1,
        "review": 1,
        "fail": 1,
        "problems": 0,
    }
    assert report.count.worst is Severity.PROHIBITED


def test_a_row_says_the_same_as_a_single_check(check: Check, tmp_path: Path) -> None:
    names = ["曼哈顿广场", "碧澜壹号公寓", "Ω海岸公寓", "澄澜花园"]
    check(sheet(tmp_path, "name,feature_type\n" + "".join(f"{n},estate\n" for n in names)))
    for row in rows_of(tmp_path / "out.csv"):
        alone = check_name(request(row["name"], ESTATE), QINGDAO, None)
        assert row["verdict"] == alone.outcome.value
        weighty = [f for f in alone.findings if f.severity > Severity.INFO]
        assert row["rule_ids"].split(";") == list(dict.fromkeys(f.rule_id for f in weighty) or [""])


def test_facts_status_and_place_of_a_row_are_understood(tmp_path: Path) -> None:
    source = sheet(
        tmp_path,
        "地名,地名类型,状态,经度,纬度,行政区划代码,用地面积,道路等级,申请单位,更名前名称\n"
        "云霄路,道路,在用,120.3,36.1,370202,,主干路,甲公司,旧云路\n"
        "云霄花园,住宅区（拟命名）,,,,,12000,,,\n",
    )
    read = read_names(source, as_of=DAY, today=TODAY, kind=None, lang="zh")
    road, estate = (row.request for row in read.rows)
    assert road is not None
    assert (road.standing, road.position, road.unit_code) == (
        Standing.EXISTING,
        (120.3, 36.1),
        "370202",
    )
    assert (road.facts.road_class, road.facts.applicant) == ("arterial", "甲公司")
    assert road.replaces == "旧云路"
    assert estate is not None
    assert (estate.feature_type, estate.standing) == (ESTATE, Standing.PROPOSED)
    assert estate.facts.site_area_m2 == 12000


def test_a_row_may_tell_the_day_of_its_law(tmp_path: Path) -> None:
    path = sheet(tmp_path, "名称,审查日期\n云宁路,1990-01-02\n云陵路,\n云灵路,昨天\n")
    read = read_names(path, as_of=DAY, today=TODAY, kind=None, lang="zh")
    days = [row.request.as_of if row.request else None for row in read.rows]
    assert days == [date(1990, 1, 2), DAY, None]
    assert read.rows[2].problem is not None
    assert read.rows[2].problem.zh.startswith("审查日期 列：")


def test_a_wrong_row_tells_why_and_stops_no_other(check: Check, tmp_path: Path) -> None:
    source = sheet(
        tmp_path,
        "name,feature_type,status,lon,lat,unit_code,storeys\n"
        "台湾路,road,,,,,\n"
        ",road,,,,,\n"
        f"{'香' * 100_000},road,,,,,\n"
        "云霄路,road,奇怪,,,,\n"
        "云霄路,road,,36.1,120.3,,\n"
        "云霄路,road,,120.3,,,\n"
        "云霄路,road,,,,abc,\n"
        "云霄路,road,,,,,很多\n"
        "碧海路,road,,,,,\n",
    )
    report = check(source)
    rows = rows_of(tmp_path / "out.csv")
    assert [row["verdict"] for row in rows] == ["pass", *[""] * 7, "pass"]
    assert all(bool(row["check_problem"]) == (not row["verdict"]) for row in rows)
    assert "第" not in rows[1]["check_problem"]
    assert [number for number, _ in report.problems] == list(range(3, 10))
    assert report.count.problems == 7


def test_a_type_nobody_knows_is_presumed_aloud(check: Check, tmp_path: Path) -> None:
    check(
        sheet(tmp_path, "name,feature_type\n云霄路,火星站点\n滨海水恋,\n云霄路,\n滨海水恋,居民区\n")
    )
    notes = [row["check_notes"] for row in rows_of(tmp_path / "out.csv")]
    assert "“火星站点”不认识，按道路检查" in notes[0]
    assert "按住宅区检查" in notes[1]
    assert "检查" not in notes[2] + notes[3]


@pytest.mark.parametrize("kind", ["高层建筑", "商业综合体", "居民住宅区", "地铁站", "道路、街巷"])
def test_kinds_as_lists_of_names_print_them_are_known(
    check: Check, tmp_path: Path, kind: str
) -> None:
    check(sheet(tmp_path, f"名称,类型\n云霄花园,{kind}\n"))
    assert "不认识" not in rows_of(tmp_path / "out.csv")[0]["check_notes"]


def test_gbk_is_read_and_said_aloud(check: Check, tmp_path: Path) -> None:
    text = "名称,类型\n曼哈顿广场,住宅区\n台湾路,道路\n" + "云霄路,道路\n" * 3
    report = check(sheet(tmp_path, text, encoding="gbk"))
    assert ["GB18030" in notice.zh for notice in report.notices] == [True]
    assert [row["名称"] for row in rows_of(tmp_path / "out.csv")][:2] == ["曼哈顿广场", "台湾路"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_formulas_are_disarmed(check: Check, tmp_path: Path, suffix: str) -> None:
    source = sheet(tmp_path, "name,feature_type,=x\n=云霄路,road,@SUM(1)\n台湾路,road,-3\n")
    target = tmp_path / f"out{suffix}"
    check(source, target)
    if suffix == ".csv":
        with target.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    else:
        book = openpyxl.load_workbook(target)
        lines = [[cell or "" for cell in row] for row in book.active.iter_rows(values_only=True)]
        kinds = {cell.data_type for row in book.active.iter_rows() for cell in row}
        assert "f" not in kinds
    assert lines[0][2] == "'=x"
    assert lines[1][:3] == ["'=云霄路", "road", "'@SUM(1)"]
    assert lines[2][2] == "-3"
    assert lines[1][3] in ("review", "fail")


def test_a_workbook_goes_in_and_out(check: Check, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for line in (["名称", "类型"], ["曼哈顿广场", "住宅区"], [None, "道路"], ["台湾路", "道路"]):
        book.active.append(line)
    source, target = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    book.save(source)
    check(source, target)
    lines = list(openpyxl.load_workbook(target).active.iter_rows(values_only=True))
    assert lines[0][:3] == ("名称", "类型", "verdict")
    assert [line[2] for line in lines[1:]] == ["fail", None, "pass"]


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("编号\n1\n", "in.csv", "sheet_refused"),
        ("", "in.csv", "sheet_unreadable"),
        ("name\n", "in.csv", "sheet_unreadable"),
        ("name\n台湾路\n", "in.docx", "sheet_unreadable"),
        ("name\n台湾路\n", "机密.csv", "sheet_unreadable"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(
    check: Check, tmp_path: Path, text: str, name: str, code: str
) -> None:
    with pytest.raises(InputError) as refusal:
        check(sheet(tmp_path, text, name))
    assert refusal.value.code == code
    assert not (tmp_path / "out.csv").exists()


def test_a_target_that_may_not_be_written_is_refused_before_the_work(
    check: Check, tmp_path: Path
) -> None:
    source = sheet(tmp_path, "name\n台湾路\n")
    for target in (source, tmp_path / "out.txt"):
        with pytest.raises(InputError, match="export_"):
            check(source, target)
    assert source.read_text(encoding="utf-8") == "name\n台湾路\n"


def test_an_earlier_answer_is_replaced(check: Check, tmp_path: Path) -> None:
    first, again = tmp_path / "first.csv", tmp_path / "again.csv"
    check(sheet(tmp_path, "name,feature_type\n曼哈顿广场,estate\n"), first)
    check(first, again)
    assert again.read_bytes() == first.read_bytes()


BAD_NAMES = [
    "",
    "   ",
    "香\u202e港路",
    "香\x07港路",
    "🙂🙂路",
    "ABC",
    "123",
    "。。",
    "香\ud800港路",
    "香" * 100_000,
    "\u200b",
    "a\u0301" * 40,
    "路",
]


@pytest.mark.parametrize("name", BAD_NAMES, ids=lambda name: ascii(name[:8]))
def test_any_text_gets_a_finding_or_a_problem(name: str) -> None:
    rows = (NameRow(2, request(name)), NameRow(3, request("台湾路")))
    first, second = answered(rows, batch_of(QINGDAO, None))
    assert second.verdict is not None
    assert second.verdict.outcome is Outcome.PASS
    if first.verdict is None:
        assert first.problem is not None
        assert first.problem.zh
    else:
        assert first.verdict.findings
        for lang in ("zh", "en"):
            json.dumps(verdict_json(first.verdict, lang))  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_file_of_bad_names_is_answered_whole(check: Check, tmp_path: Path, suffix: str) -> None:
    source = tmp_path / "in.csv"
    with source.open("w", encoding="utf-8", newline="", errors="replace") as file:
        csv.writer(file).writerows([["name", "feature_type"], *([n, "road"] for n in BAD_NAMES)])
    report = check(source, tmp_path / f"out{suffix}")
    assert report.count.rows == len(BAD_NAMES)
    assert report.count.passed == 0


# --- the names of one batch ---------------------------------------------------------------------


def _found(*requests: NameRequest, store: Store | None = None) -> list[dict[str, Severity]]:
    rows = [NameRow(number, asked) for number, asked in enumerate(requests, start=2)]
    result = []
    for answer in answered(rows, batch_of(QINGDAO, store)):
        assert answer.verdict is not None
        result.append({f.rule_id: f.severity for f in answer.verdict.findings})
    return result


def test_names_of_one_place_are_held_against_each_other() -> None:
    first, second, third = _found(
        request("云霄路", unit="370202"),
        request("云霄路", unit="370203"),
        request("云肖街", unit="370202"),
    )
    assert first["NM-DUP-01"] is second["NM-DUP-01"] is Severity.HUMAN
    assert third == {"NM-DUP-04": Severity.HUMAN}


def test_names_without_a_place_are_noted_only() -> None:
    first, second, third = _found(request("云霄路"), request("云霄路"), request("云霄街"))
    assert first == second == {"NM-DUP-01": Severity.INFO}
    assert third == {}


def test_a_family_may_be_named_together() -> None:
    assert _found(*(request(f"云霄{side}路", unit="370202") for side in "东中西")) == [{}, {}, {}]


def test_a_batch_is_judged_by_the_register_as_it_stood(store: Store, city: CityProfile) -> None:
    batch = batch_of(city, store)
    assert batch.mark is not None
    assert batch.mark.sequence == 0
    answers = batch_json(answered([NameRow(1, request("云霄路"))], batch), "zh")
    assert answers["counts"]["pass"] == 1
    assert answers["results"][0]["verdict"]["name"] == "云霄路"


def test_a_number_of_the_sender_is_not_taken_for_a_record(store: Store, city: CityProfile) -> None:
    record = NamedPlace(
        id="7",
        name="云霄路",
        feature_type=ROAD,
        unit_code=DivisionCode("370202"),
        provenance=Provenance("test"),
    )
    change = Change(operation=Operation.CREATE, record=record, actor="test", reason="test")
    with store.begin() as work:
        work.append((change,))
    batch = batch_of(city, store)
    for name, rules in (("云霄街", {"NM-DUP-03"}), ("云霄路", set())):
        asked = replace(request(name, unit="370202"), record_id="7")
        (answer,) = answered([NameRow(2, asked)], batch)
        assert answer.verdict is not None
        assert {f.rule_id for f in answer.verdict.findings} == rules
