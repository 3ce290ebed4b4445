"""Numbers, lengths and angles as descriptions write them.

Every pattern is anchored and every repetition bounded: reading never looks far ahead.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_NUMERAL = r"[0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,6})?"
_SPOKEN = r"[零〇○一二三四五六七八九两十百千万]{1,12}(?:点[零〇○一二三四五六七八九]{1,6})?|半"
_METRES = {
    **dict.fromkeys(("米", "m", "公尺"), 1.0),
    **dict.fromkeys(("公里", "千米", "km"), 1000.0),
    **dict.fromkeys(("里", "华里", "市里", "里地"), 500.0),
}
_LENGTH = re.compile(
    rf"({_NUMERAL}|{_SPOKEN})([余多来]?)"
    r"(公里|千米|华里|市里|公尺|里地|km|米|m(?![a-z])|里(?!程))(半?)",
    re.IGNORECASE,
)
_ANGLE = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]{1,6})?)(?:°|度)"
    r"(?:([0-9]{1,2}(?:\.[0-9]{1,3})?)[\u2032'分](?:([0-9]{1,2}(?:\.[0-9]{1,3})?)(?:[″\"秒]|''))?)?"
)


_CARDINAL = {"北": 0.0, "东": 90.0, "南": 180.0, "西": 270.0}
_QUARTER = re.compile(r"([北南](?=偏?[东西])|[东西](?=偏?[北南]))(偏?)([东西北南])(?=[0-9])")
"""A bearing within a quarter: 北东30°, 南偏西20°, 东偏南15°."""


_NUMBERS_OF_ITEMS = frozenset("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳")
"""Signs whose plain form would run into the words after them."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value read from a text and the place after it; `about` where it says 余 or 多."""

    value: float
    end: int
    about: bool = False


def flat(text: str) -> str:
    """The text with full-width characters in their plain form, as long as before."""
    return "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isascii() or character in _NUMBERS_OF_ITEMS:
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def number(text: str) -> float:
    """A number in digits or in Chinese. Raises ValueError where it is none."""
    if text[:1].isascii():
        return float(text.replace(",", ""))
    whole, _, decimals = text.partition("点")
    value = float(_counted(whole))
    return value + sum(_DIGITS[c] / 10.0**place for place, c in enumerate(decimals, start=1))


def _counted(text: str) -> int:
    if not set(text) & set(_UNITS):  # 一六五: digit by digit
        return int("".join(str(_DIGITS[character]) for character in text) or "0")
    total = section = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character == "万":
            total, section, digit = total + (section + digit) * 10000, 0, 0
        else:
            section, digit = section + (digit or 1) * _UNITS[character], 0
    return total + section + digit


def length_at(text: str, place: int, limit: int) -> Figure | None:
    """A length in metres that begins at `place`, None for none."""
    match = _LENGTH.match(text, place, limit)
    if match is None:
        return None
    figure, over, unit, half = match.groups()
    value = 0.5 if figure == "半" else number(figure) + (0.5 if half else 0.0)
    return Figure(value * _METRES[unit.lower()], match.end(), bool(over))


def angle_at(text: str, place: int, limit: int) -> Figure | None:
    """An angle in degrees that begins at `place`, None for none."""
    quarter = _QUARTER.match(text, place, limit)
    if quarter is not None:
        inner = _angle_at(text, quarter.end(), limit)
        if inner is None:
            return None
        one, towards, other = quarter.groups()
        if not towards and one in "东西":
            return None  # 东北30°: no quarter begins with east
        side = (_CARDINAL[other] - _CARDINAL[one] + 180) % 360 - 180
        turned = _CARDINAL[one] + math.copysign(inner.value, side)
        return Figure(turned % 360, inner.end)
    return _angle_at(text, place, limit)


def _angle_at(text: str, place: int, limit: int) -> Figure | None:
    match = _ANGLE.match(text, place, limit)
    if match is None:
        return None
    degrees, minutes, seconds = (float(part or 0) for part in match.groups())
    return Figure(degrees + minutes / 60 + seconds / 3600, match.end())
