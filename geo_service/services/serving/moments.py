"""Days and times as they are asked for over HTTP; days of the register are days in China."""

from __future__ import annotations

import re
from datetime import date, datetime

from geo_service.domain.clock import CHINA

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def day_of(text: str) -> date | None:
    """The day of a date, or in China of a moment, as RFC 3339 writes them; None for any other."""
    if _DAY.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    moment = moment_of(text)
    try:
        return None if moment is None else moment.astimezone(CHINA).date()
    except OverflowError:
        return None


def moment_of(text: str) -> datetime | None:
    """A moment with its zone, as RFC 3339 writes it; None for any other."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None
