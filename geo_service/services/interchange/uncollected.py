"""Work that makes objects by the million, none of them part of a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector of cycles from walking through all of them again and again.

    A third of the time of reading a large file was that. What nobody refers to any more goes at
    once all the same; cycles of other threads wait until the collector is back.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
