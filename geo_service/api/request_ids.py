"""The id of a request: in its answer, in every line logged for it, in every refusal."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = b"x-request-id"
_WELL_FORMED = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_CURRENT: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the request being answered; "" outside of one."""
    return _CURRENT.get()


def begin(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Note the id of a request that begins: the one it brings if well-formed, else a new one.

    Anything else a sender writes there would stand in our logs as it came.
    """
    brought = b""
    for name, value in headers:
        if name == HEADER:
            brought = value
    taken = _WELL_FORMED.fullmatch(brought)
    request_id = brought.decode("ascii") if taken else secrets.token_hex(8)
    _CURRENT.set(request_id)
    return request_id
