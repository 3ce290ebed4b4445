"""What is not in the log is sealed as well: receipts in a chain, the ledger row by row."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from geo_service.errors import InputError, StoreError
from geo_service.store.anchors import read_anchor, text_of
from geo_service.store.backups import back_up
from geo_service.store.connection import connect
from geo_service.store.copying import copy_store
from geo_service.store.opening import open_store
from geo_service.store.protocol import ImportReceipt

GUARDS = "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'receipt' AND type = 'trigger'"
NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)


def path_of(store) -> Path:
    return Path(store.url.removeprefix("gpkg:"))


def imported(store, build, *numbers: int) -> None:
    for number in numbers:
        with store.begin() as work:
            work.append([build.change(build.place(f"P-{number}"))])
            work.keep_receipt(ImportReceipt(f"digest {number}", 1, '{"说明":"示例"}', NOON))


@pytest.fixture
def filled(store, build):
    imported(store, build, 1, 2, 3, 4)
    assert store.verify().sound
    return store


@pytest.fixture
def alter(filled, request):
    """Run SQL past the program."""

    def run(*statements: str) -> None:
        if filled.url.startswith("gpkg:"):
            with closing(connect(path_of(filled))) as db:
                for statement in statements:
                    db.execute(statement)
        else:
            server, database = (request.getfixturevalue(name) for name in ("server", "database"))
            there = "SET search_path = geo_service, public"
            server.sql("; ".join([there, *statements]), database)

    return run


@pytest.fixture
def forge(filled, alter):
    """The same as somebody would who knows the engine: guards taken off and put back."""

    def run(*statements: str) -> None:
        if filled.url.startswith("gpkg:"):
            with closing(connect(path_of(filled))) as db:
                guards = dict(db.execute(GUARDS).fetchall())
            alter(*(f"DROP TRIGGER {name}" for name in guards), *statements, *guards.values())
        else:
            off = "ALTER TABLE receipt DISABLE TRIGGER USER"
            alter(off, *statements, off.replace("DISABLE", "ENABLE"))

    return run


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE receipt SET report_json = '{}' WHERE number = 2", "receipt_changed 2"),
        ("UPDATE receipt SET stored = 9 WHERE number = 3", "receipt_changed 3"),
        ("UPDATE receipt SET digest = 'x' WHERE number = 1", "receipt_changed 1"),
        ("UPDATE receipt SET recorded_at = '2020' WHERE number = 4", "receipt_changed 4"),
        ("UPDATE receipt SET sequence = 1 WHERE number = 4", "receipt_changed 4"),
        ("UPDATE receipt SET hash = 'x' WHERE number = 2", "receipt_changed 2"),
        ("DELETE FROM receipt WHERE number = 2", "receipt_missing 2"),
        (
            "UPDATE meta SET value = '2020' WHERE key = 'created_at'",
            "ledger_differs meta/created_at",
        ),
        ("INSERT INTO meta VALUES ('more', 'x')", "ledger_differs meta/more"),
        ("UPDATE meta SET value = 'x' WHERE key = 'seal'", "ledger_differs meta/seal"),
        ("UPDATE meta SET value = '5' WHERE key = 'seal'", "ledger_differs meta/seal"),
        ("UPDATE meta SET value = '[1]' WHERE key = 'seal'", "ledger_differs meta/seal"),
        ("DELETE FROM meta WHERE key = 'seal'", "ledger_differs meta/seal"),
        ("UPDATE migration SET applied_at = '2020' WHERE number = 1", "ledger_differs migration/1"),
    ],
)
def test_an_edit_of_a_receipt_or_of_the_ledger_is_found_and_named(
    filled, forge, statement, problem, tmp_path
):
    forge(statement)
    assert filled.verify().problem == problem
    with pytest.raises(StoreError) as caught:
        back_up(filled, tmp_path / "kept", NOON)
    assert caught.value.code in {"receipts_unsound", "ledger_unsound"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE gpkg_spatial_ref_sys SET definition = 'x' WHERE srs_id = 4490",
        "UPDATE gpkg_contents SET description = 'x' WHERE table_name = 'markers'",
        "UPDATE gpkg_extensions SET definition = 'x' WHERE table_name = 'markers'",
        "UPDATE gpkg_geometry_columns SET z = 0 WHERE table_name = 'markers'",
        "PRAGMA user_version = 10200",
    ],
)
def test_an_edit_of_what_gis_programs_are_told_is_found(file_store, statement):
    with closing(connect(path_of(file_store))) as db:
        db.execute(statement)
    assert file_store.verify().problem.startswith("ledger_differs ")


@pytest.mark.parametrize("statement", ["UPDATE receipt SET stored = 2", "DELETE FROM receipt"])
def test_receipts_are_guarded_as_the_log_is(filled, alter, statement):
    with pytest.raises(Exception, match="append-only"):
        alter(statement)
    assert filled.verify().sound


def test_receipts_of_a_log_written_anew_tell_that_they_saw_another(file_store, build, tmp_path):
    """The log of another store under the receipts of this one."""
    imported(file_store, build, 1, 2, 3, 4)
    other = open_store(f"gpkg:{tmp_path}/other.gpkg", create=True)
    imported(other, build, 1, 2, 3, 4)
    with closing(connect(tmp_path / "other.gpkg")) as db:
        db.execute("ATTACH ? AS theirs", (file_store.url.removeprefix("gpkg:"),))
        texts = db.execute(GUARDS).fetchall()
        for name, _text in texts:
            db.execute(f"DROP TRIGGER main.{name}")
        db.execute("DELETE FROM main.receipt")
        db.execute("INSERT INTO main.receipt SELECT * FROM theirs.receipt")
        for _name, text in texts:
            db.execute(text)
    assert other.verify().problem == "receipt_unlike_log 1"
    other.close()


def test_an_anchor_tells_receipts_cut_off_and_lives_through_a_copy(filled, forge, tmp_path):
    anchor = read_anchor(text_of(filled.anchor()), "anchor")
    assert (anchor.receipts, len(anchor.receipts_head)) == (4, 64)
    with closing(open_store(f"gpkg:{tmp_path}/copy.gpkg", create=True)) as copy:
        copy_store(filled, copy)
        assert copy.verify([anchor]).sound
    forge("DELETE FROM receipt WHERE number = 4")
    assert filled.verify().sound, "a chain alone cannot tell its end"
    assert filled.verify([anchor]).problem.startswith("receipts_truncated 4/")


def test_an_anchor_made_before_receipts_were_sealed_still_serves(filled):
    text = text_of(filled.anchor(), "geo-service anchor 1")
    assert "receipts" not in text
    anchor = read_anchor(text, "anchor")
    assert (anchor.receipts, filled.verify([anchor]).sound) == (0, True)
    with pytest.raises(InputError):
        read_anchor(text.replace("anchor 1", "anchor 2"), "anchor")
