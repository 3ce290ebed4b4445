"""The process that reads a file from outside: limits first, then the reader, then JSON lines.

Run as `python -m geo_service.services.interchange.child FILE LAYER ENCODING FORM`; never imported
by the rest. It ends with exit 0 and speaks on standard output only, with FORM `grid` for every
sheet of a file in turn, every row a row:

    {"head": {"headers": […], "crs": "…", "layer": "…", "sheet": false, "encoding": "…",
              "geometry": true}}
    {"note": {"level": "error", "code": "…", "row": 3, "field": "…", "values": {}}}
    {"rows": [3, 4, …], "cells": [[…], […], …], "wkb": ["0101…", null, …]}

Rows come many to a line, since a line costs as much as a row.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Any

from geo_service.services.interchange.readers.allowance import begin, earn
from geo_service.services.interchange.readers.secrecy import markup_marked, table_marked
from geo_service.services.interchange.readers.table import (
    ABOUT,
    GRID,
    MAX_COLUMNS,
    MAX_ROWS,
    Note,
    RawTable,
    Unreadable,
)

MEMORY_BYTES = 2 << 30
OUTPUT_BYTES = 1 << 30
GREAT_TEXT = 32_000
"""Characters of a cell that may hold a great shape."""
PART = 5000
"""Rows to a line of output."""
OUT_OF_MEMORY = 77
"""Exit code that says the memory limit was hit."""

_PR_SET_PDEATHSIG = 1
_NEW_USER_AND_NETWORK = 0x10000000 | 0x40000000
_MAGIC = {
    ".gpkg": ("GeoPackage", (b"SQLite format 3\0",)),
    ".shp": ("Shapefile", (b"\x00\x00\x27\x0a",)),
    ".zip": ("ZIP", (b"PK\x03\x04", b"PK\x05\x06")),
    ".kmz": ("KMZ", (b"PK\x03\x04", b"PK\x05\x06")),
    ".parquet": ("Parquet", (b"PAR1",)),
    ".geoparquet": ("Parquet", (b"PAR1",)),
    ".xlsx": ("XLSX", (b"PK\x03\x04",)),
}


def _limit() -> None:
    """Memory, time and output; die with the parent; no network where the kernel lets us."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    begin()
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        # An empty network namespace. Where the kernel forbids it, the drivers that could
        # connect are still switched off.
        libc.unshare(_NEW_USER_AND_NETWORK)


def _read(path: Path, layer: str, encoding: str, *, grid: bool) -> list[RawTable]:
    if grid:
        _check_magic(path)
        from geo_service.services.interchange.readers import grids  # noqa: PLC0415

        return grids.read(path, layer, encoding)
    return [_table(path, layer, encoding)]


def _check_magic(path: Path) -> None:
    suffix = path.suffix
    if suffix in _MAGIC:
        name, marks = _MAGIC[suffix]
        with path.open("rb") as file:
            if not file.read(16).startswith(marks):
                raise Unreadable("content_not_format", format=name)


def _table(path: Path, layer: str, encoding: str) -> RawTable:
    _check_magic(path)
    suffix = path.suffix
    if suffix in (".geojson", ".json", ".jsonld"):
        from geo_service.services.interchange.readers import geojson  # noqa: PLC0415

        return geojson.read(path, encoding)
    if suffix in (".kml", ".kmz"):
        from geo_service.services.interchange.readers import kml  # noqa: PLC0415

        return (kml.read if suffix == ".kml" else kml.read_kmz)(path, layer, encoding)
    if suffix in (".parquet", ".geoparquet"):
        from geo_service.services.interchange.readers import geoparquet  # noqa: PLC0415

        return geoparquet.read(path)
    if suffix == ".dxf":
        from geo_service.services.interchange.readers import dxf  # noqa: PLC0415

        return dxf.read(path, encoding)
    if suffix in (".csv", ".txt", ".xlsx"):
        from geo_service.services.interchange.readers import sheets  # noqa: PLC0415

        return (
            sheets.read_xlsx(path, layer) if suffix == ".xlsx" else sheets.read_csv(path, encoding)
        )
    return _through_gdal(path, layer, encoding)


def _through_gdal(path: Path, layer: str, encoding: str) -> RawTable:
    from geo_service.services.interchange.readers import gdalfile, geodatabase  # noqa: PLC0415

    suffix = path.suffix
    if suffix == ".gdb":
        return geodatabase.read(path, layer)
    if suffix == ".gpkg":
        return gdalfile.read_geopackage(path, layer)
    if suffix == ".shp":
        return gdalfile.read_shapefile(path, encoding)
    if geodatabase.is_packed(path):
        return geodatabase.read_packed(path, layer)
    return gdalfile.read_zip(path, layer, encoding)


def _look_at_great(table: RawTable) -> None:
    long = (type(cell) is str and len(cell) >= GREAT_TEXT for row in table.rows for cell in row)
    if table.wkb is not None or any(long):
        from geo_service.services.interchange.readers import great  # noqa: PLC0415

        great.look_at_great(table)


def _say(line: dict[str, Any]) -> None:
    # ASCII only: a lone surrogate in a cell must reach the parent, not break the pipe.
    sys.stdout.write(json.dumps(line, ensure_ascii=True) + "\n")


def _tell(table: RawTable) -> None:
    _say(
        {
            "head": {
                "headers": table.headers,
                "crs": table.crs,
                "layer": table.layer,
                "sheet": table.sheet,
                "encoding": table.encoding,
                "geometry": table.wkb is not None,
            }
        }
    )
    for note in table.notes:
        _say({"note": asdict(note)})
    told = table.rows_told
    for first in range(0, told, PART):
        part = slice(first, min(first + PART, told))
        wkb = None if table.wkb is None else [w and w.hex() for w in table.wkb[part]]
        _say({"rows": table.numbers[part], "cells": table.rows[part], "wkb": wkb})


def main(arguments: list[str]) -> int:
    """Read one file and tell it; a refusal is told as a note, never as a traceback."""
    path, layer, encoding, form = Path(arguments[0]), *arguments[1:4]
    try:
        if any(markup_marked(part.read_bytes()) for part in path.parent.glob(f"{ABOUT}*")):
            raise Unreadable("classified")
        tables = _read(path, layer, encoding, grid=form == GRID)
        widest = max((len(table.headers) for table in tables), default=0)
        if widest > MAX_COLUMNS:
            raise Unreadable("columns_too_many", count=widest, limit=MAX_COLUMNS)
        longest = max((len(table.rows) for table in tables), default=0)
        if longest > MAX_ROWS:
            raise Unreadable("rows_too_many", count=longest, limit=MAX_ROWS)
        earn(0, longest)
        if any(table_marked(table.headers, table.rows) for table in tables):
            raise Unreadable("classified")
        for table in tables:
            _look_at_great(table)
            _tell(table)
    except Unreadable as refusal:
        note = Note("error", refusal.code, refusal.row, refusal.field, refusal.values)
        _say({"note": asdict(note)})
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception:
        # Parsers of four libraries meet a broken file in many ways; all mean the same to a sender.
        traceback.print_exc()
        _say({"note": asdict(Note("error", "content_broken"))})
    return 0


if __name__ == "__main__":
    _limit()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each thread would reserve address space
    sys.exit(main(sys.argv[1:]))
