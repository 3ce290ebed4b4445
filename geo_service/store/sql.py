"""SQL written out from the schema. What differs between engines stands in one `Dialect` each.

Only names from `schema` are ever put into a statement; values always travel as parameters. That
is why the rule against built SQL (S608) is off in this file and nowhere else.
"""

# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo_service.store.schema import VERSIONING, Column, ColumnType, Layer, Table


@dataclass(frozen=True, slots=True)
class Dialect:
    """Every difference between engines, so that a twin can stand beside and none is missed.

    `among` tests membership in a JSON list given as one parameter; `{}` takes the column.
    """

    types: Mapping[ColumnType, str]
    among: str
    row_number: str


SQLITE = Dialect(
    types={kind: kind.value for kind in ColumnType},
    among="{} IN (SELECT value FROM json_each(?))",
    row_number="INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
)


def _column(column: Column, dialect: Dialect) -> str:
    return f"{column.name} {dialect.types[column.type]}{' NOT NULL' if column.required else ''}"


def create_table(table: Table, *, temporary: bool = False, dialect: Dialect = SQLITE) -> list[str]:
    """DDL of a table without geometry, its indexes and guards."""
    columns = ", ".join(_column(column, dialect) for column in table.columns)
    # A lone INTEGER key is the row number itself; any other key had better be the table's tree.
    numbered = [column.name for column in table.columns if column.type is ColumnType.INTEGER]
    tail = "" if len(table.key) == 1 and table.key[0] in numbered else " WITHOUT ROWID"
    key = ", ".join(table.key)
    schema = "temp." if temporary else ""
    statements = [f"CREATE TABLE {schema}{table.name} ({columns}, PRIMARY KEY ({key})){tail}"]
    statements += [
        f"CREATE INDEX {table.name}_by_{'_'.join(index)} ON {table.name} ({', '.join(index)})"
        for index in table.indexes
    ]
    return statements + (list(guards(table).values()) if table.append_only else [])


def guards(table: Table) -> dict[str, str]:
    """Triggers, by name, that let rows be added at the end only.

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


def create_layer(layer: Layer, *, temporary: bool = False, dialect: Dialect = SQLITE) -> list[str]:
    """DDL of a layer table and its index by id; the spatial index comes from `create_rtree`."""
    columns = ", ".join(_column(column, dialect) for column in (*VERSIONING, *layer.attributes))
    schema = "temp." if temporary else ""
    return [
        f"CREATE TABLE {schema}{layer.table} (fid {dialect.row_number},"
        f" geom {layer.geometry_type}, {columns})",
        f"CREATE INDEX {schema}{layer.table}_by_id ON {layer.table} (id)",
    ]


def create_plain_layer(layer: Layer, dialect: Dialect = SQLITE) -> list[str]:
    """DDL of a layer in an exported copy: one row a record, no recorded time."""
    kept = [column for column in VERSIONING if column.name in PLAIN]
    columns = ", ".join(_column(column, dialect) for column in (*kept, *layer.attributes))
    return [
        f"CREATE TABLE {layer.table} (fid {dialect.row_number},"
        f" geom {layer.geometry_type}, {columns})"
    ]


PLAIN = ("id", "valid_from", "valid_to")
"""What an exported copy keeps of the two clocks."""


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


def insert(table: str, columns: tuple[str, ...], rows: int = 1) -> str:
    """INSERT of whole rows. Parameters: the values of all rows, one row after the other."""
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"


def close_version(layer: Layer, table: str) -> str:
    """INSERT that repeats a row with another number, end and recorded time.

    Parameters: new fid, valid_to, recorded_at, old fid.
    """
    given = {"fid": "?", "valid_to": "?", "recorded_at": "?", "superseded_at": "NULL"}
    values = ", ".join(given.get(name, name) for name in layer.columns)
    columns = ", ".join(layer.columns)
    return f"INSERT INTO {table} ({columns}) SELECT {values} FROM {table} WHERE fid = ?"


def last_fid(table: str) -> str:
    """The greatest row number, 0 where there is no row."""
    return f"SELECT coalesce(max(fid), 0) FROM {table}"


def supersede(table: str) -> str:
    """UPDATE that takes a version back. Parameters: recorded time, fid."""
    return f"UPDATE {table} SET superseded_at = ? WHERE fid = ?"


def last_sequence(layer: Layer) -> str:
    """SELECT of the newest log entry that the rows of a layer name, NULL where there are none."""
    return f"SELECT max(sequence) FROM {layer.table}"


def empty(table: str) -> str:
    """DELETE of all rows, for rebuilding."""
    return f"DELETE FROM {table}"


def all_boxes(rtree: str) -> str:
    """Every entry of a spatial index, as it rounds them."""
    return f"SELECT {', '.join(RTREE_COLUMNS)} FROM {rtree}"


def more_boxes(rtree: str) -> str:
    """A row where an index has more entries than the parameter says, without counting them all."""
    return f"SELECT 1 FROM {rtree}_rowid LIMIT 1 OFFSET ?"


def node_size(rtree: str) -> str:
    """Bytes of a node of a spatial index. Parameter: its number."""
    return f"SELECT length(data) FROM {rtree}_node WHERE nodeno = ?"


def box_of(table: str) -> str:
    """West, south, east, north of a row, NULL where it has no geometry. Parameter: fid."""
    edges = ", ".join(f"ST_{edge}(geom)" for edge in ("MinX", "MinY", "MaxX", "MaxY"))
    return f"SELECT {edges} FROM {table} WHERE fid = ?"


WIDEN_EXTENT = """
UPDATE gpkg_contents SET last_change = ?1,
  min_x = min(coalesce(min_x, ?2), coalesce(?2, min_x)),
  min_y = min(coalesce(min_y, ?3), coalesce(?3, min_y)),
  max_x = max(coalesce(max_x, ?4), coalesce(?4, max_x)),
  max_y = max(coalesce(max_y, ?5), coalesce(?5, max_y))
