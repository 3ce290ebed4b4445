"""Imports into every store: once, all or nothing, and a trial that leaves no trace."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from geo_service import cities
from geo_service.domain.change import RecordKind
from geo_service.services.interchange.importing import import_file
from geo_service.services.interchange.mappings import ColumnMapping
from geo_service.services.interchange.report import ImportReport
from geo_service.store.protocol import Store
from geo_service.store.writing import StoreWork

Importer = Callable[..., ImportReport]
KIND = RecordKind.PLACE_NAMES
HEAD = "id,name,kind,lon,lat,date\n"


@pytest.fixture
def bring(store: Any, clock: Any) -> Importer:
    def run(path: Path, kind: RecordKind = KIND, **options: Any) -> ImportReport:
        told = {"city": cities.city("370200"), "actor": "甲", "today": date(2026, 11, 23)}
        return import_file(store, path, kind, now=clock(), **told, **options)

    return run


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    rows = "".join(f"N{n},第{n}路,道路,120.3,36.1,2020-02-28\n" for n in range(6))
    path.write_text(HEAD + rows, encoding="utf-8")
    return path


def _state(store: Store) -> tuple[Any, ...]:
    """All that an import could leave behind."""
    entries = [(entry.sequence, entry.hash) for entry in store.log()]
    records = [(r.id, store.version(KIND, r.id)) for r in store.records(KIND)]
    return store.verify(), entries, records, dict(store.info())


def test_the_same_bytes_are_answered_once_under_any_name(
    sheet: Path, store: Any, bring: Importer, tmp_path: Path
) -> None:
    first = bring(sheet)
    before = _state(store)
    other = tmp_path / "elsewhere" / "乙区报送.csv"
    other.parent.mkdir()
    shutil.copy(sheet, other)

    for path in (sheet, other, sheet):
        again = bring(path)
        assert again.repeated and again.to_json("zh") == first.to_json("zh")
    assert _state(store) == before
    assert before[0].sound and before[0].entries == first.stored == 6


def test_every_option_makes_another_import_and_none_a_second_row(
    sheet: Path, store: Any, bring: Importer
) -> None:
    bring(sheet)
    entries = store.verify().entries
    mapping = ColumnMapping("甲区", KIND, {"id": "id", "name": "name", "kind": "feature_type"})

    for options in (
        {"encoding": "UTF-8"},
        {"crs": "EPSG:4490"},
        {"mapping": mapping},
        {"encoding": "UTF-8", "crs": "EPSG:4490"},
    ):
        report = bring(sheet, **options)
        assert (report.accepted, report.repeated, report.stored) == (True, False, 0), options
        assert bring(sheet, **options).repeated
    assert store.verify().entries == entries
    assert {store.version(KIND, f"N{n}") for n in range(6)} == {1}


def test_a_trial_leaves_no_trace_and_no_receipt(sheet: Path, store: Any, bring: Importer) -> None:
    before = _state(store)

    trial = bring(sheet, dry_run=True)
    assert (trial.accepted, trial.stored) == (True, 6)
    assert _state(store) == before

    real = bring(sheet)
    assert (real.repeated, real.stored) == (False, 6)
    assert real.to_json("zh") == trial.to_json("zh")


def test_a_refused_file_leaves_no_trace_and_may_come_again(
    sheet: Path, store: Any, bring: Importer
) -> None:
    good = sheet.read_text(encoding="utf-8")
    before = _state(store)
    sheet.write_text(good + "N9,坏路,道路,36.1,120.3,2021-02-30\n", encoding="utf-8")

    for _ in range(2):
        report = bring(sheet)
        assert {issue.code for issue in report.errors} == {"axes_swapped", "date_impossible"}
        assert not report.repeated
    assert _state(store) == before

    sheet.write_text(good, encoding="utf-8")
    assert bring(sheet).stored == 6


def test_what_breaks_off_while_writing_leaves_nothing(
    sheet: Path, store: Any, bring: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _state(store)

    def fails(*_: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(StoreWork, "keep_receipt", fails)
        with pytest.raises(OSError, match="full"):
            bring(sheet)
    assert _state(store) == before
    assert bring(sheet).stored == 6


def test_rows_in_another_order_are_another_file_with_nothing_new(
    sheet: Path, store: Any, bring: Importer
) -> None:
    bring(sheet)
    lines = sheet.read_text(encoding="utf-8").splitlines()
    sheet.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n", encoding="utf-8")

    report = bring(sheet)

    assert (report.repeated, report.stored) == (False, 0)
    assert store.verify().entries == 6


def test_a_place_without_an_id_gets_the_same_id_in_every_import(
    tmp_path: Path, store: Any, bring: Importer
) -> None:
    for name in ("a.csv", "b.csv"):
        rows = "甲路,道路,120.3,36.1\n乙路,道路,120.31,36.1\n"
        extra = "丙路,道路,120.32,36.1\n" if name == "b.csv" else ""
        (tmp_path / name).write_text(f"name,kind,lon,lat\n{rows}{extra}", encoding="utf-8")
    assert [bring(tmp_path / name).stored for name in ("a.csv", "b.csv")] == [2, 1]
    assert store.count(KIND) == 3


def test_receipts_are_read_newest_first(store: Store, bring: Importer, tmp_path: Path) -> None:
    for number in range(4):
        path = tmp_path / f"{number}.csv"
        path.write_text(f"{HEAD}N{number},第{number}路,道路,120.3,36.1,2020-02-28\n", "utf-8")
        bring(path)
    newest = store.receipts(limit=3)
    assert [one.number for one in newest] == [4, 3, 2]
    assert store.receipts(before=2, limit=3)[0].digest == store.receipts(limit=9)[-1].digest
    ends = [next(iter(store.log(after=one.sequence - 1))).record_id for one in newest]
    assert ends == ["N3", "N2", "N1"]
    assert store.receipt(newest[0].digest) == newest[0]
