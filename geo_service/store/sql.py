"""Questions and changes in SQL, written out from the schema for an engine.

Only names from `schema` are ever put into a statement; values always travel as parameters. That
is why the rule against built SQL (S608) is off here and in the modules beside it that hold
nothing but SQL, and nowhere else.
"""

# ruff: noqa: S608
from __future__ import annotations

from geo_service.store.ddl import RTREE_COLUMNS
from geo_service.store.dialects import Dialect, laid
from geo_service.store.filing import Filing
from geo_service.store.schema import Layer


def insert(table: str, columns: tuple[str, ...], rows: int = 1) -> str:
    """INSERT of whole rows. Parameters: the values of all rows, one row after the other."""
    row = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * rows)}"


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


def last_sequence(layer: Layer, dialect: Dialect) -> str:
    """SELECT of the newest log entry that the rows of a layer name, NULL where there are none."""
    return f"SELECT max(sequence) FROM {dialect.stored}.{layer.table}"


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
        "SELECT t.id, t.fid, t.sequence, t.version, t.valid_from, t.valid_to"
        f" FROM {dialect.of_ids.format(table=table)} WHERE t.superseded_at IS NULL"
    )


KNOWN_NOW = "superseded_at IS NULL"
KNOWN_THEN = "recorded_at <= ? AND (superseded_at IS NULL OR superseded_at > ?)"
VALID = "(valid_from IS NULL OR valid_from <= ?) AND (valid_to IS NULL OR valid_to > ?)"
TURNS = "((valid_from > ? AND valid_from <= ?) OR (valid_to > ? AND valid_to <= ?))"
"""A version begins or ends on a day of a span, its first day excluded."""
TAKEN = "((recorded_at > ? AND recorded_at <= ?) OR (superseded_at > ? AND superseded_at <= ?))"
"""A version was taken in or back in a span of time."""
NEVER = "1 = 0"
SAYS = "{} = ?"
LABELLED = "label = ?"
NO_DAY = "0001-01-01"
"""Both ends of the valid time of what an annulment leaves behind: `VALID` is true on no day."""


def not_relabelled(layer: Layer, record: str = "t.id") -> str:
    """Condition that no version that stands of a record has another label. Parameter: label."""
    return f"{record} NOT IN (SELECT id FROM {layer.table} WHERE {KNOWN_NOW} AND label <> ?)"


def newest_versions(layer: Layer, conditions: list[str], dialect: Dialect) -> str:
    """Newest versions of the records in a JSON list of ids. Parameters: ids, conditions."""
    return (
        f"SELECT t.id, max(t.version) FROM {dialect.of_ids.format(table=layer.table)}"
        f" WHERE {' AND '.join(conditions)} GROUP BY t.id"
    )


def newest_entry(layer: Layer) -> str:
    """Newest log entry on a record of which a version had a label.

    Parameters: first sequence (excluded), last, kind, label.
    """
    return (
        "SELECT max(c.sequence) FROM change AS c"
        " WHERE c.sequence > ? AND c.sequence <= ? AND c.kind = ?"
        f" AND EXISTS (SELECT 1 FROM {layer.table} AS t WHERE t.id = c.record_id AND t.label = ?)"
    )


def seen_entries(columns: tuple[str, ...], layers: list[Layer], *, kind: bool, record: bool) -> str:
    """As `history`, of the entries that wrote a version with a label, of records that keep it.

    Parameters: sequence, the label as a payload has it, kind and label of each layer, kind,
    record, limit.
    """
    kept = " OR ".join(f"(kind = ? AND {not_relabelled(layer, 'record_id')})" for layer in layers)
    conditions = ["sequence > ?", "payload LIKE '%' || ? || '%'", f"({kept})"]
    conditions += ["kind = ?"] * kind + ["record_id = ?"] * record
    return (
        f"SELECT {', '.join(columns)} FROM change WHERE {' AND '.join(conditions)}"
        " ORDER BY sequence LIMIT ?"
    )


def in_box(dialect: Dialect) -> str:
    """Condition by the exact boxes: west, east, south, north.

    Spatial indexes round to 32 bits and only narrow the search.
    """
    sides = (("X", "Max", ">="), ("X", "Min", "<="), ("Y", "Max", ">="), ("Y", "Min", "<="))
    edges = ((dialect.edge.format(axis=a, end=e, geom="geom"), how) for a, e, how in sides)
    return " AND ".join(f"{edge} {how} ?" for edge, how in edges)


def by_box(layer: Layer, dialect: Dialect) -> str:
    """FROM clause that goes through the spatial index first: west, east, south, north."""
    return laid(dialect.near, layer)


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
    return laid(dialect.touching, layer)


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


