"""By which digest a log is sealed: SHA-256, or SM3 (GB/T 32905) where a bureau must use it.

Chosen when a store is made and noted in its ledger; a log is never sealed by two.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from geo_service.errors import ConfigError
from geo_service.store import sql

if TYPE_CHECKING:
    from geo_service.store.engine import Database

Digest = Callable[[bytes], str]
"""Bytes to 64 hexadecimal digits."""

DEFAULT = "sha256"
NAMES = (DEFAULT, "sm3")


def digest(name: str) -> Digest:
    """The digest of that name. Raises ConfigError digest_unavailable where there is none here."""
    try:
        if name not in NAMES:
            raise ValueError(name)
        hashlib.new(name)
    except ValueError as error:
        raise ConfigError("digest_unavailable", digest=name) from error
    # Asking for it by name costs as much again as a short text.
    return sha256 if name == DEFAULT else partial(_hexadecimal, name)


def sha256(data: bytes) -> str:
    """The digest of files, texts and manifests, whatever a log is sealed by."""
    return hashlib.sha256(data).hexdigest()


def _hexadecimal(name: str, data: bytes) -> str:
    return hashlib.new(name, data).hexdigest()


def name_of(db: Database) -> str:
    """By which digest the log of a store is sealed."""
    row = db.execute(sql.DIGEST_NAME).fetchone()
    return DEFAULT if row is None else str(row[0])


def of(db: Database) -> Digest:
    """The digest of a store's log. Raises ConfigError digest_unavailable."""
    return digest(name_of(db))


def choose(db: Database, name: str) -> None:
    """Have the log of an empty store sealed by that digest. Raises ConfigError."""
    digest(name)
    if db.execute(sql.CHANGE_DIGEST_NAME, (name,)).rowcount == 0:
        db.execute(sql.ADD_DIGEST_NAME, (name,))
