"""Personal values beside the log, where they can be erased, and the register of them in the log."""

from __future__ import annotations

import sqlite3

from geo_service.domain.change import RecordKind
from geo_service.store import ddl
from geo_service.store.container import create_layers, create_tables
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.schema import LAYER_OF, PERSON

_LAYER = LAYER_OF[RecordKind.PERSONAL_VALUES]


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    layers = ddl.create_layers((_LAYER,), dialect)
    return [*layers, *ddl.create_table(PERSON, dialect=dialect)]


def apply(db: sqlite3.Connection, now: str) -> None:
    """Add the empty layer and table."""
    create_layers(db, (_LAYER,), now)
    create_tables(db, (PERSON,), now)
