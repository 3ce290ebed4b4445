"""Hanyu Pinyin spelling of names: (84)中地字第17号, the parts needed for a proposal.

Specific and generic apart, syllables of a part joined, capitals, apostrophes, street ordinals in
digits, one-syllable modifiers joined to the generic, villages in one word.
"""

from __future__ import annotations

from functools import cache

from geo_service.domain.finding import Romanization
from geo_service.domain.place import FeatureType, ReadingSource
from geo_service.language.characters import standard_character
from geo_service.language.normalise import normal_form
from geo_service.language.split import NameParts, split_name
from geo_service.lexicons import Cells, lexicon

_NUMERALS = {numeral: value for value, numeral in enumerate("〇一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_VOWELS = frozenset("aāáǎàoōóǒòeēéěè")


def _reading(cells: Cells) -> tuple[str, tuple[str, ...]]:
    name, reading = cells["name"], tuple(cells["reading"].split())
    if len(name) != len(reading):
        raise ValueError(f"{name} has {len(reading)} syllables")
    return name, reading


@cache
def _place_readings() -> dict[str, tuple[str, ...]]:
    return dict(lexicon("place_readings", "name").typed(_reading))


@cache
def _longest_reading() -> int:
    return max(map(len, _place_readings()))


def _stored_at(text: str, start: int) -> tuple[str, ...]:
    """Readings of the longest listed name that begins at `start`, empty where none does."""
    for length in range(min(len(text) - start, _longest_reading()), 0, -1):
        stored = _place_readings().get(text[start : start + length])
        if stored:
            return stored
    return ()


def readings(text: str) -> tuple[tuple[str, bool], ...]:
    """For each character a syllable with tone mark and whether it is a stored place reading.

    Otherwise it is the customary reading of the character table; what is no standard character
    stands for itself.
    """
    result: list[tuple[str, bool]] = []
    while len(result) < len(text):
        stored = _stored_at(text, len(result))
        row = standard_character(text[len(result)])
        customary = row.readings[0] if row else text[len(result)]
        result.extend([(syllable, True) for syllable in stored] or [(customary, False)])
    return tuple(result)


def _joined(syllables: tuple[str, ...]) -> str:
    if not syllables:
        return ""
    tail = (f"'{s}" if s[0] in _VOWELS else s for s in syllables[1:])
    word = syllables[0] + "".join(tail)
    return word[0].upper() + word[1:]


def ordinal_value(numeral: str) -> int | None:
    """The value of a number in Chinese numerals or digits: 二十一 → 21, 一二 → 12."""
    if not numeral:
        return None
    if numeral.isascii() and numeral.isdigit():
        return int(numeral)
    if not set(numeral) & _UNITS.keys():
        digits = [_NUMERALS.get(c) for c in numeral]
        return None if None in digits else int("".join(map(str, digits)))
    total, digit = 0, 0
    for character in numeral:
        if character in _UNITS:
            total += max(digit, 1) * _UNITS[character]
            digit = 0
        elif character in _NUMERALS:
            digit = _NUMERALS[character]
        else:
            return None
    return total + digit


def _words(parts: NameParts, syllables: tuple[str, ...]) -> list[str]:
    specific_end = len(parts.specific)
    generic_start = specific_end + len(parts.ordinal)
    ordinal = str(ordinal_value(parts.ordinal) or parts.ordinal)
    words = (_joined(syllables[:specific_end]), ordinal, _joined(syllables[generic_start:]))
    return [word for word in words if word]


def romanise(name: str, feature_type: FeatureType) -> Romanization:
    """The proposed spelling of a name, and whether its specific has a stored reading."""
    written = normal_form(name)
    read = readings(written)
    syllables = tuple(syllable for syllable, _ in read)
    parts = split_name(written, feature_type)
    one_word = feature_type is FeatureType.VILLAGE
    text = _joined(syllables) if one_word else " ".join(_words(parts, syllables))
    stored = bool(parts.specific) and all(known for _, known in read[: len(parts.specific)])
    return Romanization(text, ReadingSource.STORED if stored else ReadingSource.GUESSED)