WHERE table_name = ?6"""
"""GDAL trusts the stored extent, so every write keeps it; NULLs leave it as it is."""


FORGET_EXTENT = (
    "UPDATE gpkg_contents SET min_x = NULL, min_y = NULL, max_x = NULL, max_y = NULL"
    " WHERE table_name = ?"
)


def standing(table: str, dialect: Dialect = SQLITE) -> str:
    """The versions that stand of the records in a JSON list of ids."""
    return (
        f"SELECT id, fid, sequence, version, valid_from, valid_to FROM {table}"
        f" WHERE superseded_at IS NULL AND {dialect.among.format('id')}"
    )


KNOWN_NOW = "superseded_at IS NULL"
KNOWN_THEN = "recorded_at <= ? AND (superseded_at IS NULL OR superseded_at > ?)"
VALID = "(valid_from IS NULL OR valid_from <= ?) AND (valid_to IS NULL OR valid_to > ?)"
STATUS_AMONG = SQLITE.among.format("status")
IN_BOX = "ST_MaxX(geom) >= ? AND ST_MinX(geom) <= ? AND ST_MaxY(geom) >= ? AND ST_MinY(geom) <= ?"
"""The exact boxes: the R-tree rounds to 32 bits and only narrows the search."""


def by_box(layer: Layer) -> str:
    """FROM clause that goes through the spatial index first."""
    near = f"SELECT id FROM {layer.rtree} WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?"
    return f"({near}) AS near CROSS JOIN {layer.table} AS t ON t.fid = near.id"


def rows_by_name(units: int | None, dialect: Dialect = SQLITE) -> str:
    """Rows filed under one of the keys of a manner: manner, keys (a JSON list), units.

    `units` is how many ranges of codes narrow it (two parameters each), None for none; rows of no
    known unit come along. Each range is one run of the index.
    """
    filed = f"SELECT fid FROM name_index WHERE manner = ? AND {dialect.among.format('key')}"
    if units is None:
        return filed
    ranges = [" AND unit_code = ''", *[" AND unit_code >= ? AND unit_code < ?"] * units]
    return " UNION ALL ".join(filed + narrowed for narrowed in ranges)


def touching(layer: Layer) -> str:
    """Condition that the spatial index has the row in a box: east, west, north, south."""
    return (
        f"EXISTS (SELECT 1 FROM {layer.rtree} AS x WHERE x.id = t.fid"
        " AND x.minx <= ? AND x.maxx >= ? AND x.miny <= ? AND x.maxy >= ?)"
    )


def first_rows(layer: Layer, filed: str, conditions: list[str]) -> str:
    """The first rows of a layer among those filed. Parameters: those of both parts, how many."""
    return (
        f"SELECT t.fid FROM (SELECT DISTINCT fid FROM ({filed})) AS alike"
        f" CROSS JOIN {layer.table} AS t ON t.fid = alike.fid"
        f" WHERE {' AND '.join(conditions)} ORDER BY t.fid LIMIT ?"
    )


def within(layer: Layer, prefixes: int) -> str:
    """Condition that one of the row's division codes begins with one of the prefixes."""
    return "(" + " OR ".join([f"{layer.codes} LIKE '% ' || ? || '%'"] * prefixes) + ")"


