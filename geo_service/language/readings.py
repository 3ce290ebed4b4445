"""How the characters of a name are read: stored places first, then phrases, then characters.

Tables: `place_readings` (readings in place, with sources), `heteronym_phrases` (words that change
the customary reading of a character), `standard_characters` (all readings, customary one first).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Generic, TypeVar

from geo_service.domain.place import FeatureType
from geo_service.language.characters import standard_character
from geo_service.language.split import generic_of
from geo_service.lexicons import Cells, lexicon

_EVERYDAY = 1
"""Level of the 3,500 commonest characters, which turn up side by side by mere chance."""
_ER, _ER_SYLLABLE = "儿", "r"
ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True)
class Reading:
    """The syllable of one character, whether it is a stored one, and what else it may be."""

    syllable: str
    stored: bool = False
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _PlaceReading:
    syllables: tuple[str, ...]
    also: tuple[tuple[str, ...], ...]
    anywhere: bool


class _Words(Generic[ValueT]):
    """Words filed by first character, so that most positions of a name cost one look-up."""

    def __init__(self, words: Mapping[str, ValueT]) -> None:
        lengths: dict[str, set[int]] = {}
        for word in words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._words = words
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def at(self, text: str, start: int, end: int) -> Iterable[tuple[int, ValueT]]:
        """Length and value of the words that begin at `start` and end before `end`, long first."""
        for length in self._lengths.get(text[start], ()):
            if start + length <= end and (word := text[start : start + length]) in self._words:
                yield length, self._words[word]


def _syllables(name: str, reading: str) -> tuple[str, ...]:
    syllables = tuple(reading.split())
    if len(name) != len(syllables):
        raise ValueError(f"{name} has {len(syllables)} syllables")
    return syllables


def _place_reading(cells: Cells) -> tuple[str, _PlaceReading]:
    name = cells["name"]
    syllables = _syllables(name, cells["reading"])
    also = tuple(_syllables(name, other) for other in cells["also"].split(";") if other)
    rows = [standard_character(character) for character in name]
    everyday = len(name) == 2 and all(row is not None and row.level == _EVERYDAY for row in rows)
    usual = tuple(_customary(character) for character in name)
    return name, _PlaceReading(syllables, also, anywhere=not everyday or syllables == usual)


@cache
def _places() -> _Words[_PlaceReading]:
    return _Words(dict(lexicon("place_readings", "name").typed(_place_reading)))


@cache
def _phrases() -> _Words[tuple[str, ...]]:
    rows = lexicon("heteronym_phrases", "phrase").body
    return _Words({phrase: _syllables(phrase, reading) for phrase, reading in rows})


def _customary(character: str) -> str:
    row = standard_character(character)
    return row.readings[0] if row else character


def _all(character: str) -> tuple[str, ...]:
    """Every reading with a tone; the toneless ones are of particles, which no name spells."""
    row = standard_character(character)
    return () if row is None else tuple(r for r in row.readings if not r.isascii())


def _begins_a_place(text: str, start: int, known: set[int]) -> bool:
    """Whether a place can begin here: at the start, after another place, or after its generic."""
    return start in known or bool(generic_of(text[max(0, start - 8) : start], FeatureType.UNIT))


def _read_places(text: str, result: dict[int, Reading]) -> None:
    start, starts = 0, {0}
    while start < len(text):
        step = 1
        for length, place in _places().at(text, start, len(text)):
            if place.anywhere or _begins_a_place(text, start, starts):
                for i in range(length):
                    chosen = place.syllables[i]
                    others = dict.fromkeys(other[i] for other in place.also if other[i] != chosen)
                    result[start + i] = Reading(chosen, True, tuple(others))
                starts.add(start + length)
                step = length
                break
        start += step


def _heteronym(character: str) -> bool:
    return character == _ER or len(_all(character)) > 1


def _read_phrases(text: str, start: int, end: int, result: dict[int, Reading]) -> None:
    """Phrases between two cuts of a name; none reaches into a stored reading."""
    while start < end:
        step = 1
        for length, syllables in _phrases().at(text, start, end):
            if not any(i in result for i in range(start, start + length)):
                for i, syllable in enumerate(syllables, start):
                    result[i] = _guess(text[i], syllable)
                step = length
                break
        start += step


def _guess(character: str, syllable: str) -> Reading:
    others = tuple(reading for reading in _all(character) if reading != syllable)
    return Reading(syllable, False, others)


def read(text: str, cuts: Iterable[int] = ()) -> tuple[Reading, ...]:
    """One reading for each character of a normalised name.

    `cuts` are positions where a part of the name ends: no phrase is seen across one (商行/路), a
    stored name is (单/县). What is no standard character stands for itself. 儿 after another
    syllable is its r, unless a table reads it.
    """
    result: dict[int, Reading] = {}
    _read_places(text, result)
    open_ones = [i for i in range(len(text)) if i not in result]
    if any(_heteronym(text[i]) for i in open_ones):
        for start, end in pairwise(sorted({0, *cuts, len(text)})):
            _read_phrases(text, start, end, result)
    for i in open_ones:
        if i not in result:
            er = text[i] == _ER and i > 0 and not text[i - 1].isascii()
            result[i] = _guess(text[i], _ER_SYLLABLE if er else _customary(text[i]))
    return tuple(result[i] for i in range(len(text)))
