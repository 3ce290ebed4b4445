"""Numbered migrations, forward only, each in the transaction of the upgrade and recorded.

A module `NNNN_<verb>.py` offers `statements(dialect)`, whose digest is recorded, and
`apply(db, now)` for a GeoPackage, which enters layers in its metadata as well; in PostGIS the
statements are all, unless it offers `apply_to_server(db, now)`. A released migration never changes
again: its digest in the tests would no longer match.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from geo_service.errors import StoreError
from geo_service.store import ddl, digests, ledger
from geo_service.store.dialects import SQLITE, Dialect
from geo_service.store.engine import Database
from geo_service.store.schema import META, MIGRATION

APPLICATION = "geo-service"
"""What the ledger says of whose the store is."""
SEALED = 5
"""The step since which receipts and ledger are sealed."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    checksum: str
    apply: Callable[[Any, str], None]


def all_migrations(dialect: Dialect = SQLITE) -> tuple[Migration, ...]:
    """Every migration that this program knows, in order."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(_load(name, dialect) for name in names)


def _load(name: str, dialect: Dialect) -> Migration:
    module = importlib.import_module(f"{__name__}.{name}")
    statements = module.statements(dialect)
    checksum = sha256("\n".join(statements).encode()).hexdigest()
    on_server = getattr(module, "apply_to_server", partial(_run, statements))
    apply = module.apply if dialect is SQLITE else on_server
    return Migration(int(name.partition("_")[0]), name, checksum, apply)


def _run(statements: Iterable[str], db: Database, _now: str) -> None:
    for statement in statements:
        db.execute(statement)


def create_ledger(db: Database, now: str, digest: str) -> None:
    """The two tables that stand before any migration; the log will be sealed by that digest.

    Raises ConfigError digest_unavailable.
    """
    for table in (META, MIGRATION):
        _run(ddl.create_table(table, dialect=db.dialect), db, now)
    facts = (("application", APPLICATION), ("created_at", now))
    db.insert_rows(META.name, tuple(column.name for column in META.columns), facts)
    digests.choose(db, digest)


def is_ours(db: Database) -> bool:
    """Whether the ledger says that a store of this program lies here."""
    row = db.execute("SELECT value FROM meta WHERE key = 'application'").fetchone()
    return row is not None and row[0] == APPLICATION


def applied(db: Database) -> dict[int, str]:
    """Checksums of the migrations that the file has seen, by number."""
    return dict(db.execute("SELECT number, checksum FROM migration ORDER BY number").fetchall())


def pending(db: Database, path: object) -> tuple[Migration, ...]:
    """Migrations that the file still needs.

    Raises StoreError store_too_new for a file of a newer program, and migration_changed where a
    recorded step is not the one this program has under its number.
    """
    done, known = applied(db), all_migrations(db.dialect)
    newest = max(migration.number for migration in known)
    if max(done, default=0) > newest:
        raise StoreError("store_too_new", path=path, found=max(done), known=newest)
    for migration in known:
        if done.get(migration.number, migration.checksum) != migration.checksum:
            raise StoreError("migration_changed", path=path, migration=migration.name)
    return tuple(migration for migration in known if migration.number not in done)


def upgrade(db: Database, path: object, now: str, upto: int | None = None) -> int:
    """Apply what is pending, inside the caller's transaction; returns how many.

    With `upto` later steps are left: for a backup of an older schema.
    """
    steps = [step for step in pending(db, path) if upto is None or step.number <= upto]
    for step in steps:
        step.apply(db, now)
        db.execute(
            "INSERT INTO migration (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)",
            (step.number, step.name, step.checksum, now),
        )
    if steps and steps[-1].number >= SEALED:
        ledger.seal(db)
    return len(steps)
