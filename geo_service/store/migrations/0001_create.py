"""The first schema: a GeoPackage with a layer for each kind, the log, name index and receipts."""

from __future__ import annotations

import sqlite3

from geo_service.domain.change import RecordKind
from geo_service.store import ddl
from geo_service.store.container import METADATA, create_container, create_layers, create_tables
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.schema import CHANGE, LAYER_OF, NAME_INDEX, Column, ColumnType, Table

_BY_SOUND = Table(
    name=NAME_INDEX.name,
    columns=(
        Column("manner", required=True),
        Column("key", required=True),
        Column("fid", ColumnType.INTEGER, required=True),
    ),
    key=("manner", "key", "fid"),
)
"""The name index as it was in this step; the next one puts another in its place."""
_RECEIPT = Table(
    name="receipt",
    columns=(
        Column("digest", required=True),
        Column("stored", ColumnType.INTEGER, required=True),
        Column("report_json", required=True),
        Column("recorded_at", ColumnType.DATETIME, required=True),
    ),
    key=("digest",),
)
"""Receipts before they were sealed (step 5)."""
_KINDS = (
    RecordKind.PLACE_NAMES,
    RecordKind.UNITS,
    RecordKind.BOUNDARY_LINES,
    RecordKind.BOUNDARY_NODES,
    RecordKind.MARKERS,
)
_LAYERS = tuple(LAYER_OF[kind] for kind in _KINDS)
_TABLES = (CHANGE, _BY_SOUND, _RECEIPT)


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    layers = ddl.create_layers(_LAYERS, dialect)
    tables = [line for table in _TABLES for line in ddl.create_table(table, dialect=dialect)]
    return [*(METADATA if dialect is SQLITE else ()), *layers, *tables]


def apply(db: sqlite3.Connection, now: str) -> None:
    """Write the schema into an empty file."""
    create_container(db)
    create_layers(db, _LAYERS, now)
    create_tables(db, _TABLES, now)
