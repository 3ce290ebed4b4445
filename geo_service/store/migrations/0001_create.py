"""The first schema: a GeoPackage with a layer for each kind, the log, name index and receipts."""

from __future__ import annotations

import sqlite3

from geo_service.domain.change import RecordKind
from geo_service.store import ddl
from geo_service.store.container import METADATA, create_container, create_layers, create_tables
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.schema import LAYERS, NAME_INDEX, TABLES, Column, ColumnType, Table

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
_LATER = (RecordKind.ACCEPTED_PAIRS, RecordKind.FINDINGS, RecordKind.REVIEW_RUNS)
_LAYERS = tuple(layer for layer in LAYERS if layer.kind not in _LATER)
_TABLES = tuple(_BY_SOUND if table is NAME_INDEX else table for table in TABLES)


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
