"""How long the reading process may take: little at first, more with every row that it has read.

A file of nonsense is refused within half a minute, and a large one has the time its rows need.
"""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
CPU_SECONDS = 20
"""Of work, before a row is read: parsers start in two, 50 MB of rows are parsed in less (ours)."""
WALL_SECONDS = 28
"""Of waiting since the last row was counted: a bad file is to be refused within 30 s (issue 5)."""
ROWS_A_SECOND = 20_000
"""Rows that earn another second, as they are read and again when all are: half of what is read in
one on a busy machine (ours)."""
MOST_SECONDS = 240
"""Of work and of waiting, whatever is read."""


def begin() -> None:
    """Start the clock; past it the process is ended by SIGXCPU or SIGALRM."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, MOST_SECONDS))
    signal.alarm(WALL_SECONDS)


def earn(before: int, now: int) -> None:
    """More time for rows: so many were read before, so many are now.

    Does nothing where no clock was started.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    seconds = now // ROWS_A_SECOND - before // ROWS_A_SECOND
    if hard == MOST_SECONDS and seconds > 0:
        soft = min(soft + seconds, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        signal.alarm(WALL_SECONDS + soft - CPU_SECONDS)


def counted(rows: Iterable[T]) -> Iterator[T]:
    """The same rows, which earn their time as they come."""
    for number, row in enumerate(rows, start=1):
        if number % ROWS_A_SECOND == 0:
            earn(number - 1, number)
        yield row
