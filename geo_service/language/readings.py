"""How the characters of a name are read: stored places first, then phrases, then characters.

Tables: `place_readings` (readings in place, with sources), `heteronym_phrases` (words that change
the customary reading of a character), `standard_characters` (all readings, customary one first),
`other_readings` (characters outside that table).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Generic, TypeVar

from geo_service.domain.place import FeatureType
from geo_service.errors import ConfigError
from geo_service.language.characters import is_han, standard_character
from geo_service.language.split import generic_of
from geo_service.lexicons import lexicon

_EVERYDAY = 1
"""Level of the 3,500 commonest characters, which turn up side by side by mere chance."""
_ER, _ER_SYLLABLE = "儿", "r"
_NOTHING: frozenset[int] = frozenset()
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
    """Words of two characters and more, filed by their first two: at most positions of a name one
    look-up tells that none begins there.
    """

    def __init__(self, words: Mapping[str, ValueT]) -> None:
        lengths: dict[str, set[int]] = {}
        for word in words:
            lengths.setdefault(word[:2], set()).add(len(word))
        self._words = words
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def starts(self, text: str) -> list[int]:
        """Positions of the text where a word may begin."""
        lengths = self._lengths
        return [i for i in range(len(text) - 1) if text[i : i + 2] in lengths]

    def at(self, text: str, start: int, end: int) -> Iterator[tuple[int, ValueT]]:
        """Length and value of the words that begin at `start` and end by `end`, long ones first."""
        for length in self._lengths[text[start : start + 2]]:
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
    rows = lexicon("place_readings", "name").body
    return _Words({name: (name, reading, also) for name, reading, also, *_ in rows})


@cache
def _divisions() -> frozenset[str]:
    rows = lexicon("place_readings", "name").rows
    return frozenset(r["name"] for r in rows if r["kind"] == "division")


def is_division(name: str) -> bool:
    """Whether a name, without its generic, is known as that of a division: 铅山 is no hill."""
    return name in _divisions()


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


def has_reading(character: str) -> bool:
    """Whether any table tells how a character is read."""
    return customary_reading(character) != character


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


def _read_places(text: str, starts: list[int], found: list[Reading]) -> set[int]:
    """Put stored readings in place, from left to right, and say where."""
    covered: set[int] = set()
    ends = {0}
    for start in starts:
        if start in covered:
            continue
        for length, row in _places().at(text, start, len(text)):
            place = _place_reading(*row)
            if place.anywhere or _begins_a_place(text, start, ends):
                found[start : start + length] = place.readings
                covered.update(range(start, start + length))
                ends.add(start + length)
                break
    return covered


def _read_phrases(
    text: str, cuts: Iterable[int], covered: Set[int], found: list[Reading]
) -> set[int]:
    """Put phrases in place, none across a cut or into a reading that stands, and say where."""
    covered, ends = set(covered), sorted({*cuts, len(text)})
    for start in _phrases().starts(text):
        end = next(end for end in ends if end > start)
        for length, reading in _phrases().at(text, start, end):
            span = range(start, start + length)
            if covered.isdisjoint(span):
                phrase = text[start : start + length]
                found[start : start + length] = map(_guess, phrase, _syllables(phrase, reading))
                covered.update(span)
                break
    return covered


def read(text: str, cuts: Iterable[int] = ()) -> tuple[Reading, ...]:
    """One reading for each character of a normalised name.

    `cuts` are positions where a part of the name ends: no phrase is seen across one (商行/路), a
    stored name is (单/县). What is no Chinese character stands for itself. 儿 after another
    syllable is its r, unless a table reads it.
    """
    found = list(map(_guess, text))
    starts = _places().starts(text)
    covered = _read_places(text, starts, found) if starts else _NOTHING
    if _ER in text or any(reading.others for reading in found):
        covered = _read_phrases(text, cuts, covered, found)
    if _ER in text:
        _read_endings(text, covered, found)
    return tuple(found)


def _read_endings(text: str, covered: Set[int], found: list[Reading]) -> None:
    for i in range(1, len(text)):
        if text[i] == _ER and i not in covered and not text[i - 1].isascii():
            found[i] = _guess(_ER, _ER_SYLLABLE)
