"""Bytes of attached files, each once, under the digest of the log (SHA-256 or SM3) that names them.

The log keeps the digest only: whoever changes the bytes is found. Where it also says that they
were erased, zeros stand in their place; zeros without such an entry are a loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.domain.person import PersonalAct, PersonalKind
from geo_service.errors import NotFound, StoreError
from geo_service.store import digests, sql
from geo_service.store.schema import CONTENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo_service.store.engine import Database

_BLANK = b"\0"
COLUMNS = tuple(column.name for column in CONTENT.columns)


def name_of(db: Database, data: bytes) -> str:
    """The name of the bytes in this store: `sha256:…`, or `sm3:…`."""
    return f"{digests.name_of(db)}:{digests.of(db)(data)}"


def keep(db: Database, data: bytes) -> str:
    """Store bytes under their name, once, inside the caller's write transaction."""
    name = name_of(db, data)
    _put(db, name, data)
    return name


def _put(db: Database, name: str, data: bytes) -> None:
    if db.execute(sql.CONTENT_NUMBER, (name,)).fetchone() is None:
        number = db.execute(sql.LAST_CONTENT).fetchone()[0]
        db.insert_rows(CONTENT.name, COLUMNS, [(number + 1, name, data)])


def erase(db: Database, names: Iterable[str]) -> None:
    """Overwrite files by as many zeros, inside the caller's write transaction.

    As with the values of `persons`, the row keeps its place and its length, so that no page of it
    is left behind.
    """
    for name in names:
        for (size,) in db.execute(sql.CONTENT_SIZE, (name,)).fetchall():
            db.execute(sql.ERASE_CONTENT, (bytes(size), name))


def erased_names(db: Database) -> frozenset[str]:
    """Names of the files of which the log says that they were erased."""
    rows = db.execute(sql.ERASED_CONTENT, (PersonalKind.FILE.value, PersonalAct.ERASED.value))
    return frozenset(name for (name,) in rows.fetchall())


def subjects(db: Database, name: str) -> list[tuple[str, str]]:
    """Kind and id of the records that a file is or was attached to."""
    return [(kind, of) for kind, of in db.execute(sql.CONTENT_SUBJECTS, (name,)).fetchall()]


def read(db: Database, name: str, url: str) -> bytes | None:
    """The bytes of that name, None where there are none.

    Raises NotFound content_erased, StoreError content_damaged.
    """
    row = db.execute(sql.CONTENT_NAMED, (name,)).fetchone()
    if row is None:
        return None
    data = _bytes(row[0])
    if name_of(db, data) != name:
        if name in erased_names(db):
            raise NotFound("content_erased", digest=name)
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
    """What is wrong with the files as a code and its subject, "" where all are as attached.

    Or as erased: nothing but zeros under the name of one that was.
    """
    erased = erased_names(db)
    for name, data in each(db):
        if name in erased:
            if data.strip(_BLANK):
                return f"content_unerased {name}"
        elif name_of(db, data) != name:
            return f"content_differs {name}"
    if db.execute(sql.misnumbered(CONTENT.name, COLUMNS[0])).fetchone() is not None:
        return f"content_foreign {COLUMNS[0]}"
    for query, code in ((sql.CONTENT_MISSING, "missing"), (sql.CONTENT_FOREIGN, "foreign")):
        row = db.execute(query).fetchone()
        if row is not None:
            return f"content_{code} {row[0]}"
    return ""


def copy(old: Database, new: Database, url: str) -> None:
    """All files into another store of the same digest, erased ones as zeros.

    Raises StoreError content_damaged.
    """
    erased = erased_names(old)
    for name, data in each(old):
        if name in erased:
            _put(new, name, bytes(len(data)))
        elif keep(new, data) != name:
            raise StoreError("content_damaged", path=url, digest=name)
