"""What an import does to the register: all or nothing, once, and through any crash."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.place import NamedPlace
from geo_service.errors import Conflict
from geo_service.services.interchange import importing
from geo_service.services.interchange.report import ImportReport
from geo_service.store.opening import open_store
from geo_service.store.protocol import Store

Importer = Callable[..., ImportReport]
KIND = RecordKind.PLACE_NAMES


def _names(path: Path, count: int, suffix: str = "路") -> Path:
    rows = (f"N{i:05},第{i}{suffix},道路,{120.1 + i % 90 / 100},36.1\n" for i in range(count))
    path.write_text("id,name,kind,lon,lat\n" + "".join(rows), encoding="utf-8")
    return path


def test_same_file_again_is_the_first_result(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _names(tmp_path / "a.csv", 5)
    first = bring(path, "place-names")
    before = store.verify()

    again = bring(path, "place-names")

    assert (first.stored, again.repeated) == (5, True)
    assert again.to_json("zh") == first.to_json("zh")
    assert store.verify() == before
    assert json.loads(json.dumps(again.to_json("en")))["issues"][0]["severity"] == "info"


def test_other_options_are_another_import(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _names(tmp_path / "a.csv", 3)
    bring(path, "place-names")

    again = bring(path, "place-names", encoding="UTF-8")

    assert (again.repeated, again.stored) == (False, 0)
    assert store.verify().entries == 3


def test_only_what_differs_is_written(tmp_path: Path, bring: Importer, store: Store) -> None:
    bring(_names(tmp_path / "a.csv", 4), "place-names")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8")
    (tmp_path / "b.csv").write_text(text.replace("第2路", "第二路"), encoding="utf-8")

    report = bring(tmp_path / "b.csv", "place-names")

    assert [row["id"] for row in report.rows] == ["N00002"]
    assert store.version(KIND, "N00002") == 2
    assert store.version(KIND, "N00001") == 1
    last = list(store.log())[-1]
    assert (last.operation, last.actor) == (Operation.CORRECT, "test")
    assert last.basis.startswith("sha256:")
    assert "b.csv" in last.reason


def test_dry_run_writes_nothing(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _names(tmp_path / "a.csv", 3)

    report = bring(path, "place-names", dry_run=True)

    assert (report.accepted, report.stored) == (True, 3)
    assert store.verify().entries == 0
    assert bring(path, "place-names").stored == 3


def test_one_bad_row_keeps_all_out(tmp_path: Path, bring: Importer, store: Store) -> None:
    path = _names(tmp_path / "a.csv", 50)
    path.write_text(
        path.read_text(encoding="utf-8") + "N9,坏路,道路,36.1,120.1\n", encoding="utf-8"
    )

    assert not bring(path, "place-names").accepted
    assert store.count(KIND) == 0


def test_somebody_else_was_faster(
    tmp_path: Path, bring: Importer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that moved on between reading and writing is a conflict; nothing is kept."""
    bring(_names(tmp_path / "a.csv", 3), "place-names")
    slower = _names(tmp_path / "b.csv", 3, "街")
    real = importing.shifted

    def meanwhile(*arguments: Any) -> Any:
        monkeypatch.setattr(importing, "shifted", real)
        monkeypatch.setattr(store, "versions", lambda _, ids: dict.fromkeys(ids, 1))
        return real(*arguments)

    bring(_names(tmp_path / "c.csv", 3, "巷"), "place-names")
    monkeypatch.setattr(importing, "shifted", meanwhile)
    before = store.verify().head

    with pytest.raises(Conflict):
        bring(slower, "place-names")
    assert store.verify().head == before


# --- the command, and what is left when it dies ---------------------------------------------


def _command(*arguments: str, store: Path) -> list[str]:
    base = [sys.executable, "-m", "geo_service", *arguments]
    return [*base, "--store", f"gpkg:{store}", "--json"]


