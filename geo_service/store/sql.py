"""SQL written out from the schema. What differs between engines stands in one `Dialect` each.

Only names from `schema` are ever put into a statement; values always travel as parameters. That
is why the rule against built SQL (S608) is off in this file and nowhere else.
"""

# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geo_service.store.schema import VERSIONING, Column, ColumnType, Layer, Table


@dataclass(frozen=True, slots=True)
class Dialect:
    """Every difference between engines, so that twins stand side by side and none is missed.

    Question marks stand for parameters in both; `{}` takes a column, `{table}`, `{rtree}` and
    `{type}` what the layer says. `stored` and `temporary` are the schemas of tables.
    """

    types: Mapping[ColumnType, str]
    row_number: str
    geometry: str
    """Type of a layer's column `geom`."""
    keyed: str
    """What follows a table whose key is not a lone number."""
    stored: str
    temporary: str
    among: str
    """Membership in a JSON list given as one parameter."""
    differs: str
    """Inequality in which two NULLs are equal."""
    all_rows: int | None
    """The LIMIT that limits nothing."""
    shape: str
    """The geometry as bytes."""
    edge: str
    """An edge of the box of `geom`: `{axis}` is X or Y, `{end}` Min or Max."""
    near: str
    """FROM clause through the spatial index. Parameters: west, east, south, north."""
    touching: str
    """Condition by the spatial index. Parameters: east, west, north, south."""
    boxed: str
    """FROM clause of all rows as `t`, with the middle of their boxes in `lon` and `lat`."""
    lon: str
    lat: str
    after_join: str
    """JOIN that reads its left side first, where that must be said."""
    guard: str
    """The guard of a name as it is in force. Parameters: the name, twice."""


SQLITE = Dialect(
    types={kind: kind.value for kind in ColumnType},
    row_number="INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
    geometry="{type}",
    keyed=" WITHOUT ROWID",
    stored="main",
    temporary="temp",
    among="{} IN (SELECT value FROM json_each(?))",
    differs="{} IS NOT {}",
    all_rows=-1,
    shape="{}",
    edge="ST_{end}{axis}({geom})",
    near="(SELECT id FROM {rtree} WHERE maxx >= ? AND minx <= ? AND maxy >= ? AND miny <= ?)"
    " AS near CROSS JOIN {table} AS t ON t.fid = near.id",
    touching="EXISTS (SELECT 1 FROM {rtree} AS x WHERE x.id = t.fid"
    " AND x.minx <= ? AND x.maxx >= ? AND x.miny <= ? AND x.maxy >= ?)",
    boxed="{table} AS t LEFT JOIN {rtree} AS x ON x.id = t.fid",
    lon="(x.minx + x.maxx) / 2",
    lat="(x.miny + x.maxy) / 2",
    after_join="CROSS JOIN",
    guard="SELECT sql FROM sqlite_master WHERE name IN (?, ?)",
)

_ENVELOPE = "ST_MakeEnvelope(q.west, q.south, q.east, q.north, 4490)"

POSTGIS = Dialect(
    # Text is compared byte by byte, as in SQLite; stamps stay the text that the log seals.
    types={
        ColumnType.TEXT: 'text COLLATE "C"',
        ColumnType.INTEGER: "bigint",
        ColumnType.REAL: "double precision",
        ColumnType.DATETIME: 'text COLLATE "C"',
        ColumnType.BLOB: "bytea",
    },
    row_number="bigint PRIMARY KEY",
    # geometry(…, 4490) would refuse heights: the number of dimensions is part of such a type.
    geometry="geometry CHECK (ST_SRID(geom) = 4490)",
    keyed="",
    stored="geo_service",
    temporary="pg_temp",
    among="{} IN (SELECT json_array_elements_text(?::json))",
    differs="{} IS DISTINCT FROM {}",
    all_rows=None,
    shape="ST_AsBinary({}, 'NDR')",
    edge="ST_{axis}{end}({geom})",
    near="(SELECT n.* FROM {table} AS n, (SELECT ?::float8 AS west, ?::float8 AS east,"
    f" ?::float8 AS south, ?::float8 AS north) AS q WHERE n.geom && {_ENVELOPE}) AS t",
    touching="EXISTS (SELECT 1 FROM (SELECT ?::float8 AS east, ?::float8 AS west,"
    f" ?::float8 AS north, ?::float8 AS south) AS q WHERE t.geom && {_ENVELOPE})",
    boxed="{table} AS t",
    lon="(ST_XMin(t.geom) + ST_XMax(t.geom)) / 2",
    lat="(ST_YMin(t.geom) + ST_YMax(t.geom)) / 2",
    after_join="JOIN",
    guard="SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t WHERE t.tgname = ?"
    " AND t.tgenabled = 'O' AND NOT t.tgisinternal"
    " UNION ALL SELECT format('CREATE FUNCTION %s.%s() RETURNS trigger LANGUAGE plpgsql AS"
    " $$%s$$', n.nspname, p.proname, p.prosrc) FROM pg_proc AS p JOIN pg_namespace AS n"
    " ON n.oid = p.pronamespace WHERE p.proname = ? AND n.nspname = 'geo_service'",
)


