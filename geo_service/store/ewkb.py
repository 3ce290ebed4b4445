"""Geometry as PostGIS takes it: the same WKB, with the number of the coordinate system in it.

The bit for the system is the one thing that this form adds; read back, `ST_AsBinary` leaves it
out again, so that the bytes are those that went in.
"""

from __future__ import annotations

from geo_service.store.blobs import EPSG

_TYPE_END = 5
"""One byte of byte order and four of the type stand before everything else."""
_HAS_SYSTEM = 0x20
"""In the highest byte of the type."""
_SYSTEM = EPSG.to_bytes(4, "little")


def ewkb(wkb: bytes | None) -> bytes | None:
    """Extended WKB of a geometry in ISO WKB, little endian; None for None."""
    if wkb is None:
        return None
    kind = wkb[: _TYPE_END - 1] + bytes([wkb[_TYPE_END - 1] | _HAS_SYSTEM])
    return kind + _SYSTEM + wkb[_TYPE_END:]
