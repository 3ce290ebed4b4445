"""Syllables as small numbers: 408 toneless ones fit 9 bits, so that a name's sound is one integer.

A packed key holds the first seven syllables of a name, the first one highest, so that names that
begin alike lie side by side once the keys are sorted. Numbers follow the alphabet: the syllables
that begin with the same letters are one run.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from geo_service.language.characters import standard_form
from geo_service.language.readings import read
from geo_service.language.sound import sounds_of, toneless
from geo_service.lexicons import lexicon

WIDTH = 7
BITS = 9
INITIALS = 12
INITIAL_BITS = 5
UNREAD = (1 << BITS) - 1
"""What has no Chinese reading: letters, marks, characters outside every table."""

Keys = NDArray[np.uint64]
Syllables = NDArray[np.uint16]

_DIGITS = "零一二三四五六七八九"
_SHORT_ER = {"r": "er"}


@cache
def alphabet() -> tuple[str, ...]:
    """All toneless syllables of the standard characters, sorted; the number is the place + 1."""
    characters = lexicon("standard_characters", "character").by("character")
    found = {syllable for character in characters for syllable in sounds_of(character)}
    return tuple(sorted(found))


@cache
def number_of() -> dict[str, int]:
    """The number of each syllable, from 1."""
    return {syllable: number for number, syllable in enumerate(alphabet(), start=1)}


def beginning(letters: str) -> tuple[int, int]:
    """First and last number of the syllables that begin with these letters; (1, 0) for none."""
    low = bisect_left(alphabet(), letters)
    high = bisect_left(alphabet(), letters + "~")
    return (low + 1, high) if low < high else (1, 0)


@cache
def sounds() -> tuple[Syllables, ...]:
    """Syllable numbers by code point: the customary reading, then second ones, third ones …

    0 where there is no (further) reading; UNREAD in the first table. A traditional form has the
    readings of its standard form, a digit those of its numeral.
    """
    first = np.full(0x110000, UNREAD, dtype=np.uint16)
    first[[0, 10]] = 0
    tables = [first]
    known = set(lexicon("standard_characters", "character").by("character")) | {"〇"}
    known |= set(lexicon("traditional_forms", "character").by("character"))
    known |= set(lexicon("other_readings", "character").by("character"))
    spoken = {character: character for character in known} | dict(
        zip("0123456789", _DIGITS, strict=True)
    )
    for character, standard in spoken.items():
        for order, number in enumerate(_numbers(standard)):
            if order == len(tables):
                tables.append(np.zeros(0x110000, dtype=np.uint16))
            tables[order][ord(character)] = number
    return tuple(tables)


def _numbers(character: str) -> list[int]:
    form = standard_form(character)
    standard = "零" if character == "〇" else form.standard if form else character
    (reading,) = read(standard)
    return list(dict.fromkeys(map(_number, (reading.syllable, *reading.others))))


@lru_cache(maxsize=1 << 12)
def _number(syllable: str) -> int:
    plain = toneless(syllable)
    return number_of().get(_SHORT_ER.get(plain, plain), UNREAD)


def said(name: str) -> tuple[int, ...]:
    """The syllable numbers of one name as it is read."""
    return tuple(_number(reading.syllable) for reading in read(name))


@cache
def _beginnings() -> NDArray[np.uint64]:
    """The first two characters of every listed place and phrase, packed and sorted."""
    words = [row["name"] for row in lexicon("place_readings", "name").rows]
    words += [row["phrase"] for row in lexicon("heteronym_phrases", "phrase").rows]
    return np.unique(_pairs(codes_of("".join(word[:2] for word in words)))[::2])


def _pairs(codes: NDArray[np.uint32]) -> NDArray[np.uint64]:
    return codes[:-1].astype(np.uint64) << np.uint64(21) | codes[1:]


def codes_of(text: str) -> NDArray[np.uint32]:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)


def heard(text: str) -> Syllables:
    """The syllable number of each character of names with a line break after each, 0 there.

    Characters are read as usual, save in a name where a listed place or phrase may begin: that is
    read as a whole.
    """
    codes = codes_of(text)
    result = sounds()[0][codes]
    ends = np.flatnonzero(codes == ord("\n"))
    pairs, listed = _pairs(codes), _beginnings()
    found = np.searchsorted(listed, pairs).clip(max=len(listed) - 1)
    lines = np.unique(np.searchsorted(ends, np.flatnonzero(listed[found] == pairs)))
    for line in lines.tolist():
        start, end = int(ends[line - 1]) + 1 if line else 0, int(ends[line])
        name = text[start:end]
        result[start : start + len(name)] = said(name)
    return result


def packed(syllables: NDArray[np.uint64], bits: int = BITS) -> Keys:
    """Rows of small numbers (n, w) as one integer each, the first number highest."""
    width = syllables.shape[1]
    shifts = np.arange((width - 1) * bits, -1, -bits, dtype=np.uint64)
    keys: Keys = np.bitwise_or.reduce(syllables << shifts, axis=1)
    return keys


def key_of(syllables: tuple[int, ...], width: int = WIDTH, bits: int = BITS) -> int:
    """The packed key of one sequence; what is longer than the key is cut."""
    key = 0
    for number in (*syllables, *([0] * width))[:width]:
        key = key << bits | number
    return key
