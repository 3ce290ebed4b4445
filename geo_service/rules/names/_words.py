"""Finding listed words in a name, and telling them from longer words that merely hold them.

A set of words is filed by first character once, so that a name without any of them costs next to
nothing: build the sets once (`word_set`, or a cached function of your own), never for each name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from geo_service.lexicons import Cells, lexicon


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed word and where it stands in the name (end excluded)."""

    word: str
    start: int

    @property
    def end(self) -> int:
        """Position after the last character."""
        return self.start + len(self.word)


@cache
def word_table(name: str) -> dict[str, Cells]:
    """The rows of a word list by word."""
    return {cells["word"]: cells for cells in lexicon(name, "word").rows}


@cache
def word_set(name: str) -> frozenset[str]:
    """The words of a word list: one and the same set at every call."""
    return frozenset(lexicon(name, "word").by("word"))


@lru_cache(maxsize=256)
def _lengths(words: frozenset[str]) -> Mapping[str, tuple[int, ...]]:
    """How long the words are that begin with a character, longest first."""
    found: dict[str, set[int]] = {}
    for word in words:
        found.setdefault(word[:1], set()).add(len(word))
    return {first: tuple(sorted(lengths, reverse=True)) for first, lengths in found.items()}


def occurrences(name: str, words: frozenset[str]) -> tuple[Hit, ...]:
    """Every place where a listed word stands in the name, by position, longer words first."""
    lengths = _lengths(words)
    if lengths.keys().isdisjoint(name):
        return ()
    return tuple(
        Hit(name[start : start + length], start)
        for start, first in enumerate(name)
        for length in lengths.get(first, ())
        if start + length <= len(name) and name[start : start + length] in words
    )


def without_nested(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """The hits that do not lie inside a longer one."""
    return tuple(
        hit
        for hit in hits
        if not any(
            other is not hit and other.start <= hit.start and hit.end <= other.end for other in hits
        )
    )


def unguarded(
    name: str, words: frozenset[str], guards: frozenset[str] = frozenset()
) -> tuple[Hit, ...]:
    """Listed words in the name, longest only, save those inside a guard word."""
    found = without_nested(occurrences(name, words))
    held = occurrences(name, guards) if found else ()
    return tuple(
        hit
        for hit in found
        if not any(guard.start <= hit.start and hit.end <= guard.end for guard in held)
    )


def untouched(name: str, words: frozenset[str], guards: frozenset[str]) -> tuple[Hit, ...]:
    """Listed words in the name, longest only, save those that share a character with a guard.

    A guard that lies wholly inside the hit does not count: 新西兰 stays, whatever 西兰 means.
    """
    found = without_nested(occurrences(name, words))
    held = occurrences(name, guards) if found else ()
    return tuple(hit for hit in found if not any(_crosses(hit, guard) for guard in held))


def _crosses(hit: Hit, guard: Hit) -> bool:
    overlaps = guard.start < hit.end and hit.start < guard.end
    inside = hit.start <= guard.start and guard.end <= hit.end
    return overlaps and (not inside or guard.word == hit.word)
