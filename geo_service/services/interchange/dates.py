"""Dates as people write them; what does not exist, or can be read in two ways, is asked back."""

from __future__ import annotations

import re
from datetime import date

_FORMS = (
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"),
    re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"),
    re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})"),
    re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日?"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
)
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
_LOCAL_TIME = re.compile(_CLOCK + r"(?:\+08:?00)?$")
_OTHER_ZONE = re.compile(_CLOCK + r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$")
_INCOMPLETE = re.compile(r"[0-9]{4}(?:年|[-/.][0-9]{1,2}|年[0-9]{1,2}月)?")
_AMBIGUOUS = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:[0-9]{4}|[0-9]{2})|民国.*|康德.*|昭和.*")

_STANDARD = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")


class DateRefused(ValueError):  # noqa: N818 - told as an issue, never raised to callers
    """`code` is date_impossible, date_ambiguous, date_incomplete or date_unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_date(text: str) -> date:
    """The day a text names. Raises DateRefused."""
    plain = _LOCAL_TIME.sub("", text.replace(" ", "") if "年" in text else text)
    for form in _FORMS:
        if match := form.fullmatch(plain):
            try:
                return date(int(match[1]), int(match[2]), int(match[3]))
            except ValueError as error:
                raise DateRefused("date_impossible") from error
    # The day in another time zone may be the day before or after here.
    if _AMBIGUOUS.fullmatch(plain) or _OTHER_ZONE.search(plain):
        raise DateRefused("date_ambiguous")
    if _INCOMPLETE.fullmatch(plain):
        raise DateRefused("date_incomplete")
    raise DateRefused("date_unreadable")


def is_standard(text: str) -> bool:
    """Whether a day is written as GB/T 7408 has it: 2024-06-01 or 20240601."""
    return _STANDARD.fullmatch(text) is not None
