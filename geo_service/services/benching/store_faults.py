"""Single flipped bits in the file of a store: which of the checks sees each of them."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from geo_service.errors import GeoServiceError
from geo_service.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNUSED = "unused"
MISSED = "missed"


def flipped(path: Path, folder: Path, count: int, seed: int) -> Iterator[tuple[int, str, str]]:
    """Flip so many bits, each alone, in a copy: bit, the check that saw it first, what it said.

    The checks are `opens`, `integrity`, `audit` and `names` (those of `store check`). A bit that
    none sees is `unused` where every table still reads the same, `missed` where one does not.
    """
    chance = random.Random(seed)  # noqa: S311 - faults, no secrets
    before, copy = _read(path), folder / "flipped.gpkg"
    for _time in range(count):
        bit = chance.randrange(path.stat().st_size * 8)
        shutil.copyfile(path, copy)
        with copy.open("r+b") as file:
            file.seek(bit // 8)
            byte = file.read(1)[0]
            file.seek(bit // 8)
            file.write(bytes([byte ^ 1 << bit % 8]))
        seen, said = _seen(copy)
        if not seen:
            after = _read(copy)
            said = next((name for name in before if after.get(name) != before[name]), "")
            seen = MISSED if said or after.keys() != before.keys() else UNUSED
        yield bit, seen, said


def _seen(path: Path) -> tuple[str, str]:
    step = "opens"
    try:
        with closing(open_store(f"gpkg:{path}")) as store:
            step = "integrity"
            answer = store.integrity()
            if answer != "ok":
                return step, answer
            step = "audit"
            report = store.verify()
            if not report.sound:
                return step, report.problem
            step = "names"
            return ("", "") if store.names_indexed() else (step, "")
    except GeoServiceError as error:
        return step, error.code


def _read(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that the file says: schema, numbers in its header, and all tables."""
    with closing(sqlite3.connect(path)) as db:
        db.text_factory = bytes
        schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
        said = {"schema": schema}
        for pragma in ("application_id", "user_version"):
            said[pragma] = db.execute(f"PRAGMA {pragma}").fetchall()
        for kind, name, _table, statement in schema:
            # Of a spatial index the entries count, not the tables below with their spare room.
            table = name.decode()
            below = table.startswith("rtree_") and not statement.startswith(b"CREATE VIRTUAL")
            if kind == b"table" and not below:
                said[table] = db.execute(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608
    return said
