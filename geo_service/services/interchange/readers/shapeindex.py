"""Whether the parts of a shapefile speak of the same rows: else places would be lost in silence."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from geo_service.services.interchange.readers.table import Unreadable

_HEADER = 100
_RECORD = np.dtype([("offset", ">i4"), ("length", ">i4")])
_DELETED = ord("*")
_WORD = 2
"""Offsets and lengths are counted in words of two bytes (ESRI 1998)."""


def check_parts(path: Path) -> None:
    """Compare .shx and .dbf of a shapefile with its .shp.

    GDAL hands over a row without its place where the index points beside it. Raises Unreadable.
    """
    index = path.with_suffix(".shx").read_bytes()[_HEADER:]
    records = np.frombuffer(index[: len(index) // 8 * 8], dtype=_RECORD)
    count = _rows(path.with_suffix(".dbf"))
    if count is not None and count != len(records):
        raise Unreadable("shapefile_parts_differ", shapes=len(records), rows=count)
    content = np.fromfile(path, dtype=np.uint8)
    at = records["offset"].astype(np.int64) * _WORD
    inside = (at >= _HEADER) & (at + 8 <= len(content))
    if not inside.all():
        raise Unreadable("shapefile_index_wrong", row=int(np.flatnonzero(~inside)[0]) + 1)
    heads = content[at[:, None] + np.arange(8)].copy().view(">i4")
    # Each shape bears its number: in another order it would be drawn for another row.
    numbers = heads[:, 0].astype(np.int64) - np.arange(len(heads))
    wrong = np.flatnonzero((heads[:, 1] != records["length"]) | (numbers != numbers[:1]))
    if len(wrong):
        raise Unreadable("shapefile_index_wrong", row=int(wrong[0]) + 1)


def deleted_rows(path: Path) -> list[int]:
    """Rows of a .dbf that are marked as deleted, from 1: GDAL passes over them without a word."""
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12:
            return []
        count, start, width = struct.unpack("<IHH", head[4:12])
        file.seek(start)
        body = np.frombuffer(file.read(count * width), dtype=np.uint8)
    marks = body[::width] if width else body[:0]
    return [int(row) + 1 for row in np.flatnonzero(marks == _DELETED)]


def _rows(path: Path) -> int | None:
    with path.open("rb") as file:
        head = file.read(8)
    return struct.unpack("<I", head[4:8])[0] if len(head) == 8 else None
