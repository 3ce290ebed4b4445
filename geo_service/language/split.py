"""Splitting a name into its specific and its generic (专名, 通名)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from geo_service.domain.place import FeatureType
from geo_service.lexicons import lexicon

_STACKING = frozenset(("compound", "tower"))
DIRECTIONS = frozenset("东西南北中上下左右前后内外")
_COMPASS, _SIDES = frozenset("东西南北"), frozenset("左右前后")
_MODIFIERS = {"road": DIRECTIONS, "facility": DIRECTIONS, "water": frozenset("新")}
"""By class of the generic what may stand before it as its modifier: 香港中路, 潮白新河."""
NUMERALS = frozenset("〇一二三四五六七八九十百千0123456789")
"""Characters of a number in a name; full-width digits are folded by `normal_form`."""
_COUNTED = re.compile("[一二三四五六七八九]|[二三四五六七八九]?十[一二三四五六七八九]?").fullmatch
"""A number as one counts (三, 十二), not digits read one by one as in 五四, 一二九."""


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name cut in parts that join to the whole: specific + ordinal + modifier + generic.

    `ordinal` is the number of a street in a series (延安**三**路), only for roads; `modifier` the
    direction before the generic of a road or facility (香港**中**路) or the 新 of a new river bed
    (潮白**新**河). `kind` is the class of the generic in the generics table, empty where there is
    no generic.
    """

    specific: str
    ordinal: str
    modifier: str
    generic: str
    kind: str

    @property
    def root(self) -> str:
        """Everything before the generic."""
        return self.specific + self.ordinal + self.modifier


@cache
def _generics(feature_type: str) -> dict[str, str]:
    table = lexicon("generics", "generic", "feature_type")
    return {r["generic"]: r["class"] for r in table.rows if r["feature_type"] == feature_type}


@cache
def _stackable(feature_type: str) -> frozenset[str]:
    """Generics that, before another one, make a stack: all long ones, and single ones so marked."""
    table = lexicon("generics", "generic", "feature_type")
    return frozenset(
        r["generic"]
        for r in table.rows
        if r["feature_type"] == feature_type
        and r["class"] in _STACKING
        and (len(r["generic"]) > 1 or r["note"] == "stacks")
    )


@cache
def _lengths(feature_type: str) -> dict[str, tuple[int, ...]]:
    """How long the generics are that end in a character, longest first."""
    found: dict[str, set[int]] = {}
    for generic in _generics(feature_type):
        found.setdefault(generic[-1], set()).add(len(generic))
    return {last: tuple(sorted(lengths, reverse=True)) for last, lengths in found.items()}


def generic_of(name: str, feature_type: FeatureType) -> str:
    """The longest generic of the type that ends the name, empty where none does."""
    return next(_endings(name, feature_type), "")


def _endings(name: str, feature_type: FeatureType) -> Iterator[str]:
    """The generics of the type that end the name, longest first."""
    kind = feature_type.value
    known = _generics(kind)
    for length in _lengths(kind).get(name[-1:], ()):
        if name[-length:] in known and not _cuts_whole(name, length, known):
            yield name[-length:]


def _cuts_whole(name: str, length: int, known: dict[str, str]) -> bool:
    """Whether a generic of that length would take the end of a place name: 侯马路 is no 马路."""
    first = len(name) - length + 1
    return any(name[cut:] in known and _is_whole(name[:cut]) for cut in range(first, len(name)))


@lru_cache(maxsize=4096)
def split_name(name: str, feature_type: FeatureType) -> NameParts:
    """Cut a normalised name by the longest generic of its feature type.

    Kept for a while: a dozen rules cut the same name.
    """
    generic = generic_of(name, feature_type)
    kind = _generics(feature_type.value).get(generic, "")
    root = name[: len(name) - len(generic)]
    root, modifier = cut_modifier(root, _MODIFIERS.get(kind, frozenset()))
    specific, ordinal = cut_ordinal(root) if kind == "road" else (root, "")
    return NameParts(specific, ordinal, modifier, generic, kind)


@cache
def _whole_specifics() -> frozenset[str]:
    rows = lexicon("whole_specifics", "specific").rows
    return frozenset(cells["specific"] for cells in rows)


@cache
def _longest_whole() -> int:
    return max(map(len, _whole_specifics()), default=0)


