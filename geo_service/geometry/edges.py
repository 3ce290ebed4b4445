"""Ring segments of many polygons, matched bit for bit by sorting instead of by geometry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints

_BLOCK = 1 << 16
"""Vertices taken at a time, so that what lies between stays in the cache."""
_MOST_TABLE_BITS = 24


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


@dataclass(frozen=True, slots=True)
class FreeEdges:
    """Directed ring segments that no segment in the other direction cancels, in ring order.

    `ends` (k, 2, 2) are their start and end, `owner` (k,) indexes the polygons, and `row` (k,)
    follows on by one where the next segment of the same ring is free as well.
    """

    ends: Floats
    owner: Ints
    row: Ints

    def at(self, chosen: Ints) -> FreeEdges:
        """Some of the edges."""
        return FreeEdges(self.ends[chosen], self.owner[chosen], self.row[chosen])

    def meeting(self, box: Floats) -> Ints:
        """Edges whose own box meets a box (west, south, east, north)."""
        # Column by column: numpy is slow along an axis of two.
        (x, y), (u, v) = self.ends[:, 0].T, self.ends[:, 1].T
        across = (np.minimum(x, u) <= box[2]) & (np.maximum(x, u) >= box[0])
        return np.flatnonzero(across & (np.minimum(y, v) <= box[3]) & (np.maximum(y, v) >= box[1]))

    def lines(self) -> Geometries:
        """The edges as lines along their rings; none runs on through a vertex of several.

        Nor does one come back to such a vertex: there it would not count as ending.
        """
        if len(self.row) == 0:
            return np.empty(0, dtype=object)
        vertex = _hashes(self.ends[:, 0])
        ordered = np.sort(vertex)
        several = is_in(vertex, ordered[1:][ordered[1:] == ordered[:-1]])
        begins = (np.diff(self.row, prepend=-2) != 1) | several
        begins[1:] |= several[:-1]
        line = np.cumsum(begins) - 1
        last = np.append(begins[1:], True)
        at = np.arange(len(line)) + line
        points = np.empty((len(line) + line[-1] + 1, 2))
        points[at] = self.ends[:, 0]
        points[at[last] + 1] = self.ends[last, 1]
        of_line = np.repeat(np.arange(line[-1] + 1), np.bincount(line) + 1)
        return np.asarray(shapely.linestrings(points, indices=of_line), dtype=object)


def free_edges(polygons: Geometries) -> FreeEdges:
    """The ring segments of all polygons that do not cancel out, found without geometry.

    Every segment adds a 64-bit number of its two vertices to a table, with the sign of its
    direction: what two neighbours share comes to nothing. Only what is left is compared again.
    That two different segments have the same number is as likely as 1 in 10⁶ for a whole country.
    Missing and empty geometry has no segments.
    """
    points, rows, owner = _left_over(polygons)
    ends = np.stack((points[rows], points[rows + 1]), axis=1)
    free = _not_cancelled(ends)
    return FreeEdges(ends[free], owner[free], rows[free])


@dataclass(frozen=True, slots=True)
class RedrawnEdges:
    """The free edges after an edit, and which of them `gone` and `came`.

    An edge that was there and still is may stand among both.
    """

    whole: FreeEdges
    gone: FreeEdges
    came: FreeEdges

    @property
    def owners(self) -> Ints:
        """All polygons whose free edges may have changed."""
        return np.union1d(self.gone.owner, self.came.owner)


def free_edges_after_edit(
    free: FreeEdges, polygons: Geometries, index: int, drawn: BaseGeometry
) -> RedrawnEdges:
    """The free edges once the polygon at `index` is drawn anew: the same arrays as from nothing.

    `free` are those of `polygons` as they are. Only edges of the old shape or the new one can
    become free or matched, and only what meets their boxes shares them.
    """
    shapes = np.array([polygons[index], drawn], dtype=object)
    after = polygons.copy()
    after[index] = drawn
    box = shapely.total_bounds(shapes)
    near = np.union1d(_meeting(shapely.bounds(polygons), box), [index])
    around = free_edges(after[near])
    touched = np.sort(edge_numbers(_steps(shapes)))
    goes = free.meeting(box)
    goes = goes[is_in(edge_numbers(free.ends[goes]), touched)]
    comes = np.flatnonzero(is_in(edge_numbers(around.ends), touched))
    # Rows count vertices: each is put where it stands among those of all polygons.
    begins, began = _first_rows(after), _first_rows(polygons)
    owner = near[around.owner[comes]]
    shift = begins[owner] - _first_rows(after[near])[around.owner[comes]]
    came = FreeEdges(around.ends[comes], owner, around.row[comes] + shift)
    row = free.row + (begins - began)[free.owner]
    stays = np.ones(len(row), dtype=bool)
    stays[goes] = False
    places = np.concatenate((np.flatnonzero(stays), len(row) + np.arange(len(comes))))
    rows = np.concatenate((row[stays], came.row))
    order = places[np.argsort(rows, kind="stable")]
    whole = FreeEdges(
        np.concatenate((free.ends, came.ends))[order],
        np.concatenate((free.owner, came.owner))[order],
        np.concatenate((row, came.row))[order],
    )
    return RedrawnEdges(whole, free.at(goes), came)


def meet_in_ends_only(some: FreeEdges, rim: FreeEdges) -> bool:
    """Whether `some` edges of a rim meet each other and the rest of it only in common ends.

    The rest is not looked at but for edges that come near them.
    """
    if len(some.row) == 0:
        return True
    places = some.ends.reshape(-1, 2)
    near = rim.meeting(np.concatenate((places.min(axis=0), places.max(axis=0))))
    segments = np.asarray(shapely.linestrings(rim.ends[near]), dtype=object)
    return bool(shapely.is_simple(shapely.multilinestrings(segments)))


def _meeting(boxes: Floats, box: Floats) -> Ints:
    """Rows of the boxes (west, south, east, north) that meet a box."""
    return np.flatnonzero((boxes[:, :2] <= box[2:]).all(axis=1) & (boxes[:, 2:] >= box[:2]).all(1))


def step_numbers(shapes: BaseGeometry | Sequence[BaseGeometry]) -> NDArray[np.uint64]:
    """The numbers of all steps of lines, or of the rings of polygons; see `edge_numbers`."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    solid = shapely.get_dimensions(parts) == 2
    courses = np.concatenate((parts[~solid], shapely.get_rings(parts[solid])))
    points, course = shapely.get_coordinates(courses, return_index=True)
    joined = (course[1:] == course[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return edge_numbers(np.stack((points[:-1][joined], points[1:][joined]), axis=1))


def is_in(numbers: NDArray[np.uint64], ordered: NDArray[np.uint64]) -> Bools:
    """Which numbers are among others that are in order."""
    if len(ordered) == 0:
        return np.zeros(len(numbers), dtype=bool)
    at = np.minimum(np.searchsorted(ordered, numbers), len(ordered) - 1)
    return np.asarray(ordered[at] == numbers)


def _first_rows(polygons: Geometries) -> Ints:
    """For each polygon the row of its first vertex among those of all."""
    sizes = shapely.get_num_coordinates(polygons).astype(np.int64)
    return np.asarray(np.cumsum(sizes) - sizes)


def _steps(polygons: Geometries) -> Floats:
    """All ring segments, shape (n, 2, 2)."""
    points, last, _ = _rings(polygons)
    rows = np.delete(np.arange(len(points) - 1), last[:-1])
    return np.stack((points[rows], points[rows + 1]), axis=1)


def _rings(polygons: Geometries) -> tuple[Floats, Ints, Ints]:
    """All vertices, the row of the last vertex of each ring, and the polygon of each ring."""
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    parts = shapely.orient_polygons(parts)
    rings = shapely.get_num_interior_rings(parts) + 1
    owner = np.repeat(part_owner, rings)
    sizes = np.repeat(shapely.get_num_coordinates(parts), rings)
    # Taking rings apart copies them: only where a part has more than one.
    holed = rings > 1
    sizes[np.repeat(holed, rings)] = shapely.get_num_coordinates(shapely.get_rings(parts[holed]))
    filled = sizes > 0
    return (
        shapely.get_coordinates(parts),
        np.cumsum(sizes[filled], dtype=np.int64) - 1,
        owner[filled],
    )


def _left_over(polygons: Geometries) -> tuple[Floats, Ints, Ints]:
    """All vertices; rows of those whose segment does not come to nothing; their polygons.

    These are all free segments, and the few that share a place of the table with one. Polygons are
    taken some at a time: copies of all of them at once would cost more than the work itself.
    """
    sizes = shapely.get_num_coordinates(polygons)
    ends = np.cumsum(sizes, dtype=np.int64)
    count = int(ends[-1]) if len(ends) else 0
    bits = min(max(count, 2).bit_length(), _MOST_TABLE_BITS)
    nowhere = 1 << bits  # for the last vertex of a ring, which starts no segment
    table = np.zeros(nowhere + 1, dtype=np.int64)
    place = np.empty(count, dtype=np.int32)
    points = np.empty((count, 2))
    low = 0
    for some in np.split(polygons, np.flatnonzero(np.diff(ends // _BLOCK)) + 1):
        block, last, _ = _rings(some)
        high = low + len(block)
        vertex = _hashes(block)
        key, backwards = _edge_keys(vertex, np.roll(vertex, -1))
        at = (key >> np.uint64(64 - bits)).view(np.int64)
        at[last] = nowhere
        value = key.view(np.int64)
        np.negative(value, out=value, where=backwards)
        np.add.at(table, at, value)
        points[low:high], place[low:high] = block, at
        low = high
    left = table != 0
    left[nowhere] = False
    rows = np.flatnonzero(left[place])
    return points, rows, np.searchsorted(ends, rows, side="right")


def _not_cancelled(ends: Floats) -> Bools:
    """Which directed segments outnumber those between the same vertices the other way."""
    start, end = _hashes(ends[:, 0]), _hashes(ends[:, 1])
    key, backwards = _edge_keys(start, end)
    sign = np.where(start == end, 0, np.where(backwards, -1, 1))
    order = np.argsort(key)
    edge = np.empty(len(key), dtype=np.int64)
    edge[order] = np.cumsum(np.diff(key[order], prepend=key[order][:1]) != 0)
    net = np.bincount(edge, weights=sign, minlength=1)
    return np.asarray(net[edge] * sign > 0)


def _hashes(points: Floats) -> NDArray[np.uint64]:
    bits = (np.ascontiguousarray(points) + 0.0).view(np.uint64)  # adding 0 makes one of ±0
    mixed = bits[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= bits[:, 1]
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return mixed


def edge_numbers(ends: Floats) -> NDArray[np.uint64]:
    """One number per edge, the same in both directions; see `free_edges`."""
    return _edge_keys(_hashes(ends[:, 0]), _hashes(ends[:, 1]))[0]


def _edge_keys(
    start: NDArray[np.uint64], end: NDArray[np.uint64]
) -> tuple[NDArray[np.uint64], Bools]:
    """One number for both directions of an edge, and which way it is."""
    key = start + end
    key ^= key >> np.uint64(31)
    key *= np.uint64(0x94D049BB133111EB)
    key ^= key >> np.uint64(30)
    return key, start > end
