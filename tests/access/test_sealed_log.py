"""The log of sign-ins is sealed: what was changed, taken out, moved or cut off is named."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geo_service.cli.main import app
from geo_service.services.access.book import EVENTS, Book
from geo_service.services.kept_checks import KeptChecks

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
V1 = """
CREATE TABLE account (name TEXT PRIMARY KEY, person TEXT NOT NULL, password TEXT NOT NULL,
  roles TEXT NOT NULL, disabled INTEGER NOT NULL, must_change INTEGER NOT NULL,
  created_at TEXT NOT NULL, signed_in_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE failure (place TEXT PRIMARY KEY, count INTEGER NOT NULL, last_at TEXT NOT NULL,
  until TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE event (number INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, act TEXT NOT NULL,
  account TEXT NOT NULL, actor TEXT NOT NULL, address TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX event_by_account ON event (account);
CREATE TRIGGER event_kept BEFORE UPDATE ON event BEGIN SELECT raise(ABORT, 'kept'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event BEGIN SELECT raise(ABORT, 'kept'); END;
PRAGMA user_version = 1;
"""
"""The tables of the version before that matter here."""
FREE = "DROP TRIGGER event_kept; DROP TRIGGER event_stays;"
GUARD = "".join(f"{guard};" for guard in EVENTS.guards.values())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "accounts.sqlite"
    book = Book(made, lambda: NOW)
    for number in range(1, 7):
        with book.writing() as db:
            book.note(db, "sign_in", f"clerk-{number}", address="127.0.0.1")
    book.close()
    return made


@pytest.fixture
def run(path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GEO_SERVICE_ACCOUNTS", str(path))
    monkeypatch.setenv("GEO_SERVICE_KEPT_CHECKS", str(path.with_name("kept.sqlite")))
    monkeypatch.setenv("GEO_SERVICE_STORE", f"gpkg:{path.with_name('s.gpkg')}")

    def command(*words: object) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return command


def verified(run, *words: object) -> tuple[int, dict[str, object]]:
    done = run("accounts", "log", "--verify", "--json", *words)
    return done.exit_code, json.loads(done.stdout)


def forge(path: Path, statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript(f"{FREE}{statements};{GUARD}")


def test_a_log_that_nobody_touched_is_sound(run) -> None:
    code, told = verified(run)
    assert (code, told["sound"], told["entries"], len(str(told["head"]))) == (0, True, 6, 64)
    assert "完好" in run("accounts", "log", "--verify").stdout


@pytest.mark.parametrize(
    ("forgery", "first_bad"),
    [
        ("UPDATE event SET address = '127.0.0.9' WHERE number = 3", 3),
        ("UPDATE event SET account = 'clerk-1', actor = 'clerk-1' WHERE number = 6", 6),
        ("DELETE FROM event WHERE number = 2", 2),
        ("DELETE FROM event WHERE number > 4", 5),
        ("DELETE FROM event", 1),
        ("DELETE FROM event WHERE number = 2; UPDATE event SET number = number - 1"
         " WHERE number > 2", 2),
        ("UPDATE event SET number = 99 WHERE number = 3; UPDATE event SET number = 3"
         " WHERE number = 4; UPDATE event SET number = 4 WHERE number = 99", 3),
        ("INSERT INTO event SELECT 7, at, act, account, actor, address, detail, prev_hash, hash"
         " FROM event WHERE number = 6", 7),
    ],
    ids=["changed", "last changed", "taken out", "cut off", "emptied", "renumbered", "swapped",
         "put in"],
)  # fmt: skip
def test_what_was_forged_is_named_by_its_first_entry(run, path, forgery, first_bad) -> None:
    forge(path, forgery)
    code, told = verified(run)
    assert (code, told["sound"], told["first_bad"]) == (4, False, first_bad)
    assert str(first_bad) in str(told["problem"])


def test_entries_that_were_cut_off_are_missed_though_others_follow(run, path) -> None:
    forge(path, "DELETE FROM event WHERE number > 4")
    book = Book(path, lambda: NOW)
    for _ in range(3):
        with book.writing() as db:
            book.note(db, "sign_in", "clerk-9")
    book.close()
    assert verified(run)[1]["first_bad"] == 5


def test_a_trigger_that_was_taken_off_is_missed(run, path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TRIGGER event_kept")
    code, told = verified(run)
    assert code == 4
    assert "event_kept" in str(told["problem"])


def test_a_log_written_anew_or_put_back_is_seen_by_an_anchor(run, path, tmp_path) -> None:
    old, anchor = path.read_bytes(), tmp_path / "anchor.txt"
    book = Book(path, lambda: NOW)
    with book.writing() as db:
        book.note(db, "password_reset", "clerk-1", actor="administrator-1")
    assert run("audit", "anchor", "--of", "accounts", "--out", anchor).exit_code == 0
    with book.writing() as db:
        book.note(db, "sign_in", "clerk-1")
    book.close()
    code, told = verified(run, "--anchor", anchor)
    assert (code, told["anchors"]) == (0, 1)
    path.write_bytes(old)
    assert verified(run)[0] == 0, "of itself it is whole"
    code, told = verified(run, "--anchor", anchor)
    assert (code, told["first_bad"]) == (4, 7)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("DROP TABLE event")
        db.execute("PRAGMA user_version = 0")
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if not name.startswith("sqlite_"):
                db.execute(f"DROP TABLE {name}")
    again = Book(path, lambda: NOW)
    for number in range(1, 8):
        with again.writing() as db:
            again.note(db, "sign_in", f"clerk-{number}", address="127.0.0.2")
    again.close()
    assert verified(run)[0] == 0
    code, told = verified(run, "--anchor", anchor)
    assert (code, told["first_bad"]) == (4, 1)


def test_the_audit_of_the_register_walks_the_logs_beside_it(run, path) -> None:
    checks = KeptChecks(path.with_name("kept.sqlite"))
    for verdict in ("pass", "review", "fail"):
        checks.keep({"verdict": verdict}, "clerk-1", NOW)
    assert run("store", "init").exit_code == 0
    done = run("audit", "verify", "--json")
    told = json.loads(done.stdout)["beside"]
    assert done.exit_code == 0
    assert {name: log["entries"] for name, log in told.items()} == {"accounts": 6, "kept-checks": 3}
    with closing(sqlite3.connect(checks.path, isolation_level=None)) as db:
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("UPDATE kept_check SET line = '{}' WHERE number = 2")
        db.execute("DROP TRIGGER kept_check_kept")
        db.execute("UPDATE kept_check SET line = '{}' WHERE number = 2")
    done = run("audit", "verify", "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["sound"]) == (4, True)
    assert told["beside"]["kept-checks"]["first_bad"] == 2
    assert run("audit", "verify", "--of", "kept-checks").exit_code == 4
    assert run("audit", "anchor", "--of", "kept-checks").exit_code == 4, "what is broken is no end"


def test_a_file_that_is_not_there_is_told(run, path) -> None:
    path.unlink()
    done = run("accounts", "log", "--verify", "--json")
    assert (done.exit_code, json.loads(done.stdout)["code"]) == (3, "beside_missing")
    assert not path.exists()


def test_the_log_of_a_version_before_is_sealed_without_what_was_typed(run, path) -> None:
    path.unlink()
    entries = [
        ("sign_in", "clerk-1"),
        ("sign_in_failed", "clerk-1"),
        ("sign_in_failed", "kelp harbour 71"),
        ("sign_in_failed", "kelp harbour 71"),
    ]
    with closing(sqlite3.connect(path)) as db:
        db.executescript(V1)
        db.execute("INSERT INTO account VALUES ('clerk-1', '某人', '', 'clerk', 0, 0, '', '')")
        for act, name in entries:
            told = (act, name, name)
            db.execute("INSERT INTO event VALUES (NULL, '2026-11-23', ?, ?, ?, '', '')", told)
        db.execute("INSERT INTO failure VALUES ('account kelp harbour 71', 2, '2026-11-23', '')")
        db.execute("INSERT INTO failure VALUES ('account clerk-1', 1, '2026-11-23', '')")
        db.commit()
    done = run("audit", "verify", "--of", "accounts", "--json")
    assert json.loads(done.stdout)["code"] == "beside_unsealed"
    listed = json.loads(run("accounts", "log", "--json").stdout)[::-1]
    assert [event["act"] for event in listed] == [*(act for act, _ in entries), "log_sealed"]
    assert [event["account"] for event in listed[:2]] == ["clerk-1", "clerk-1"]
    strangers = {event["account"] for event in listed[2:4]}
    assert len(strangers) == 1
    assert listed[4]["detail"] == "2"
    assert b"kelp harbour" not in path.read_bytes()
    assert verified(run)[0] == 0


def test_checks_kept_before_are_sealed_as_they_stand(tmp_path) -> None:
    path = tmp_path / "kept.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute(
            "CREATE TABLE kept_check (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL"
            " UNIQUE, who TEXT NOT NULL, kept_at TEXT NOT NULL, line TEXT NOT NULL)"
        )
        for check_id in ("a", "a", "b"):  # the second counts on, and leaves a gap
            row = (check_id, "clerk-1", NOW.isoformat(), '{"verdict": "pass"}')
            db.execute("INSERT OR IGNORE INTO kept_check VALUES (NULL, ?, ?, ?, ?)", row)
        db.commit()
    checks = KeptChecks(path)
    assert [(each.number, each.id) for each in checks.list(limit=9)] == [(2, "b"), (1, "a")]
    kept = checks.keep({"verdict": "fail"}, "clerk-2", NOW)
    assert (kept.number, checks.keep({"verdict": "fail"}, "clerk-3", NOW)) == (3, kept)
    done = CliRunner(env={"GEO_SERVICE_KEPT_CHECKS": str(path)}).invoke(
        app, ["audit", "verify", "--of", "kept-checks", "--json"]
    )
    assert json.loads(done.stdout)["entries"] == 3
