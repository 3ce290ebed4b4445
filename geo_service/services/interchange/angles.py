"""Angles as forms write them: 227°10′30″, with either sign of minutes and seconds."""

from __future__ import annotations

import re

_SIGNS = "°度"
_DMS = re.compile(
    r"([0-9]{1,3})[°度]\s*(?:([0-9]{1,2})[\u2032\u2019'分]\s*)?"
    r"(?:([0-9]{1,2}(?:\.[0-9]+)?)(?:[\u2033\u201d\"秒]|''))?"
)
_SIDES = re.compile(r"^(?:东经|北纬|[EN])|[EN]$")


def is_signed(text: str) -> bool:
    """Whether an angle is written with the sign of degrees."""
    return any(sign in text for sign in _SIGNS)


def signed_angle(text: str) -> float | None:
    """Degrees of an angle written with signs; None where it is no angle."""
    parts = _DMS.fullmatch(text)
    if parts is None:
        return None
    degrees, minutes, seconds = (float(part or 0) for part in parts.groups())
    whole = minutes < 60 and seconds < 60
    return degrees + minutes / 60 + seconds / 3600 if whole else None


def without_side(text: str) -> str:
    """A longitude or latitude without the words and letters around it: 东经, 北纬, E, N."""
    return _SIDES.sub("", text).strip()