def filed_names(layer: Layer, conditions: list[str], dialect: Dialect) -> str:
    """A page of the names of a layer, with the middle of their boxes; those annulled are left out.

    Parameters: those of the conditions, limit.
    """
    approved = "CASE t.reading_source WHEN 'stored' THEN t.romanization ELSE '' END"
    spelling = approved if "romanization" in layer.names else "''"
    return (
        "SELECT t.fid, t.name, t.status, t.unit_code, t.valid_from, t.valid_to,"
        f" {dialect.lon}, {dialect.lat}, {spelling}"
        f" FROM {laid(dialect.boxed, layer)}"
        f" WHERE {' AND '.join(conditions)} AND coalesce(t.valid_to, '') <> '{NO_DAY}'"
        " ORDER BY t.fid LIMIT ?"
    )


CHANGED_SINCE = "id IN (SELECT record_id FROM change WHERE sequence > ? AND kind = ?)"


def withdrawn(layer: Layer, conditions: list[str]) -> str:
    """Numbers of the rows that were taken back and meet the conditions."""
    where = " AND ".join(conditions)
    return f"SELECT fid FROM {layer.table} WHERE superseded_at IS NOT NULL AND {where} ORDER BY fid"


CONTENT_NUMBER = "SELECT number FROM content WHERE digest = ?"
LAST_CONTENT = "SELECT coalesce(max(number), 0) FROM content"
CONTENT_NAMED = "SELECT data FROM content WHERE digest = ?"
CONTENT_AFTER = "SELECT number, digest, data FROM content WHERE number > ? ORDER BY number LIMIT 1"
CONTENT_SIZE = "SELECT length(data) FROM content WHERE digest = ?"
ERASE_CONTENT = "UPDATE content SET data = ? WHERE digest = ?"
ERASED_CONTENT = (
    "SELECT id FROM personal_values WHERE superseded_at IS NULL AND value_kind = ? AND act = ?"
)
CONTENT_SUBJECTS = (
    "SELECT DISTINCT subject_kind, subject_id FROM attachments WHERE digest = ? ORDER BY 1, 2"
)
CONTENT_MISSING = (
    "SELECT a.digest FROM attachments AS a WHERE NOT EXISTS"
    " (SELECT 1 FROM content AS c WHERE c.digest = a.digest) ORDER BY a.fid LIMIT 1"
)
CONTENT_FOREIGN = (
    "SELECT c.digest FROM content AS c WHERE NOT EXISTS"
    " (SELECT 1 FROM attachments AS a WHERE a.digest = c.digest) ORDER BY c.number LIMIT 1"
)


def touched(layer: Layer, conditions: list[str]) -> str:
    """Ids of the rows that meet the conditions, each once, in order."""
    where = " AND ".join(conditions)
    return f"SELECT DISTINCT t.id FROM {layer.table} AS t WHERE {where} ORDER BY t.id"


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


OUR_TABLES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'gpkg%'"
    " AND name NOT LIKE 'rtree%' AND name NOT LIKE 'sqlite%' AND name NOT IN ('meta', 'migration')"
)
COLUMNS_OF = "SELECT name FROM pragma_table_info(?)"


def whole(table: str, columns: tuple[str, ...], dialect: Dialect) -> str:
    """Every row of a table, geometries as bytes; in the order of its first column."""
    read = [dialect.shape.format(name) if name == "geom" else name for name in columns]
    return f"SELECT {', '.join(read)} FROM {table} ORDER BY 1"


def misnumbered(table: str, column: str) -> str:
    """A row where the numbers of a table are not 1 and onwards without a gap."""
    return (
        f"SELECT max({column}) FROM {table}"
        f" HAVING count(*) <> coalesce(max({column}), 0) OR min({column}) <> 1"
    )


def headers(layer: Layer, size: int) -> str:
    """Rows of a layer that have a geometry, and its first bytes, in order."""
    return (
        f"SELECT fid, substr(geom, 1, {size}) FROM main.{layer.table} WHERE geom IS NOT NULL"
        " ORDER BY fid"
    )


def rtree_nodes(rtree: str) -> str:
    """The nodes of a spatial index, in order."""
    return f"SELECT nodeno, data FROM {rtree}_node ORDER BY nodeno"


def rtree_part(rtree: str, part: str) -> str:
    """What is noted beside a spatial index: the node of each entry or the parent of each node."""
    noted = {"rowid": "rowid, nodeno", "parent": "nodeno, parentnode"}[part]
    return f"SELECT {noted} FROM {rtree}_{part} ORDER BY 1"


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
COMMITS_SEEN = "PRAGMA data_version"
NEVER_WAIT = "PRAGMA busy_timeout = 0"
RTREE_CHECK = "SELECT rtreecheck(?)"

