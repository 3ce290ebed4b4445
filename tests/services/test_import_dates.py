"""Dates in files: a day in one way only is read; every other form is asked back, never guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from geo_service.domain.change import RecordKind
from geo_service.domain.place import NamedPlace
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
KIND = RecordKind.PLACE_NAMES


def _dated(tmp_path: Path, *written: str, status: str = "在用", column: str = "批准日期") -> Path:
    rows = (f"N{i},第{i}路,道路,{status},{said}\n" for i, said in enumerate(written))
    path = tmp_path / "dates.csv"
    path.write_text(f"编号,名称,类型,状态,{column}\n" + "".join(rows), encoding="utf-8")
    return path


ASKED = [
    # years of reign: the year proposed, never taken over
    ("民国二十三年", "date_ambiguous", ["1934"]),
    ("民国23年3月1日", "date_ambiguous", ["1934"]),
    ("中华民国三十八年十月", "date_ambiguous", ["1949"]),
    ("民国五十年", "date_ambiguous", ["没有第 50 年"]),
    ("光绪三十一年", "date_ambiguous", ["1905", "次年"]),
    ("宣统元年", "date_ambiguous", ["1909"]),
    ("昭和九年", "date_ambiguous", ["1934"]),
    ("康德元年", "date_ambiguous", ["1934"]),
    ("建武三年", "date_ambiguous", ["建武"]),
    ("民国年间", "date_ambiguous", ["大致"]),
    # the lunar calendar
    ("农历二〇二一年正月初五", "date_ambiguous", ["农历"]),
    ("甲子年八月", "date_ambiguous", ["农历或干支"]),
    ("光绪三十一年三月初五", "date_ambiguous", ["1905", "农历"]),
    # orders and centuries
    ("03/04/2021", "date_ambiguous", ["2021-03-04", "2021-04-03"]),
    ("28.02.2020", "date_ambiguous", ["2020-02-28"]),
    ("85.3.1", "date_ambiguous", ["1985-03-01"]),
    ("05-06-07", "date_ambiguous", ["2005-06-07", "2007-06-05", "1907-05-06"]),
    ("85年3月1日", "date_ambiguous", ["1985-03-01"]),
    ("201203", "date_ambiguous", ["2012-03-01 至 2012-03-31", "2020-12-03"]),
    # serials of spreadsheets
    ("44256", "date_ambiguous", ["2021-03-01", "2025-03-02"]),
    # no day, but a span of days
    ("二〇二一年三月", "date_incomplete", ["2021-03-01 至 2021-03-31"]),
    ("2021年", "date_incomplete", ["2021-01-01 至 2021-12-31"]),
    ("2021-03", "date_incomplete", ["2021-03-31"]),
    ("2020年2月", "date_incomplete", ["2020-02-29"]),
    ("20世纪80年代", "date_incomplete", ["大致"]),
    ("2021年第一季度", "date_incomplete", ["大致"]),
    # days that do not exist
    ("2021.13.1", "date_impossible", ["没有 13 月", "2021-01-13"]),
    ("2021-02-30", "date_impossible", ["只有 28 天"]),
    ("二〇二四年二月三十日", "date_impossible", ["只有 29 天"]),
    ("99/99/2021", "date_impossible", ["不是一天"]),
    ("0000-00-00", "date_impossible", ["0 年"]),
    ("不详", "date_unreadable", []),
]


def test_every_form_is_asked_back_with_its_readings_in_one_pass(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    report = bring(_dated(tmp_path, *(said for said, _, _ in ASKED)), "place-names")

    told = {issue.row: issue for issue in report.errors}
    assert len(report.errors) == len(ASKED)
    for row, (said, code, readings) in enumerate(ASKED, start=2):
        issue = told[row]
        assert (issue.code, issue.field) == (code, "approved_on"), said
        assert all(word in issue.message.zh for word in (said, *readings)), issue.message.zh
        assert "{" not in issue.message.en and issue.hint.zh
    assert store.verify().entries == 0


@pytest.mark.parametrize(
    "written", ["二〇二〇年二月二十八日", "二○二○年二月廿八日", "2020.2.28", "2020年2月28日"]
)
def test_a_day_in_one_way_only_is_read(written: str, tmp_path: Path, bring: Importer) -> None:
    report = bring(_dated(tmp_path, written), "place-names")

    assert report.accepted
    assert report.rows[0]["approved_on"] == "2020-02-28"
    numerals = [said for said in report.normalised if said["raw"] == written]
    assert bool(numerals) is ("二" in written), "what was written in numerals is told"


def test_a_historical_name_keeps_the_words_of_its_papers(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    path = _dated(tmp_path, "光绪三十一年", "1934", status="曾用名", column="启用日期")

    report = bring(path, "place-names")

    assert [(i.code, i.row, i.field) for i in report.issues if i.code.startswith("date")] == [
        ("date_kept_in_words", 2, "valid_from"),
        ("date_kept_in_words", 3, "valid_from"),
    ]
    old = store.get(KIND, "N0")
    assert isinstance(old, NamedPlace)
    assert (old.period.start, old.provenance.note) == (None, "启用日期原文：光绪三十一年")
    assert report.to_json("zh") == bring(path, "place-names").to_json("zh"), "the receipt says so"

    path.write_text(path.read_text(encoding="utf-8").replace("三十一", "三十二"), encoding="utf-8")
    bring(path, "place-names")
    assert store.get(KIND, "N0").provenance.note == "启用日期原文：光绪三十二年"


def test_a_historical_name_with_an_ambiguous_day_is_asked_back_all_the_same(
    tmp_path: Path, bring: Importer
) -> None:
    report = bring(_dated(tmp_path, "03/04/1921", "30/2/1921", status="曾用名"), "place-names")

    assert [issue.code for issue in report.errors] == ["date_ambiguous", "date_impossible"]


def test_a_number_of_a_workbook_is_not_taken_for_a_day(tmp_path: Path, bring: Importer) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["名称", "类型", "批准日期"])
    book.active.append(["甲路", "道路", 44256])
    book.active.append(["乙路", "道路", date(2021, 3, 1)])
    book.save(tmp_path / "n.xlsx")

    report = bring(tmp_path / "n.xlsx", "place-names")

    assert [(issue.code, issue.row) for issue in report.errors] == [("date_ambiguous", 2)]
    assert "2021-03-01" in report.errors[0].message.zh
