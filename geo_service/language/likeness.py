"""How easily one name is taken for another, as a score from 0 to 1 with its reasons.

Specifics are compared, not generics. Each syllable has a likeness to its counterpart (same sound,
tone, n/ng, zh/z, l/n/r, f/h, writing); they multiply, so that one clearly different syllable keeps
two names apart. Another order, numbers said alike and prefixes without weight count as well. All
figures stand in the tables `likeness_weights` and `likeness_confusions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod

from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.family import family_of, same_family
from geo_service.language.likeness_forms import (
    LONGEST,
    PLAIN,
    Profile,
    compared_texts,
    prefixes,
    read_one_way,
    spoken_forms,
)
from geo_service.language.likeness_tables import (
    Nearness,
    lookalikes_of,
    sound_nearness,
    syllables_of,
    threshold,
    weight,
)
from geo_service.messages import message

FAMILY = "same_family"
SAME = "same_specific"
_SAME_PINYIN = frozenset(("same_sound", "tone"))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two names are alike or apart: a key of the messages `likeness`, and the characters."""

    code: str
    one: str = ""
    other: str = ""

    @property
    def text(self) -> Text:
        """The reason in both languages."""
        return message(f"likeness.{self.code}", one=self.one, other=self.other)


@dataclass(frozen=True, slots=True)
class Likeness:
    """The score (1 = the same specific) and what it rests on; there is always a reason."""

    score: float
    reasons: tuple[Reason, ...]

    def has(self, code: str) -> bool:
        """Whether a reason of that kind was found."""
        return any(reason.code == code for reason in self.reasons)

    @property
    def confusable(self) -> bool:
        """Whether the names are easily confused; members of one family are a system instead."""
        return self.score >= threshold() and not self.has(FAMILY)

    def times(self, factor: float, reason: Reason) -> Likeness:
        """The same with one more difference."""
        return Likeness(self.score * factor, (*self.reasons, reason))


def likeness(
    name_a: str,
    name_b: str,
    feature_type_a: FeatureType,
    feature_type_b: FeatureType,
    profile: Profile | None = None,
) -> Likeness:
    """How easily the two names are confused: symmetric in its score, 1 for the same specific.

    `profile` adds the dialect and the place prefixes of a city; without it neither counts.
    """
    texts_a = compared_texts(name_a, feature_type_a)
    texts_b = compared_texts(name_b, feature_type_b)
    found = _either(texts_a, texts_b, profile or PLAIN)
    if feature_type_a is feature_type_b and same_family(
        family_of(name_a, feature_type_a), family_of(name_b, feature_type_b)
    ):
        return Likeness(found.score, (Reason(FAMILY), *found.reasons))
    return found


def specific_likeness(one: str, other: str, profile: Profile | None = None) -> Likeness:
    """The same for two specifics, which are not split."""
    return _either((one, one), (other, other), profile or PLAIN)


def _either(one: tuple[str, str], other: tuple[str, str], profile: Profile) -> Likeness:
    """The better of two comparisons: of all before the generic, and of the roots."""
    (whole, root), (their_whole, their_root) = one, other
    found = _compared(whole, their_whole, profile.dialect)
    if found.score < 1:
        others = [_without_prefix(whole, their_whole, prefixes(profile))]
        if (root, their_root) != (whole, their_whole):
            roots = _compared(root, their_root, profile.dialect)
            others.append(roots.times(weight("derived"), Reason("derived", whole, their_whole)))
        found = max((found, *others), key=_score)
    # Products of the same factors in another order differ in the last digits.
    return Likeness(round(found.score, 4), tuple(dict.fromkeys(found.reasons)))


def _score(found: Likeness) -> float:
    return found.score


def _compared(one: str, other: str, dialect: str) -> Likeness:
    """Two texts in every way their numbers may be said."""
    if one == other:
        return Likeness(1.0, (Reason(SAME),))
    if max(len(one), len(other)) > LONGEST:
        return Likeness(0.0, (Reason("too_long"),))
    best = Likeness(0.0, (Reason("other_length"),))
    for first in spoken_forms(one):
        for second in spoken_forms(other):
            if len(first) == len(second):
                found = _in_any_order(first, second, dialect)
                if (first, second) != (one, other):
                    reason = Reason("spoken_number", one, other)
                    found = found.times(weight("spoken_number"), reason)
                best = max(best, found, key=_score)
    return best