DESCRIBED = "SELECT last_change, min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = ?"
CHANGED_WHEN_EMPTY = "SELECT applied_at FROM migration"
COUNTED = "SELECT seq FROM main.sqlite_sequence WHERE name = ?"
COUNTERS = "SELECT name FROM main.sqlite_sequence"
FORGET_COUNTER = "DELETE FROM main.sqlite_sequence WHERE name = ?"


def newest_row(layer: Layer) -> str:
    """When the newest row of a layer was recorded, and the greatest row number; NULLs for none."""
    return f"SELECT max(recorded_at), max(fid) FROM main.{layer.table}"


_RECEIPT = "SELECT digest, stored, report_json, recorded_at, number, sequence FROM receipt"
RECEIPT_OF = f"{_RECEIPT} WHERE digest = ?"
RECEIPTS_NEWEST = f"{_RECEIPT} ORDER BY number DESC LIMIT ?"
RECEIPTS_BEFORE = f"{_RECEIPT} WHERE number < ? ORDER BY number DESC LIMIT ?"
NEWEST_RECEIPT = "SELECT number, hash FROM receipt ORDER BY number DESC LIMIT 1"
RECEIPT_HASH_OF = "SELECT hash FROM receipt WHERE number = ?"
RECEIPT_UNLIKE_LOG = (
    "SELECT r.number FROM receipt AS r LEFT JOIN change AS c ON c.sequence = r.sequence"
    " WHERE r.entry_hash <> coalesce(c.hash, ?) ORDER BY r.number LIMIT 1"
)


def receipts(columns: tuple[str, ...]) -> str:
    """A page of the receipts after a number, in order."""
    return f"SELECT {', '.join(columns)} FROM receipt WHERE number > ? ORDER BY number LIMIT ?"


PERSONAL = "SELECT id, digest, act FROM personal_values WHERE superseded_at IS NULL"
PERSONS = "SELECT id, salt, value FROM person WHERE salt <> ? ORDER BY number"
ERASED_PERSONS = "SELECT id, value FROM person WHERE salt = ? ORDER BY number"
ERASE_PERSON = "UPDATE person SET salt = ?, value = ? WHERE id = ?"
LAST_PERSON = "SELECT coalesce(max(number), 0) FROM person"


def some_persons(dialect: Dialect) -> str:
    """Personal values in clear, of the ids in a JSON list. Parameters: the salt of none, ids."""
    among = dialect.among.format("id")
    return f"SELECT id, salt, value FROM person WHERE salt <> ? AND {among} ORDER BY number"


ENTRIES_AFTER = "SELECT count(*), max(sequence) FROM change WHERE sequence > ?"
NEWEST_ENTRY = "SELECT coalesce(max(sequence), 0) FROM change"
HASH_OF = "SELECT hash FROM change WHERE sequence = ?"
LATER_CHAINED_TO = "SELECT 1 FROM change WHERE sequence > ? AND prev_hash = ? LIMIT 1"

DIGEST_NAME = "SELECT value FROM meta WHERE key = 'digest'"
CHANGE_DIGEST_NAME = "UPDATE meta SET value = ? WHERE key = 'digest'"
ADD_DIGEST_NAME = "INSERT INTO meta (key, value) VALUES ('digest', ?)"

SEAL = "SELECT value FROM meta WHERE key = 'seal'"
CHANGE_SEAL = "UPDATE meta SET value = ? WHERE key = 'seal'"
ADD_SEAL = "INSERT INTO meta (key, value) VALUES ('seal', ?)"


def name_of(filing: Filing) -> str:
    """What the keys of a name are made of, in one row."""
    return f"SELECT {filing.named} FROM {filing.table} WHERE fid = ?"


def names_after(filing: Filing) -> str:
    """The same of a page of rows, each with its number. Parameters: fid, limit."""
    return f"SELECT fid, {filing.named} FROM {filing.table} WHERE fid > ? ORDER BY fid LIMIT ?"


def differing_keys(dialect: Dialect) -> str:
    """Name keys that stand in one of the two tables only: the store's and the recomputed one."""
    mine, theirs = f"{dialect.stored}.name_index", f"{dialect.temporary}.name_index"
    return (
        f"SELECT * FROM (SELECT * FROM {mine} EXCEPT SELECT * FROM {theirs}) AS more"
        f" UNION ALL SELECT * FROM (SELECT * FROM {theirs} EXCEPT SELECT * FROM {mine}) AS less"
        " LIMIT 1"
    )
