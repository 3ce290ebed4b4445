"""What processes that were killed left in the folder of jobs: belongs to nobody, and is cleared."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geo_service.jobs import locks
from geo_service.jobs.tables import connected

if TYPE_CHECKING:
    from pathlib import Path

DRAFT = "draft-"
"""How an upload is called while it comes in; its writer holds a lock on it."""


def clear_left(folder: Path, before: datetime) -> int:
    """Remove what was last written before a moment, is in no book and in nobody's use.

    These are uploads that broke off, uploaded files and results that no row names. Returns how
    many. Raises StoreError `jobs_unavailable`.
    """
    if not folder.is_dir():
        return 0
    left = 0
    for path in _old(folder / "uploads", before):
        if path.name.startswith(DRAFT) and not locks.is_held(path):
            path.unlink(missing_ok=True)
            left += 1
    # In one step with the rows: whoever sends the same bytes enters row and file at once.
    with connected(folder, write=True) as db:
        sent = {row["id"] for row in db.execute("SELECT id FROM upload")}
        jobs = {row["id"] for row in db.execute("SELECT id FROM job")}
        for path in _old(folder / "uploads", before):
            if not path.name.startswith(DRAFT) and path.name not in sent:
                path.unlink(missing_ok=True)
                left += 1
    for path in _old(folder / "work", before):
        if path.name not in jobs and not locks.is_held(path / "lock"):
            shutil.rmtree(path, ignore_errors=True)
            left += 1
    return left


def _old(folder: Path, before: datetime) -> list[Path]:
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except FileNotFoundError:  # another process clears away as well
            continue
        if written < before:
            found.append(path)
    return found
