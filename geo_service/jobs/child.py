"""The process of one job: limits first, then the work, then its end in the book.

Run as `python -m geo_service.jobs.child FOLDER ID PARENT`, settings in the environment. It holds
the lock it was handed for as long as it lives.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

from geo_service.jobs.runner import OUT_OF_MEMORY
from geo_service.store.disk import OWNER_ONLY

MEMORY_BYTES = 6 << 30
_PR_SET_PDEATHSIG = 1


def _limit(parent: int) -> None:
    """Memory; results that nobody else reads; politeness towards the service; and death with it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(5)
    os.umask(OWNER_ONLY)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked to be told
        os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, job_id: str, parent: str) -> None:
    """Do the job. Never raises: how it ended stands in the book."""
    _limit(int(parent))
    from geo_service.jobs.work import carry_out  # noqa: PLC0415 - under the limits

    try:
        carry_out(Path(folder), job_id)
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)


if __name__ == "__main__":
    main(*sys.argv[1:])
