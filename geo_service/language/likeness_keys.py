"""Keys under which a register files names so that every name easily confused with one is found.

A key is the sorted sound classes of a specific: names that sound the same or near, in whatever
order, share it. What cannot share it (look-alike characters, prefixes, dialect) is looked up under
further keys by the one who asks, so that a register stays small and a dialect needs no new filing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, product

from geo_service.domain.place import FeatureType
from geo_service.language.characters import is_standard
from geo_service.language.likeness_forms import (
    LONGEST,
    PLAIN,
    Profile,
    classes_in,
    compared_texts,
    prefixes,
    readings_of,
    spoken_forms,
)
from geo_service.language.likeness_tables import (
    classes_of,
    dialect_classes,
    lookalikes_of,
)

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
    texts = dict.fromkeys(compared_texts(name, feature_type))
    keys = (key for text in texts for key in _wider_keys(text, profile or PLAIN))
    return tuple(dict.fromkeys(keys))


_sure: dict[str, str] = {}
"""Standard characters with one sound class that belong to no number, met so far: most of all."""


def _own_keys(text: str) -> tuple[str, ...]:
    # Every name of a register comes through here: the usual case is kept short.
    try:
        classes = sorted([_sure[character] for character in text])
    except KeyError:
        pass
    else:
        if len(classes) <= LONGEST:
            return (" ".join(classes),)
    if len(text) > LONGEST:
        return (text[:LONGEST],)
    forms = spoken_forms(text)
    if forms == (text,):
        sure = (c for c in text if is_standard(c) and len(classes_of(c)) == 1)
        _sure.update((c, classes_of(c)[0]) for c in sure)
    return tuple(dict.fromkeys(key for form in forms for key in _keys(classes_in(form))))


def _keys(classes: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for choice in product(*classes):
        yield " ".join(sorted(choice))


def _wider_keys(text: str, profile: Profile) -> Iterator[str]:
    yield from _own_keys(text)
    if len(text) > LONGEST:
        return
    forms = spoken_forms(text)
    for form in forms:
        yield from _lookalike_keys(form)
        yield from _dialect_keys(form, profile.dialect)
    yield from _affix_keys(forms[0], prefixes(profile))


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


def _affix_keys(text: str, known: tuple[str, ...]) -> Iterator[str]:
    """Keys of the text with a prefix less, more, or exchanged."""
    classes = classes_in(text)
    stems = [classes[len(p) :] for p in known if text.startswith(p) and len(text) > len(p)]
    for stem in stems:
        yield from _keys(stem)
    for stem in (classes, *stems):
        for prefix in known:
            yield from _keys((*(classes_of(c)[:1] for c in prefix), *stem))
