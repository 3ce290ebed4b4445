"""Ring segments of many polygons, matched bit for bit by sorting instead of by geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """Directed ring segments with the interior of their polygon on the left.

    `vertices` (n, 2) are the distinct coordinates; `start`, `end` (m,) index them; `owner` (m,)
    indexes the polygons; `edge` (m,) is equal for two segments exactly when they join the same two
    vertices in either direction, and `uses` (m,) counts how many segments do.
    """

    vertices: Floats
    start: Ints
    end: Ints
    owner: Ints
    edge: Ints
    uses: Ints

    def coordinates(self, rows: Ints) -> Floats:
        """Start and end coordinates of some segments, shape (k, 2, 2)."""
        return np.stack((self.vertices[self.start[rows]], self.vertices[self.end[rows]]), axis=1)

    def matched(self) -> tuple[Ints, Ints]:
        """Rows of segments shared by exactly two polygons in opposite directions.

        Returns two arrays of rows, twin beside twin, the smaller owner first.
        """
        rows = np.flatnonzero(self.uses == 2)
        rows = rows[np.lexsort((self.owner[rows], self.edge[rows]))]
        one, other = rows[0::2], rows[1::2]
        facing = (self.owner[one] != self.owner[other]) & (self.start[one] == self.end[other])
        return one[facing], other[facing]

    def unmatched(self) -> Ints:
        """Rows of all other segments: the outer rim, and edges drawn apart or over each other."""
        free = np.ones(len(self.edge), dtype=bool)
        for rows in self.matched():
            free[rows] = False
        return np.flatnonzero(free)


def edge_table(polygons: Sequence[BaseGeometry | None]) -> EdgeTable:
    """The segments of all rings of all polygons. Empty or missing geometry has no segments."""
    present = np.array([i for i, p in enumerate(polygons) if p is not None], dtype=np.int64)
    solid = np.array([polygons[i] for i in present], dtype=object)
    parts, part_owner = shapely.get_parts(shapely.orient_polygons(solid), return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    # Complex numbers sort by x, then y: one pass of `unique` numbers the vertices.
    keys, index = np.unique(points[:, 0] + 1j * points[:, 1], return_inverse=True)
    follows = (point_ring[1:] == point_ring[:-1]) & (index[1:] != index[:-1])
    start, end = index[:-1][follows], index[1:][follows]
    owner = present[part_owner[ring_part[point_ring[:-1][follows]]]]
    low, high = np.minimum(start, end), np.maximum(start, end)
    _, edge, count = np.unique(
        low * np.int64(len(keys)) + high, return_inverse=True, return_counts=True
    )
    vertices = np.stack((keys.real, keys.imag), axis=1)
    return EdgeTable(vertices, start, end, owner, edge, count[edge])
