"""What stands beside the register goes with its backups, and comes back when it is asked for."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.errors import StoreError
from geo_service.store import companions

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("GEO_SERVICE_CITY", "990100")
    monkeypatch.setenv("GEO_SERVICE_STORE", f"gpkg:{tmp_path}/s.gpkg")
    monkeypatch.setenv("GEO_SERVICE_ACCOUNTS", f"{tmp_path}/accounts.sqlite")
    monkeypatch.setenv("GEO_SERVICE_KEPT_CHECKS", f"{tmp_path}/kept.sqlite")

    def command(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return command


def fill(path: Path, *words: str) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE IF NOT EXISTS t (word)")
        db.executemany("INSERT INTO t VALUES (?)", [(word,) for word in words])
        db.commit()


def words_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [word for (word,) in db.execute("SELECT word FROM t")]


def test_accounts_and_kept_checks_go_with_a_backup(run: Run, tmp_path: Path) -> None:
    assert run("store", "init").exit_code == 0
    fill(tmp_path / "accounts.sqlite", "甲", "乙")
    fill(tmp_path / "kept.sqlite", "丙")
    told = json.loads(run("store", "backup", tmp_path / "kept", "--json").stdout)
    assert sorted(told["beside"]) == ["accounts", "kept-checks"]
    assert (tmp_path / "kept" / "accounts.sqlite").stat().st_mode & 0o077 == 0

    fill(tmp_path / "accounts.sqlite", "later")
    done = run("store", "restore", tmp_path / "kept", "--to", f"gpkg:{tmp_path}/other.gpkg")
    assert done.exit_code == 0, done.output
    assert "--everything" in done.output
    assert words_in(tmp_path / "accounts.sqlite") == ["甲", "乙", "later"]

    asked = ("store", "restore", tmp_path / "kept", "--to", f"gpkg:{tmp_path}/s.gpkg")
    done = run(*asked, "--everything")
    assert done.exit_code == 0, done.output
    assert words_in(tmp_path / "accounts.sqlite") == ["甲", "乙"]
    assert words_in(tmp_path / "kept.sqlite") == ["丙"]
    assert (tmp_path / "accounts.sqlite").stat().st_mode & 0o077 == 0
    (aside,) = tmp_path.glob("accounts.sqlite.replaced-*")
    assert words_in(aside) == ["甲", "乙", "later"]


def test_a_register_without_them_is_backed_up_alone(run: Run, tmp_path: Path) -> None:
    assert run("store", "init").exit_code == 0
    told = json.loads(run("store", "backup", tmp_path / "kept", "--json").stdout)
    assert told["beside"] == {}


@pytest.mark.parametrize("harm", ["changed", "gone"])
def test_a_damaged_file_of_a_backup_is_seen_before_anything_is_touched(
    run: Run, tmp_path: Path, harm: str
) -> None:
    assert run("store", "init").exit_code == 0
    fill(tmp_path / "accounts.sqlite", "甲")
    assert run("store", "backup", tmp_path / "kept").exit_code == 0
    kept, store = tmp_path / "kept" / "accounts.sqlite", tmp_path / "s.gpkg"
    if harm == "gone":
        kept.unlink()
    else:
        raw = bytearray(kept.read_bytes())
        raw[len(raw) // 2] ^= 1
        kept.write_bytes(raw)
    before = store.read_bytes()
    done = run("store", "restore", tmp_path / "kept", "--to", f"gpkg:{store}", "--everything")
    assert done.exit_code == StoreError.exit_code
    assert "accounts.sqlite" in done.output
    assert store.read_bytes() == before
    assert words_in(tmp_path / "accounts.sqlite") == ["甲"]


def test_a_file_that_is_written_meanwhile_is_kept_as_of_one_moment(tmp_path: Path) -> None:
    path, draft = tmp_path / "a.sqlite", tmp_path / "draft"
    draft.mkdir()
    fill(path)
    stop = threading.Event()

    def writing() -> None:
        while not stop.wait(0.005):
            with closing(sqlite3.connect(path, timeout=30)) as db:
                db.executemany("INSERT INTO t VALUES (?)", [("x",)] * 10)
                db.commit()

    writer = threading.Thread(target=writing)
    writer.start()
    try:
        for _ in range(5):
            companions.keep(draft, {"a": path})
            assert len(words_in(draft / "a.sqlite")) % 10 == 0
            (draft / "a.sqlite").unlink()
    finally:
        stop.set()
        writer.join()


def test_a_broken_file_is_told_and_no_backup_is_made(run: Run, tmp_path: Path) -> None:
    assert run("store", "init").exit_code == 0
    (tmp_path / "accounts.sqlite").write_bytes(b"no database" * 100)
    done = run("store", "backup", tmp_path / "kept")
    assert done.exit_code == StoreError.exit_code
    assert not (tmp_path / "kept").exists()
