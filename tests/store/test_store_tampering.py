"""Edits made past the program: each is found, and the first bad entry is named."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest
from shapely import Point

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.errors import StoreError
from geo_service.store import log
from geo_service.store.connection import connect

GUARDS = ("change_never_updated", "change_never_deleted", "change_in_order")


@pytest.fixture
def store(file_store):
    """What is asked here concerns the file alone."""
    return file_store


@pytest.fixture
def filled(store, write, build):
    """Ten entries: eight records, one corrected, one revised."""
    write(*(build.place(id=f"P-{n}", period=Period(date(2000, 1, 1))) for n in range(1, 9)))
    corrected = build.place(id="P-3", name="正名", period=Period(date(2000, 1, 1)))
    revised = build.place(id="P-5", name="新名", period=Period(date(2020, 1, 1)))
    write(build.change(corrected, Operation.CORRECT, 1), build.change(revised, Operation.REVISE, 1))
    assert store.verify().sound
    return store


@pytest.fixture
def forge(filled):
    """Run SQL on the file as somebody would who knows SQLite: guards taken off and put back."""

    def run(*statements: str) -> None:
        path = filled.url.removeprefix("gpkg:")
        db = connect(Path(path))
        guards = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE tbl_name = 'change' AND type = 'trigger'"
        ).fetchall()
        for name, _sql in guards:
            db.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            db.execute(statement)
        for _name, sql in guards:
            db.execute(sql)
        db.close()

    return run


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE change SET actor = '别人' WHERE sequence = 3",
        "DELETE FROM change WHERE sequence = 3",
        "INSERT OR REPLACE INTO change SELECT * FROM change WHERE sequence = 3",
        "INSERT INTO change SELECT 99, kind, record_id, version, operation, valid_from, valid_to,"
        " recorded_at, actor, reason, basis, before_sequence, payload, geometry, prev_hash, hash"
        " FROM change WHERE sequence = 3",
    ],
)
def test_the_log_refuses_every_change_but_the_next_entry(filled, statement):
    db = sqlite3.connect(filled.url.removeprefix("gpkg:"))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute(statement)
    db.close()


@pytest.mark.parametrize("newest", [8, 11])
def test_a_writer_that_miscounts_is_refused_as_a_whole(filled, build, monkeypatch, newest):
    """The store's own loads are asked for their order at their end, not at each entry."""
    monkeypatch.setattr(log, "head_of", lambda _db: (newest, "0" * 64, ""))
    with pytest.raises(StoreError), filled.begin() as work:
        work.append([build.change(build.place(id=f"Q-{n}")) for n in range(40)])
    monkeypatch.undo()
    assert (filled.verify().sound, filled.verify().entries) == (True, 10)


@pytest.mark.parametrize("column", [*log.HEAD[1:], "payload", "geometry", "hash"])
def test_a_changed_entry_is_found_in_whichever_column(filled, forge, column):
    other = {"geometry": "x'00'", "version": "7", "before_sequence": "1"}.get(column, "'假'")
    forge(f"UPDATE change SET {column} = {other} WHERE sequence = 4")  # noqa: S608 - a test
    report = filled.verify()
    assert (report.sound, report.first_bad) == (False, 4)
    assert report.problem.startswith("entry_changed")


def test_a_changed_link_is_found(filled, forge):
    forge("UPDATE change SET prev_hash = '00' WHERE sequence = 6")
    assert (filled.verify().first_bad, filled.verify().problem) == (6, "chain_broken")


def test_a_deleted_entry_is_found(filled, forge):
    forge("DELETE FROM change WHERE sequence = 7")
    assert (filled.verify().first_bad, filled.verify().problem) == (7, "entry_missing")


def test_a_deleted_entry_is_found_though_the_rest_were_renumbered(filled, forge):
    forge(
        "DELETE FROM change WHERE sequence = 7",
        "UPDATE change SET sequence = sequence - 1 WHERE sequence > 7",
    )
    assert (filled.verify().first_bad, filled.verify().problem) == (7, "entry_missing")


def test_entries_cut_off_at_the_end_are_found_by_the_rows_they_left(filled, forge):
    forge("DELETE FROM change WHERE sequence >= 9")
    assert (filled.verify().first_bad, filled.verify().problem) == (9, "log_truncated")


def test_an_inserted_entry_is_found(filled, forge):
    forge(
        "UPDATE change SET sequence = -sequence - 1 WHERE sequence > 4",
        "UPDATE change SET sequence = -sequence WHERE sequence < 0",
        "INSERT INTO change SELECT 5, kind, 'P-99', 1, 'create', valid_from, valid_to, recorded_at,"
        " actor, reason, basis, NULL, payload, geometry, hash, hash FROM change WHERE sequence = 4",
    )
    assert (filled.verify().first_bad, filled.verify().problem) == (5, "entry_inserted")


