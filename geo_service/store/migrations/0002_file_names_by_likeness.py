"""The name index filed by likeness and unit instead of by sound; filled anew after the upgrade."""

from __future__ import annotations

import sqlite3

from geo_service.store import ddl
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.schema import NAME_INDEX


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    return [f"DROP TABLE {NAME_INDEX.name}", *ddl.create_table(NAME_INDEX, dialect=dialect)]


def apply(db: sqlite3.Connection, _now: str) -> None:
    """Put the empty index in the place of the old one."""
    for statement in statements():
        db.execute(statement)
