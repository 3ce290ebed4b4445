"""The time of China: days are counted by it, and people read moments in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8))
"""Days of the register are days in China, whatever zone the machine runs in."""


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def in_utc(moment: datetime) -> datetime:
    """A moment in UTC; one that lies beyond the calendar there is the end of it."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == _FIRST.year else _LAST


def china_text(moment: datetime, *, seconds: bool = False) -> str:
    """A moment as people read it, its zone beside it: 2024-06-01 08:00 +08:00."""
    precision = "seconds" if seconds else "minutes"
    local = moment.astimezone(CHINA).replace(tzinfo=None)
    return f"{local.isoformat(' ', precision)} +08:00"
