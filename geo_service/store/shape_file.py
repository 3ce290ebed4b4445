"""Whether a file is as the program declares it: its schema word for word, extents and counters."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING

from geo_service.store import digests, sql
from geo_service.store.schema import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.store.connection import FileConnection
    from geo_service.store.index_check import Placed
    from geo_service.store.schema import Layer

_STATISTICS = "sqlite_stat"
"""Begins the names of the tables that ANALYZE makes."""


def misshapen(db: FileConnection) -> str | None:
    """A table, index or trigger whose text is not that of the migrations, or a trigger too many."""
    found, declared = _texts(db), _declared()
    for name, said in declared.items():
        if found.get(name) != said:
            return name
    tables = {table for _kind, table, _text in declared.values()}
    more = (
        name
        for name, (kind, table, _text) in found.items()
        if name not in declared and kind == "trigger" and table in tables
    )
    return next(more, None) or _miscounted(db)


def undeclared(db: FileConnection) -> list[str]:
    """Whatever else lies in the file."""
    return [
        name for name in _texts(db) if name not in _declared() and not name.startswith(_STATISTICS)
    ]


def _texts(db: sqlite3.Connection) -> Mapping[str, tuple[str, ...]]:
    """Kind, table and text of everything in a schema, by name."""
    return {name: tuple(said) for name, *said in db.execute(sql.SCHEMA)}


@cache
def _declared() -> Mapping[str, tuple[str, ...]]:
    from geo_service.store import migrations  # noqa: PLC0415 - it loads what makes a container
    from geo_service.store.connection import FileConnection  # noqa: PLC0415 - which asks us

    with closing(sqlite3.connect(":memory:", factory=FileConnection)) as db:
        migrations.create_ledger(db, "", digests.DEFAULT)
        migrations.upgrade(db, ":memory:", "")
        return _texts(db)


def misdescribed(db: FileConnection, layer: Layer, rows: Placed) -> str | None:
    """What the file says of a layer as a whole and its rows do not bear out.

    The extent and the day of the last change, for GIS programs, and SQLite's counter of rows.
    """
    moments = {moment for (moment,) in db.execute(sql.CHANGED_WHEN_EMPTY)}
    newest, last = db.execute(sql.newest_row(layer)).fetchone()
    said = db.execute(sql.DESCRIBED, (layer.table,)).fetchone()
    if said is None or said[1:] != rows.extent():
        return f"gpkg_contents/{layer.table}"
    if said[0] != newest if newest is not None else said[0] not in moments:
        return f"gpkg_contents/{layer.table}"
    counted = [number for (number,) in db.execute(sql.COUNTED, (layer.table,))]
    return f"sqlite_sequence/{layer.table}" if counted != [last] * (last is not None) else None


def _miscounted(db: FileConnection) -> str | None:
    """A counter of rows of no layer."""
    known = {layer.table for layer in LAYERS}
    names = (name for (name,) in db.execute(sql.COUNTERS))
    return next((f"sqlite_sequence/{name}" for name in names if name not in known), None)
