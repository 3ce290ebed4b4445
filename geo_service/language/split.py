"""Splitting a name into its specific and its generic (专名, 通名)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from geo_service.domain.place import FeatureType
from geo_service.lexicons import lexicon

_STACKING = frozenset(("compound", "tower"))
_DIRECTIONS = frozenset("东西南北中上下前后内外")
NUMERALS = frozenset("〇一二三四五六七八九十百千0123456789")
"""Characters of a number in a name; full-width digits are folded by `normal_form`."""


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name cut in parts that join to the whole: specific + ordinal + modifier + generic.

    `ordinal` is the number of a street in a series (延安**三**路), `modifier` one syllable of
    direction before the generic (香港**中**路); both only for roads. `kind` is the class of the
    generic in the generics table, empty where there is no generic.
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
def _longest(feature_type: str) -> int:
    return max((len(generic) for generic in _generics(feature_type)), default=0)


def generic_of(name: str, feature_type: FeatureType) -> str:
    """The longest generic of the type that ends the name, empty where none does."""
    known = _generics(feature_type.value)
    for length in range(min(len(name), _longest(feature_type.value)), 0, -1):
        if name[-length:] in known:
            return name[-length:]
    return ""


def split_name(name: str, feature_type: FeatureType) -> NameParts:
    """Cut a normalised name by the longest generic of its feature type."""
    generic = generic_of(name, feature_type)
    kind = _generics(feature_type.value).get(generic, "")
    root = name[: len(name) - len(generic)]
    if kind != "road":
        return NameParts(root, "", "", generic, kind)
    root, modifier = _cut_modifier(root)
    specific, ordinal = _cut_ordinal(root)
    return NameParts(specific, ordinal, modifier, generic, kind)


def _cut_modifier(root: str) -> tuple[str, str]:
    # 山东路, 河南路: the direction belongs to a two-character specific, not to the generic.
    if len(root) >= 3 and root[-1] in _DIRECTIONS:
        return root[:-1], root[-1]
    return root, ""


def _cut_ordinal(root: str) -> tuple[str, str]:
    end = len(root)
    while end and root[end - 1] in NUMERALS:
        end -= 1
    # 五四路, 三八路: numerals alone are the specific itself.
    return (root[:end], root[end:]) if end else (root, "")


def stacked_generics(name: str, feature_type: FeatureType) -> tuple[str, str] | None:
    """The two generics of buildings or estates that end a name one upon the other, if they do.

    花园大厦 → (花园, 大厦). A single character before the last generic (名**城**广场) is mostly
    part of the specific and counts only where the table says so (苑公寓).
    """
    known = _generics(feature_type.value)
    last = generic_of(name, feature_type)
    if known.get(last) not in _STACKING:
        return None
    before = name[: len(name) - len(last)]
    first = generic_of(before, feature_type)
    return (first, last) if first in _stackable(feature_type.value) else None


def likely_type(name: str) -> FeatureType | None:
    """The feature type whose generic ends the name; the longest generic decides, roads first.

    None where no generic is recognised: the type then has to be given.
    """
    found = [(len(generic_of(name, kind)), -order, kind) for order, kind in enumerate(FeatureType)]
    length, _, kind = max(found)
    return kind if length else None
