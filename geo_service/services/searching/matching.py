"""How the names of one segment meet a query, from the best way to the weakest."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from geo_service.language.readings import read
from geo_service.language.sound import tone_of, toneless
from geo_service.services.searching.query import Query, Reading
from geo_service.services.searching.segment import Places, Segment
from geo_service.services.searching.syllables import (
    BITS,
    INITIAL_BITS,
    INITIALS,
    UNREAD,
    WIDTH,
    alphabet,
    beginning,
    key_of,
)

SLIPS_FROM = 3
"""A slip is looked for in texts of at least so many syllables: shorter ones meet half the names."""
SLIP_READINGS = 2
_NEUTRAL = 5
"""The tone of a syllable without a mark, as one types it."""


class Match(IntEnum):
    """In what way a name meets the text; the lower the better."""

    SAME = 0
    PREFIX = 1
    SOUND = 2
    INSIDE = 3
    ONE_CHARACTER = 4
    SOUND_PREFIX = 5
    INITIALS = 6
    INITIALS_PREFIX = 7
    ONE_SYLLABLE = 8
    NEARBY = 9
    """Nothing was typed: the names around the position."""


Found = tuple[Match, Places]


def matches(segment: Segment, query: Query) -> tuple[Places, NDArray[np.uint8]]:
    """Places of the names that meet the query, each once, and the best way it does."""
    found = sorted(_found(segment, query), key=lambda pair: pair[0])
    places = np.concatenate([np.zeros(0, np.intp), *(places for _, places in found)])
    ways = np.repeat(
        np.array([way for way, _ in found], dtype=np.uint8), [len(places) for _, places in found]
    )
    once, first = np.unique(places, return_index=True)
    return once, ways[first]


def _found(segment: Segment, query: Query) -> Iterator[Found]:
    places, begins = segment.holding(query.written)
    whole = begins & (segment.lengths(places) == len(query.written))
    yield Match.SAME, places[whole]
    yield Match.PREFIX, places[begins]
    yield Match.INSIDE, places
    for reading in query.readings:
        if _is_telling(query, reading):
            yield from _by_sound(segment, reading)
    for reading in query.readings[:SLIP_READINGS]:
        if not reading.begun and UNREAD not in reading.syllables:
            yield from _by_slip(segment, query, reading)
    if query.initials:
        yield from _by_initials(segment, query.initials)


def _is_telling(query: Query, reading: Reading) -> bool:
    """One character sounds like hundreds of others; what has no reading sounds like nothing."""
    return UNREAD not in reading.syllables and not (query.han and len(reading.syllables) < 2)


def _span(
    numbers: tuple[int, ...], first: int, last: int, width: int, bits: int
) -> tuple[int, int]:
    """Lowest and highest key that begin with the numbers, the next one between first and last."""
    free = (1 << bits * max(width - len(numbers) - 1, 0)) - 1
    low = key_of((*numbers, first), width, bits)
    return low, key_of((*numbers, last), width, bits) | free


def _by_sound(segment: Segment, reading: Reading) -> Iterator[Found]:
    first, last = beginning(reading.begun) if reading.begun else (0, UNREAD)
    places = segment.sound.between(*_span(reading.syllables, first, last, WIDTH, BITS))
    if any(reading.tones):
        agree = [_tones_agree(segment.name(place), reading) for place in places.tolist()]
        places = places[np.array(agree, dtype=np.bool_)]
    if not reading.begun:
        yield Match.SOUND, places[segment.lengths(places) == len(reading.syllables)]
    yield Match.SOUND_PREFIX, places


def _tones_agree(name: str, reading: Reading) -> bool:
    """Whether every tone told is one in which the character is read with that syllable.

    A syllable that no table reads there comes from an approved spelling, which has no tones.
    """
    for heard, number, tone in zip(read(name), reading.syllables, reading.tones, strict=False):
        spoken = (heard.syllable, *heard.others)
        tones = {tone_of(s) or _NEUTRAL for s in spoken if toneless(s) == alphabet()[number - 1]}
        if tone and tones and tone not in tones:
            return False
    return True


def _by_initials(segment: Segment, letters: str) -> Iterator[Found]:
    numbers = tuple(ord(letter) - ord("a") + 1 for letter in letters)
    last = (1 << INITIAL_BITS) - 1
    places = segment.initials.between(*_span(numbers, 0, last, INITIALS, INITIAL_BITS))
    yield Match.INITIALS, places[segment.lengths(places) == len(letters)]
    yield Match.INITIALS_PREFIX, places


def _by_slip(segment: Segment, query: Query, reading: Reading) -> Iterator[Found]:
    """Names one character or syllable away: one more, one fewer, another one, or two swapped.

    Two sequences of which each loses one syllable and then are equal are at most that far apart;
    what the keys bring is looked at once more.
    """
    said = reading.syllables
    if not SLIPS_FROM <= len(said) <= WIDTH:
        return
    fewer = {said[:i] + said[i + 1 :] for i in range(len(said))}
    hits = [segment.shortened.between(key_of(said), key_of(said))]
    for key in map(key_of, fewer):
        hits += [segment.sound.between(key, key), segment.shortened.between(key, key)]
    places = np.unique(np.concatenate(hits))
    heard = np.array(said, dtype=np.uint16)
    places = places[_one_off(segment.syllables(places), segment.lengths(places), heard)]
    yield Match.ONE_SYLLABLE, places
    if query.han:
        written = np.array([ord(c) for c in query.written], dtype=np.uint32)
        letters = segment.characters(places, len(written) + 1)
        yield Match.ONE_CHARACTER, places[_one_off(letters, segment.lengths(places), written)]


def _one_off(
    rows: NDArray[np.integer], lengths: NDArray[np.intp], wanted: NDArray[np.integer]
) -> NDArray[np.bool_]:
    """Whether a row (n, any width) is one slip away from what is wanted (size).

    Rows are cut or filled up with 0; `lengths` says how many values each one has.
    """
    size = len(wanted)
    rows = np.pad(rows, ((0, 0), (0, max(size + 1 - rows.shape[1], 0))))[:, : size + 1]
    same, more, fewer = (lengths == size + extra for extra in (0, 1, -1))
    differing = (rows[:, :size] != wanted).sum(axis=1)
    result = same & (differing == 1)
    for i in range(size - 1):
        swapped = wanted.copy()
        swapped[[i, i + 1]] = wanted[[i + 1, i]]
        result |= same & (differing == 2) & (rows[:, :size] == swapped).all(axis=1)
    for i in range(size + 1):
        result |= more & (np.delete(rows, i, axis=1) == wanted).all(axis=1)
    for i in range(size):
        result |= fewer & (rows[:, : size - 1] == np.delete(wanted, i)).all(axis=1)
    return np.asarray(result, dtype=np.bool_)
