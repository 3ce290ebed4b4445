"""Geometry of a tile as the commands of Mapbox Vector Tile 2.1 (clause 4.3), whole arrays at once.

Coordinates are grid units from the tile's north-western corner, downwards positive. Points that
fall together become one, paths and rings that are no more are left out, and outer rings run so
that the surveyor's formula gives a positive area, inner rings a negative one.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from geo_service.geometry.arrays import Bools, Floats, Ints
from geo_service.geometry.clipping import Paths
from geo_service.geometry.ragged import Ragged, beside, firsts, same, single, sums
from geo_service.services.tiles.varints import zigzag

_MOVE_TO, _LINE_TO, _CLOSE_PATH = 1, 2, 7
_ONE_MOVE = 1 << 3 | _MOVE_TO
_CLOSE = 1 << 3 | _CLOSE_PATH


class Shape(IntEnum):
    """Types of geometry by their numbers in the format."""

    POINT = 1
    LINE = 2
    POLYGON = 3


class Drawn(NamedTuple):
    """Commands of those features of which something is left: `members` says which they are."""

    members: Ints
    commands: Ragged


def drawn_points(points: Floats, owner: Ints) -> Drawn:
    """Points, of which several may belong to one feature; those of one stand together."""
    members, rows = np.unique(owner, return_inverse=True)
    counts = np.bincount(rows, minlength=len(members))
    moves = single((counts << 3) | _MOVE_TO)
    steps = Ragged(_steps(np.rint(points).astype(np.int64), rows).ravel(), counts * 2)
    return Drawn(members, beside(moves, steps))


def drawn_lines(lines: Paths) -> Drawn:
    """Paths; the owner of a path is its feature, and stands in order."""
    lines = _on_grid(lines).without_repeats()
    return _drawn(lines.of(lines.sizes > 1), closed=False)


def drawn_polygons(rings: Paths, outer: Bools) -> Drawn:
    """Open rings; the owner of a ring is its feature, and `outer` rings stand before their holes.

    A hole goes with its outer ring.
    """
    rings = _on_grid(rings).without_repeats().opened()
    area = rings.doubled_areas()
    stands = (rings.sizes > 2) & (area != 0)
    stands &= stands[np.flatnonzero(outer)[np.cumsum(outer) - 1]]
    return _drawn(rings.turned((area > 0) != outer).of(stands), closed=True)


def _on_grid(paths: Paths) -> Paths:
    return Paths(np.rint(paths.points), paths.path, paths.owner)


def _steps(points: Ints, owner: Ints) -> Ints:
    """From point to point, the first of an owner from the corner; two numbers to a point."""
    steps = points.copy()
    steps[1:] -= points[:-1]
    begin = firsts(owner)
    steps[begin] = points[begin]
    return zigzag(steps)


def _drawn(paths: Paths, *, closed: bool) -> Drawn:
    sizes = paths.sizes
    steps = _steps(paths.points.astype(np.int64), paths.owner[paths.path])
    begin = firsts(paths.path)
    twos = np.full(len(sizes), 2, dtype=np.int64)
    columns = [
        same(_ONE_MOVE, len(sizes)),
        Ragged(steps[begin].ravel(), twos),
        single((sizes - 1) << 3 | _LINE_TO),
        Ragged(steps[~begin].ravel(), (sizes - 1) * 2),
    ]
    if closed:
        columns.append(same(_CLOSE, len(sizes)))
    commands = beside(*columns)
    members, rows = np.unique(paths.owner, return_inverse=True)
    return Drawn(members, Ragged(commands.values, sums(commands.counts, rows, len(members))))
