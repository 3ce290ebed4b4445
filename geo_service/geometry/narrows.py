"""Where two units run close by each other and yet do not share their edge.

Such a place bounds no face of its own where it opens to the sea or to ground outside the layer:
a strip left out along a whole line, or a vertex that one side has and the other has not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints
from geo_service.geometry.edges import FreeEdges
from geo_service.geometry.measure import distances_m

_PIECE = 8
"""Edges per box in the index."""
_CORNER = math.sin(math.radians(5))
"""Two outlines that part at a wider angle than this make a corner, no channel."""
_LEAST_DEGREE_M = 110_000.0
"""Less than a degree of latitude has anywhere, so that a search box is never too small."""


@dataclass(frozen=True, slots=True)
class Narrows:
    """Pairs of polygons that come near each other, one row each.

    `parties` are two indexes, smaller first; `geometry` the vertices (MultiPoint) of one that lie
    near an edge of the other; `width_m` the least distance, geodesic.
    """

    parties: tuple[tuple[int, int], ...]
    geometry: Geometries
    width_m: Floats

    def within(self, chosen: Bools) -> Narrows:
        """The pairs of which both polygons are chosen."""
        keep = np.array([chosen[list(pair)].all() for pair in self.parties], dtype=bool)
        parties = tuple(p for p, kept in zip(self.parties, keep.tolist(), strict=True) if kept)
        return Narrows(parties, self.geometry[keep], self.width_m[keep])

    def with_more(self, other: Narrows) -> Narrows:
        """These pairs and others, in the order of their parties."""
        parties = self.parties + other.parties
        order = sorted(range(len(parties)), key=parties.__getitem__)
        return Narrows(
            tuple(parties[i] for i in order),
            np.concatenate((self.geometry, other.geometry))[order],
            np.concatenate((self.width_m, other.width_m))[order],
        )


def narrows(
    rim: FreeEdges, width_m: float, reported: Geometries, asked: Bools | None = None
) -> Narrows:
    """Vertices of one polygon at most `width_m` from a free edge of another, gathered by pair.

    Left out are corners where two outlines part, and vertices of the faces `reported` already.
    `asked` are the polygons of which at least one takes part; else all are.
    """
    some = np.arange(len(rim.row)) if asked is None else _around(rim, width_m, asked)
    vertex, edge = (some[found] for found in _near(rim.at(some), width_m))
    if asked is not None:
        wanted = asked[rim.owner[vertex]] | asked[rim.owner[edge]]
        vertex, edge = vertex[wanted], edge[wanted]
    at = rim.ends[vertex, 0]
    shared = (at[:, None, :] == rim.ends[edge]).all(axis=2).any(axis=1)
    new = ~shared & ~np.isin(_keys(at), _keys(shapely.get_coordinates(reported)))
    vertex, edge = vertex[new], edge[new]
    apart_m = distances_m(rim.ends[vertex, 0], _feet(rim, vertex, edge))
    close = apart_m <= width_m
    vertex, edge, apart_m = vertex[close], edge[close], apart_m[close]
    sides = np.sort(np.stack((rim.owner[vertex], rim.owner[edge]), axis=1), axis=1)
    pairs, pair = np.unique(sides, axis=0, return_inverse=True)
    rows = []
    for number, (one, other) in enumerate(pairs.tolist()):
        own = np.flatnonzero(pair.ravel() == number)
        points = rim.ends[vertex[own], 0]
        channel = apart_m[own] <= _CORNER * _from_meeting_m(rim, one, other, points)
        if channel.any():
            place = shapely.MultiPoint(np.unique(points[channel], axis=0))
            rows.append(((one, other), place, apart_m[own][channel].min()))
    return Narrows(
        tuple(parties for parties, _, _ in rows),
        np.array([place for _, place, _ in rows], dtype=object),
        np.array([width for _, _, width in rows], dtype=np.float64),
    )


def _around(rim: FreeEdges, width_m: float, asked: Bools) -> Ints:
    """Rows of the edges of the polygons asked about, and of all that may come near them."""
    own = rim.ends[asked[rim.owner]].reshape(-1, 2)
    if len(own) == 0:
        return np.empty(0, dtype=np.int64)
    reach = _reach_deg(own, width_m)
    return rim.meeting(np.concatenate((own.min(axis=0) - reach, own.max(axis=0) + reach)))


def _reach_deg(points: Floats, width_m: float) -> float:
    """More degrees than the width has at any of the points, east or north."""
    farthest = min(float(np.abs(points[:, 1]).max()) + width_m / _LEAST_DEGREE_M, 89.0)
    return width_m / (_LEAST_DEGREE_M * math.cos(math.radians(farthest)))


def _near(rim: FreeEdges, width_m: float) -> tuple[Ints, Ints]:
    """Pairs of a vertex (as the edge it starts) and an edge of another owner, boxes touching."""
    if len(rim.row) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    reach = _reach_deg(rim.ends.reshape(-1, 2), width_m)
    low = np.minimum(rim.ends[:, 0], rim.ends[:, 1]) - reach
    high = np.maximum(rim.ends[:, 0], rim.ends[:, 1]) + reach
    first = np.flatnonzero((np.diff(rim.row, prepend=-2) != 1) | (rim.row % _PIECE == 0))
    count = np.diff(first, append=len(rim.row))
    west, south = np.minimum.reduceat(low, first).T
    east, north = np.maximum.reduceat(high, first).T
    boxes = np.asarray(shapely.box(west, south, east, north), dtype=object)
    piece, other = shapely.STRtree(boxes).query(boxes)
    apart = rim.owner[first[piece]] != rim.owner[first[other]]
    piece, other = piece[apart], other[apart]
    # Every vertex of the one piece beside every edge of the other.
    size = count[piece] * count[other]
    number = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    across = np.repeat(count[other], size)
    vertex = np.repeat(first[piece], size) + number // across
    edge = np.repeat(first[other], size) + number % across
    at = rim.ends[vertex, 0]
    inside = ((at >= low[edge]) & (at <= high[edge])).all(axis=1)
    return vertex[inside], edge[inside]


def _feet(rim: FreeEdges, vertex: Ints, edge: Ints) -> Floats:
    """The nearest place on each edge; longitudes are shortened, which is exact enough so near."""
    at, start, end = rim.ends[vertex, 0], rim.ends[edge, 0], rim.ends[edge, 1]
    scale = np.stack((np.cos(np.radians(at[:, 1])), np.ones(len(at))), axis=1)
    along, reach = (end - start) * scale, (at - start) * scale
    share = (along * reach).sum(axis=1) / (along**2).sum(axis=1)
    feet: Floats = start + (end - start) * np.clip(share, 0, 1)[:, None]
    return feet


def _from_meeting_m(rim: FreeEdges, one: int, other: int, points: Floats) -> Floats:
    """How far each point is from the nearest rim vertex of both polygons; inf where none is."""
    own, others = (rim.ends[rim.owner == side].reshape(-1, 2) for side in (one, other))
    meetings = np.unique(own[np.isin(_keys(own), _keys(others))], axis=0)
    nearest = np.full(len(points), np.inf)
    for meeting in meetings:
        far = distances_m(points, np.broadcast_to(meeting, points.shape))
        nearest = np.minimum(nearest, far)
    return nearest


def _keys(points: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.complex128]]:
    """One number for each position, to compare positions by."""
    return points[:, 0] + 1j * points[:, 1]
