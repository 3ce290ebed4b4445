"""Canaries: personal values that were handed in appear nowhere but where they are kept."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import openpyxl
import pytest

from geo_service.cities import CityProfile
from geo_service.domain.change import RecordKind
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Provenance
from geo_service.errors import InputError, NotFound
from geo_service.lexicons import lexicon
from geo_service.services.interchange.columns import READABLE
from geo_service.services.interchange.exporting import WRITERS, export_records
from geo_service.services.interchange.reading import read_records
from geo_service.services.interchange.report import ImportReport, rejected
from geo_service.services.interchange.report_workbook import write_report_workbook
from geo_service.services.interchange.returning import Occasion, returned
from geo_service.services.persons.desk import erase, erased, find, show
from geo_service.services.register.acts import Signed
from geo_service.services.register.planning import create
from geo_service.services.register.writing import carry_out
from geo_service.store.backups import back_up
from geo_service.store.opening import open_store
from geo_service.store.sql_store import SqlStore

Importer = Callable[..., ImportReport]
CARD = "990101199001010019"
MOBILE, TYPED, TELEPHONE = "13987654321", "13800138999", "0532-66554433"
NAME, TELLER, HOME = "金丝雀", "布谷鸟", "甲区乙街道丙号丁室"
CANARIES = (CARD, MOBILE, TYPED, TELEPHONE, NAME, TELLER, HOME)
HEADER = "编号,名称,类型,经度,纬度,地名来历,申请人,身份证号,手机号,联系电话,口述人,住址,备考\n"
ROW = (
    f"1,仙霞路,道路,120.39,36.065,据{TELLER}之邻讲述，电{MOBILE}。,{NAME},{CARD},{MOBILE},"
    f"{TELEPHONE},{TELLER},{HOME},经办 {TYPED}\n"
).replace(f"据{TELLER}之邻", "据邻人")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"gpkg:{tmp_path / 'register.gpkg'}", create=True)
    yield opened
    opened.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "applications" / "a.csv"
    path.parent.mkdir()
    path.write_text(HEADER + ROW, encoding="utf-8")
    return path


def leaked(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def shown(report: ImportReport) -> str:
    return json.dumps(
        [report.to_json("zh"), report.to_json("en"), repr(report)], ensure_ascii=False
    )


def everything_but_the_values(store: SqlStore) -> str:
    """Every table of the file as text, without the one that can be erased."""
    with closing(sqlite3.connect(store.url.removeprefix("gpkg:"))) as db:
        names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "".join(
            str(db.execute(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608 - our own tables
            for name in names
            if name != "person" and not name.startswith("rtree")
        )


def test_a_report_shows_masks(path: Path, bring: Importer) -> None:
    report = bring(path, "place-names")
    text = shown(report)
    assert report.accepted and leaked(text) == []
    (row,) = report.rows
    assert "139****4321" in row["origin"] and "139****4321" in row["raw"]["手机号"]
    assert "金**" in row["raw"]["申请人"]
    assert "138****8999" in row["raw"]["备考"]


def test_nothing_but_the_erasable_table_holds_a_value(
    path: Path, bring: Importer, store: SqlStore
) -> None:
    bring(path, "place-names")
    assert leaked(everything_but_the_values(store)) == []
    assert {kept.value for kept in store.clear_values()} == set(CANARIES)
    assert store.verify().sound


def test_no_export_holds_a_value(
    path: Path, bring: Importer, store: SqlStore, tmp_path: Path
) -> None:
    bring(path, "place-names")
    folder = tmp_path / "out"
    folder.mkdir()
    for kind in (RecordKind.PLACE_NAMES, RecordKind.PERSONAL_VALUES):
        for suffix in WRITERS:
            export_records(store, kind, folder / f"{kind}{suffix}")
    files = [part for part in folder.rglob("*") if part.is_file()]
    content = b"".join(part.read_bytes() for part in files)
    assert len(files) >= 2 * len(WRITERS)
    assert [canary for canary in CANARIES if canary.encode() in content] == []


def test_the_same_file_again_has_the_same_answer(
    path: Path, bring: Importer, store: SqlStore
) -> None:
    first = bring(path, "place-names")
    again = bring(path, "place-names")
    assert again.repeated
    assert again.rows == first.rows and again.issues == first.issues
    erase(store, [kept.id for kept in store.clear_values()], "甲", "本人要求")
    assert "已清除" in str(bring(path, "place-names").rows[0]["raw"]["申请人"])


def test_another_file_that_says_the_same_changes_nothing(
    path: Path, bring: Importer, store: SqlStore
) -> None:
    bring(path, "place-names")
    entries = store.verify().entries
    path.write_text(HEADER + ROW + "\n", encoding="utf-8")
    report = bring(path, "place-names")
    assert (report.stored, store.verify().entries) == (0, entries)
    assert leaked(shown(report)) == []


def test_a_trial_keeps_nothing(path: Path, bring: Importer, store: SqlStore) -> None:
    report = bring(path, "place-names", dry_run=True)
    assert leaked(shown(report)) == [] and store.clear_values() == []
    assert store.verify().entries == 0


def test_a_refused_file_is_told_with_masks(path: Path, bring: Importer, store: SqlStore) -> None:
    path.write_text(HEADER + ROW.replace("120.39", f"电{MOBILE}"), encoding="utf-8")
    report = bring(path, "place-names")
    told = json.dumps([report.to_json("zh"), report.to_json("en")], ensure_ascii=False)
    assert not report.accepted and leaked(told) == []
    assert store.clear_values() == []


@pytest.mark.parametrize("kind", READABLE)
@pytest.mark.parametrize("number", [CARD, MOBILE, f"据{MOBILE}讲述", f"{MOBILE} 36.06"])
def test_no_column_of_the_report_for_the_sender_shows_a_number(
    number: str, kind: RecordKind, city: CityProfile, tmp_path: Path
) -> None:
    columns = lexicon("import_columns", "kind", "field", "alias").rows
    fields = sorted({row["field"] for row in columns if row["kind"] == kind})
    lines = [",".join(number if f == field else "1" for f in fields) for field in fields]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([",".join(fields), *lines]), encoding="utf-8")
    read = read_records(path, kind, city=city, today=date(2026, 11, 23))
    report = rejected(read)
    told = returned(report, read.sent, Occasion(city.name, date(2026, 11, 23), False), "zh")
    book = tmp_path / "report.xlsx"
    write_report_workbook(book, told, read.sent)
    sheets = openpyxl.load_workbook(book).worksheets
    cells = [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
    assert any("**" in str(value) for value in cells)
    text = f"{cells} {told!r} {read.sent!r} {report.to_json('zh')}"
    assert leaked(text) == []


def test_a_number_that_is_cut_in_two_and_one_in_a_heading_are_masked(
    city: CityProfile, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"名称,电{MOBILE}\n{'路' * 490}{MOBILE},{TYPED}\n", encoding="utf-8")
    read = read_records(path, RecordKind.PLACE_NAMES, city=city, today=date(2026, 11, 23))
    assert leaked(repr((read.sent, read.issues))) == []
    assert not any(MOBILE[:9] in cell for cell in read.sent.rows[0].cells)


@pytest.mark.parametrize("column", ["文号", "曾用名", "romanization"])
def test_no_text_that_the_log_would_keep_holds_a_number(
    column: str, path: Path, bring: Importer, store: SqlStore
) -> None:
    header, row = HEADER.replace("备考", column), ROW.replace(f"经办 {TYPED}", f"经办{TYPED}")
    path.write_text(header + row, encoding="utf-8")
    assert leaked(shown(bring(path, "place-names"))) == []
    assert leaked(everything_but_the_values(store)) == []


@pytest.mark.parametrize("number", [MOBILE, CARD])
def test_a_name_holds_no_number(number: str, path: Path, bring: Importer, store: SqlStore) -> None:
    path.write_text(HEADER + ROW.replace("仙霞路", f"仙霞路{number}"), encoding="utf-8")
    report = bring(path, "place-names")
    assert [(i.code, i.row, i.field) for i in report.errors] == [("personal_in_name", 2, "name")]
    assert leaked(shown(report)) == []
    assert store.verify().entries == 0


def test_codes_and_measures_are_no_telephones(tmp_path: Path, bring: Importer) -> None:
    path = tmp_path / "a.csv"
    rows = "编号,名称,类型,经度,纬度,身份证号,电话\n"
    rows += "13800138000,仙霞路,道路,120.13812345678,36.1,无,/\n"
    path.write_text(rows, encoding="utf-8")
    report = bring(path, "place-names")
    assert report.rows[0]["id"] == "13800138000"
    assert report.rows[0]["raw"]["身份证号"] == "无"
    assert report.rows[0]["lon"] == pytest.approx(120.13812345678)


def test_a_number_that_a_sheet_keeps_as_a_number_is_found(
    tmp_path: Path, bring: Importer, store: SqlStore
) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "a.xlsx"
    assert book.active is not None
    book.active.append(["名称", "类型", "经度", "纬度", "手机", "备考"])
    book.active.append(["仙霞路", "道路", 120.39, 36.065, int(MOBILE), int(TYPED)])
    book.save(path)
    assert leaked(shown(bring(path, "place-names"))) == []
    assert {kept.value for kept in store.clear_values()} == {MOBILE, TYPED}


def test_the_text_of_a_record_keeps_its_sense(path: Path, bring: Importer, store: SqlStore) -> None:
    bring(path, "place-names")
    place = cast("NamedPlace", store.get(RecordKind.PLACE_NAMES, "1"))
    assert place.origin.startswith("据邻人讲述，电") and place.origin.endswith("。")
    assert "手机号码:p" in place.origin


# --- the desk -------------------------------------------------------------------------------


def test_values_are_found_masked_by_text_and_by_record(
    path: Path, bring: Importer, store: SqlStore
) -> None:
    bring(path, "place-names")
    (entry,) = find(store, value="0532 6655 4433")
    assert (entry.record.field, entry.mask) == ("联系电话", "**********433")
    assert len(find(store, subject=("place-names", "1"))) == len(CANARIES) + 1
    assert find(store, subject=("place-names", "2")) == ()
    assert leaked(str(find(store))) == []


def test_reading_one_is_an_entry_with_who_and_why(
    path: Path, bring: Importer, store: SqlStore
) -> None:
    bring(path, "place-names")
    (entry,) = find(store, value=CARD)
    before = store.log_mark().sequence
    record, value = show(store, entry.record.id, "经办人甲", "核对申请")
    assert value == CARD
    (logged,) = store.log(after=before)
    assert (logged.record_id, logged.actor, logged.reason) == (record.id, "经办人甲", "核对申请")
    assert logged.basis == "person:shown"
    for reason in ("", " "):
        with pytest.raises(InputError, match="person_unreasoned"):
            show(store, record.id, "甲", reason)
    with pytest.raises(NotFound, match="person_unknown"):
        show(store, "p0", "甲", "测试")


def test_after_erasing_nothing_is_left_anywhere(
    path: Path, bring: Importer, store: SqlStore, tmp_path: Path
) -> None:
    bring(path, "place-names")
    ids = [kept.id for kept in store.clear_values()]
    erase(store, ids, "经办人甲", "本人要求")
    assert set(erased(store)) == set(ids)
    assert store.verify().sound and store.clear_values() == []
    assert all(entry.mask == "" for entry in find(store))
    path.unlink()
    back_up(store, tmp_path / "backup", datetime(2026, 11, 28, tzinfo=UTC))
    files = [part for part in tmp_path.rglob("*") if part.is_file()]
    content = b"".join(part.read_bytes() for part in files)
    assert [canary for canary in CANARIES if canary.encode() in content] == []
    with pytest.raises(InputError, match="person_erased"):
        show(store, ids[0], "甲", "测试")
    with pytest.raises(InputError, match="person_erased"):
        erase(store, ids, "甲", "再次")


# --- by hand --------------------------------------------------------------------------------


def _created(store: SqlStore, reason: str = "测试", **fields: str) -> Any:
    place = NamedPlace(
        id="P-1",
        feature_type=FeatureType.ROAD,
        provenance=Provenance(source="示例"),
        period=Period(date(2020, 1, 1)),
        **{"name": "仙霞路", **fields},
    )
    return carry_out(
        store, create(store, place, Signed(actor="甲", reason=reason, document_no="示例文1号"))
    )


def test_what_is_typed_by_hand_is_taken_out_as_well(store: SqlStore) -> None:
    _created(store, origin=f"口述人电话{MOBILE}，身份证{CARD}")
    assert leaked(everything_but_the_values(store)) == []
    assert {kept.value for kept in store.clear_values()} == {MOBILE, CARD}
    assert {entry.record.field for entry in find(store, subject=("place-names", "P-1"))} == {
        "origin"
    }
    assert store.verify().sound


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name": f"仙霞路{MOBILE}"}, "personal_in_name"),
        ({"reason": f"{MOBILE}来电"}, "personal_in_log"),
    ],
)
def test_names_and_reasons_take_no_number(
    fields: dict[str, str], code: str, store: SqlStore
) -> None:
    with pytest.raises(InputError) as refused:
        _created(store, **fields)
    assert refused.value.code == code and leaked(str(refused.value)) == []
    assert store.verify().entries == 0