def _laid(template: str, layer: Layer) -> str:
    return template.format(table=layer.table, rtree=layer.rtree, type=layer.geometry_type)


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
    statements += [
        f"CREATE INDEX {table.name}_by_{'_'.join(index)} ON {table.name} ({', '.join(index)})"
        for index in table.indexes
    ]
    return statements + (list(guards(table, dialect).values()) if table.append_only else [])


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
        f" geom {_laid(dialect.geometry, layer)}, {columns})"
    )
    # In SQLite the schema stands before the index, in PostgreSQL before the table.
    on = (schema, "") if dialect is SQLITE else ("", schema)
    return [created, f"CREATE INDEX {on[0]}{layer.table}_by_id ON {on[1]}{layer.table} (id)"]


def create_served_layer(layer: Layer) -> list[str]:
    """DDL of a layer in PostGIS with its spatial index and its title."""
    _name, index = served_index(layer)
    title = f"COMMENT ON TABLE {layer.table} IS '{layer.title}'"
    return [*create_layer(layer, dialect=POSTGIS), index, title]


def served_index(layer: Layer) -> tuple[str, str]:
    """Name and DDL of a spatial index in PostGIS, word for word as PostgreSQL gives it back."""
    name = f"{layer.table}_by_geom"
    return name, f"CREATE INDEX {name} ON {POSTGIS.stored}.{layer.table} USING gist (geom)"


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


def insert(table: str, columns: tuple[str, ...], rows: int = 1) -> str:
    """INSERT of whole rows. Parameters: the values of all rows, one row after the other."""
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"


def insert_new(table: str, columns: tuple[str, ...]) -> str:
    """INSERT of one row that does nothing where its key is there already."""
    return f"{insert(table, columns)} ON CONFLICT DO NOTHING"


def copy_in(table: str, columns: tuple[str, ...]) -> str:
    """Loading of rows as PostgreSQL takes them fastest."""
    return f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"


def column_types(table: str, columns: tuple[str, ...]) -> str:
    """A SELECT of no rows, for the types of the columns."""
    return f"SELECT {', '.join(columns)} FROM {table} LIMIT 0"


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


def standing(table: str, dialect: Dialect) -> str:
    """The versions that stand of the records in a JSON list of ids."""
    return (
        f"SELECT id, fid, sequence, version, valid_from, valid_to FROM {table}"
        f" WHERE superseded_at IS NULL AND {dialect.among.format('id')}"
    )


KNOWN_NOW = "superseded_at IS NULL"
KNOWN_THEN = "recorded_at <= ? AND (superseded_at IS NULL OR superseded_at > ?)"
VALID = "(valid_from IS NULL OR valid_from <= ?) AND (valid_to IS NULL OR valid_to > ?)"
NEVER = "1 = 0"


def in_box(dialect: Dialect) -> str:
    """Condition by the exact boxes: west, east, south, north.

    Spatial indexes round to 32 bits and only narrow the search.
    """
    sides = (("X", "Max", ">="), ("X", "Min", "<="), ("Y", "Max", ">="), ("Y", "Min", "<="))
    edges = ((dialect.edge.format(axis=a, end=e, geom="geom"), how) for a, e, how in sides)
    return " AND ".join(f"{edge} {how} ?" for edge, how in edges)


def by_box(layer: Layer, dialect: Dialect) -> str:
    """FROM clause that goes through the spatial index first: west, east, south, north."""
    return _laid(dialect.near, layer)


