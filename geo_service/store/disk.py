"""Files and folders on a disk, which may be full, and forgets what was not synced."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from stat import S_IMODE, S_ISDIR
from typing import TYPE_CHECKING

from geo_service.errors import InputError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

OWNER_ONLY = 0o077
"""The umask of processes that write only what the service keeps: whatever a library makes there."""
_OWN_FOLDER, _OWN_FILE = 0o700, 0o600
_FULL = frozenset((errno.ENOSPC, errno.EDQUOT))
_SCRATCH = "geo-service-"
_SAYS_FULL = ("no space left", "disk is full")
_NOTHING_LEFT = 1 << 16
"""Bytes below which a disk is full for a program that does not say why it failed."""


def flush(path: Path) -> None:
    """See a file, or the names in a folder, on disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def ensure_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder and those above it where they are missing, their names on disk.

    Raises OSError.
    """
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode, exist_ok=True)
        flush(path.parent)


def own_folder(folder: Path) -> None:
    """The same for what the service keeps: folders that are made are their owner's alone.

    Whatever the umask is. Raises OSError.
    """
    ensure_folder(folder, _OWN_FOLDER)


def own_file(path: Path) -> None:
    """See that a file is there to be written, which is its owner's alone where it was not there.

    Whatever the umask is, for what the service keeps; journals beside a database take after it.
    Raises OSError.
    """
    path.touch(_OWN_FILE)


def tighten(path: Path) -> None:
    """Take from others what a file of before lets them do; it is as `own_file` makes one then.

    Nothing where it is not there, or is not ours to change.
    """
    with suppress(OSError):
        mode = S_IMODE(path.stat().st_mode)
        if mode & OWNER_ONLY:
            path.chmod(mode & ~OWNER_ONLY)


def is_full(error: Exception) -> bool:
    """Whether it says that the disk is full, by number or in words."""
    told = str(error).lower()
    return getattr(error, "errno", None) in _FULL or any(words in told for words in _SAYS_FULL)


def nothing_left(folder: Path) -> bool:
    """Whether the disk of a folder has no room. Raises OSError."""
    left = os.statvfs(folder)
    return left.f_bavail * left.f_frsize < _NOTHING_LEFT


def failed_writing(error: Exception, folder: Path) -> OSError:
    """What a library could not write in a folder, as an OSError that tells a full disk.

    To be asked at once, before what it left has been cleared away.
    """
    if is_full(error) or nothing_left(folder):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return OSError(str(error))


def export_refused(path: Path, error: OSError) -> InputError:
    """The disk would not have an exported file: `export_disk_full`, else `export_failed`."""
    if is_full(error):
        return InputError("export_disk_full", file=path)
    return InputError("export_failed", file=path, detail=error.strerror or str(error))


def clear_scratch(age: timedelta) -> None:
    """Remove such folders of ours that a killed process left so long ago; never one in use."""
    for path in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        with suppress(OSError):  # somebody else's, in use, or gone meanwhile
            told = path.lstat()
            old = datetime.now(UTC) - datetime.fromtimestamp(told.st_mtime, UTC) > age
            if S_ISDIR(told.st_mode) and told.st_uid == os.getuid() and old:
                with _in_use(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
                    shutil.rmtree(path)


@contextmanager
def _in_use(folder: str | Path, lock: int = fcntl.LOCK_SH) -> Iterator[None]:
    """Hold a folder meanwhile; the kernel lets go of it when we die. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, lock)
        yield
    finally:
        os.close(handle)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is needed meanwhile. Raises StoreError scratch_full where its disk is full."""
    try:
        with tempfile.TemporaryDirectory(prefix=_SCRATCH) as name, _in_use(name):
            yield Path(name)
    except (OSError, InputError) as error:
        full = error.code == "export_disk_full" if isinstance(error, InputError) else is_full(error)
        if full:
            raise StoreError("scratch_full", path=tempfile.gettempdir()) from error
        raise
