"""What the server writes about itself: one line an event, as text or as JSON, to one stream.

Addresses hold the names that people try, headers hold tokens, and the message of a fault may hold
either: so a request is logged by the template of its route, and a fault by its kind and the lines
of code it came from. Keeping and rotating is left to the system's journal.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geo_service.api import request_ids

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKAGE = "/geo_service/"
_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_OF_LIBRARIES = ("uvicorn", "uvicorn.error", "asyncio")


def standard_error(line: str) -> None:
    """One line to standard error, in one piece."""
    os.write(2, line.encode("utf-8", "backslashreplace"))


class ServerLog:
    """Writes events; each line goes out in one piece, so that workers can share a stream."""

    def __init__(self, write: Callable[[str], object], form: str) -> None:
        self._write = write
        self._json = form == "json"

    def event(self, level: str, event: str, **facts: object) -> None:
        """One event with its facts; the id of the running request is added."""
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        request_id = request_ids.current()
        told = {"time": moment, "level": level, "event": event}
        if request_id:
            facts = {"request_id": request_id, **facts}
        if self._json:
            line = json.dumps({**told, **facts}, ensure_ascii=False, default=str)
        else:
            rest = " ".join(f"{key}={_plain(value)}" for key, value in facts.items())
            line = f"{moment} {level.upper()} {event} {rest}".rstrip()
        self._write(line + "\n")

    def fault(self, error: BaseException) -> None:
        """A fault of the program: its kind and where it came from, never what it says."""
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if _PACKAGE in frame.filename]
        shown = [*ours, *frames[-1:]] if frames[-1:] != ours[-1:] else ours
        where = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in shown]
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        self.event("error", "fault", kind=kind, where=where)


def _short(path: str) -> str:
    """The end of a path, enough to find the module."""
    return "/".join(path.rsplit("/", 3)[1:])


def _plain(value: object) -> str:
    """A value on one line of text; nothing in it can begin a line of its own."""
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text.isprintable() or " " in text else text


class _Handler(logging.Handler):
    """What libraries log, as events of ours."""

    def __init__(self, log: ServerLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """One record of a library; of an exception in it only kind and place."""
        said = record.msg if record.exc_info else record.getMessage()
        level = record.levelname.lower()
        told = level if level in _LEVELS else "error"
        self._log.event(told, "library", logger=record.name, said=str(said).strip())
        if record.exc_info and record.exc_info[1] is not None:
            self._log.fault(record.exc_info[1])


def take_over(log: ServerLog) -> None:
    """Have the libraries of the server write to this log, and nowhere else."""
    for name in _OF_LIBRARIES:
        logger = logging.getLogger(name)
        logger.handlers = [_Handler(log)]
        logger.propagate = False
        logger.setLevel(logging.WARNING)
