"""Names derived from one root by direction, number or branch: 香港东路, 香港中路, 香港西路.

Such names share their root by design; rules on duplicates and likeness must tell them from names
that merely resemble each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.domain.place import FeatureType
from geo_service.language.normalise import normal_form
from geo_service.language.split import (
    DIRECTIONS,
    NUMERALS,
    cut_modifier,
    cut_ordinal,
    cut_phase,
    generic_of,
    split_name,
)

BRANCH = "支"
BRANCHES = frozenset((BRANCH, "小"))
"""How the generic of a road begins that branches off another one: 支路, 小街."""
_RELATIVE_SIZE = frozenset("大小")
_BUILT = frozenset((FeatureType.ESTATE, FeatureType.BUILDING))


@dataclass(frozen=True, slots=True)
class NameFamily:
    """The root of a name and how the name derives from it.

    `generic` is the one a member without derivation would have, empty where the name does not
    say (抚顺支路 derives from 抚顺路 or 抚顺街). `direction`, `ordinal` and `branch` are as
    written: 解放路南小街 has the root 解放, the generic 路, the direction 南 and the branch 小街.
    """

    root: str
    generic: str
    direction: str = ""
    ordinal: str = ""
    branch: str = ""

    @property
    def derivation(self) -> tuple[str, str, str]:
        """Direction, ordinal and branch; all empty for the head of a family."""
        return (self.direction, self.ordinal, self.branch)


def family_of(name: str, feature_type: FeatureType) -> NameFamily:
    """Root and derivation of a name as written. A name without any is its own root."""
    written = normal_form(name)
    if feature_type is FeatureType.ROAD:
        return _road_family(written)
    if feature_type in _BUILT:
        return _estate_family(written, feature_type)
    if feature_type is FeatureType.VILLAGE:
        return _village_family(written)
    parts = split_name(written, feature_type)
    return NameFamily(parts.root, parts.generic)


def same_family(one: NameFamily, other: NameFamily) -> bool:
    """Whether two names differ by derivation alone: members of one series, named so by design.

    A name is not its own sibling, and a mere change of the generic (香港路, 香港街) derives
    nothing. Names that are derivation only (西一街, 东街) are siblings where their generics agree.
    """
    if one.root != other.root or one.derivation == other.derivation:
        return False
    generics = {one.generic, other.generic} - {""}
    return len(generics) <= 1


def _road_family(name: str) -> NameFamily:
    parts = split_name(name, FeatureType.ROAD)
    direction, ordinal = parts.modifier, parts.ordinal
    root, leading = _cut_leading(parts.specific)
    if not direction:
        root, direction = (root, leading) if leading else cut_modifier(root)
    parent = generic_of(root, FeatureType.ROAD)
    derived = bool(direction or ordinal)
    if parent != root and parent and (derived or parts.generic[:1] in BRANCHES):
        head = _road_family(root)
        return NameFamily(
            head.root,
            head.generic,
            head.direction + direction,
            head.ordinal + ordinal,
            head.branch + parts.generic,
        )
    if parts.generic[:1] in BRANCHES:
        return NameFamily(root, "", direction, ordinal, parts.generic)
    return NameFamily(root, parts.generic, direction, ordinal)


def _cut_leading(specific: str) -> tuple[str, str]:
    """A specific that is one direction and nothing else is all derivation (西一街, 北小街)."""
    return ("", specific) if specific in DIRECTIONS else (specific, "")


def _estate_family(name: str, feature_type: FeatureType) -> NameFamily:
    """Phases and quarters of an estate: 海信花园二期, 海信花园(南区)."""
    head, which, phase = cut_phase(name, feature_type)
    generic = generic_of(head, feature_type)
    side = which if which in DIRECTIONS else ""
    return NameFamily(head.removesuffix(generic), generic, side, which.removeprefix(side), phase)


def _village_family(name: str) -> NameFamily:
    """Villages set apart by what stands before the root: 东王村, 西王村, 大杨村, 小杨村."""
    parts = split_name(name, FeatureType.VILLAGE)
    root, ordinal = cut_ordinal(parts.specific)
    direction = ""
    if len(root) > 1 and root[0] in DIRECTIONS | _RELATIVE_SIZE:
        root, direction = root[1:], root[0]
    if set(root) <= NUMERALS:
        root, ordinal = parts.specific, ""
        direction = ""
    return NameFamily(root, parts.generic, direction, ordinal)
