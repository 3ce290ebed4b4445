"""Personal values in clear: kept beside the log, compared with it, erased for good.

The log holds for each the digest of salt and value. Who erases takes both away; what stays in the
log fits any value then, and none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.domain.person import SALT_LENGTH, ClearValue, PersonalAct, digest_of
from geo_service.store import sql
from geo_service.store.codec import canonical
from geo_service.store.schema import PERSON

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.store.engine import Database

_BLANK = "*"
_NO_SALT = _BLANK * SALT_LENGTH
"""What stands in the place of the salt of a value that was erased."""
_COLUMNS = tuple(column.name for column in PERSON.columns)


def keep(db: Database, values: Iterable[ClearValue]) -> None:
    """Write values, inside the caller's write transaction."""
    (last,) = db.execute(sql.LAST_PERSON).fetchone()
    rows = [
        (number, clear.id, clear.salt, clear.value)
        for number, clear in enumerate(values, start=last + 1)
    ]
    db.insert_rows(PERSON.name, _COLUMNS, rows)


def erase(db: Database, ids: Iterable[str]) -> None:
    """Overwrite values by as many bytes, inside the caller's write transaction.

    A row taken out would do less: where SQLite moves rows between pages, old copies of them stay.
    The rows of this table come at the end and keep their length, so that none is ever moved.
    """
    for clear in clear_values(db, ids):
        blank = _BLANK * len(clear.value.encode())
        db.execute(sql.ERASE_PERSON, (_NO_SALT, blank, clear.id))


def clear_values(db: Database, ids: Iterable[str] | None = None) -> list[ClearValue]:
    """Values that are kept, in the order they came: those asked for, or all."""
    if ids is None:
        rows = db.execute(sql.PERSONS, (_NO_SALT,))
    else:
        rows = db.execute(sql.some_persons(db.dialect), (_NO_SALT, canonical(list(ids))))
    return [ClearValue(*row) for row in rows.fetchall()]


def copy(old: Database, new: Database) -> None:
    """Take all values over into another store."""
    keep(new, clear_values(old))


def erased_ids(db: Database) -> list[str]:
    """Ids of the values of which the log says that they were erased."""
    return [value_id for value_id, _, act in db.execute(sql.PERSONAL) if act == PersonalAct.ERASED]


def differing(db: Database) -> str | None:
    """A value that is not what the log says of it, None where all are.

    One that was erased and is there again counts, and one that is gone without an entry; what was
    erased must be blank. A row out of number is told by the name of the column.
    """
    if db.execute(sql.misnumbered(PERSON.name, _COLUMNS[0])).fetchone() is not None:
        return _COLUMNS[0]
    erased = set(erased_ids(db))
    for value_id, value in db.execute(sql.ERASED_PERSONS, (_NO_SALT,)).fetchall():
        if value_id not in erased or value != _BLANK * len(value):
            return str(value_id)
    kept = {clear.id: digest_of(clear) for clear in clear_values(db)}
    for value_id, digest, act in db.execute(sql.PERSONAL).fetchall():
        found = kept.pop(value_id, None)
        if found != (None if act == PersonalAct.ERASED else digest):
            return str(value_id)
    return next(iter(kept), None)
