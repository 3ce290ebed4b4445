"""Which of many boxes meet a box: a packed index in two levels, of arrays alone.

The boxes are put in the order of a space-filling curve and cut into runs; a query looks at the
boxes around the runs first. It costs no objects and is built in milliseconds, so that a changed
collection may have a new one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Floats, Ints
    from geo_service.store.protocol import Box

_RUN = 64
_BITS = 16


def meets(boxes: Floats, box: Box) -> Bools:
    """Which boxes (n, 4) meet a box, edges included; a box of NaN meets none."""
    west, south, east, north = box
    result: Bools = (
        (boxes[:, 0] <= east)
        & (boxes[:, 2] >= west)
        & (boxes[:, 1] <= north)
        & (boxes[:, 3] >= south)
    )
    return result


def _spread(numbers: Ints) -> Ints:
    """The bits of 16-bit numbers, each followed by an empty one."""
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        numbers = (numbers | (numbers << shift)) & mask
    return numbers


class BoxIndex:
    """Boxes west, south, east, north of shape (n, 4); rows of NaN lie nowhere."""

    def __init__(self, boxes: Floats) -> None:
        self.boxes = boxes

    @cached_property
    def _order(self) -> Ints:
        placed = np.flatnonzero(~np.isnan(self.boxes[:, 0]))
        middles = (self.boxes[placed, :2] + self.boxes[placed, 2:]) / 2
        span = np.ptp(middles, axis=0) if len(placed) else np.ones(2)
        scale = (2**_BITS - 1) / np.where(span > 0, span, 1.0)
        low = middles.min(axis=0) if len(placed) else np.zeros(2)
        cells = ((middles - low) * scale).astype(np.int64)
        return placed[np.argsort(_spread(cells[:, 0]) | (_spread(cells[:, 1]) << 1))]

    @cached_property
    def _runs(self) -> Floats:
        """Boxes around the runs."""
        starts = np.arange(0, len(self._order), _RUN)
        if not len(starts):
            return np.empty((0, 4))
        sorted_boxes = self.boxes[self._order]
        low = np.minimum.reduceat(sorted_boxes[:, :2], starts, axis=0)
        high = np.maximum.reduceat(sorted_boxes[:, 2:], starts, axis=0)
        return np.hstack((low, high))

    def query(self, box: Box) -> Ints:
        """Numbers of the boxes that meet a box, in order."""
        runs = np.flatnonzero(meets(self._runs, box))
        if not len(runs):
            return np.empty(0, dtype=np.int64)
        places = (runs[:, None] * _RUN + np.arange(_RUN)).ravel()
        near = self._order[places[places < len(self._order)]]
        return np.sort(near[meets(self.boxes[near], box)])
