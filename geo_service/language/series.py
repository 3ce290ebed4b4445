"""Series of names: provinces, cities, mountains, lakes, flowers, after which a quarter is named.

A specific belongs to a series where the table `name_series` lists it, or where it ends as the
names of the series do (`name_series_kinds`: 浮山, 月亮湖); to a series of series with any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from geo_service.lexicons import lexicon


@dataclass(frozen=True, slots=True)
class FollowedSeries:
    """A series that some specifics follow, and which of them do, in the order they were given.

    `share` is their share of all that were given, 0 to 1.
    """

    series: str
    specifics: tuple[str, ...]
    share: float


@cache
def _series_by_word() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for row in lexicon("name_series", "series", "word").rows:
        found.setdefault(row["word"], set()).add(row["series"])
    return {word: frozenset(series) for word, series in found.items()}


@cache
def _kinds() -> tuple[tuple[str, frozenset[str], tuple[str, ...], frozenset[str]], ...]:
    """Of each series its name, its parts, its endings, and what only ends so."""
    return tuple(
        (
            row["series"],
            frozenset(row["parts"].split()),
            tuple(row["endings"].split()),
            frozenset(row["except"].split()),
        )
        for row in lexicon("name_series_kinds", "series").rows
    )


@lru_cache(maxsize=1 << 12)
def series_of(specific: str) -> frozenset[str]:
    """The series that a specific belongs to, wider ones included; mostly none."""
    held = set(_series_by_word().get(specific, ()))
    for series, _, endings, apart in _kinds():
        if len(specific) > 1 and endings and specific.endswith(endings) and specific not in apart:
            held.add(series)
    held.update(series for series, parts, _, _ in _kinds() if not parts.isdisjoint(held))
    return frozenset(held)


def words_of(series: str) -> tuple[str, ...]:
    """The listed words of a series, a wider one's parts included, in the order of the table."""
    return tuple(word for word in _series_by_word() if series in series_of(word))


def followed_series(specifics: Iterable[str], least_share: float) -> tuple[FollowedSeries, ...]:
    """The series that at least such a share of the specifics follows.

    The greatest share first; of equal ones a series before the wider one that it is part of.
    """
    given = tuple(dict.fromkeys(specifics))
    by_series: dict[str, list[str]] = {}
    for specific in given:
        for series in series_of(specific):
            by_series.setdefault(series, []).append(specific)
    found = [
        FollowedSeries(series, tuple(held), len(held) / len(given))
        for series, held in by_series.items()
        if len(held) / len(given) >= least_share
    ]
    wide = {series for series, parts, _, _ in _kinds() if parts}
    return tuple(sorted(found, key=lambda f: (-f.share, f.series in wide, f.series)))
