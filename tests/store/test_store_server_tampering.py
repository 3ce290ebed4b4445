"""Edits made in the database past the program: refused by the guards, else found by the audit."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
import shapely

from geo_service.domain.change import Operation, RecordKind
from geo_service.domain.period import Period
from geo_service.errors import InputError, StoreError
from geo_service.store import log
from geo_service.store.schema import LAYERS

PLACES = RecordKind.PLACE_NAMES


@pytest.fixture
def store(server_store):
    """What is asked here concerns the server alone."""
    return server_store


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
def alter(server, database):
    """Run SQL as an administrator would, the guards in force."""

    def run(statement: str) -> None:
        with psycopg.connect(server.url(database)) as db:
            db.execute("SET search_path = geo_service, public")
            db.execute(statement)

    return run


@pytest.fixture
def forge(alter):
    """The same with the guards taken off and put back."""

    def run(*statements: str) -> None:
        off = "ALTER TABLE change DISABLE TRIGGER USER"
        alter("; ".join([off, *statements, off.replace("DISABLE", "ENABLE")]))

    return run


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE change SET actor = '别人' WHERE sequence = 3",
        "DELETE FROM change WHERE sequence = 3",
        "DELETE FROM change WHERE sequence = 99",
        "TRUNCATE change",
        "INSERT INTO change SELECT sequence, kind, record_id, version, operation, valid_from,"
        " valid_to, recorded_at, actor, reason, basis, before_sequence, payload, geometry,"
        " prev_hash, hash FROM change WHERE sequence = 3"
        " ON CONFLICT (sequence) DO UPDATE SET actor = '别人'",
        *(
            f"INSERT INTO change SELECT {number}, kind, record_id, version, operation, valid_from,"  # noqa: S608
            " valid_to, recorded_at, actor, reason, basis, before_sequence, payload, geometry,"
            " prev_hash, hash FROM change WHERE sequence IN (3, 4)"
            for number in ("99", "-1", "0", "sequence + 9", "sequence * 9 - 16")
        ),
    ],
)
def test_the_log_refuses_every_change_but_the_next_entry(filled, alter, statement):
    with pytest.raises(psycopg.IntegrityError):
        alter(statement)
    assert (filled.verify().sound, filled.verify().entries) == (True, 10)


@pytest.mark.parametrize("newest", [8, 11])
def test_a_writer_that_miscounts_is_refused_as_a_whole(filled, build, monkeypatch, newest):
    monkeypatch.setattr(log, "head_of", lambda _db: (newest, "0" * 64, ""))
    with pytest.raises(StoreError), filled.begin() as work:
        work.append([build.change(build.place(id=f"Q-{n}")) for n in range(40)])
    monkeypatch.undo()
    assert (filled.verify().sound, filled.verify().entries) == (True, 10)


@pytest.mark.parametrize("column", [*log.HEAD[1:], "payload", "geometry", "hash"])
def test_a_changed_entry_is_found_in_whichever_column(filled, forge, column):
    other = {"geometry": "'x'", "version": "7", "before_sequence": "1"}.get(column, "'假'")
    forge(f"UPDATE change SET {column} = {other} WHERE sequence = 4")  # noqa: S608 - a test
    report = filled.verify()
    assert (report.sound, report.first_bad) == (False, 4)
    assert report.problem.startswith("entry_changed")
    with pytest.raises(StoreError) as caught:
        filled.rebuild()
    assert (caught.value.code, caught.value.context["sequence"]) == ("log_unsound", 4)


def test_entries_taken_out_of_the_log_are_found(filled, forge):
    forge("DELETE FROM change WHERE sequence = 10")
    assert (filled.verify().first_bad, filled.verify().problem) == (10, "log_truncated")
    with pytest.raises(StoreError) as caught:
        filled.rebuild()
    assert caught.value.context["sequence"] == 10
    forge("DELETE FROM change WHERE sequence = 7")
    assert (filled.verify().first_bad, filled.verify().problem) == (7, "entry_missing")


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        ("UPDATE place_names SET name = '假名' WHERE id = 'P-2'", 2),
        ("UPDATE place_names SET valid_to = '2010-01-01' WHERE id = 'P-4'", 4),
        ("UPDATE place_names SET superseded_at = recorded_at WHERE id = 'P-6'", 6),
        ("DELETE FROM place_names WHERE id = 'P-7'", 7),
        ("UPDATE place_names SET geom = NULL WHERE id = 'P-8'", 8),
        ("UPDATE place_names SET geom = ST_Translate(geom, 1e-13, 0) WHERE id = 'P-8'", 8),
        (
            "INSERT INTO place_names SELECT 99, geom, 'P-99', version, sequence, valid_from,"
            " valid_to, recorded_at, superseded_at, name, feature_type, status, unit_code,"
            " romanization, reading_source, approved_on, document_no, meaning, origin, source,"
            " licence, force, label, note FROM place_names WHERE id = 'P-1'",
            1,
        ),
    ],
)
def test_an_edit_of_the_tables_is_found_and_mended(filled, alter, statement, sequence):
    alter(statement)
    report = filled.verify()
    assert report.first_bad == sequence
    assert report.problem.startswith("row_differs place-names/P-")
    filled.rebuild()
    assert filled.verify().sound


@pytest.mark.parametrize(
    ("statement", "guard"),
    [
        ("DROP TRIGGER change_in_order ON change", "change_in_order"),
        ("ALTER TABLE change DISABLE TRIGGER change_never_deleted", "change_never_deleted"),
        ("ALTER TABLE change ENABLE REPLICA TRIGGER change_never_updated", "change_never_updated"),
        ("DROP TRIGGER change_never_emptied ON change", "change_never_emptied"),
        (
            "CREATE OR REPLACE FUNCTION change_refuse() RETURNS trigger LANGUAGE plpgsql"
            " AS $$BEGIN RETURN NULL; END$$",
            "change_refuse",
        ),
        (
            "DROP TRIGGER change_never_updated ON change; CREATE TRIGGER change_never_updated"
            " BEFORE UPDATE ON meta FOR EACH STATEMENT EXECUTE FUNCTION change_refuse()",
            "change_never_updated",
        ),
    ],
)
def test_a_guard_removed_or_made_harmless_is_found(filled, alter, statement, guard):
    alter(statement)
    assert filled.verify().problem == f"guard_missing {guard}"


def test_a_missing_spatial_index_is_found(filled, alter):
    alter("DROP INDEX place_names_by_geom")
    assert filled.verify().problem == "index_differs place_names/place_names_by_geom"


def test_a_tampered_name_index_is_seen_and_rebuilt(filled, alter):
    alter("DELETE FROM name_index WHERE fid = 2")
    assert not filled.names_indexed()
    filled.rebuild()
    assert filled.names_indexed()


def test_checking_leaves_no_table_behind(server, database, filled):
    assert filled.names_indexed()
    assert filled.verify().sound
    assert server.sql("SELECT relname FROM pg_class WHERE relpersistence = 't'", database) == []


def test_the_tables_are_what_desktop_programs_expect(server, database, filled):
    listed = "SELECT f_table_name, srid FROM geometry_columns WHERE f_table_schema = 'geo_service'"
    assert dict(server.sql(listed, database)) == {layer.table: 4490 for layer in LAYERS}
    titled = "SELECT obj_description('geo_service.place_names'::regclass)"
    assert server.sql(titled, database) == [("地名",)]


def test_geometry_in_another_system_is_kept_out(filled, alter):
    with pytest.raises(psycopg.IntegrityError):
        alter("UPDATE place_names SET geom = ST_SetSRID(geom, 4326)")


def test_a_failure_that_was_caught_keeps_the_work_from_being_half_committed(filled, build):
    """The server answers COMMIT after a failure with ROLLBACK, and calls that no error."""
    with pytest.raises(StoreError) as caught, filled.begin() as work:
        work.append([build.change(build.place("Q-1"))])
        with pytest.raises(InputError):
            filled.version(PLACES, "NUL\0")
    assert "ROLLBACK" in str(caught.value)
    assert filled.count(PLACES) == 8


def test_a_shape_that_the_server_cannot_read_is_an_error_of_the_record(filled, build, monkeypatch):
    """Nothing that shapely writes is refused; should that ever change, nothing is half done."""
    monkeypatch.setattr("geo_service.store.session.ewkb", lambda _wkb: b"no geometry")
    with pytest.raises(InputError) as caught, filled.begin() as work:
        work.append([build.change(build.place("Q-1", geometry=shapely.Point(1, 2)))])
    assert caught.value.code == "record_unstorable"
    monkeypatch.undo()
    assert filled.count(PLACES) == 8
    assert filled.verify().sound
