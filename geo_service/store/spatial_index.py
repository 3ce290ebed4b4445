"""The R-tree of a layer filled with many boxes at once.

Where the new boxes are at least as many as those in the index, the whole tree is packed by
Sort-Tile-Recursive (Leutenegger, Lopez, Edgington 1997) straight into the three tables in which
SQLite keeps it, as GDAL does when it loads a GeoPackage; otherwise box by box. SQLite checks a
packed tree before it counts.

A node is its depth (of the root only) and number of cells, 16 bits each, then the cells: the id,
64 bits, and four edges of 32 bits, all big-endian. Node 1 is the root.
"""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geo_service.messages import message
from geo_service.store import ddl, sql
from geo_service.store.blobs import extent
from geo_service.store.bulk import insert_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geo_service.store.schema import Layer

HEAD_BYTES = 4
CELL = np.dtype([("id", ">i8"), ("edges", ">f4", 4)])
ROOT = 1
_PARTS = {
    "node": ("nodeno", "data"),
    "rowid": ("rowid", "nodeno"),
    "parent": ("nodeno", "parentnode"),
}
"""The tables of an R-tree and their columns: contents, leaf of each id, parent of each node."""


class Level(NamedTuple):
    """Nodes of one height: numbers (k,) and bytes; ids of the cells (n,) and their nodes (n,)."""

    nodes: NDArray[np.int64]
    content: list[bytes]
    cells: NDArray[np.int64]
    holders: NDArray[np.int64]


class PlacedRows:
    """New rows of a layer, kept until their boxes enter the index all at once (`placing`)."""

    def __init__(self, db: sqlite3.Connection, layer: Layer) -> None:
        self._db = db
        self._layer = layer
        self._fids: list[NDArray[np.int64]] = []
        self._boxes: list[NDArray[np.float64]] = []

    def add(self, fids: list[int], boxes: NDArray[np.float64]) -> None:
        """Keep the boxes of rows; rows without geometry have none."""
        placed = ~np.isnan(boxes[:, 0])
        self._fids.append(np.array(fids, dtype=np.int64)[placed])
        self._boxes.append(boxes[placed])

    def repeat(self, old: int, new: int) -> None:
        """The new row has the geometry of the old one."""
        box = self._db.execute(sql.box_of(f"main.{self._layer.table}"), (old,)).fetchone()
        self.add([new], np.array([box], dtype=np.float64))

    def note(self, boxes: NDArray[np.float64], recorded_at: str) -> None:
        """Widen the extent that the metadata tell of the layer, and say when it was changed."""
        self._db.execute(sql.WIDEN_EXTENT, (recorded_at, *extent(boxes), self._layer.table))

    def enter(self) -> None:
        """Put all boxes into the index."""
        if self._fids:
            fids, boxes = np.concatenate(self._fids), np.concatenate(self._boxes)
            fill(self._db, self._layer.rtree, fids, boxes)


@contextmanager
def placing(db: sqlite3.Connection, layer: Layer) -> Iterator[PlacedRows]:
    """Let rows be added inside; on leaving, their boxes enter the index all at once.

    Meanwhile the R-tree trigger on INSERT is suspended: it calls five Python functions a row
    (23 of 41 µs measured), and the store knows the boxes already. It goes and returns inside
    one write transaction, which must be rolled back after an exception: no other connection
    ever sees the table without it.
    """
    name, rows = f"{layer.rtree}_insert", PlacedRows(db, layer)
    db.execute(f"DROP TRIGGER {name}")
    yield rows
    rows.enter()
    db.execute(ddl.rtree_triggers(layer)[name])


def fill(
    db: sqlite3.Connection, rtree: str, ids: NDArray[np.int64], boxes: NDArray[np.float64]
) -> None:
    """Enter boxes (n, 4: west, south, east, north) under new ids (n,).

    Run inside the caller's write transaction.
    """
    edges = boxes[:, [0, 2, 1, 3]]  # the order of `RTREE_COLUMNS` from here on
    if _outnumbered(db, rtree, len(ids)):
        if _packed(db, rtree, ids, edges):
            return
        text = message("store.index_not_packed")
        warnings.warn(f"{text.zh} / {text.en}", RuntimeWarning, stacklevel=2)
    rows = ((number, *box) for number, box in zip(ids.tolist(), edges.tolist(), strict=True))
    db.executemany(sql.insert(rtree, ddl.RTREE_COLUMNS), rows)


def _outnumbered(db: sqlite3.Connection, rtree: str, new: int) -> bool:
    return db.execute(sql.more_boxes(rtree), (new,)).fetchone() is None