def rows_by_name(units: int | None, dialect: Dialect) -> str:
    """Rows filed under one of the keys of a manner: manner, keys (a JSON list), units.

    `units` is how many ranges of codes narrow it (two parameters each), None for none; rows of no
    known unit come along. Each range is one run of the index.
    """
    filed = f"SELECT fid FROM name_index WHERE manner = ? AND {dialect.among.format('key')}"
    if units is None:
        return filed
    ranges = [" AND unit_code = ''", *[" AND unit_code >= ? AND unit_code < ?"] * units]
    return " UNION ALL ".join(filed + narrowed for narrowed in ranges)


def touching(layer: Layer, dialect: Dialect) -> str:
    """Condition that the spatial index has the row in a box: east, west, north, south."""
    return _laid(dialect.touching, layer)


def first_rows(layer: Layer, filed: str, conditions: list[str], dialect: Dialect) -> str:
    """The first rows of a layer among those filed. Parameters: those of both parts, how many."""
    return (
        f"SELECT t.fid FROM (SELECT DISTINCT fid FROM ({filed}) AS filed) AS alike"
        f" {dialect.after_join} {layer.table} AS t ON t.fid = alike.fid"
        f" WHERE {' AND '.join(conditions)} ORDER BY t.fid LIMIT ?"
    )


def within(layer: Layer, prefixes: int) -> str:
    """Condition that one of the row's division codes begins with one of the prefixes."""
    return "(" + " OR ".join([f"{layer.codes} LIKE '% ' || ? || '%'"] * prefixes) + ")"


def select(
    layer: Layer, source: str, conditions: list[str], tail: str = "", *, dialect: Dialect
) -> str:
    """SELECT of id, valid time, geometry and attributes, by id."""
    columns = f"t.id, t.valid_from, t.valid_to, {dialect.shape.format('t.geom')}"
    attributes = ", ".join(f"t.{name}" for name in layer.names)
    where = " AND ".join(conditions)
    return f"SELECT {columns}, {attributes} FROM {source} WHERE {where} ORDER BY t.id{tail}"


def filed_names(layer: Layer, dialect: Dialect) -> str:
    """A page of the names that stand, with the middle of their boxes. Parameters: fid, limit."""
    return (
        "SELECT t.fid, t.name, t.status, t.unit_code, t.valid_from, t.valid_to,"
        f" {dialect.lon}, {dialect.lat},"
        " CASE t.reading_source WHEN 'stored' THEN t.romanization ELSE '' END"
        f" FROM {_laid(dialect.boxed, layer)}"
        f" WHERE t.fid > ? AND {KNOWN_NOW} ORDER BY t.fid LIMIT ?"
    )


def withdrawn(layer: Layer) -> str:
    """Rows taken back of the records changed after a log entry. Parameters: sequence, kind."""
    return (
        f"SELECT t.fid FROM {layer.table} AS t WHERE t.superseded_at IS NOT NULL"
        " AND t.id IN (SELECT record_id FROM change WHERE sequence > ? AND kind = ?)"
        " ORDER BY t.fid"
    )


def count(layer: Layer, conditions: list[str]) -> str:
    """How many rows meet the conditions."""
    return f"SELECT count(*) FROM {layer.table} WHERE {' AND '.join(conditions)}"


def differing_rows(layer: Layer, dialect: Dialect) -> str:
    """Rows of the layer that are not as the replayed log (temporary) has them: sequence, id."""
    mine, theirs = f"{dialect.stored}.{layer.table}", f"{dialect.temporary}.{layer.table}"
    columns = {name: "{}." + name for name in layer.columns[1:]}
    columns["geom"] = dialect.shape.format("{}.geom")
    unequal = " OR ".join(
        dialect.differs.format(column.format("m"), column.format("r"))
        for column in columns.values()
    )
    return (
        f"SELECT m.sequence, m.id FROM {mine} AS m JOIN {theirs} AS r USING (fid) WHERE {unequal}"
        f" UNION ALL SELECT m.sequence, m.id FROM {mine} AS m"
        f" WHERE NOT EXISTS (SELECT 1 FROM {theirs} AS r WHERE r.fid = m.fid)"
        f" UNION ALL SELECT r.sequence, r.id FROM {theirs} AS r"
        f" WHERE NOT EXISTS (SELECT 1 FROM {mine} AS m WHERE m.fid = r.fid) ORDER BY 1 LIMIT 1"
    )


def unindexed_rows(layer: Layer) -> str:
    """Rows whose box the spatial index does not fit, or index entries without a row: fid.

    It rounds outwards to 32 bits, which near 180° makes 0.00004° at most.
    """
    edges = [f"ST_Min{axis}(t.geom) - x.min{axis.lower()}" for axis in "XY"]
    edges += [f"x.max{axis.lower()} - ST_Max{axis}(t.geom)" for axis in "XY"]
    boxes = " OR ".join(f"{edge} NOT BETWEEN 0 AND 0.0001" for edge in edges)
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


