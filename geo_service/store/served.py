"""Whether a register is served: a lock beside its file, which nobody puts another file under.

A service that runs would go on reading and writing the file that was replaced. The kernel lets the
lock go when its holder dies, so that nothing has to be cleared away.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from geo_service.errors import StoreError
from geo_service.store.addresses import is_server, store_path
from geo_service.store.disk import tighten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _lock_of(path: Path) -> Path:
    # Not the file itself: to close it anywhere in a process would let go of SQLite's own locks.
    return path.with_name(f".{path.name}.served")


@contextmanager
def serving(url: str) -> Iterator[None]:
    """Say meanwhile that the store is served; others may serve it too. Nothing for a server.

    What is served is its owner's alone from then on, however an older version left its file.
    """
    handle = None if is_server(url) else _open(_lock_of(store_path(url)), os.O_CREAT)
    try:
        if handle is not None:
            fcntl.flock(handle, fcntl.LOCK_SH)
            tighten(store_path(url))
        yield
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def unserved(path: Path) -> Iterator[None]:
    """Keep a file from being served meanwhile. Raises StoreError `store_served` where it is."""
    handle = _open(_lock_of(path), 0)
    try:
        if handle is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise StoreError("store_served", path=path) from error
    finally:
        if handle is not None:
            os.close(handle)


def _open(lock: Path, create: int) -> int | None:
    """The lock, None where there is none or nobody may write: nothing is put there either."""
    try:
        return os.open(lock, os.O_RDWR | os.O_CLOEXEC | create, 0o600)
    except OSError:
        return None
