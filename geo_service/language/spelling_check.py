"""What a given Roman spelling of a name does not share with the one by the rules."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import accumulate

from geo_service.language.romanisation import Spelling
from geo_service.language.sound import without_tones
from geo_service.lexicons import lexicon

_APOSTROPHES = str.maketrans("’‘ʼ`＇", "'''''")  # noqa: RUF001 - the forms that are met
_SEPARATORS = frozenset(" '-")
_BLANKS = re.compile(r"\s+")


class Kind(StrEnum):
    """What differs."""

    ENGLISH = "english"
    LETTERS = "letters"
    UMLAUT = "umlaut"
    OFFICIAL = "official"
    READING = "reading"
    OFFERED = "offered"
    NUMERAL = "numeral"
    TONE = "tone"
    TONELESS = "toneless"
    SPACING = "spacing"
    APOSTROPHE = "apostrophe"
    CAPITAL = "capital"


class Level(StrEnum):
    """How much it weighs: another sound, another way of writing, or nothing against the rules."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


_LEVELS = {
    Kind.ENGLISH: Level.ERROR,
    Kind.LETTERS: Level.ERROR,
    Kind.UMLAUT: Level.ERROR,
    Kind.OFFICIAL: Level.ERROR,
    Kind.READING: Level.ERROR,
    Kind.OFFERED: Level.INFO,
    Kind.TONELESS: Level.INFO,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of difference, with what was given and what the rules ask."""

    kind: Kind
    given: str
    expected: str

    @property
    def level(self) -> Level:
        """Error where it sounds otherwise, warning where it is written otherwise."""
        return _LEVELS.get(self.kind, Level.WARNING)


def _flat(text: str, *, tones: bool) -> str:
    """The letters alone, small, with or without tone marks; ü keeps its dots."""
    said = text if tones else without_tones(text)
    kept = "".join(c for c in said.lower() if c not in _SEPARATORS)
    return unicodedata.normalize("NFC", kept)


def _letters(text: str) -> str:
    return _flat(text, tones=False)


def _marks(text: str, mark: str) -> list[int]:
    """After how many letters a blank or an apostrophe stands."""
    return list(accumulate(len(_letters(piece)) for piece in text.split(mark)[:-1]))


@cache
def _english_words() -> frozenset[str]:
    return frozenset(cells["word"] for cells in lexicon("english_generics", "word").rows)


def _without_english(given: str) -> tuple[str, str]:
    """The given spelling without English generics and directions, and those."""
    words = given.split(" ")
    english = [word for word in words if word.lower().strip(".,()") in _english_words()]
    return " ".join(word for word in words if word not in english), " ".join(english)


def _as_written(given: str) -> str:
    """A given spelling with single blanks and one kind of apostrophe."""
    text = _BLANKS.sub(" ", unicodedata.normalize("NFC", given)).strip()
    return text.translate(_APOSTROPHES)


def is_spelt_so(given: str, approved: str) -> bool:
    """Whether a given spelling is the approved one, in all capitals or without tones too."""
    written, target = (without_tones(_as_written(text)) for text in (given, approved))
    return written in (target, target.upper())


def differences(given: str, spelling: Spelling) -> tuple[Difference, ...]:
    """How a given spelling differs from the proposed one, worst first; empty where it does not.

    Tone marks may be left out and all capitals used (rules 9 and 10): neither is a fault.
    """
    written = _as_written(given)
    rest, english = _without_english(written)
    if english and _letters(written) != _letters(spelling.text):
        found = [Difference(Kind.ENGLISH, english, spelling.generic)]
        if _letters(rest) not in map(_letters, (spelling.root, spelling.text)):
            found.append(Difference(Kind.LETTERS, rest, spelling.root))
        return tuple(found)
    target, sound = _target(written, spelling)
    found = [] if sound is None else [sound]
    if sound is None or sound.kind in (Kind.NUMERAL, Kind.OFFERED, Kind.OFFICIAL, Kind.READING):
        found += _in_writing(written, target)
    return tuple(found)


def _target(given: str, spelling: Spelling) -> tuple[str, Difference | None]:
    """The spelling that a given one has the letters of, and how that is not the proposed one."""
    letters, proposed = _letters(given), spelling.text
    if letters == _letters(proposed):
        return proposed, None
    kind = Kind.LETTERS
    for other in (spelling.plain, *spelling.alternatives):
        if letters == _letters(other):
            kind, proposed = _why(other, spelling), other
            break
    else:
        if _undotted(letters) == _undotted(_letters(proposed)):
            kind = Kind.UMLAUT
    return proposed, Difference(kind, given, spelling.text)


def _why(other: str, spelling: Spelling) -> Kind:
    if other == spelling.plain:
        return Kind.OFFICIAL if spelling.exact else Kind.NUMERAL
    return Kind.OFFERED if other in spelling.official_others else Kind.READING


def _undotted(letters: str) -> str:
    return letters.replace("ü", "u").replace("v", "u")


def _in_writing(given: str, target: str) -> list[Difference]:
    found = []
    if _flat(given, tones=True) == _letters(given) != _flat(target, tones=True):
        found.append(Difference(Kind.TONELESS, given, target))
    elif _letters(target) != _flat(target, tones=True) != _flat(given, tones=True):
        found.append(Difference(Kind.TONE, given, target))
    for kind, mark in ((Kind.SPACING, " "), (Kind.APOSTROPHE, "'")):
        if _marks(given, mark) != _marks(target, mark):
            found.append(Difference(kind, given, target))
    if given != given.upper() and any(word != _capital(word) for word in given.split()):
        found.append(Difference(Kind.CAPITAL, given, target))
    return sorted(found, key=lambda difference: list(Level).index(difference.level))


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:].lower()
