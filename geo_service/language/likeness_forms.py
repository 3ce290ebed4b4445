"""What of a name is compared: its specific, its root and the ways its numbers are said."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from geo_service.domain.place import FeatureType
from geo_service.errors import InputError
from geo_service.language.family import BRANCHES, family_of
from geo_service.language.likeness_tables import Syllable, classes_of, dialects, syllables_of
from geo_service.language.normalise import compared_form
from geo_service.language.split import split_name
from geo_service.lexicons import lexicon

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile

MAX_READINGS = 8
"""A name whose characters could be read in more ways counts in its customary reading alone."""

LONGEST = 24
"""Characters of the longest text that is compared by sound; no name of a place comes near."""

_BUILT = frozenset((FeatureType.ESTATE, FeatureType.BUILDING))
_NUMERALS = "〇一二三四五六七八九"
_TEN = "十"


@dataclass(frozen=True, slots=True)
class Profile:
    """What a city adds to the comparison: a dialect, and the prefixes that its places may take.

    `dialect` is a profile of the table of confusions, empty for none. `places` are names of the
    city and its units, as they stand before other names.
    """

    dialect: str = ""
    places: tuple[str, ...] = ()


PLAIN = Profile()


def compared_texts(name: str, feature_type: FeatureType) -> tuple[str, str]:
    """What of a name is compared: all before its generic, and its root.

    The root lacks direction, number and phase (香港东路 → 香港东, 香港). It equals the first text
    for most names, and where a single character would be left. A name without a specific is
    compared as it stands; the texts are empty only for an empty name.
    """
    written = compared_form(name, feature_type)
    if feature_type in _BUILT:
        # The parts of an estate (二期) tell it from no other estate.
        phased = written[-1:] in _phase_ends()
        root = family_of(written, feature_type).root if phased else ""
        whole = root or split_name(written, feature_type).root or written
        return whole, whole
    parts = split_name(written, feature_type)
    whole = parts.root or written
    derived = parts.ordinal or parts.modifier or parts.generic[:1] in BRANCHES
    root = family_of(written, feature_type).root if derived else whole
    return whole, root if len(root) > 1 else whole


@cache
def _phase_ends() -> frozenset[str]:
    ends = (cells["word"][-1] for cells in lexicon("phase_words", "word").rows)
    return frozenset((*ends, ")"))


@cache
def _said_for() -> dict[str, str]:
    rows = lexicon("spoken_numerals", "word").rows
    numerals = {cells["word"]: cells["numeral"] for cells in rows}
    return numerals | {numeral: numeral for numeral in _NUMERALS}


@cache
def _counted() -> frozenset[str]:
    """The characters of a number."""
    return frozenset(_said_for()) | {_TEN}


def spoken_forms(text: str) -> tuple[str, ...]:
    """The text with its numbers as they may be said, digits turned to numerals; never empty.

    The first form is the text character by character. 1三钟 → 一三钟, 十三钟; 两河 → 两河, 二河.
    """
    counted = _counted()
    if counted.isdisjoint(text):
        return (text,)
    as_written = "".join([_said_for()[c] if c.isascii() and c in counted else c for c in text])
    runs = _runs(text, counted)
    digit_by_digit = "".join([_digits(run) if number else run for run, number in runs])
    as_value = "".join([_value(_digits(run)) if number else run for run, number in runs])
    return tuple(dict.fromkeys((as_written, digit_by_digit, as_value)))


def _runs(text: str, counted: frozenset[str]) -> list[tuple[str, bool]]:
    runs: list[tuple[str, bool]] = []
    for character in text:
        number = character in counted
        if runs and runs[-1][1] == number:
            runs[-1] = (runs[-1][0] + character, number)
        else:
            runs.append((character, number))
    return runs


def _digits(run: str) -> str:
    """A number digit by digit: 十三 → 一三, 二十 → 二〇, 1三 → 一三, 二十一 → 二一."""
    said = "".join(_said_for().get(c, c) for c in run)
    if said.count(_TEN) != 1 or len(said) == 1:
        return said
    tens, ones = said.split(_TEN)
    return (tens or "一") + (ones or "〇") if max(len(tens), len(ones)) < 2 else said


def _value(digits: str) -> str:
    """Two digits as counted: 一三 → 十三, 二〇 → 二十; any other number as it is."""
    if len(digits) != 2 or digits[0] in ("〇", _TEN) or digits[1] == _TEN:
        return digits
    tens = "" if digits[0] == "一" else digits[0]
    return tens + _TEN + ("" if digits[1] == "〇" else digits[1])


def read_one_way(text: str) -> bool:
    """Whether the text has too many readings to try all: then the customary ones count."""
    ways = 1
    for character in text:
        ways *= len(classes_of(character))
        if ways > MAX_READINGS:
            return True
    return False


def readings_of(text: str) -> tuple[tuple[Syllable, ...], ...]:
    """For each character its readings, or the customary one alone where there are too many."""
    end = 1 if read_one_way(text) else None
    return tuple(syllables_of(character)[:end] for character in text)


def classes_in(text: str) -> tuple[tuple[str, ...], ...]:
    """For each character the sound classes of its readings, cut as in `readings_of`."""
    end = 1 if read_one_way(text) else None
    return tuple(classes_of(character)[:end] for character in text)


@cache
def _affixes() -> tuple[str, ...]:
    return tuple(cells["prefix"] for cells in lexicon("likeness_affixes", "prefix").rows)


def prefixes(profile: Profile) -> tuple[str, ...]:
    """The prefixes that do not make a name another one: places of the city, 新, 大, 老."""
    return (*profile.places, *_affixes())


def profile_of(city: CityProfile, day: date, dialect: str = "") -> Profile:
    """The profile of a city: itself and its units on that day, 青岛市 also met as 青岛.

    Raises InputError for a dialect that no table describes.
    """
    if dialect and dialect not in dialects():
        raise InputError("dialect_unknown", dialect=dialect, known=" ".join(dialects()))
    places = {city.name.zh, *(row.name for row in city.units_in_force(day))}
    short = {place[:-1] for place in places if len(place) > 2}
    return Profile(dialect, tuple(sorted(places | short, key=lambda place: (-len(place), place))))
