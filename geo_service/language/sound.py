"""Sound keys: how a name may sound, without tones, for finding homophones."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import islice, product

from geo_service.language.characters import standard_character
from geo_service.language.normalise import normal_form

MAX_KEYS = 64
"""Names full of heteronyms have more readings than are worth indexing; the rest is cut."""

_TONES = {"\u0304", "\u0301", "\u030c", "\u0300"}


def toneless(syllable: str) -> str:
    """A syllable without its tone mark, ü written v: lǜ → lv."""
    parts = unicodedata.normalize("NFD", syllable)
    plain = "".join(c for c in parts if c not in _TONES)
    return unicodedata.normalize("NFC", plain).replace("ü", "v").replace("ê", "e")


@cache
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
