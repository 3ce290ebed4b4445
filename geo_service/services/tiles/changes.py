"""What an edit does to things that stand by row: some rows go, some come, the others stay."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import numpy as np

from geo_service.geometry.arrays import Ints

_Rows = TypeVar("_Rows", bound=np.ndarray[Any, Any])


class RowChange(NamedTuple):
    """Rows that are `gone` from before, and those that have `come` as they are numbered after.

    The others stay in their order.
    """

    gone: Ints
    come: Ints

    @classmethod
    def between(cls, before: Sequence[object], after: Sequence[object]) -> RowChange:
        """The change that makes one of the other, where only the same object is the same row."""
        objects = np.fromiter(map(id, chain(before, after)), dtype=np.int64)
        _, places, counts = np.unique(objects, return_index=True, return_counts=True)
        lone = np.sort(places[counts == 1])
        begin = int(np.searchsorted(lone, len(before)))
        return cls(lone[:begin], lone[begin:] - len(before))

    @property
    def size(self) -> int:
        """How many rows go and come."""
        return len(self.gone) + len(self.come)

    def made(self, before: _Rows, added: _Rows) -> _Rows:
        """An array by row as it stands after; `added` has one row to each that has come."""
        places = self.come - np.arange(len(self.come))
        made: _Rows = np.insert(np.delete(before, self.gone, axis=0), places, added, axis=0)
        return made