def rows_in(table: str) -> str:
    """How many rows a table has."""
    return f"SELECT count(*) FROM {table}"


SCHEMA = "SELECT name, type, tbl_name, sql FROM sqlite_master ORDER BY name"
TABLE_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table'"
RTREE_NAMES = "SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE rtree_%'"
INTEGRITY = "PRAGMA integrity_check(1)"
RTREE_CHECK = "SELECT rtreecheck(?)"

RECEIPTS = "SELECT digest, stored, report_json, recorded_at FROM receipt ORDER BY digest"

ENTRIES_AFTER = "SELECT count(*), max(sequence) FROM change WHERE sequence > ?"
NEWEST_ENTRY = "SELECT coalesce(max(sequence), 0) FROM change"
HASH_OF = "SELECT hash FROM change WHERE sequence = ?"
LATER_CHAINED_TO = "SELECT 1 FROM change WHERE sequence > ? AND prev_hash = ? LIMIT 1"

DIGEST_NAME = "SELECT value FROM meta WHERE key = 'digest'"
CHANGE_DIGEST_NAME = "UPDATE meta SET value = ? WHERE key = 'digest'"
ADD_DIGEST_NAME = "INSERT INTO meta (key, value) VALUES ('digest', ?)"

NAMED = ("name", "feature_type", "unit_code")
"""What the keys of a name are made of."""
NAME_OF = f"SELECT {', '.join(NAMED)} FROM place_names WHERE fid = ?"
NAMES_AFTER = f"SELECT fid, {', '.join(NAMED)} FROM place_names WHERE fid > ? ORDER BY fid LIMIT ?"


def differing_keys(dialect: Dialect) -> str:
    """Name keys that stand in one of the two tables only: the store's and the recomputed one."""
    mine, theirs = f"{dialect.stored}.name_index", f"{dialect.temporary}.name_index"
    return (
        f"SELECT * FROM (SELECT * FROM {mine} EXCEPT SELECT * FROM {theirs}) AS more"
        f" UNION ALL SELECT * FROM (SELECT * FROM {theirs} EXCEPT SELECT * FROM {mine}) AS less"
        " LIMIT 1"
    )


SESSION = """
SELECT set_config('search_path', 'geo_service, ' || coalesce((
    SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n
    ON n.oid = e.extnamespace WHERE e.extname = 'postgis'), 'public') || ', pg_temp', false),
  set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit')
    IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false),
  set_config('jit', 'off', false)"""
"""How a session with the server is set up: what was acknowledged is on disk."""
BEGIN_WRITING = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ"
"""Not READ ONLY: the audit works in temporary tables."""
WAIT_AT_MOST = "SELECT set_config('lock_timeout', ?, true)"
ONE_WRITER = "SELECT 1 FROM meta WHERE key = 'application' FOR UPDATE"
ONE_BUILDER = "SELECT pg_advisory_xact_lock(hashtext('geo-service store init'))"
SERVER_ENCODING = "SELECT current_setting('server_encoding')"
SERVER_VERSIONS = (
    "SELECT current_setting('server_version'), extversion::text FROM pg_extension"
    " WHERE extname = 'postgis'"
)
HAS_POSTGIS = "SELECT 1 FROM pg_extension WHERE extname = 'postgis'"
CREATE_POSTGIS = "CREATE EXTENSION postgis SCHEMA public"
HAS_SCHEMA = f"SELECT 1 FROM pg_namespace WHERE nspname = '{POSTGIS.stored}'"
CREATE_SCHEMA = f"CREATE SCHEMA {POSTGIS.stored}"
SERVED_TABLES = f"SELECT tablename::text FROM pg_tables WHERE schemaname = '{POSTGIS.stored}'"
_INDEXES = (
    " FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n"
    f" ON n.oid = c.relnamespace WHERE n.nspname = '{POSTGIS.stored}'"
)
INDEX_IN_FORCE = (
    f"SELECT pg_get_indexdef(i.indexrelid){_INDEXES}"
    " AND c.relname = ? AND i.indisvalid AND i.indisready"
)
INDEX_NOT_IN_FORCE = (
    f"SELECT c.relname::text{_INDEXES} AND NOT (i.indisvalid AND i.indisready) LIMIT 1"
)
