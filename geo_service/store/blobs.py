"""Geometry as a GeoPackage keeps it: a small header with the box, then ISO WKB.

SQLite has no spatial functions of its own and stock Python builds cannot load any, yet the R-tree
triggers that GDAL and QGIS expect call five of them: they are given here and registered on every
connection.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

EPSG = 4490
"""CGCS2000 longitude/latitude: the one system of everything stored."""

_HEADER = struct.Struct("<2sBBi4d")
_LITTLE_ENDIAN_WITH_BOX = 0x03
_EMPTY = 0x10
_BOX_BYTES = (0, 32, 48, 48, 64)
_BOX_ORDER = {"ST_MinX": 0, "ST_MaxX": 1, "ST_MinY": 2, "ST_MaxY": 3}


def to_wkb(geometries: Iterable[Any]) -> tuple[list[bytes | None], NDArray[np.float64]]:
    """ISO WKB (little endian) and boxes (n, 4: west, south, east, north) of many geometries.

    None stays None, with a box of NaN.
    """
    shapes = np.array(list(geometries), dtype=object)
    wkb = shapely.to_wkb(shapes, byte_order=1, flavor="iso")
    return list(wkb), shapely.bounds(shapes)


def boxes(wkb: Sequence[bytes | None]) -> NDArray[np.float64]:
    """Boxes (n, 4) of geometries in WKB, NaN for None."""
    return shapely.bounds(shapely.from_wkb(np.array(wkb, dtype=object)))


def extent(boxes: NDArray[np.float64]) -> tuple[float | None, ...]:
    """West, south, east, north of all boxes together; four None where none is finite."""
    placed = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(placed):
        return (None, None, None, None)
    low, high = placed[:, :2].min(axis=0), placed[:, 2:].max(axis=0)
    return (*low.tolist(), *high.tolist())


def blob(wkb: bytes | None, box: Sequence[float]) -> bytes | None:
    """WKB with the GeoPackage header; `box` is west, south, east, north."""
    if wkb is None:
        return None
    west, south, east, north = box
    return _HEADER.pack(b"GP", 0, _LITTLE_ENDIAN_WITH_BOX, EPSG, west, east, south, north) + wkb


def geometries(blobs: Iterable[bytes | None]) -> list[Any]:
    """Shapely geometries of many blobs, None for None."""
    wkb = [None if data is None else data[8 + _BOX_BYTES[(data[3] >> 1) & 7] :] for data in blobs]
    return list(shapely.from_wkb(np.array(wkb, dtype=object)))


def _edge(place: int) -> Callable[[bytes | None], float | None]:
    def edge(data: bytes | None) -> float | None:
        if data is None or data[3] & _EMPTY:
            return None
        if not (data[3] >> 1) & 7:
            # Another program may leave the box out, as is allowed for points.
            west, south, east, north = shapely.bounds(geometries([data])[0])
            return float((west, east, south, north)[place])
        order = "<" if data[3] & 1 else ">"
        value: float = struct.unpack_from(f"{order}d", data, 8 + 8 * place)[0]
        return value

    return edge


def _is_empty(data: bytes | None) -> bool | None:
    return None if data is None else bool(data[3] & _EMPTY)


def register_functions(db: sqlite3.Connection) -> None:
    """Give a connection the five functions that GeoPackage triggers call."""
    for name, place in _BOX_ORDER.items():
        db.create_function(name, 1, _edge(place), deterministic=True)
    db.create_function("ST_IsEmpty", 1, _is_empty, deterministic=True)