def test_command_reports_and_exits_3(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("name,lon,lat\n中山路,36.06,120.32\n", encoding="utf-8")
    command = _command("import", str(path), "--as", "place-names", store=tmp_path / "r.gpkg")

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert (report["status"], report["stored"], report["rows"]) == ("rejected", 0, [])
    issue = report["issues"][0]
    assert list(issue) == ["severity", "code", "file", "row", "field", "message", "hint"]
    assert (issue["file"], issue["row"], issue["field"]) == ("bad.csv", 2, "lon")
    assert "Traceback" not in done.stderr


def test_command_stores_exports_and_tells_usage(tmp_path: Path) -> None:
    register = tmp_path / "r.gpkg"
    path = _names(tmp_path / "a.csv", 4)
    done = subprocess.run(
        _command("import", str(path), "--as", "place-names", "--lang", "en", store=register),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout.splitlines()[-1])["stored"] == 4

    out = tmp_path / "out.csv"
    subprocess.run(_command("export", "place-names", str(out), store=register), check=True)
    assert out.read_text(encoding="utf-8-sig").count("第") == 4

    wrong = subprocess.run(
        _command("import", str(path), "--as", "rivers", store=register),
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode == 2
    assert "boundary-lines" in wrong.stdout


@pytest.mark.heavy
def test_killed_import_leaves_all_or_nothing(tmp_path: Path) -> None:
    """SIGKILL of the whole command at random moments: the store stays sound, never half a file."""
    register = tmp_path / "r.gpkg"
    rows = 400
    open_store(f"gpkg:{register}", create=True).close()
    chance = random.Random(20261123)  # noqa: S311 - a repeatable spread of moments
    started = time.monotonic()
    full = _timed_import(_names(tmp_path / "warm.csv", rows, "巷"), register)
    kills = 0
    expected = rows
    while time.monotonic() - started < 18 and kills < 12:
        path = _names(tmp_path / f"k{kills}.csv", rows, f"号{kills}路")
        moment = chance.uniform(0.3, 1.0) * full
        acknowledged = _kill_at(path, register, moment)
        kills += 1
        opened = open_store(f"gpkg:{register}")
        audit = opened.verify()
        changed = sum(f"号{kills - 1}路" in record.name for record in opened.records(KIND))
        opened.close()
        assert audit.sound, audit.problem
        assert changed in {0, rows}
        assert not acknowledged or changed == rows
        expected += changed
        assert audit.entries == expected
    assert kills >= 5


def _timed_import(path: Path, register: Path) -> float:
    started = time.monotonic()
    command = _command("import", str(path), "--as", "place-names", store=register)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - started


def _kill_at(path: Path, register: Path, moment: float) -> bool:
    """Start an import, kill its process group after some seconds; whether it had answered."""
    command = _command("import", str(path), "--as", "place-names", store=register)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        time.sleep(moment)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        out, _ = process.communicate()
    return b'"accepted"' in out


def test_receipt_keeps_the_moment(tmp_path: Path, bring: Importer, store: Store) -> None:
    report = bring(_names(tmp_path / "a.csv", 2), "place-names")
    [first, *_] = list(store.log())

    assert report.stored == 2
    assert abs(first.recorded_at.astimezone() - first.recorded_at) < timedelta(seconds=1)


def test_a_column_that_is_not_there_changes_nothing_and_a_blank_one_clears(
    tmp_path: Path, bring: Importer, store: Store
) -> None:
    full, less, blank = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))
    full.write_text("id,名称,类型,状态,含义\n1,中山路,道路,曾用名,纪念\n", encoding="utf-8")
    less.write_text("id,名称\n1,中山大路\n", encoding="utf-8")
    blank.write_text("id,名称,类型,含义\n1,中山大路,道路,\n", encoding="utf-8")
    bring(full, "place-names")

    report = bring(less, "place-names")

    now = store.get(RecordKind.PLACE_NAMES, "1")
    assert isinstance(now, NamedPlace)
    assert (now.name, now.meaning, now.status.value) == ("中山大路", "纪念", "former")
    kept = next(issue for issue in report.issues if issue.code == "fields_kept")
    assert {"meaning", "status"} <= set(kept.values["fields"].split(", "))

    bring(blank, "place-names")

    cleared = store.get(RecordKind.PLACE_NAMES, "1")
    assert isinstance(cleared, NamedPlace)
    assert (cleared.meaning, cleared.status.value) == ("", "former")


def test_a_trial_makes_no_register(tmp_path: Path) -> None:
    path, register = _names(tmp_path / "a.csv", 3), tmp_path / "var" / "r.gpkg"
    command = _command("import", str(path), "--as", "place-names", "--dry-run", store=register)

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout.splitlines()[-1])["stored"] == 3
    assert sorted(tmp_path.iterdir()) == [path]
