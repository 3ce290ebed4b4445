"""Great shapes are looked at where time is limited: rings of nonsense take for ever to be asked.

Whether a ring crosses itself is told in no time of a boundary, and after hours of a million places
drawn at random. The process that reads is ended by its clock; the one that stores has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.services.interchange.readers.table import RawTable

GREAT = 32_000
"""Bytes or characters, for two thousand places: of smaller shapes a whole file is asked within
seconds (ours)."""


def look_at_great(table: RawTable) -> None:
    """Ask of great shapes what is asked of all later on, and leave out those that are not valid."""
    for i, wkb in enumerate(table.wkb or ()):
        if wkb is not None and len(wkb) >= GREAT and _refused(_read(wkb), table, i):
            table.wkb[i] = None  # type: ignore[index]  # there are some
    for i, row in enumerate(table.rows):
        for at, cell in enumerate(row):
            if type(cell) is str and len(cell) >= GREAT and _refused(_read(cell), table, i):
                row[at] = None


def _read(written: bytes | str) -> BaseGeometry | None:
    try:
        if isinstance(written, bytes):
            return shapely.from_wkb(written, on_invalid="ignore")
        if written.lstrip().startswith("{"):
            return shapely.from_geojson(written, on_invalid="ignore")
        return shapely.from_wkt(written, on_invalid="ignore")
    except NotImplementedError:  # arcs are refused later on
        return None


def _refused(shape: BaseGeometry | None, table: RawTable, i: int) -> bool:
    if shape is None or not np.isfinite(shapely.get_coordinates(shape)).all():
        return False
    if shapely.get_dimensions(shape) == 1:
        shapely.is_simple(shape)
        return False
    if shapely.is_valid(shape):
        return False
    said = str(shapely.is_valid_reason(shape))
    table.note("error", "geometry_invalid", table.numbers[i], "geometry", said=said)
    return True
