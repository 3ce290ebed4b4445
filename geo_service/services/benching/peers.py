"""The same question put to the usual tools: which names within 30 km sound like this one.

Each peer files the toneless customary reading of every whole name with its position, and is asked
for the rows of one reading inside a box. What each does beyond that differs and is said in its
title; the figures place ours, they rank nobody.
"""

from __future__ import annotations

import math
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geo_service.language.sound import sound_keys
from geo_service.messages import message

if TYPE_CHECKING:
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Text
    from geo_service.services.names import NameRequest

_HALF_BOX_M = 30_000
_METRES_A_DEGREE = 111_000
_ROWS = (
    "CREATE TABLE n (id INTEGER PRIMARY KEY, name TEXT, sound TEXT, lon REAL, lat REAL);"
    "CREATE VIRTUAL TABLE f USING fts5(sound, content='', tokenize='trigram')"
)

Row = tuple[int, str, str, float, float]
Ask = Callable[["NameRequest"], int]


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to search, ready to be asked; `ask` returns how many rows it found.

    `outside` where another process does the work, so that only the wall clock tells.
    """

    title: Text
    ask: Ask
    outside: bool = False


def rows_of(places: Iterable[NamedPlace]) -> Iterator[Row]:
    """Places as the peers file them."""
    for number, place in enumerate(places):
        point: Any = place.geometry
        yield number, place.name, sound_keys(place.name)[0], point.x, point.y


def _box(request: NameRequest) -> tuple[float, float, float, float]:
    lon, lat = request.position or (0.0, 0.0)
    tall = _HALF_BOX_M / _METRES_A_DEGREE
    wide = tall / math.cos(math.radians(lat))
    return lon - wide, lon + wide, lat - tall, lat + tall


def _specific(name: str) -> str:
    return name[:2]


@contextmanager
def sqlite_peers(rows: Iterable[Row]) -> Iterator[tuple[Peer, ...]]:
    """Full-text index (trigrams) and plain scan in one SQLite file, kept for the block."""
    with tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(Path(folder) / "peers.db")
        db.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_ROWS}")
        db.executemany("INSERT INTO n VALUES (?, ?, ?, ?, ?)", rows)
        db.execute("INSERT INTO f (rowid, sound) SELECT id, sound FROM n")
        db.commit()

        def full_text(request: NameRequest) -> int:
            sound = f'"{sound_keys(request.name)[0]}"'
            found = db.execute(
                "SELECT n.id FROM f JOIN n ON n.id = f.rowid WHERE f MATCH ?"
                " AND lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?",
                (sound, *_box(request)),
            )
            return len(found.fetchall())

        def scan(request: NameRequest) -> int:
            found = db.execute(
                "SELECT id FROM n WHERE name LIKE ?"
                " AND lon BETWEEN ? AND ? AND lat BETWEEN ? AND ?",
                (f"%{_specific(request.name)}%", *_box(request)),
            )
            return len(found.fetchall())

        try:
            yield (
                Peer(message("bench.peer_fts"), full_text),
                Peer(message("bench.peer_like"), scan),
            )
        finally:
            db.close()


@contextmanager
def postgres_peer(rows: Iterable[Row], address: str) -> Iterator[Peer | Text]:
    """Trigram index (pg_trgm) on a temporary table; a text saying why not, where it cannot be."""
    try:
        import psycopg  # noqa: PLC0415 - an optional driver
    except ImportError:
        yield message("bench.no_driver")
        return
    try:
        db = psycopg.connect(address, autocommit=True)
    except psycopg.Error as error:
        yield message("bench.no_server", detail=str(error).splitlines()[0])
        return
    with db:
        db.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        db.execute("CREATE TEMP TABLE n (id int, name text, sound text, lon float8, lat float8)")
        with db.cursor() as cursor, cursor.copy("COPY n FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        db.execute("CREATE INDEX ON n USING gin (sound gin_trgm_ops)")
        db.execute("ANALYZE n")
        db.execute("SET pg_trgm.similarity_threshold = 0.6")

        def trigrams(request: NameRequest) -> int:
            found = db.execute(
                "SELECT id FROM n WHERE sound %% %s"
                " AND lon BETWEEN %s AND %s AND lat BETWEEN %s AND %s",
                (sound_keys(request.name)[0], *_box(request)),
            )
            return len(found.fetchall())

        yield Peer(message("bench.peer_trgm"), trigrams, outside=True)


def now_ms(*, outside: bool = False) -> float:
    """CPU time of this process, or the wall clock, in milliseconds."""
    return (time.perf_counter() if outside else time.process_time()) * 1000
