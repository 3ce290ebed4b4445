"""Receipts of imports numbered and chained, so that an edit of one is found like one of the log."""

from __future__ import annotations

from geo_service.store import ddl, receipts
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.engine import Database
from geo_service.store.schema import RECEIPT

_OLD = "SELECT digest, stored, report_json, recorded_at FROM receipt ORDER BY recorded_at, digest"


def statements(dialect: Dialect = SQLITE) -> list[str]:
    """All DDL of this step, for its checksum."""
    return [f"DROP TABLE {RECEIPT.name}", *ddl.create_table(RECEIPT, dialect=dialect)]


def apply(db: Database, _now: str) -> None:
    """Put the sealed table in the place of the old one; the old receipts are sealed as they are."""
    kept = db.execute(_OLD).fetchall()
    for statement in statements(db.dialect):
        db.execute(statement)
    receipts.append(db, kept)


apply_to_server = apply
