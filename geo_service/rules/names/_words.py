"""Finding listed words in a name, and telling them from longer words that merely hold them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

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
def _longest(words: Collection[str]) -> int:
    return max(map(len, words), default=0)


def occurrences(name: str, words: frozenset[str]) -> tuple[Hit, ...]:
    """Every place where a listed word stands in the name, by position, longer words first."""
    longest = _longest(words)
    return tuple(
        Hit(name[start:end], start)
        for start in range(len(name))
        for end in range(min(len(name), start + longest), start, -1)
        if name[start:end] in words
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


def unguarded(name: str, words: frozenset[str], guards: frozenset[str]) -> tuple[Hit, ...]:
    """Listed words in the name, longest only, save those inside a guard word."""
    held = occurrences(name, guards)
    return tuple(
        hit
        for hit in without_nested(occurrences(name, words))
        if not any(guard.start <= hit.start and hit.end <= guard.end for guard in held)
    )


def untouched(name: str, words: frozenset[str], guards: frozenset[str]) -> tuple[Hit, ...]:
    """Listed words in the name, longest only, save those that share a character with a guard.

    A guard that lies wholly inside the hit does not count: 新西兰 stays, whatever 西兰 means.
    """
    held = occurrences(name, guards)
    return tuple(
        hit
        for hit in without_nested(occurrences(name, words))
        if not any(_crosses(hit, guard) for guard in held)
    )


def _crosses(hit: Hit, guard: Hit) -> bool:
    overlaps = guard.start < hit.end and hit.start < guard.end
    inside = hit.start <= guard.start and guard.end <= hit.end
    return overlaps and (not inside or guard.word == hit.word)
