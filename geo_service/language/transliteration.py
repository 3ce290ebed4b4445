"""Whether a name reads like a foreign word written by sound (维也纳, 圣塔芭芭拉), listed or not.

The characters of transliteration tables (斯 尔 克 德 特 拉 维 蒂 …) are few, and rare in Chinese
names. Each has a weight: the logarithm of how much more often it stands in the Chinese forms of
foreign towns than in the names of Chinese villages. The strongest run of characters counts; what
it must reach is fixed on names kept out of the counting (`transliteration_limits`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from geo_service.lexicons import lexicon


@dataclass(frozen=True, slots=True)
class Run:
    """A run of two or more characters, where it starts, and the sum of its weights."""

    text: str
    start: int
    score: float

    @property
    def end(self) -> int:
        """Position after the last character."""
        return self.start + len(self.text)


_NOTHING = Run("", 0, 0.0)


@cache
def _weights() -> dict[str, float]:
    rows = lexicon("transliteration_syllables", "character").rows
    return {cells["character"]: float(cells["weight"]) for cells in rows}


@cache
def _limits() -> tuple[float, float]:
    """For a run of two characters, and for a longer one."""
    rows = lexicon("transliteration_limits", "characters").rows
    limits = {cells["characters"]: float(cells["limit"]) for cells in rows}
    return limits["2"], limits["3+"]


def strongest_run(text: str, weights: Mapping[str, float]) -> Run:
    """The run of two or more characters with the greatest sum.

    A character without weight ends a run, and so does one that takes its sum below zero. Empty,
    with score 0, where there is none.
    """
    best, score, start = _NOTHING, 0.0, 0
    for position, character in enumerate(text):
        weight = weights.get(character)
        if weight is None:
            score = 0.0
            continue
        if score <= 0.0:
            score, start = 0.0, position
        score += weight
        if score > best.score and position > start:
            best = Run(text[start : position + 1], start, score)
    return best


def transliterated_run(text: str) -> Run | None:
    """The part of a name that reads like a foreign word written by sound, if there is one."""
    run = strongest_run(text, _weights())
    short, long = _limits()
    return run if run.score >= (short if len(run.text) == 2 else long) else None
