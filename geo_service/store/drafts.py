"""Drafts: what is written beside a file, under a hidden name, before it takes the file's place.

The name tells which process on which machine writes it, so that the draft of one that was killed is
cleared away by the next that writes the same file, and the draft of one at work is left alone.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from zlib import crc32

from geo_service.store.disk import ensure_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PARTS = ".parts"
_BESIDE = r"(?:\.parts|-journal|-wal|-shm)?"
"""What a draft may have beside it: a folder of ours, the logs of a database."""


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """A name for the draft of a file, whose suffix it keeps: GDAL looks at it.

    Makes the folder where it is missing. What lies under the name at the end is removed. Raises
    OSError.
    """
    ensure_folder(path.parent)
    _clear_left(path)
    draft = path.with_name(f".{path.stem}.{_machine()}-{os.getpid()}{path.suffix}")
    draft.unlink(missing_ok=True)
    try:
        yield draft
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


@contextmanager
def parts_of(draft: Path) -> Iterator[Path]:
    """A folder beside a draft, for what is written in parts. Raises OSError."""
    folder = draft.with_name(f"{draft.name}{_PARTS}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _clear_left(path: Path) -> None:
    """Remove drafts of the file whose writers on this machine are no more."""
    begins, ends = re.escape(f".{path.stem}.{_machine()}-"), re.escape(path.suffix)
    named = re.compile(rf"{begins}([0-9]+){ends}{_BESIDE}")
    for found in list(path.parent.iterdir()):
        told = named.fullmatch(found.name)
        if told is None or _at_work(int(told[1])):
            continue
        if found.is_dir():
            shutil.rmtree(found, ignore_errors=True)
        else:
            with suppress(OSError):
                found.unlink(missing_ok=True)


def _at_work(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _machine() -> str:
    """This machine in short: on a shared disk another may have a process of that number."""
    return f"{crc32(platform.node().encode()):08x}"
