"""Numbered migrations, forward only, each in the transaction of the upgrade and recorded.

A module `NNNN_<verb>.py` offers `statements()`, whose digest is recorded, and `apply(db, now)`.
A released migration never changes again: its digest in the tests would no longer match.
"""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from geo_service.errors import StoreError
from geo_service.store import sql
from geo_service.store.schema import META, MIGRATION


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    checksum: str
    apply: Callable[[sqlite3.Connection, str], None]


def all_migrations() -> tuple[Migration, ...]:
    """Every migration that this program knows, in order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(_load(name) for name in names)


def _load(name: str) -> Migration:
    module = importlib.import_module(f"{__name__}.{name}")
    checksum = sha256("\n".join(module.statements()).encode()).hexdigest()
    return Migration(int(name.partition("_")[0]), name, checksum, module.apply)


def create_ledger(db: sqlite3.Connection, now: str) -> None:
    """The two tables that stand before any migration."""
    for table in (META, MIGRATION):
        for statement in sql.create_table(table):
            db.execute(statement)
    facts = (("application", "geo-service"), ("created_at", now))
    db.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", facts)


def applied(db: sqlite3.Connection) -> dict[int, str]:
    """Checksums of the migrations that the file has seen, by number."""
    return dict(db.execute("SELECT number, checksum FROM migration ORDER BY number"))


def pending(db: sqlite3.Connection, path: Path) -> tuple[Migration, ...]:
    """Migrations that the file still needs.

    Raises StoreError store_too_new for a file of a newer program, and migration_changed where a
    recorded step is not the one this program has under its number.
    """
    done, known = applied(db), all_migrations()
    newest = max(migration.number for migration in known)
    if max(done, default=0) > newest:
        raise StoreError("store_too_new", path=path, found=max(done), known=newest)
    for migration in known:
        if done.get(migration.number, migration.checksum) != migration.checksum:
            raise StoreError("migration_changed", path=path, migration=migration.name)
    return tuple(migration for migration in known if migration.number not in done)


def upgrade(db: sqlite3.Connection, path: Path, now: str) -> int:
    """Apply what is pending, inside the caller's transaction; returns how many."""
    steps = pending(db, path)
    for step in steps:
        step.apply(db, now)
        db.execute(
            "INSERT INTO migration (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
            (step.number, step.name, step.checksum, now),
        )
    return len(steps)
