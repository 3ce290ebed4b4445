"""What the program declares: tables, layers, indexes and guards, written out from the schema.

Only names from `schema` are ever put into a statement. That is why the rule against built SQL
(S608) is off here and in the modules beside it that hold nothing but SQL, and nowhere else.
"""

# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Iterable

from geo_service.store.dialects import POSTGIS, SQLITE, Dialect, laid
from geo_service.store.schema import VERSIONING, Column, ColumnType, Layer, Table


def _column(column: Column, dialect: Dialect) -> str:
    return f"{column.name} {dialect.types[column.type]}{' NOT NULL' if column.required else ''}"


def create_table(table: Table, *, temporary: bool = False, dialect: Dialect = SQLITE) -> list[str]:
    """DDL of a table without geometry, its indexes and guards."""
    columns = ", ".join(_column(column, dialect) for column in table.columns)
    # A lone INTEGER key is the row number itself; any other key had better be the table's tree.
    numbered = [column.name for column in table.columns if column.type is ColumnType.INTEGER]
    tail = "" if len(table.key) == 1 and table.key[0] in numbered else dialect.keyed
    key = ", ".join(table.key)
    schema = f"{dialect.temporary}." if temporary else ""
    statements = [f"CREATE TABLE {schema}{table.name} ({columns}, PRIMARY KEY ({key})){tail}"]
    on = _index_schemas(schema, dialect)
    statements += [
        f"CREATE INDEX {on[0]}{table.name}_by_{'_'.join(index)} ON {on[1]}{table.name}"
        f" ({', '.join(index)})"
        for index in table.indexes
    ]
    guarded = table.append_only and not temporary
    return statements + (list(guards(table, dialect).values()) if guarded else [])


def _index_schemas(schema: str, dialect: Dialect) -> tuple[str, str]:
    """In SQLite the schema stands before the index, in PostgreSQL before the table."""
    return (schema, "") if dialect is SQLITE else ("", schema)


def guards(table: Table, dialect: Dialect = SQLITE) -> dict[str, str]:
    """Triggers (and their functions), by name, that let rows be added at the end only."""
    return _file_guards(table) if dialect is SQLITE else _server_guards(table)


def _file_guards(table: Table) -> dict[str, str]:
    """Guards in SQLite.

    The one on INSERT is needed as well: INSERT OR REPLACE deletes without asking DELETE triggers.
    """
    name, key = table.name, table.key[0]
    refuse = f"BEGIN SELECT RAISE(ABORT, '{name} is append-only'); END"
    newest = f"(SELECT coalesce(max({key}), 0) FROM {name})"
    bodies = {
        "never_updated": f"BEFORE UPDATE ON {name} {refuse}",
        "never_deleted": f"BEFORE DELETE ON {name} {refuse}",
        "in_order": f"BEFORE INSERT ON {name} WHEN NEW.{key} <> {newest} + 1 {refuse}",
    }
    return {
        f"{name}_{what}": f"CREATE TRIGGER {name}_{what} {body}" for what, body in bodies.items()
    }


def _server_guards(table: Table) -> dict[str, str]:
    """Guards in PostgreSQL, word for word as `Dialect.guard` gives them back.

    The order is asked once a statement, since a load is one statement.
    """
    name, key, schema = table.name, table.key[0], POSTGIS.stored
    refuse = f"RAISE EXCEPTION '{name} is append-only' USING ERRCODE = '23000';"
    in_order = (
        f"IF (SELECT count(*) > 0 AND (max({key}) <> min({key}) + count(*) - 1 OR min({key}) <>"
        f" (SELECT coalesce(max({key}), 0) + 1 FROM {schema}.{name} WHERE {key} <"
        f" (SELECT min({key}) FROM added))"
        f" OR max({key}) <> (SELECT max({key}) FROM {schema}.{name})) FROM added)"
        f" THEN {refuse} END IF; RETURN NULL;"
    )
    functions = {f"{name}_refuse": refuse, f"{name}_order": in_order}
    moments = {
        "never_updated": ("BEFORE UPDATE", "", "refuse"),
        "never_deleted": ("BEFORE DELETE", "", "refuse"),
        "never_emptied": ("BEFORE TRUNCATE", "", "refuse"),
        "in_order": ("AFTER INSERT", " REFERENCING NEW TABLE AS added", "order"),
    }
    return {
        function: f"CREATE FUNCTION {schema}.{function}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$BEGIN {body} END$$"
        for function, body in functions.items()
    } | {
        f"{name}_{what}": f"CREATE TRIGGER {name}_{what} {moment} ON {schema}.{name}{added}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {name}_{function}()"
        for what, (moment, added, function) in moments.items()
    }


