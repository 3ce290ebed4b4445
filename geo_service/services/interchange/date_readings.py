"""What a date that is no plain day may mean: every reading in words, for the sender to choose.

Nothing here is applied. Years of reign come from the table `date_eras`; those of before 1912 run
by the lunar calendar, so that their last weeks belong to the following year.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from geo_service.domain.text import Text
from geo_service.lexicons import Cells, lexicon
from geo_service.messages import message

_THREE = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{1,2})\.?")
_SHORT = re.compile(r"([0-9]{2})年([0-9]{1,2})月([0-9]{1,2})[日号]?")
_SIX = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})")
_SERIAL = re.compile(r"([1-9][0-9]{4})(?:\.[0-9]+)?")
_ZERO_1900, _ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)
"""Days before the first of the two numberings of spreadsheets."""
_REIGN = re.compile(r"(?:中华)?([\u4e00-\u9fff]{2})(?:\(.*?\))?(元|[0-9]{1,3})年?(.*)")
_LUNAR = re.compile(
    r"农历|阴历|旧历|夏历|闰|正月|[冬腊]月|初[0-9]|"
    r"[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年?"
)
_YEAR = re.compile(r"(?:公元)?([0-9]{4})年?")
_MONTH = re.compile(r"([0-9]{4})(?:[-/.]|年)?([0-9]{1,2})月?")
_VAGUE = re.compile(
    r"世纪|年代|年[初中底末内春夏秋冬]|半年|季度?|月[初中底末]|[上中下]旬|前后|左右|约"
)
_CENTURIES = (1900, 2000)
_ORDERS = ("ymd", "dmy", "mdy")


def _joined(readings: Iterable[Text]) -> Text | None:
    told = list(dict.fromkeys(readings))
    if len(told) < 2:
        return told[0] if told else None
    return Text("；".join(t.zh for t in told), "; ".join(t.en for t in told))


def _said(key: str, **values: object) -> Text:
    return message(f"import.date_reading_{key}", **values)


def impossible(year: int, month: int, day: int) -> Text:
    """Why a day does not exist, and which day it is if month and day changed places."""
    if year < 1:
        return _said("no_year")
    if not 1 <= month <= 12:
        swapped = _day(year, day, month)
        told = _said("no_month", month=month)
        more = () if swapped is None else (_said("swapped", day=swapped),)
        return _joined((told, *more)) or told
    return _said("no_day", year=year, month=month, last=calendar.monthrange(year, month)[1])


def other_zone() -> Text:
    """A moment told by the clock of another time zone."""
    return _said("zone")


def ambiguous(text: str, today: date) -> Text | None:
    """The readings of a text that is a day in more than one way; None where it is not."""
    if told := reigned(text):
        return told
    days = list(_days(text))
    if not days:
        return None
    known = [(order, day) for order, day in days if day <= today] or days
    days_told = [_said("day", day=day, order=_said(f"order_{order}")) for order, day in known]
    # 201203 may be a month as well; a month of the far future it is not.
    month = incomplete(text) if text[:4].isdigit() and int(text[:4]) <= today.year else None
    return _joined(days_told if month is None else [*days_told, month])


def reigned(text: str) -> Text | None:
    """The reading of a year of reign or a lunar day, as papers of history have them."""
    match = _REIGN.fullmatch(text)
    lunar = _LUNAR.search(text) is not None
    known = match is not None and (match[1] in _eras() or not lunar)
    readings = [_reign(match[1], _number(match[2]))] if match is not None and known else []
    if lunar:
        readings.append(_said("lunar"))
    elif not known and text.removeprefix("中华")[:2] in _eras():
        readings.append(_said("vague"))
    return _joined(readings)


def is_no_day(text: str) -> bool:
    """Whether three numbers stand there of which no order makes a day."""
    return _THREE.fullmatch(text) is not None or _SHORT.fullmatch(text) is not None


def no_reading() -> Text:
    """That no order of the numbers makes a day."""
    return _said("no_reading")


def incomplete(text: str) -> Text | None:
    """What a text says that names a year, a month or some time about; None where it is not so."""
    if _VAGUE.search(text):
        return _said("vague")
    if match := _YEAR.fullmatch(text):
        year = int(match[1])
        return _said("span", first=f"{year}-01-01", last=f"{year}-12-31") if year else None
    match = _MONTH.fullmatch(text)
    if match is None or not 1 <= int(match[2]) <= 12 or not int(match[1]):
        return None
    year, month = int(match[1]), int(match[2])
    last = calendar.monthrange(year, month)[1]
    return _said("span", first=date(year, month, 1), last=date(year, month, last))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _days(text: str) -> Iterator[tuple[str, date]]:
    """The days a text of numbers may be, each with the order in which it is read so."""
    if match := _SERIAL.fullmatch(text):
        yield "serial_1900", _ZERO_1900 + timedelta(int(match[1]))
        yield "serial_1904", _ZERO_1904 + timedelta(int(match[1]))
    elif match := _THREE.fullmatch(text):
        for order in _ORDERS:
            yield from _ordered((match[1], match[3], match[4]), order)
    elif match := _SHORT.fullmatch(text) or _SIX.fullmatch(text):
        yield from _ordered((match[1], match[2], match[3]), "ymd")


def _ordered(parts: tuple[str, str, str], order: str) -> Iterator[tuple[str, date]]:
    """The days of three numbers in one order; a year of two digits is tried in two centuries."""
    year, month, day = (parts[order.index(part)] for part in "ymd")
    if len(year) == 1 or len(month) > 2 or len(day) > 2:
        return
    for century in (0,) if len(year) > 2 else _CENTURIES:
        found = _day(century + int(year), int(month), int(day))
        if found is not None:
            yield order, found


# --- years of reign -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Era:
    first: int
    last: int
    lunar: bool


def _era(row: Cells) -> tuple[str, _Era]:
    years = int(row["first_year"]), int(row["last_year"])
    return row["era"], _Era(*years, row["calendar"] == "lunar")


@cache
def _eras() -> dict[str, _Era]:
    return dict(lexicon("date_eras", "era").typed(_era))


def _number(written: str) -> int:
    return 1 if written == "元" else int(written)


def _reign(name: str, number: int) -> Text:
    era = _eras().get(name)
    if era is None:
        return _said("era_unknown", era=name)
    year = era.first + number - 1
    values = {"era": name, "number": number, "year": year, "first": era.first, "last": era.last}
    if not era.first <= year <= era.last:
        return _said("era_outside", **values)
    return _said("era_lunar" if era.lunar else "era", **values)
