"""Layers for findings with their life cycle, and for the runs that saw them."""

from __future__ import annotations

import sqlite3

from geo_service.domain.change import RecordKind
from geo_service.store import sql
from geo_service.store.container import create_layers
from geo_service.store.schema import LAYER_OF
from geo_service.store.sql import SQLITE, Dialect

_LAYERS = (LAYER_OF[RecordKind.FINDINGS], LAYER_OF[RecordKind.REVIEW_RUNS])


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    return sql.create_layers(_LAYERS, dialect)


def apply(db: sqlite3.Connection, now: str) -> None:
    """Add the empty layers."""
    create_layers(db, _LAYERS, now)