def create_layer(layer: Layer, *, temporary: bool = False, dialect: Dialect = SQLITE) -> list[str]:
    """DDL of a layer table and its index by id; the spatial index comes from `create_rtree`."""
    columns = ", ".join(_column(column, dialect) for column in (*VERSIONING, *layer.attributes))
    schema = f"{dialect.temporary}." if temporary else ""
    created = (
        f"CREATE TABLE {schema}{layer.table} (fid {dialect.row_number},"
        f" geom {laid(dialect.geometry, layer)}, {columns})"
    )
    on = _index_schemas(schema, dialect)
    return [created, f"CREATE INDEX {on[0]}{layer.table}_by_id ON {on[1]}{layer.table} (id)"]


def create_served_layer(layer: Layer, *, temporary: bool = False) -> list[str]:
    """DDL of a layer in PostGIS with its spatial index and its title."""
    _name, index = served_index(layer, temporary=temporary)
    schema = f"{POSTGIS.temporary}." if temporary else ""
    title = f"COMMENT ON TABLE {schema}{layer.table} IS '{layer.title}'"
    return [*create_layer(layer, temporary=temporary, dialect=POSTGIS), index, title]


def served_index(layer: Layer, *, temporary: bool = False) -> tuple[str, str]:
    """Name and DDL of a spatial index in PostGIS, word for word as PostgreSQL gives it back."""
    name, schema = f"{layer.table}_by_geom", POSTGIS.temporary if temporary else POSTGIS.stored
    return name, f"CREATE INDEX {name} ON {schema}.{layer.table} USING gist (geom)"


def create_layers(layers: Iterable[Layer], dialect: Dialect = SQLITE) -> list[str]:
    """DDL of layers with their spatial indexes."""
    if dialect is SQLITE:
        return [line for layer in layers for line in (*create_layer(layer), *create_rtree(layer))]
    return [line for layer in layers for line in create_served_layer(layer)]


def create_plain_layer(layer: Layer) -> list[str]:
    """DDL of a layer in an exported copy: one row a record, no recorded time."""
    kept = [column for column in VERSIONING if column.name in PLAIN]
    columns = ", ".join(_column(column, SQLITE) for column in (*kept, *layer.attributes))
    return [
        f"CREATE TABLE {layer.table} (fid {SQLITE.row_number},"
        f" geom {layer.geometry_type}, {columns})"
    ]


PLAIN = ("id", "valid_from", "valid_to")
"""What an exported copy keeps of the two clocks."""


def guard_statements(
    layers: Iterable[Layer], tables: Iterable[Table], dialect: Dialect = SQLITE
) -> dict[str, str]:
    """All triggers that must stand in a store, by name, as they were created."""
    result: dict[str, str] = {}
    if dialect is SQLITE:
        for layer in layers:
            result |= rtree_triggers(layer)
    for table in tables:
        if table.append_only:
            result |= guards(table, dialect)
    return result


RTREE_COLUMNS = ("id", "minx", "maxx", "miny", "maxy")


def create_rtree(layer: Layer) -> list[str]:
    """The spatial index with the triggers of GeoPackage 1.3 (extension gpkg_rtree_index)."""
    create = f"CREATE VIRTUAL TABLE {layer.rtree} USING rtree({', '.join(RTREE_COLUMNS)})"
    return [create, *rtree_triggers(layer).values()]


def rtree_triggers(layer: Layer) -> dict[str, str]:
    """The triggers by name. Other programs rely on them; the store fills the index by itself."""
    table, rtree = layer.table, layer.rtree
    box = ", ".join(f"ST_{edge}(NEW.geom)" for edge in ("MinX", "MaxX", "MinY", "MaxY"))
    has = "(NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))"
    lacks = "(NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))"
    put = f"INSERT OR REPLACE INTO {rtree} VALUES (NEW.fid, {box});"
    drop = f"DELETE FROM {rtree} WHERE id = OLD.fid;"
    drop_both = f"DELETE FROM {rtree} WHERE id IN (OLD.fid, NEW.fid);"
    bodies = {
        "insert": f"AFTER INSERT ON {table} WHEN {has} BEGIN {put} END",
        "update1": f"AFTER UPDATE OF geom ON {table} WHEN OLD.fid = NEW.fid AND {has}"
        f" BEGIN {put} END",
        "update2": f"AFTER UPDATE OF geom ON {table} WHEN OLD.fid = NEW.fid AND {lacks}"
        f" BEGIN {drop} END",
        "update3": f"AFTER UPDATE ON {table} WHEN OLD.fid != NEW.fid AND {has}"
        f" BEGIN {drop} {put} END",
        "update4": f"AFTER UPDATE ON {table} WHEN OLD.fid != NEW.fid AND {lacks}"
        f" BEGIN {drop_both} END",
        "delete": f"AFTER DELETE ON {table} WHEN OLD.geom NOT NULL BEGIN {drop} END",
    }
    return {
        f"{rtree}_{name}": f"CREATE TRIGGER {rtree}_{name} {body}" for name, body in bodies.items()
    }
