"""Bytes of attached files, each once, under the digest of the log (SHA-256 or SM3) that names them.

The log keeps the digest only: whoever changes the bytes is found, and a log without them is sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.errors import StoreError
from geo_service.store import digests, sql
from geo_service.store.schema import CONTENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.store.engine import Database

COLUMNS = tuple(column.name for column in CONTENT.columns)


def name_of(db: Database, data: bytes) -> str:
    """The name of the bytes in this store: `sha256:…`, or `sm3:…`."""
    return f"{digests.name_of(db)}:{digests.of(db)(data)}"


def keep(db: Database, data: bytes) -> str:
    """Store bytes under their name, once, inside the caller's write transaction."""
    name = name_of(db, data)
    if db.execute(sql.CONTENT_NUMBER, (name,)).fetchone() is None:
        number = db.execute(sql.LAST_CONTENT).fetchone()[0]
        db.insert_rows(CONTENT.name, COLUMNS, [(number + 1, name, data)])
    return name


def read(db: Database, name: str, url: str) -> bytes | None:
    """The bytes of that name, None where there are none. Raises StoreError content_damaged."""
    row = db.execute(sql.CONTENT_NAMED, (name,)).fetchone()
    if row is None:
        return None
    data = _bytes(row[0])
    if name_of(db, data) != name:
        raise StoreError("content_damaged", path=url, digest=name)
    return data


def each(db: Database) -> Iterator[tuple[str, bytes]]:
    """All names with their bytes, one at a time: together they may be larger than memory."""
    number = 0
    while row := db.execute(sql.CONTENT_AFTER, (number,)).fetchone():
        number = row[0]
        yield row[1], _bytes(row[2])


def _bytes(value: object) -> bytes:
    """The bytes of a row; none where a damaged file has something else there."""
    return bytes(value) if isinstance(value, (bytes, memoryview)) else b""


def fault(db: Database) -> str:
    """What is wrong with the files as a code and its subject, "" where all are as attached."""
    for name, data in each(db):
        if name_of(db, data) != name:
            return f"content_differs {name}"
    if db.execute(sql.misnumbered(CONTENT.name, COLUMNS[0])).fetchone() is not None:
        return f"content_foreign {COLUMNS[0]}"
    for query, code in ((sql.CONTENT_MISSING, "missing"), (sql.CONTENT_FOREIGN, "foreign")):
        row = db.execute(query).fetchone()
        if row is not None:
            return f"content_{code} {row[0]}"
    return ""


def copy(old: Database, new: Database, url: str) -> None:
    """All files into another store of the same digest. Raises StoreError content_damaged."""
    for name, data in each(old):
        if keep(new, data) != name:
            raise StoreError("content_damaged", path=url, digest=name)