def test_swapped_entries_are_found(filled, forge):
    forge(
        "UPDATE change SET sequence = -1 WHERE sequence = 2",
        "UPDATE change SET sequence = 2 WHERE sequence = 6",
        "UPDATE change SET sequence = 6 WHERE sequence = -1",
    )
    assert (filled.verify().first_bad, filled.verify().problem) == (2, "entry_swapped")


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        ("UPDATE place_names SET name = '假名' WHERE id = 'P-2'", 2),
        ("UPDATE place_names SET valid_to = '2010-01-01' WHERE id = 'P-4'", 4),
        ("UPDATE place_names SET superseded_at = recorded_at WHERE id = 'P-6'", 6),
        ("UPDATE place_names SET name = '假名' WHERE id = 'P-5' AND superseded_at IS NOT NULL", 5),
        ("DELETE FROM place_names WHERE id = 'P-7'", 7),
        ("UPDATE place_names SET geom = NULL WHERE id = 'P-8'", 8),
        (
            "INSERT INTO place_names SELECT 99, geom, 'P-99', version, sequence, valid_from,"
            " valid_to, recorded_at, superseded_at, name, feature_type, status, unit_code,"
            " romanization, reading_source, approved_on, document_no, meaning, origin, source,"
            " licence, force, label, note FROM place_names WHERE id = 'P-1'",
            1,
        ),
    ],
)
def test_an_edit_of_the_tables_is_found_and_leads_to_its_entry(filled, forge, statement, sequence):
    forge(statement)
    report = filled.verify()
    assert report.first_bad == sequence
    assert report.problem.startswith("row_differs place-names/P-")


def test_a_record_hidden_from_the_spatial_index_is_found(filled, forge):
    forge("DELETE FROM rtree_place_names_geom WHERE id = 2")
    assert filled.verify().problem == "index_differs place_names/2"


def test_a_box_made_wider_in_the_spatial_index_is_found(filled, forge):
    forge("UPDATE rtree_place_names_geom SET maxx = maxx + 0.01 WHERE id = 3")
    assert filled.verify().problem == "index_differs place_names/3"


def test_a_box_made_wider_by_less_than_the_rounding_of_the_index_is_found(filled, forge):
    forge("UPDATE rtree_place_names_geom SET maxx = maxx + 0.00001 WHERE id = 3")
    assert filled.verify().problem == "index_differs place_names/3"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE gpkg_contents SET max_x = max_x + 1e-9", "gpkg_contents/place_names"),
        ("UPDATE gpkg_contents SET last_change = '2030-01-01T00:00:00.000Z'", "gpkg_contents/"),
        ("UPDATE sqlite_sequence SET seq = seq + 1", "sqlite_sequence/place_names"),
        ("DELETE FROM sqlite_sequence", "sqlite_sequence/place_names"),
    ],
)
def test_what_the_file_says_of_a_layer_must_follow_from_its_rows(filled, forge, statement, problem):
    forge(statement)
    assert filled.verify().problem.startswith(f"ledger_differs {problem}")


def test_the_inside_of_a_spatial_index_must_fit_its_leaves(filled, write, build, forge):
    """A node whose box is too wide finds the same rows, only slower: it is damage all the same."""
    write(*(build.place(id=f"Q-{n}", geometry=Point(120 + n / 99, 36)) for n in range(200)))
    assert filled.verify().sound
    forge(
        "UPDATE rtree_place_names_geom_node SET data = CAST(substr(data, 1, 12) || x'00000000'"
        " || substr(data, 17) AS BLOB) WHERE nodeno = 1"
    )
    assert filled.verify().problem.startswith("index_differs place_names/node")


@pytest.mark.parametrize("guard", GUARDS)
def test_a_removed_guard_is_found(filled, guard):
    db = sqlite3.connect(filled.url.removeprefix("gpkg:"))
    db.execute(f"DROP TRIGGER {guard}")
    db.close()
    assert filled.verify().problem == f"guard_missing {guard}"


def test_a_guard_made_harmless_is_found(filled):
    db = sqlite3.connect(filled.url.removeprefix("gpkg:"))
    db.execute("DROP TRIGGER change_never_deleted")
    db.execute("CREATE TRIGGER change_never_deleted BEFORE DELETE ON change BEGIN SELECT 1; END")
    db.close()
    assert filled.verify().problem == "guard_missing change_never_deleted"


def test_rebuilding_mends_the_tables_but_never_from_a_broken_log(filled, forge):
    forge("UPDATE place_names SET name = '假名' WHERE id = 'P-2'")
    filled.rebuild()
    assert filled.verify().sound
    assert filled.get(RecordKind.PLACE_NAMES, "P-2").name == "香港中路"
    forge("UPDATE change SET actor = '别人' WHERE sequence = 3")
    with pytest.raises(StoreError) as caught:
        filled.rebuild()
    assert caught.value.code == "log_unsound"
    assert caught.value.context["sequence"] == 3
    assert filled.count(RecordKind.PLACE_NAMES) == 8


def test_rebuilding_never_drops_records_whose_entries_were_cut_off(filled, forge):
    forge("DELETE FROM change WHERE sequence = 10")
    before = filled.get(RecordKind.PLACE_NAMES, "P-5").name
    with pytest.raises(StoreError) as caught:
        filled.rebuild()
    assert caught.value.code == "log_unsound"
    assert caught.value.context["sequence"] == 10
    assert filled.get(RecordKind.PLACE_NAMES, "P-5").name == before == "新名"
    assert not filled.verify().sound


def test_a_tampered_name_index_is_seen_and_rebuilt(filled, forge):
    forge("DELETE FROM name_index WHERE fid = 2")
    assert not filled.names_indexed()
    filled.rebuild()
    assert filled.names_indexed()


def test_checking_leaves_no_trace(filled):
    """Verification works in temporary tables: it must neither write nor block the next writer."""
    path = Path(filled.url.removeprefix("gpkg:"))
    before = path.read_bytes()
    assert filled.verify().sound
    assert filled.verify().sound
    assert path.read_bytes() == before