def select(layer: Layer, source: str, conditions: list[str], tail: str = "") -> str:
    """SELECT of id, valid time, geometry and attributes, by id."""
    columns = ", ".join(f"t.{name}" for name in ("id", "valid_from", "valid_to", "geom"))
    attributes = ", ".join(f"t.{name}" for name in layer.names)
    where = " AND ".join(conditions)
    return f"SELECT {columns}, {attributes} FROM {source} WHERE {where} ORDER BY t.id{tail}"


def filed_names(layer: Layer) -> str:
    """A page of the names that stand, with the middle of their boxes. Parameters: fid, limit."""
    return (
        "SELECT t.fid, t.name, t.status, t.unit_code, t.valid_from, t.valid_to,"
        " (x.minx + x.maxx) / 2, (x.miny + x.maxy) / 2,"
        " CASE t.reading_source WHEN 'stored' THEN t.romanization ELSE '' END"
        f" FROM {layer.table} AS t"
        f" LEFT JOIN {layer.rtree} AS x ON x.id = t.fid"
        f" WHERE t.fid > ? AND {KNOWN_NOW} ORDER BY t.fid LIMIT ?"
    )


def withdrawn(layer: Layer) -> str:
    """Rows taken back of the records changed after a log entry. Parameters: sequence, kind."""
    return (
        f"SELECT t.fid FROM {layer.table} AS t WHERE t.superseded_at IS NOT NULL"
        " AND t.id IN (SELECT record_id FROM change WHERE sequence > ? AND kind = ?)"
    )


def count(layer: Layer, conditions: list[str]) -> str:
    """How many rows meet the conditions."""
    return f"SELECT count(*) FROM {layer.table} WHERE {' AND '.join(conditions)}"


def differing_rows(layer: Layer) -> str:
    """Rows of the layer that are not as the replayed log (temp) has them: sequence, id."""
    mine, theirs = f"main.{layer.table}", f"temp.{layer.table}"
    unequal = " OR ".join(f"m.{name} IS NOT r.{name}" for name in layer.columns[1:])
    return (
        f"SELECT m.sequence, m.id FROM {mine} AS m JOIN {theirs} AS r USING (fid) WHERE {unequal}"
        f" UNION ALL SELECT m.sequence, m.id FROM {mine} AS m"
        f" WHERE m.fid NOT IN (SELECT fid FROM {theirs})"
        f" UNION ALL SELECT r.sequence, r.id FROM {theirs} AS r"
        f" WHERE r.fid NOT IN (SELECT fid FROM {mine}) ORDER BY 1 LIMIT 1"
    )


def unindexed_rows(layer: Layer) -> str:
    """Rows whose box the spatial index does not cover, or index entries without a row: fid."""
    boxes = (
        "x.minx > ST_MinX(t.geom) OR x.maxx < ST_MaxX(t.geom)"
        " OR x.miny > ST_MinY(t.geom) OR x.maxy < ST_MaxY(t.geom)"
    )
    return (
        f"SELECT t.fid FROM {layer.table} AS t LEFT JOIN {layer.rtree} AS x ON x.id = t.fid"
        f" WHERE t.geom IS NOT NULL AND (x.id IS NULL OR {boxes})"
        f" UNION ALL SELECT id FROM {layer.rtree}"
        f" WHERE id NOT IN (SELECT fid FROM {layer.table}) LIMIT 1"
    )


def history(columns: tuple[str, ...], *, kind: bool, record: bool) -> str:
    """A page of the log after a sequence, optionally of one kind or record, in order."""
    conditions = ["sequence > ?"] + ["kind = ?"] * kind + ["record_id = ?"] * record
    return (
        f"SELECT {', '.join(columns)} FROM change WHERE {' AND '.join(conditions)}"
        " ORDER BY sequence LIMIT ?"
    )


ENTRIES_AFTER = "SELECT count(*), max(sequence) FROM change WHERE sequence > ?"
NEWEST_ENTRY = "SELECT coalesce(max(sequence), 0) FROM change"

NAMED = ("name", "feature_type", "unit_code")
"""What the keys of a name are made of."""
NAME_OF = f"SELECT {', '.join(NAMED)} FROM place_names WHERE fid = ?"
NAMES_AFTER = f"SELECT fid, {', '.join(NAMED)} FROM place_names WHERE fid > ? ORDER BY fid LIMIT ?"
DIFFERING_KEYS = (
    "SELECT * FROM (SELECT * FROM main.name_index EXCEPT SELECT * FROM temp.name_index)"
    " UNION ALL"
    " SELECT * FROM (SELECT * FROM temp.name_index EXCEPT SELECT * FROM main.name_index) LIMIT 1"
)
"""Name keys that stand in one of the two tables only: the store's and the recomputed one."""
