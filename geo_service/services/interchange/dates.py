"""Dates as people write them: a day in the calendar, or a question to the sender.

What is a day in one way only is read. What does not exist, is no day (a year, a month), or can be
read in several ways (03/04/2021, 85.3.1, a serial of a spreadsheet, a year of reign, a lunar day)
is refused with every reading named, and none applied: see `date_readings`.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from geo_service.domain.text import Text
from geo_service.language.romanisation import ordinal_value
from geo_service.lexicons import lexicon
from geo_service.services.interchange import date_readings
from geo_service.services.interchange.hygiene import narrow_signs

_FORMS = (
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"),
    re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"),
    re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})\.?"),
    re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]?"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
)
_CLOCK = r"[T ](?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
_LOCAL_TIME = re.compile(_CLOCK + r"(?:\+08:?00)?$")
_OTHER_ZONE = re.compile(_CLOCK + r"(?:Z|[+-][0-9]{2}:?[0-9]{2})$")
_NUMERAL = "〇一二三四五六七八九十"
_SPELT = re.compile(rf"([{_NUMERAL}]+)(?=[年月日号]|$)")
_SAME_NUMERAL = str.maketrans({"○": "〇", "零": "〇", "廿": "二十", "卅": "三十"})
_STANDARD = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}")


GREGORIAN = date(1582, 10, 15)
"""The first day that anybody called so: a day before was written otherwise, and converted."""


class DateRefused(ValueError):  # noqa: N818 - told as an issue, never raised to callers
    """`code` is date_impossible, date_ambiguous, date_incomplete or date_unreadable.

    `readings` says why, and what the text may mean; `historic` that papers of history tell time
    so: by reigns, by the lunar calendar, by years and months.
    """

    def __init__(self, code: str, readings: Text | None = None, *, historic: bool = False) -> None:
        super().__init__(code)
        self.code, self.readings, self.historic = code, readings or Text("", ""), historic


def read_date(text: str, today: date) -> date:
    """The day a text names; readings after `today` are not proposed. Raises DateRefused."""
    plain = in_digits(_LOCAL_TIME.sub("", text.replace(" ", "") if "年" in text else text))
    for form in _FORMS:
        if match := form.fullmatch(plain):
            year, month, day = (int(part) for part in match.groups())
            try:
                return date(year, month, day)
            except ValueError as error:
                said = date_readings.impossible(year, month, day)
                raise DateRefused("date_impossible", said) from error
    # The day in another time zone may be the day before or after here.
    if _OTHER_ZONE.search(plain):
        raise DateRefused("date_ambiguous", date_readings.other_zone())
    if several := date_readings.ambiguous(plain, today):
        reigned = date_readings.reigned(plain) is not None
        raise DateRefused("date_ambiguous", several, historic=reigned)
    if span := date_readings.incomplete(plain):
        raise DateRefused("date_incomplete", span, historic=True)
    if date_readings.is_no_day(plain):
        raise DateRefused("date_impossible", date_readings.no_reading())
    raise DateRefused("date_unreadable")


def placeholder(day: date) -> str:
    """The programs that write this day where they hold none; "" of any other."""
    return _placeholders().get(day, "")


@cache
def _placeholders() -> dict[date, str]:
    rows = lexicon("placeholder_days", "day").rows
    return {date.fromisoformat(row["day"]): row["program"] for row in rows}


def in_digits(text: str) -> str:
    """A date in digits and narrow signs: 二〇二一年三月五日 is 2021年3月5日."""
    plain = narrow_signs(text).translate(_SAME_NUMERAL)
    return _SPELT.sub(lambda match: str(ordinal_value(match[1]) or match[1]), plain)


def is_standard(text: str) -> bool:
    """Whether a day is written as GB/T 7408 has it: 2024-06-01 or 20240601."""
    return _STANDARD.fullmatch(text) is not None
