"""True, false and unknown over many rows: what is null is neither equal nor unequal to anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints
    from geo_service.services.serving.snapshot import Snapshot


@dataclass(frozen=True)
class Asked:
    """The rows of a snapshot that a filter is asked about."""

    snapshot: Snapshot
    rows: Ints

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def _numbers(self) -> list[int]:
        numbers: list[int] = self.rows.tolist()
        return numbers

    def texts(self, name: str) -> Geometries:
        """A field as texts, None for null."""
        column = self.snapshot.column(name)
        found = np.empty(len(self), dtype=object)
        found[:] = [column[row] for row in self._numbers]
        return found

    def figures(self, name: str) -> Floats:
        """A figure, or a day as ordinal, NaN for null."""
        return self.snapshot.numbers(name)[self.rows]

    def days(self, name: str, nothing: float) -> Floats:
        """A day as ordinal, with another value for null."""
        return self.snapshot.numbers(name, nothing)[self.rows]


@dataclass(frozen=True, slots=True)
class Truth:
    """Where a condition is true and where it is false; elsewhere it is unknown."""

    yes: Bools
    no: Bools

    @classmethod
    def where_known(cls, holds: Bools, known: Bools) -> Truth:
        """`holds` as far as it is known."""
        return cls(holds & known, ~holds & known)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)


Predicate = Callable[[Asked], Truth]
