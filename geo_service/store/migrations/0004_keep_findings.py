"""Layers for findings with their life cycle, and for the runs that saw them."""

from __future__ import annotations

import sqlite3

from geo_service.domain.change import RecordKind
from geo_service.store import ddl
from geo_service.store.container import create_layers
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.schema import LAYER_OF

_LAYERS = (LAYER_OF[RecordKind.FINDINGS], LAYER_OF[RecordKind.REVIEW_RUNS])


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    return ddl.create_layers(_LAYERS, dialect)


def apply(db: sqlite3.Connection, now: str) -> None:
    """Add the empty layers."""
    create_layers(db, _LAYERS, now)
