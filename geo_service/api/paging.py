"""Pages by cursor: a mark that says where the next page begins, of which query, known at when.

The register may change between two pages. The cursor therefore carries the moment of the first
page, and every further page is read as the register was known then: nothing is left out or told
twice.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Query

from geo_service.domain.clock import in_utc
from geo_service.errors import InputError

MOST_ON_A_PAGE = 1000
CursorDep = Annotated[
    str,
    Query(max_length=400, description="上一页的 next_cursor / next_cursor of the page before"),
]
LimitDep = Annotated[int, Query(ge=1, le=MOST_ON_A_PAGE, description="每页条数 / size of a page")]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins, and the moment of the first page (UTC), None for one without clock."""

    at: int
    known_at: datetime | None = None


def _digest(query: Mapping[str, Any]) -> str:
    told = json.dumps(query, sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def cursor_text(cursor: Cursor, query: Mapping[str, Any]) -> str:
    """The cursor as a client gets it; `query` are the words it belongs to."""
    known = "" if cursor.known_at is None else in_utc(cursor.known_at).isoformat()
    plain = f"{cursor.at}|{known}|{_digest(query)}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(text: str, query: Mapping[str, Any]) -> Cursor | None:
    """The cursor a client sends, None for none.

    Raises InputError `cursor_unreadable` for what is none of ours or belongs to another query.
    """
    if not text:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        at, known, digest = plain.decode("ascii").split("|")
        moment = datetime.fromisoformat(known) if known else None
        if not at.isascii() or not at.isdecimal() or digest != _digest(query):
            raise ValueError(at)
        if moment is not None and moment.tzinfo is None:
            raise ValueError(known)
        return Cursor(int(at[:18]), moment)
    except (ValueError, binascii.Error) as error:
        raise InputError("cursor_unreadable") from error
