"""What differs between engines: one `Dialect` each, as the statements are written for it."""

# ruff: noqa: S608
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from geo_service.store.schema import ColumnType, Layer


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
    of_ids: str
    """FROM clause of the rows of `{table}` as `t`, each found by its id, of a JSON list of ids."""
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
    ledger: Mapping[str, str]
    """What a store says of itself, by table: rows that are written when it is made or upgraded."""


_LEDGER = {
    "meta": "SELECT key, value FROM meta WHERE key <> 'seal'",
    "migration": "SELECT number, name, checksum, applied_at FROM migration",
}


SQLITE = Dialect(
    types={kind: kind.value for kind in ColumnType},
    row_number="INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL",
    geometry="{type}",
    keyed=" WITHOUT ROWID",
    stored="main",
    temporary="temp",
    among="{} IN (SELECT value FROM json_each(?))",
    of_ids="(SELECT DISTINCT value AS wanted FROM json_each(?))"
    " CROSS JOIN {table} AS t ON t.id = wanted",
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
    ledger=_LEDGER
    | {
        "gpkg_contents": "SELECT table_name, data_type, identifier, description, srs_id"
        " FROM gpkg_contents",
        "gpkg_extensions": "SELECT * FROM gpkg_extensions",
        "gpkg_geometry_columns": "SELECT * FROM gpkg_geometry_columns",
        "gpkg_spatial_ref_sys": "SELECT srs_id, * FROM gpkg_spatial_ref_sys",
        "pragma": "SELECT 'application_id', * FROM pragma_application_id"
        " UNION ALL SELECT 'user_version', * FROM pragma_user_version",
    },
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
    # OFFSET 0 keeps the two apart: of a table that a load fills, without statistics, the whole
    # would be read anew for each batch.
    of_ids="(SELECT DISTINCT json_array_elements_text(?::json) AS wanted) AS w"
    " CROSS JOIN LATERAL (SELECT * FROM {table} WHERE id = w.wanted OFFSET 0) AS t",
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
    ledger=_LEDGER,
)


def laid(template: str, layer: Layer) -> str:
    """A template of a dialect, filled in for a layer."""
    return template.format(table=layer.table, rtree=layer.rtree, type=layer.geometry_type)
