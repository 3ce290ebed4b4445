"""The tables of the trade: winds, working words, features, parts, landmarks, nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from geo_service.lexicons import lexicon


class Words:
    """Words by first and last character, so that the longest at a place is found in a few steps."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        self._by_first = self._lengths_by(0)
        self._by_last = self._lengths_by(-1)

    def _lengths_by(self, at: int) -> dict[str, tuple[int, ...]]:
        found: dict[str, set[int]] = {}
        for word in self._words:
            found.setdefault(word[at], set()).add(len(word))
        return {sign: tuple(sorted(lengths, reverse=True)) for sign, lengths in found.items()}

    def at(self, text: str, place: int, limit: int) -> str:
        """The longest word that begins at `place` and ends by `limit`, "" for none."""
        for length in self._by_first.get(text[place : place + 1], ()):
            end = place + length
            if end <= limit and text[place:end] in self._words:
                return text[place:end]
        return ""

    def ending(self, text: str, start: int, limit: int) -> str:
        """The longest word that ends at `limit` and begins no earlier than `start`."""
        return next(self.endings(text, start, limit), "")

    def endings(self, text: str, start: int, limit: int) -> Iterator[str]:
        """All words that end at `limit` and begin no earlier than `start`, longest first."""
        for length in self._by_last.get(text[max(limit - 1, 0) : limit], ()):
            begin = limit - length
            if begin >= start and text[begin:limit] in self._words:
                yield text[begin:limit]


@dataclass(frozen=True, slots=True)
class Wind:
    """A direction of the sixteen-point rose."""

    word: str
    bearing_deg: float


@cache
def winds() -> Mapping[str, Wind]:
    """Every spelling of a direction with the wind it means."""
    rows = lexicon("winds", "word").rows
    return {row["word"]: Wind(row["canonical"], float(row["bearing_deg"])) for row in rows}


@cache
def wind_words() -> Words:
    """The spellings of directions, to be looked for."""
    return Words(winds())


SECTOR_DEG = 22.5
"""Width of a sector of the sixteen-point rose."""


@cache
def _rose() -> tuple[Wind, ...]:
    return tuple(sorted(set(winds().values()), key=lambda wind: wind.bearing_deg))


def wind_of(bearing_deg: float) -> Wind:
    """The wind in whose sector a bearing from true north lies."""
    rose = _rose()
    return rose[round(bearing_deg / SECTOR_DEG) % len(rose)]


@cache
def role(name: str) -> Mapping[str, str]:
    """The working words of one role with their values."""
    rows = lexicon("alignment_words", "word", "role").rows
    return {row["word"]: row["value"] for row in rows if row["role"] == name}


@cache
def words_of(*roles: str) -> Words:
    """The working words of some roles, to be looked for."""
    return Words(word for name in roles for word in role(name))


@cache
def strong(*roles: str) -> Words:
    """Working words of some roles that end the name before them, whatever it is."""
    return Words(
        word for name in roles for word, value in role(name).items() if value.startswith("strong")
    )


@cache
def weak(*roles: str) -> Words:
    """Working words of some roles that end a name which is complete; some stand alone only."""
    return Words(word for name in roles for word, value in role(name).items() if value != "bare")


@cache
def features() -> Mapping[str, str]:
    """Kind of feature by its last word."""
    return {row["word"]: row["kind"] for row in lexicon("alignment_features", "word").rows}


@cache
def feature_words() -> Words:
    """The last words of features, to be looked for."""
    return Words(features())


@cache
def parts() -> Mapping[str, tuple[str, str]]:
    """Kind and side of a part of a feature."""
    rows = lexicon("alignment_parts", "word").rows
    return {row["word"]: (row["kind"], row["side"]) for row in rows}


@cache
def part_words() -> Words:
    """The parts of features, to be looked for."""
    return Words(parts())


@cache
def landmark_kinds() -> Mapping[str, str]:
    """Kind of landmark by its last word."""
    return {row["word"]: row["kind"] for row in lexicon("alignment_landmarks", "word").rows}


@cache
def generic_words() -> Words:
    """All words a name may end with: landmarks, features, parts, nodes."""
    nodes = (row["word"] for row in lexicon("alignment_nodes", "word").rows)
    return Words({*landmark_kinds(), *features(), *parts(), *nodes})


@cache
def place_words() -> Words:
    """The last words of landmarks and features, without those of parts."""
    return Words({*landmark_kinds(), *features()} - {*parts()})


@cache
def node_words(kind: str) -> Words:
    """Words that close a node of one kind: marker, junction, point."""
    rows = lexicon("alignment_nodes", "word").rows
    return Words(row["word"] for row in rows if row["kind"] == kind)


_VAGUE = ("一", "小", "大", "无名", "该", "此", "某", "两", "几", "主", "土")
"""What a name begins with that tells a kind, not a place."""


def is_particular(name: str) -> bool:
    """Whether a name can be looked up: a number or a name before its last word, no phrase.

    625米高地 and 石岭村 can; 一鞍部, 山脊, 石桥东南约460米处的河道点 cannot. Markers and junctions
    are found by their numbers and units, not here.
    """
    if any(sign in name for sign in ("的", "(", "约")) or name.endswith("处"):
        return False
    if any(node_words(kind).ending(name, 0, len(name)) for kind in ("marker", "junction")):
        return False
    vague = next((word for word in _VAGUE if name.startswith(word)), "")
    rest = name[len(vague) :]
    last = generic_words().ending(rest, 0, len(rest))
    return bool(last) and len(last) < len(rest)
