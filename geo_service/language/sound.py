"""Syllables with and without tones, and sound keys: how a name may sound, for homophones."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import islice, product

from geo_service.language.characters import standard_character
from geo_service.language.normalise import normal_form

MAX_KEYS = 64
"""Names full of heteronyms have more readings than are worth indexing; the rest is cut."""

TONE_MARKS = {"\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0300": 4}
"""The tone of each combining mark: macron, acute, caron, grave."""


def without_tones(text: str) -> str:
    """Pinyin without its tone marks; ü keeps its dots, and all else stays."""
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if c not in TONE_MARKS))


def toneless(syllable: str) -> str:
    """A syllable without its tone mark, ü written v: lǜ → lv."""
    return without_tones(syllable).replace("ü", "v").replace("ê", "e")


def tone_of(syllable: str) -> int:
    """1–4 by the mark over a syllable, 0 without one."""
    marks = unicodedata.normalize("NFD", syllable)
    return next((TONE_MARKS[mark] for mark in marks if mark in TONE_MARKS), 0)


@lru_cache(maxsize=1 << 14)
def sounds_of(character: str) -> tuple[str, ...]:
    """The toneless readings of a character; one without readings stands for itself."""
    row = standard_character(character)
    if row is None:
        return (character,)
    return tuple(dict.fromkeys(toneless(reading) for reading in row.readings))


def sound_keys(name: str) -> tuple[str, ...]:
    """All toneless readings of a name, syllables joined by blanks, customary ones first.

    At most MAX_KEYS. Two names may sound alike where they share a key.
    """
    choices = map(sounds_of, normal_form(name))
    return tuple(map(" ".join, islice(product(*choices), MAX_KEYS)))
