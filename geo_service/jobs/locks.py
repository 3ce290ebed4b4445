"""Who is alive: a lock on a file, which the kernel lets go when its last holder dies.

The process that starts a job takes the lock and hands it to the job's own process, so that it is
held while either lives. No clock and no process number has to be trusted.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path


def take(path: Path) -> int | None:
    """The lock as a file descriptor that may be handed on, None where somebody holds it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def release(handle: int) -> None:
    """Let go of this hold; another process may still have its own."""
    with suppress(OSError):
        os.close(handle)


def is_held(path: Path) -> bool:
    """Whether somebody alive holds the lock."""
    if not path.exists():
        return False
    handle = take(path)
    if handle is None:
        return True
    release(handle)
    return False
