"""Personal data in texts and columns: found, and shown without what identifies somebody.

Which columns hold such data stands in the table `personal_fields`. In free text two kinds of
numbers are found by themselves: those of identity cards (GB 11643: 18 characters, a day of birth,
a check character) and of mobile telephones.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from typing import NamedTuple

from geo_service.domain.person import PersonalKind
from geo_service.lexicons import lexicon

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_BEFORE, _AFTER = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])"
_CARD = re.compile(rf"{_BEFORE}[1-9](?:[0-9][ -]?){{16}}[0-9Xx]{_AFTER}")
_MOBILE = re.compile(rf"{_BEFORE}(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{{4}}){{2}}{_AFTER}")
_SHORTEST = 11
_RUN = re.compile(r"\d{3}[ -]?\d{4}[ -]?\d{4}|\d{11}|\d[ -]\d[ -]\d")
"""Digits of any width, as both numbers have them somewhere."""
_GAP = re.compile(r"[ -]")
_SEPARATORS = re.compile(r"[\s_\-:：()（）/]")
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_WORD = re.compile(r"\w+")
_SHOWN = {
    PersonalKind.ID_CARD: (4, 4),
    PersonalKind.MOBILE: (3, 4),
    PersonalKind.PHONE: (0, 3),
    PersonalKind.ADDRESS: (3, 0),
    PersonalKind.NAME: (1, 0),
    PersonalKind.OTHER: (1, 0),
}
"""Characters left to see at either end."""


class Found(NamedTuple):
    """A number in a text: from, to (excluded), and what it is."""

    start: int
    end: int
    kind: PersonalKind


def numbers_in(text: str) -> list[Found]:
    """Numbers of identity cards and mobile telephones in a text, in its order."""
    if not may_hold_number(text):
        return []
    plain = text if text.isascii() else text.translate(_NARROW)
    cards = [
        Found(*match.span(), PersonalKind.ID_CARD)
        for match in _CARD.finditer(plain)
        if is_id_card(_GAP.sub("", match[0]))
    ]
    mobiles = [Found(*match.span(), PersonalKind.MOBILE) for match in _MOBILE.finditer(plain)]
    inside = [m for m in mobiles if not any(c.start <= m.start < c.end for c in cards)]
    return sorted([*cards, *inside])


def may_hold_number(text: str) -> bool:
    """Whether a text is long enough and has digits enough: a quick look before a slow one."""
    return len(text) >= _SHORTEST and _RUN.search(text) is not None


def is_id_card(number: str) -> bool:
    """Whether 18 characters are the number of an identity card."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECKS[total % 11] == number[17].upper()


def masked(value: str, kind: PersonalKind) -> str:
    """A value as it may be shown: 张*, 138****1234. Each word of names and addresses for itself."""
    if kind in (PersonalKind.NAME, PersonalKind.OTHER):
        return _WORD.sub(lambda word: _covered(word[0], kind), value)
    return _covered(value, kind)


def _covered(value: str, kind: PersonalKind) -> str:
    first, last = _SHOWN[kind]
    if len(value) <= first + last:
        first = last = 0
    tail = len(value) - last
    return value[:first] + "*" * (tail - first) + value[tail:]


def masked_text(text: str) -> str:
    """A text in which numbers of cards and telephones are masked."""
    for start, end, kind in reversed(numbers_in(text)):
        text = text[:start] + masked(text[start:end], kind) + text[end:]
    return text


@cache
def _rows(use: str) -> dict[str, PersonalKind | None]:
    return {
        _folded(row["word"]): PersonalKind(row["kind"]) if row["kind"] else None
        for row in lexicon("personal_fields", "use", "word").rows
        if row["use"] == use
    }


def _folded(header: str) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", header)).casefold()


def kind_of_column(header: str) -> PersonalKind | None:
    """What the values of a column tell of a person, None for any other column."""
    return _rows("column").get(_folded(header))


def is_free_text(field: str) -> bool:
    """Whether a field of the register is a text in which such a number may stand by chance."""
    return _folded(field) in _rows("text")
