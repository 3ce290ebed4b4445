"""How far the reading and storing of a file is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

TOLD_EVERY = 500
"""Rows between two words on progress."""


class Step(StrEnum):
    """The steps of an import in their order."""

    READING = "reading"
    """The file is being parsed; nobody knows yet how much there is of it."""
    BUILDING = "building"
    """Its rows become records."""
    COMPARING = "comparing"
    """The records are held against the register."""
    WRITING = "writing"
    """Everything was found good and goes into the register. Told before the first write: what
    raises here has stored nothing, and from here on the import is not to be stopped."""


Watch = Callable[[Step, int, int | None], None]
"""Told a step, how many rows of it are done, and of how many (None: nobody knows)."""


def unwatched(_step: Step, _done: int, _total: int | None) -> None:
    """Nobody waits."""
