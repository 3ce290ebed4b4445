"""How the characters of a name are read: stored places first, then phrases, then characters.

Tables: `place_readings` (readings in place, with sources), `heteronym_phrases` (words that change
the customary reading of a character), `standard_characters` (all readings, customary one first),
`other_readings` (characters outside that table).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Generic, TypeVar

from geo_service.domain.place import FeatureType
from geo_service.errors import ConfigError
from geo_service.language.characters import is_han, standard_character
from geo_service.language.split import generic_of
from geo_service.lexicons import lexicon

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
    readings: tuple[Reading, ...]
    anywhere: bool


class _Words(Generic[ValueT]):
    """Words filed by first character, so that most positions of a name cost one look-up."""

    def __init__(self, words: Mapping[str, ValueT]) -> None:
        lengths: dict[str, set[int]] = {}
        for word in words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._words = words
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def begin_in(self, text: str) -> bool:
        """Whether any character of the text begins a word."""
        return not self._lengths.keys().isdisjoint(text)

    def at(self, text: str, start: int, end: int) -> Iterator[tuple[int, ValueT]]:
        """Length and value of the words that begin at `start` and end by `end`, long ones first."""
        for length in self._lengths.get(text[start], ()):
            if start + length <= end and (word := text[start : start + length]) in self._words:
                yield length, self._words[word]


def _syllables(name: str, reading: str) -> tuple[str, ...]:
    syllables = tuple(reading.split())
    if len(name) != len(syllables):
        detail = f"{name}: {len(syllables)} syllables"
        raise ConfigError("lexicon_malformed", file="readings", row=0, detail=detail)
    return syllables


@lru_cache(maxsize=4096)
def _place_reading(name: str, reading: str, also: str) -> _PlaceReading:
    syllables = _syllables(name, reading)
    elsewhere = [_syllables(name, other) for other in also.split(";") if other]
    readings = tuple(
        Reading(syllable, True, tuple(dict.fromkeys(o for o in others if o != syllable)))
        for syllable, *others in zip(syllables, *elsewhere, strict=True)
    )
    return _PlaceReading(readings, not _by_chance(name, syllables))


def _by_chance(name: str, syllables: tuple[str, ...]) -> bool:
    """Whether characters of a place may well stand together in a name that is not of that place:
    two everyday ones, read there as nowhere else (恒/大城 is no 大城).
    """
    rows = [standard_character(character) for character in name]
    everyday = all(row is not None and row.level == _EVERYDAY for row in rows)
    usual = all(
        row is not None and row.readings[0] == s for row, s in zip(rows, syllables, strict=True)
    )
    return len(name) == 2 and everyday and not usual


@cache
def _places() -> _Words[tuple[str, str, str]]:
    """The rows as they stand: only those of places met in a name are built."""
    rows = lexicon("place_readings", "name").rows
    return _Words({r["name"]: (r["name"], r["reading"], r["also"]) for r in rows})


@cache
def _phrases() -> _Words[str]:
    return _Words(dict(lexicon("heteronym_phrases", "phrase").body))


@cache
def _outside() -> dict[str, str]:
    return dict(lexicon("other_readings", "character").body)


def customary_reading(character: str) -> str:
    """The usual syllable of a character, rare ones included; what has none stands for itself."""
    row = standard_character(character)
    if row is not None:
        return row.readings[0]
    return _outside().get(character, character) if is_han(character) else character


@lru_cache(maxsize=8192)
def _guess(character: str, syllable: str = "") -> Reading:
    """The customary or the given reading of a character, with all others that bear a tone: the
    toneless ones are of particles, which no name spells.
    """
    row = standard_character(character)
    chosen = syllable or customary_reading(character)
    every = () if row is None else row.readings
    others = (reading for reading in every if reading != chosen and not reading.isascii())
    return Reading(chosen, False, tuple(others))


def _begins_a_place(text: str, start: int, known: set[int]) -> bool:
    """Whether a place can begin here: at the start, after another place, or after its generic."""
    return start in known or bool(generic_of(text[max(0, start - 8) : start], FeatureType.UNIT))


def _read_places(text: str, found: list[Reading | None]) -> None:
    places, start, starts = _places(), 0, {0}
    while start < len(text):
        step = 1
        for length, row in places.at(text, start, len(text)):
            place = _place_reading(*row)
            if place.anywhere or _begins_a_place(text, start, starts):
                found[start : start + length] = place.readings
                starts.add(start + length)
                step = length
                break
        start += step


def _read_phrases(text: str, start: int, end: int, found: list[Reading | None]) -> None:
    """Phrases between two cuts of a name; none reaches into a stored reading."""
    phrases = _phrases()
    while start < end:
        step = 1
        for length, reading in phrases.at(text, start, end):
            phrase = text[start : start + length]
            if not any(found[start : start + length]):
                found[start : start + length] = map(_guess, phrase, _syllables(phrase, reading))
                step = length
                break
        start += step


def read(text: str, cuts: Iterable[int] = ()) -> tuple[Reading, ...]:
    """One reading for each character of a normalised name.

    `cuts` are positions where a part of the name ends: no phrase is seen across one (商行/路), a
    stored name is (单/县). What is no Chinese character stands for itself. 儿 after another
    syllable is its r, unless a table reads it.
    """
    found: list[Reading | None] = [None] * len(text)
    if _places().begin_in(text):
        _read_places(text, found)
    customary = tuple(map(_guess, text))
    doubtful = _ER in text or any(
        guess.others for guess, sure in zip(customary, found, strict=True) if sure is None
    )
    if doubtful and _phrases().begin_in(text):
        for start, end in pairwise(sorted({0, *cuts, len(text)})):
            _read_phrases(text, start, end, found)
    if _ER in text:
        _read_endings(text, found)
    return tuple(sure or guess for sure, guess in zip(found, customary, strict=True))


def _read_endings(text: str, found: list[Reading | None]) -> None:
    for i in range(1, len(text)):
        if text[i] == _ER and found[i] is None and not text[i - 1].isascii():
            found[i] = _guess(_ER, _ER_SYLLABLE)
