"""Numbers, lengths and angles as descriptions write them.

Every pattern is anchored and every repetition bounded: reading never looks far ahead.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_NUMERAL = r"[0-9]{1,9}(?:,[0-9]{3}){0,3}(?:\.[0-9]{1,6})?"
_SPOKEN = r"[零〇一二三四五六七八九两十百千万]{1,12}(?:点[零〇一二三四五六七八九]{1,6})?"
_METRES = {"米": 1.0, "m": 1.0, "公里": 1000.0, "千米": 1000.0, "km": 1000.0, "里": 500.0}
_LENGTH = re.compile(rf"({_NUMERAL}|{_SPOKEN})(公里|千米|km|米|m(?![a-z])|里)", re.IGNORECASE)
_ANGLE = re.compile(
    r"([0-9]{1,3}(?:\.[0-9]{1,6})?)(?:°|度)"
    r"(?:([0-9]{1,2}(?:\.[0-9]{1,3})?)[\u2032'分](?:([0-9]{1,2}(?:\.[0-9]{1,3})?)(?:[″\"秒]|''))?)?"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A value read from a text and the place after it."""

    value: float
    end: int


def flat(text: str) -> str:
    """The text with full-width characters in their plain form, as long as before."""
    return "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isascii():
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
    return Figure(number(match[1]) * _METRES[match[2].lower()], match.end())


def angle_at(text: str, place: int, limit: int) -> Figure | None:
    """An angle in degrees that begins at `place`, None for none."""
    match = _ANGLE.match(text, place, limit)
    if match is None:
        return None
    degrees, minutes, seconds = (float(part or 0) for part in match.groups())
    return Figure(degrees + minutes / 60 + seconds / 3600, match.end())
