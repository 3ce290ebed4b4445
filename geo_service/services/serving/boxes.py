"""Which of many boxes meet a box: a packed index in two levels, of arrays alone.

The boxes are put in the order of a space-filling curve and cut into runs; a query looks at the
boxes around the runs first. It costs no objects and is built in milliseconds, so that a changed
collection may have a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Floats, Ints
    from geo_service.store.protocol import Box

_RUN = 64
_BITS = 16


def meets(boxes: Floats, box: Box) -> Bools:
    """Which boxes (n, 4) meet a box, edges included; a box of NaN meets none."""
    return _meet(boxes.T, box)


def _meet(sides: Floats, box: Box) -> Bools:
    """The same of boxes edge by edge (4, …)."""
    west, south, east, north = box
    result: Bools = (
        (sides[0] <= east) & (sides[2] >= west) & (sides[1] <= north) & (sides[3] >= south)
    )
    return result


def _spread(numbers: Ints) -> Ints:
    """The bits of 16-bit numbers, each followed by an empty one."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        numbers = (numbers | (numbers << shift)) & mask
    return numbers


class BoxIndex:
    """Boxes west, south, east, north of shape (n, 4); rows of NaN lie nowhere.

    `corners` (n,) are those of the outlines that the boxes stand for. What a query looks at lies
    together in memory, edge by edge.
    """

    def __init__(self, boxes: Floats, corners: Ints) -> None:
        order = _along_curve(boxes)
        runs = -(-len(order) // _RUN)
        sides = np.full((4, runs * _RUN), np.nan)
        sides[:, : len(order)] = boxes[order].T
        self._sides = sides.reshape(4, runs, _RUN)
        rows = np.zeros(runs * _RUN, dtype=np.int64)
        rows[: len(order)] = order
        self._rows: Ints = rows.reshape(runs, _RUN)
        low = np.fmin.reduce(self._sides[:2], axis=2)
        high = np.fmax.reduce(self._sides[2:], axis=2)
        self._around: Floats = np.concatenate((low, high))
        """Boxes around the runs."""
        self._last: tuple[Box, Ints] | None = None
        self._efforts: Ints = np.add.reduce(corners[self._rows] + 1, axis=1)

    def effort(self, box: Box) -> int:
        """Boxes and corners of outlines to be looked at, at most, to know what meets a box."""
        return int(self._efforts[self._near(box)].sum())

    def _near(self, box: Box) -> Ints:
        """The runs that a box meets; kept, for whoever asks for the effort asks for the boxes."""
        last = self._last
        if last is None or last[0] != box:
            last = self._last = (box, np.flatnonzero(_meet(self._around, box)))
        return last[1]

    def query(self, box: Box) -> tuple[Ints, Bools]:
        """Numbers of the boxes that meet a box, in order, and which of them lie inside of it."""
        runs = self._near(box)
        sides = self._sides[:, runs]
        met = _meet(sides, box)
        rows, (west, south, east, north) = self._rows[runs][met], sides[:, met]
        inside = (west >= box[0]) & (east <= box[2]) & (south >= box[1]) & (north <= box[3])
        if inside.all():
            return np.sort(rows), inside
        order = np.argsort(rows)
        return rows[order], inside[order]


def _along_curve(boxes: Floats) -> Ints:
    """Numbers of the boxes that lie somewhere, in the order of a space-filling curve."""
    placed = np.flatnonzero(~np.isnan(boxes[:, 0]))
    middles = (boxes[placed, :2] + boxes[placed, 2:]) / 2
    span = np.ptp(middles, axis=0) if len(placed) else np.ones(2)
    scale = (2**_BITS - 1) / np.where(span > 0, span, 1.0)
    low = middles.min(axis=0) if len(placed) else np.zeros(2)
    cells = ((middles - low) * scale).astype(np.int64)
    return placed[np.argsort(_spread(cells[:, 0]) | (_spread(cells[:, 1]) << 1))]
