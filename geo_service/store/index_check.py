"""Whether the R-tree of a layer is exactly that of its rows: every entry, every node, every box.

The tree is read as SQLite keeps it (`spatial_index`), and compared in arrays: an edge must be the
row's own, rounded outwards to 32 bits by SQLite's way or by that of a packed tree, and the box of a
node that of its cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geo_service.store import sql
from geo_service.store.spatial_index import CELL, HEAD_BYTES, IS_LOW, ROOT, rounded_outwards

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geo_service.store.schema import Layer

_TOWARDS, _AWAY = 1 - 2.0**-23, 1 + 2.0**-23
"""By which SQLite moves an edge that 32 bits would round inwards."""
_HEADER_BOX = np.dtype([("head", "V8"), ("edges", "<f8", 4)])
"""A GeoPackage geometry up to its box: west, east, south, north, as in an R-tree."""


class Placed(NamedTuple):
    """Rows of a layer that have a geometry: numbers (n,) in order, edges (n, 4) in degrees."""

    fids: NDArray[np.int64]
    edges: NDArray[np.float64]

    def extent(self) -> tuple[float | None, ...]:
        """West, south, east, north of all of them; four None where there is none."""
        if not len(self.fids):
            return (None, None, None, None)
        low, high = self.edges.min(axis=0).tolist(), self.edges.max(axis=0).tolist()
        return (low[0], low[2], high[1], high[3])


def placed(db: sqlite3.Connection, layer: Layer) -> Placed:
    """Read the boxes out of the headers of the geometries."""
    rows = db.execute(sql.headers(layer, _HEADER_BOX.itemsize)).fetchall()
    found = np.frombuffer(b"".join([row[1] for row in rows]), dtype=_HEADER_BOX)
    return Placed(np.array([row[0] for row in rows], dtype=np.int64), found["edges"])


def misplaced(db: sqlite3.Connection, layer: Layer, rows: Placed) -> str | None:
    """The first row or node that the R-tree has not as it should, None where all is well."""
    level = _Cells(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros((0, 4), np.float32))
    read = db.execute(sql.rtree_nodes(layer.rtree)).fetchall()
    odd = _odd(read)
    if odd is not None:
        return f"node {odd}"
    nodes = _Nodes(read)
    held, parents = np.array([ROOT]), []
    for step in range(nodes.depth + 1):
        cells = nodes.cells(held)
        if cells is None or (step and not _tight(level, cells)):
            return f"node {held[0]}"
        level, held = cells, cells.ids
        parents.append(cells)
    if sum(len(cells.ids) for cells in parents[:-1]) + 1 != len(nodes.numbers):
        return "node"
    return _unlike(rows, level) or _unfiled(db, layer, parents)


def _odd(rows: Sequence[tuple[int, object]]) -> int | None:
    """A node that is no run of bytes as long as the others, 0 where there is none at all."""
    sizes = [len(data) if isinstance(data, bytes) else 0 for _number, data in rows]
    wrong = (
        row[0] for row, size in zip(rows, sizes, strict=True) if size != max(sizes) or not size
    )
    return next(wrong, None) if rows else 0


class _Cells(NamedTuple):
    """Cells of one height: ids (n,), the nodes that hold them (n,) and their edges (n, 4)."""

    ids: NDArray[np.int64]
    holders: NDArray[np.int64]
    edges: NDArray[np.float32]


class _Nodes:
    """The nodes of a tree by number."""

    def __init__(self, rows: Sequence[tuple[int, bytes]]) -> None:
        self.numbers = np.array([row[0] for row in rows], dtype=np.int64)
        size = len(rows[0][1])
        data = np.frombuffer(b"".join([row[1] for row in rows]), dtype=np.uint8)
        self._data = data.reshape(-1, size)
        self._counts = self._data[:, 2:HEAD_BYTES].copy().view(">u2").ravel()
        self._capacity = (size - HEAD_BYTES) // CELL.itemsize
        self.depth = int.from_bytes(bytes(self._data[0, :2]), "big")

    def cells(self, held: NDArray[np.int64]) -> _Cells | None:
        """The cells of these nodes, in order; None where one is missing or says too much."""
        at = np.searchsorted(self.numbers, held)
        if not len(at) or at.max() >= len(self.numbers) or (self.numbers[at] != held).any():
            return None
        counts = self._counts[at]
        if counts.max() > self._capacity or (len(held) > 1 and not counts.all()):
            return None
        end = HEAD_BYTES + self._capacity * CELL.itemsize
        cells = np.ascontiguousarray(self._data[at, HEAD_BYTES:end]).view(CELL)
        used = cells[np.arange(self._capacity) < counts[:, np.newaxis]]
        return _Cells(
            used["id"].astype(np.int64), np.repeat(held, counts), used["edges"].astype(np.float32)
        )


def _tight(above: _Cells, below: _Cells) -> bool:
    """Whether each cell above is the box of the cells in its node; they come in its order."""
    starts = np.flatnonzero(np.diff(below.holders, prepend=-1))
    low = np.minimum.reduceat(below.edges, starts)
    high = np.maximum.reduceat(below.edges, starts)
    return len(starts) == len(above.ids) and bool(
        (above.edges == np.where(IS_LOW, low, high)).all()
    )


def _unlike(rows: Placed, leaves: _Cells) -> str | None:
    order = np.argsort(leaves.ids)
    ids, edges = leaves.ids[order], leaves.edges[order]
    if len(ids) != len(rows.fids) or (ids != rows.fids).any():
        return str(min(set(ids.tolist()) ^ set(rows.fids.tolist()), default=0))
    fitting = (edges == rounded_outwards(rows.edges)) | (edges == _rounded_by_sqlite(rows.edges))
    bad = np.flatnonzero(~fitting.all(axis=1))
    return str(ids[bad[0]]) if len(bad) else None


def _rounded_by_sqlite(edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Edges in 32 bits as `rtreeValueDown` and `rtreeValueUp` of SQLite round them."""
    near = edges.astype(np.float32)
    below, above = (edges < 0), (edges >= 0)
    low = np.where(below, edges * _AWAY, edges * _TOWARDS).astype(np.float32)
    high = np.where(above, edges * _AWAY, edges * _TOWARDS).astype(np.float32)
    return np.where(IS_LOW, np.where(near > edges, low, near), np.where(near < edges, high, near))


def _unfiled(db: sqlite3.Connection, layer: Layer, levels: Sequence[_Cells]) -> str | None:
    """An entry whose node, or a node whose parent, is noted wrongly beside the tree."""
    *inner, leaves = levels
    for part, cells in (("rowid", [leaves]), ("parent", inner)):
        noted = np.array(
            db.execute(sql.rtree_part(layer.rtree, part)).fetchall(), dtype=np.int64
        ).reshape(-1, 2)
        ids = np.concatenate([np.zeros(0, np.int64), *(level.ids for level in cells)])
        holders = np.concatenate([np.zeros(0, np.int64), *(level.holders for level in cells)])
        order = np.argsort(ids)
        if not np.array_equal(noted, np.column_stack([ids[order], holders[order]])):
            return part
    return None
