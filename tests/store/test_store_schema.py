"""The schema as it stands is held against what the program declares, on both engines."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from geo_service.store.checkup import State, check_store
from geo_service.store.connection import connect


def states(url: str) -> dict[str, State]:
    return {check.key: check.state for check in check_store(url)}


@pytest.fixture
def alter_file(file_store):
    def run(statement: str) -> None:
        with closing(connect(Path(file_store.url.removeprefix("gpkg:")))) as db:
            db.execute(statement)

    return run


@pytest.fixture
def alter_server(server, server_store, database):
    def run(statement: str) -> None:
        server.sql(f"SET search_path = geo_service, public; {statement}", database)

    return run


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP INDEX place_names_by_id", "place_names_by_id"),
        ("DROP TABLE markers", "guard_missing rtree_markers"),
        ("DROP TABLE name_index", "name_index"),
        ("ALTER TABLE units ADD COLUMN extra TEXT", "units"),
        ("CREATE TRIGGER spy AFTER INSERT ON units BEGIN SELECT 1; END", "spy"),
        ("INSERT INTO sqlite_sequence VALUES ('x', 1)", "sqlite_sequence/x"),
    ],
)
def test_a_file_whose_schema_differs_is_told(file_store, alter_file, statement, told):
    alter_file(statement)
    assert told in file_store.misshapen()
    assert states(file_store.url)["schema"] is State.FAIL
    assert not file_store.verify().sound


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DROP INDEX place_names_by_id", "place_names_by_id"),
        ("DROP TABLE markers", "markers"),
        ("ALTER TABLE units ADD COLUMN extra text", "units.extra"),
        ("ALTER TABLE units DROP COLUMN note", "units.note"),
        ("ALTER TABLE units ALTER COLUMN name DROP NOT NULL", "units.name"),
        ("ALTER TABLE units ALTER COLUMN name SET DEFAULT 'x'", "units.name"),
        ('ALTER TABLE units ALTER COLUMN name TYPE text COLLATE "und-x-icu"', "units.name"),
        ("ALTER TABLE change ALTER COLUMN version TYPE int", "change.version"),
        ("ALTER TABLE markers DROP CONSTRAINT markers_geom_check", "markers.markers_geom_check"),
        ("ALTER TABLE meta DROP CONSTRAINT meta_pkey", "meta.meta_pkey"),
        ("ALTER TABLE units ADD CHECK (name <> 'x')", "units.units_name_check"),
        ("ALTER TABLE receipt SET UNLOGGED", "receipt"),
        ("ALTER TABLE units ENABLE ROW LEVEL SECURITY", "units"),
        ("CREATE RULE deaf AS ON INSERT TO units DO INSTEAD NOTHING", "units"),
        ("COMMENT ON TABLE units IS 'x'", "units"),
        (
            "CREATE TRIGGER spy AFTER INSERT ON units FOR EACH STATEMENT"
            " EXECUTE FUNCTION receipt_refuse()",
            "spy",
        ),
    ],
)
def test_a_server_whose_schema_differs_is_told(server_store, alter_server, statement, told):
    alter_server(statement)
    assert server_store.misshapen().endswith(f"schema_differs {told}")
    assert states(server_store.url)["schema"] is State.FAIL
    assert not server_store.verify().sound


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE notes (said TEXT)",
        "CREATE VIEW names AS SELECT name FROM place_names",
        "CREATE INDEX by_name ON place_names (name)",
    ],
)
def test_what_is_none_of_the_programs_is_told_and_harms_nothing(
    file_store, server_store, alter_file, alter_server, statement
):
    name = statement.split()[2]
    for store, alter in ((file_store, alter_file), (server_store, alter_server)):
        alter(statement)
        assert (store.misshapen(), store.undeclared()) == (None, [name])
        assert states(store.url)["schema"] is State.WARN
        assert store.verify().sound


def test_statistics_are_no_change_of_the_schema(file_store, server_store, alter_file, alter_server):
    for store, alter in ((file_store, alter_file), (server_store, alter_server)):
        alter("ANALYZE")
        assert (store.misshapen(), store.undeclared()) == (None, [])