def _is_whole(specific: str) -> bool:
    return specific in _whole_specifics()


def cut_modifier(root: str, modifiers: frozenset[str] = DIRECTIONS) -> tuple[str, str]:
    """A root without the direction that ends it, and that direction: 香港中 → 香港, 中.

    山东, 河南: a direction belongs to a specific of two characters. A side may have a direction
    of its own: 东直门外南后 → 东直门外, 南后.
    """
    if len(root) < 3 or root[-1] not in modifiers or _is_whole(root):
        return root, ""
    both = len(root) >= 4 and root[-2] in _COMPASS and root[-1] in _SIDES
    cut = len(root) - (2 if both else 1)
    return root[:cut], root[cut:]


def cut_ordinal(root: str) -> tuple[str, str]:
    """A root without the number that ends it, and that number: 延安三 → 延安, 三.

    Numerals alone are an ordinal where they count (二马路), else the specific itself (五四路).
    """
    end = len(root)
    while end and root[end - 1] in NUMERALS:
        # The length first: copying a long run of digits at every step would take for ever.
        if end <= _longest_whole() and _is_whole(root[:end]):
            break
        end -= 1
    if not end and not _COUNTED(root):
        return root, ""
    if root[end - 1 : end] == "第" and end < len(root):
        end -= 1
    return root[:end], root[end:]


@cache
def _phases() -> tuple[str, ...]:
    words = (cells["word"] for cells in lexicon("phase_words", "word").rows)
    return tuple(sorted(words, key=len, reverse=True))


def cut_phase(name: str, feature_type: FeatureType) -> tuple[str, str, str]:
    """An estate or building, which part of it, and the word for such parts.

    翡翠花园二期 → 翡翠花园, 二, 期; 翡翠花园(南区) → 翡翠花园, 南, 区. Else all is estate.
    """
    written = name[:-1].replace("(", "") if name.endswith(")") else name
    phase = next((word for word in _phases() if written.endswith(word)), "")
    head, which = cut_ordinal(written.removesuffix(phase)) if phase else ("", "")
    if head and not which and head[-1] in DIRECTIONS:
        head, which = head[:-1], head[-1]
    if not (which and head) or generic_of(name, feature_type):
        return name, "", ""
    return head, which, phase


def stacked_generics(name: str, feature_type: FeatureType) -> tuple[str, str] | None:
    """The two generics of buildings or estates that end a name one upon the other, if they do.

    海信花园大厦 → (花园, 大厦). A single character before the last generic (名**城**广场) is mostly
    part of the specific and counts only where the table says so (苑公寓). A specific has two
    characters where it can: 桂花园小区 is no 花园.
    """
    known = _generics(feature_type.value)
    last = generic_of(name, feature_type)
    if known.get(last) not in _STACKING:
        return None
    before = name[: len(name) - len(last)]
    endings = tuple(_endings(before, feature_type))
    first = next((e for e in endings if len(before) - len(e) > 1), *endings[:1] or ("",))
    return (first, last) if first in _stackable(feature_type.value) else None


@cache
def _gathering(feature_type: str) -> frozenset[str]:
    table = lexicon("generics", "generic", "feature_type")
    return frozenset(
        r["generic"]
        for r in table.rows
        if r["feature_type"] == feature_type and r["note"] == "gathers"
    )


def is_customary_stack(first: str, last: str, feature_type: FeatureType) -> bool:
    """Whether custom sets the second generic behind a short one of its own: 翠苑小区."""
    return len(first) == 1 and last in _gathering(feature_type.value)


@cache
def _presumed() -> dict[str, FeatureType]:
    """Generics that several types share, with the type they mostly mean (王府村 is a village)."""
    rows = lexicon("generics", "generic", "feature_type").rows
    return {r["generic"]: FeatureType(r["feature_type"]) for r in rows if r["note"] == "presumed"}


def likely_type(name: str) -> FeatureType | None:
    """The feature type whose generic ends the name; the longest generic decides, roads first.

    None where no generic is recognised: the type then has to be given.
    """
    found = [(len(generic_of(name, kind)), -order, kind) for order, kind in enumerate(FeatureType)]
    length, _, kind = max(found)
    return _presumed().get(name[-length:], kind) if length else None
