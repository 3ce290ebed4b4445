"""A layer for drafts: acts on the register that wait for another person."""

from __future__ import annotations

import sqlite3

from geo_service.domain.change import RecordKind
from geo_service.store import ddl
from geo_service.store.container import create_layers
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.schema import LAYER_OF

_LAYER = LAYER_OF[RecordKind.DRAFTS]


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    return ddl.create_layers((_LAYER,), dialect)


def apply(db: sqlite3.Connection, now: str) -> None:
    """Add the empty layer."""
    create_layers(db, (_LAYER,), now)
