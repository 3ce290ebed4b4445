"""Layers for papers and attachments, and a table for the bytes of attached files."""

from __future__ import annotations

import sqlite3

from geo_service.domain.change import RecordKind
from geo_service.store import ddl
from geo_service.store.container import create_layers, create_tables
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.schema import CONTENT, LAYER_OF

_LAYERS = (LAYER_OF[RecordKind.DOCUMENTS], LAYER_OF[RecordKind.ATTACHMENTS])


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    layers = ddl.create_layers(_LAYERS, dialect)
    return [*layers, *ddl.create_table(CONTENT, dialect=dialect)]


def apply(db: sqlite3.Connection, now: str) -> None:
    """Add the empty layers and the empty table."""
    create_layers(db, _LAYERS, now)
    create_tables(db, (CONTENT,), now)