def _packed(
    db: sqlite3.Connection, rtree: str, ids: NDArray[np.int64], edges: NDArray[np.float64]
) -> bool:
    """Pack the tree anew; False, and nothing done, where SQLite forbids it or finds it unsound."""
    db.execute("SAVEPOINT packing")
    try:
        _pack(db, rtree, ids, edges)
        sound = bool(db.execute("SELECT rtreecheck(?) = 'ok'", (rtree,)).fetchone()[0])
    except sqlite3.OperationalError:
        if not db.in_transaction:  # a full disk: SQLite has undone everything
            raise
        sound = False
    if not sound:
        db.execute("ROLLBACK TO packing")
    db.execute("RELEASE packing")
    return sound


def _pack(
    db: sqlite3.Connection, rtree: str, ids: NDArray[np.int64], edges: NDArray[np.float64]
) -> None:
    held = db.execute(sql.all_boxes(rtree)).fetchall()
    if held:
        ids = np.append([row[0] for row in held], ids)
        edges = np.vstack([[row[1:] for row in held], edges])
    (size,) = db.execute(sql.node_size(rtree), (ROOT,)).fetchone()
    for part in _PARTS:
        db.execute(sql.empty(f"{rtree}_{part}"))
    part = "rowid"
    for level in levels(ids, edges, size):
        nodes = zip(level.nodes.tolist(), level.content, strict=True)
        db.executemany(sql.insert(f"{rtree}_node", _PARTS["node"]), nodes)
        order = np.argsort(level.cells)  # so that the table is filled page by page
        cells = np.column_stack([level.cells[order], level.holders[order]])
        insert_rows(db, f"{rtree}_{part}", _PARTS[part], cells.tolist())
        part = "parent"


def levels(ids: NDArray[np.int64], edges: NDArray[np.float64], size: int) -> Iterator[Level]:
    """The tree over boxes (n, 4: minx, maxx, miny, maxy) in nodes of `size` bytes, leaves first."""
    capacity = (size - HEAD_BYTES) // CELL.itemsize
    rounded = rounded_outwards(edges)
    free, depth = ROOT + 1, 0
    while len(ids) > capacity:
        order = _tiled(rounded, capacity)
        ids, rounded = ids[order], rounded[order]
        starts = np.arange(0, len(ids), capacity)
        nodes = np.arange(free, free + len(starts))
        yield _level(nodes, ids, rounded, size)
        low = np.minimum.reduceat(rounded, starts)
        high = np.maximum.reduceat(rounded, starts)
        ids, rounded = nodes, np.where(IS_LOW, low, high)
        free, depth = free + len(nodes), depth + 1
    yield _level(np.array([ROOT]), ids, rounded, size, depth)


IS_LOW = np.array([True, False, True, False])


def rounded_outwards(edges: NDArray[np.float64]) -> NDArray[np.float32]:
    """Edges in 32 bits, rounded outwards: an index may find too much, never too little."""
    with np.errstate(over="ignore"):
        near = edges.astype(np.float32)
    low = np.where(near > edges, np.nextafter(near, np.float32(-np.inf)), near)
    high = np.where(near < edges, np.nextafter(near, np.float32(np.inf)), near)
    return np.where(IS_LOW, low, high)


def _tiled(edges: NDArray[np.float32], capacity: int) -> NDArray[np.int64]:
    """Order that fills square tiles: upright strips by x, each from south to north."""
    x, y = edges[:, 0] + edges[:, 1], edges[:, 2] + edges[:, 3]
    strips = int(np.ceil(np.sqrt(len(edges) / capacity)))
    strip = np.empty(len(edges), dtype=np.int64)
    strip[np.argsort(x, kind="stable")] = np.arange(len(edges)) // (strips * capacity)
    return np.lexsort((y, strip))


def _level(
    nodes: NDArray[np.int64],
    ids: NDArray[np.int64],
    edges: NDArray[np.float32],
    size: int,
    depth: int = 0,
) -> Level:
    capacity = (size - HEAD_BYTES) // CELL.itemsize
    cells = np.zeros(len(nodes) * capacity, dtype=CELL)
    cells["id"][: len(ids)], cells["edges"][: len(ids)] = ids, edges
    counts = np.full(len(nodes), capacity)
    counts[-1] = len(ids) - capacity * (len(nodes) - 1)
    holders = np.repeat(nodes, counts)
    bodies = cells.tobytes()
    step = capacity * CELL.itemsize
    content = [
        (depth.to_bytes(2, "big") + int(count).to_bytes(2, "big") + bodies[at : at + step]).ljust(
            size, b"\0"
        )
        for count, at in zip(counts, range(0, len(bodies), step), strict=True)
    ]
    return Level(nodes, content, ids, holders)
