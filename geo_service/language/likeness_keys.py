"""Keys under which a register files names so that every name easily confused with one is found.

A key is the sorted sound classes of a specific: names that sound the same or near, in whatever
order, share it. What cannot share it (look-alike characters, prefixes, dialect) is looked up under
further keys by the one who asks, so that a register stays small and a dialect needs no new filing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations, product

from geo_service.domain.place import FeatureType
from geo_service.language.likeness_forms import (
    PLAIN,
    Profile,
    classes_in,
    compared_texts,
    readings_of,
    spoken_forms,
)
from geo_service.language.likeness_tables import (
    classes_of,
    dialect_classes,
    lookalikes_of,
)
from geo_service.lexicons import lexicon

_MAX_DIALECT_SYLLABLES = 2
"""No more of them can differ in one name and leave it above the threshold."""


def filing_keys(name: str, feature_type: FeatureType) -> tuple[str, ...]:
    """The keys under which a name is filed, few (mostly one), without repetition."""
    whole, root = compared_texts(name, feature_type)
    keys = _own_keys(whole)
    return keys if root == whole else tuple(dict.fromkeys(keys + _own_keys(root)))


def probe_keys(
    name: str, feature_type: FeatureType, profile: Profile | None = None
) -> tuple[str, ...]:
    """The keys to look up for a name: its own, and those of all that may be taken for it.

    Whatever reaches the threshold of `likeness` with the same profile is filed under one of them.
    """
    asked = profile or PLAIN
    keys: dict[str, None] = {}
    for text in dict.fromkeys(compared_texts(name, feature_type)):
        for spoken in spoken_forms(text):
            keys.update(dict.fromkeys(_keys(classes_in(spoken))))
            keys.update(dict.fromkeys(_lookalike_keys(spoken)))
            keys.update(dict.fromkeys(_dialect_keys(spoken, asked.dialect)))
        for other in _affixed(text, asked.places):
            keys.update(dict.fromkeys(_own_keys(other)))
    return tuple(keys)


_sure: dict[str, str] = {}
"""Characters with one sound class that belong to no number, met so far: most of all characters."""


def _own_keys(text: str) -> tuple[str, ...]:
    # Every name of a register comes through here: the usual case is kept short.
    try:
        return (" ".join(sorted([_sure[character] for character in text])),)
    except KeyError:
        forms = spoken_forms(text)
    if forms == (text,):
        _sure.update({c: classes_of(c)[0] for c in text if len(classes_of(c)) == 1})
    return tuple(dict.fromkeys(key for form in forms for key in _keys(classes_in(form))))


def _keys(classes: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for choice in product(*classes):
        yield " ".join(sorted(choice))


def _lookalike_keys(text: str) -> Iterator[str]:
    classes = classes_in(text)
    for place, character in enumerate(text):
        for other in lookalikes_of(character):
            yield from _keys((*classes[:place], classes_of(other), *classes[place + 1 :]))


def _dialect_keys(text: str, dialect: str) -> Iterator[str]:
    if not dialect:
        return
    classes = classes_in(text)
    heard = [
        tuple(dict.fromkeys(c for s in syllables for c in dialect_classes(s.sound, dialect)))
        for syllables in readings_of(text)
    ]
    places = [place for place, others in enumerate(heard) if others]
    for count in range(1, _MAX_DIALECT_SYLLABLES + 1):
        for changed in combinations(places, count):
            yield from _keys(heard[i] if i in changed else own for i, own in enumerate(classes))


@cache
def affixes() -> tuple[str, ...]:
    """The prefixes that do not make a name another one: 新, 大, 老."""
    return tuple(cells["prefix"] for cells in lexicon("likeness_affixes", "prefix").rows)


def without_affix(text: str, places: tuple[str, ...]) -> tuple[str, ...]:
    """The text without each of the prefixes it may have, never empty."""
    found = (p for p in (*places, *affixes()) if text.startswith(p))
    return tuple(text[len(p) :] for p in found if len(text) > len(p))


def _affixed(text: str, places: tuple[str, ...]) -> Iterator[str]:
    """The text with a prefix less, more, or exchanged."""
    bare = without_affix(text, places)
    yield from bare
    for stem in (text, *bare):
        for prefix in (*places, *affixes()):
            yield prefix + stem
