"""Texts of a GeoPackage that no reader hands over whole: found with their rows, and refused.

SQLite keeps whatever bytes it is given; GDAL stops at the first that are no UTF-8, and cuts a text
at a NUL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from geo_service.services.interchange.readers.table import Unreadable

_TEXTS = ("TEXT", "CHAR", "CLOB")
_SHOWN = 4


def refuse_broken_texts(path: Path, layer: str) -> None:
    """Look through the texts of a layer. Raises Unreadable for the first that is not whole."""
    where = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(where, uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.text_factory = bytes
        for name in _text_columns(connection, layer):
            for row, text in _suspects(connection, layer, name):
                _refuse(text, row, name)


def _text_columns(connection: sqlite3.Connection, layer: str) -> list[str]:
    described = connection.execute(f"PRAGMA table_info({_quoted(layer)})").fetchall()
    named = [
        (row[1].decode("utf-8", "replace"), row[2].decode("ascii", "replace")) for row in described
    ]
    return [name for name, kind in named if any(text in kind.upper() for text in _TEXTS)]


def _suspects(connection: sqlite3.Connection, layer: str, name: str) -> Iterator[tuple[int, bytes]]:
    """Texts that are not all ASCII, and those with a NUL, by the number of their row."""
    numbered = f"SELECT row_number() OVER (ORDER BY rowid), {_quoted(name)} FROM {_quoted(layer)}"  # noqa: S608 - names of the file, quoted
    for row, value in connection.execute(numbered):
        if isinstance(value, bytes) and (not value.isascii() or b"\0" in value):
            yield row, value


def _refuse(text: bytes, row: int, field: str) -> None:
    try:
        whole = text.decode("utf-8")
    except UnicodeDecodeError as error:
        where = text[error.start : error.start + _SHOWN].hex(" ")
        raise Unreadable("text_undecodable", row, field, encoding="utf-8", bytes=where) from error
    if "\0" in whole:
        raise Unreadable("text_lost", row, field, value=whole.partition("\0")[0])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