def _in_any_order(one: str, other: str, dialect: str) -> Likeness:
    best = _in_order(one, other, dialect)
    for turned in _orders(other):
        if best.score < weight("order"):
            found = _in_order(one, turned, dialect)
            best = max(best, found.times(weight("order"), Reason("order", one, other)), key=_score)
    return best


def _orders(text: str) -> Iterator[str]:
    """The text with two neighbours exchanged, or two halves: 福新 → 新福, 王家庄 → 庄王家."""
    if len(text) > 2:
        for i in range(len(text) - 1):
            yield text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    for i in range(1, len(text)):
        yield text[i:] + text[:i]


def _in_order(one: str, other: str, dialect: str) -> Likeness:
    """Character by character; at most one may be alike in writing alone."""
    ends = (1 if read_one_way(one) else None, 1 if read_one_way(other) else None)
    sounds = [_same_sound(a, b, ends, dialect) for a, b in zip(one, other, strict=True)]
    seen = [b in lookalikes_of(a) for a, b in zip(one, other, strict=True)]
    gains = {i: weight("lookalike") - sounds[i].likeness for i, like in enumerate(seen) if like}
    if gains and max(gains.values()) > 0:
        written = max(gains, key=gains.__getitem__)
        sounds[written] = Nearness(weight("lookalike"), ("lookalike",))
    score = prod(near.likeness for near in sounds)
    if _SAME_PINYIN.issuperset(code for near in sounds for code in near.reasons):
        score = max(score, weight("same_pinyin"))
    reasons = (
        Reason(code, a, b)
        for a, b, near in zip(one, other, sounds, strict=True)
        for code in near.reasons
    )
    return Likeness(score, tuple(reasons))


@lru_cache(maxsize=1 << 16)
def _same_sound(
    one: str, other: str, ends: tuple[int | None, int | None], dialect: str
) -> Nearness:
    """How alike two characters sound in the readings up to `ends`, the best of all pairs."""
    if one == other:
        return Nearness(1.0)
    best = Nearness(0.0, ("unlike",))
    for i, first in enumerate(syllables_of(one)[: ends[0]]):
        for j, second in enumerate(syllables_of(other)[: ends[1]]):
            near = sound_nearness(first.sound, second.sound, dialect)
            score, reasons = near.likeness, near.reasons
            if first.sound == second.sound:
                score, reasons = weight("same_sound"), ("same_sound",)
            if score and not reasons:
                reasons = ("unlike",)
            if first.tone != second.tone:
                score, reasons = score * weight("tone"), (*reasons, "tone")
            if i or j:
                score, reasons = score * weight("other_reading"), (*reasons, "other_reading")
            if score > best.likeness:
                best = Nearness(score, reasons)
    return best


def _without_prefix(one: str, other: str, known: tuple[str, ...]) -> Likeness:
    """Two texts that sound the same once a prefix is taken from one of them, or from both.

    From both only where two characters are left: 新王 and 大王 are two names.
    """
    best = Likeness(0.0, ())
    if max(len(one), len(other)) > LONGEST:
        return best
    first, second = spoken_forms(one)[0], spoken_forms(other)[0]
    ends = (1 if read_one_way(first) else None, 1 if read_one_way(second) else None)
    for a, cut_a in _cuts(first, known):
        for b, cut_b in _cuts(second, known):
            if not (cut_a or cut_b) or len(a) != len(b) or (cut_a and cut_b and len(a) < 2):
                continue
            sounds = [_same_sound(x, y, ends, "") for x, y in zip(a, b, strict=True)]
            if any(s.reasons and not _is_same(s) for s in sounds):
                continue
            found = Likeness(weight("affix"), (Reason("affix", cut_a or cut_b, a),))
            for x, y, near in zip(a, b, sounds, strict=True):
                reasons = tuple(Reason(code, x, y) for code in near.reasons)
                found = Likeness(found.score * near.likeness, found.reasons + reasons)
            best = max(best, found, key=_score)
    return best


def _is_same(near: Nearness) -> bool:
    return near.reasons[0] == "same_sound"


def _cuts(text: str, known: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The text itself, and without each prefix it has; with each the prefix."""
    yield text, ""
    for prefix in known:
        if text.startswith(prefix) and len(text) > len(prefix):
            yield text[len(prefix) :], prefix
