"""Facilities whose name follows the local name: stations, ports, reservoirs and the like."""

from __future__ import annotations

from functools import cache

from geo_service.domain.place import FeatureType
from geo_service.language.normalise import normal_form
from geo_service.language.split import generic_of
from geo_service.rules.names import NameCase
from geo_service.rules.names._words import word_table

SIDES = "东西南北中"
"""What a name has before its generic to tell it from others of one root."""


@cache
def _longest() -> int:
    return max(map(len, word_table("local_name_generics")))


def local_stem(name: str) -> str:
    """The specific before the longest generic of such a facility; empty for any other name.

    流亭机场 → 流亭.
    """
    table = word_table("local_name_generics")
    for length in range(min(len(name) - 1, _longest()), 0, -1):
        if name[-length:] in table:
            return name[:-length]
    return ""


def stems_of(name: str, city: str) -> tuple[str, ...]:
    """The local names such a facility may bear: as written, without side, without the city's.

    青岛流亭北站 → 青岛流亭北, 青岛流亭, 流亭北, 流亭. One character is no local name.
    """
    stem = local_stem(name)
    whole = (stem, stem.removeprefix(city_stem(city)))
    stems = dict.fromkeys(s for w in whole for s in (w, w.rstrip(SIDES)) if len(s) > 1)
    return tuple(stems)


def has_exempt_word(case: NameCase, sense: str, after: int) -> bool:
    """Whether a facility is an `institution` or a `memorial` by a word behind that position."""
    if case.feature_type is not FeatureType.FACILITY:
        return False
    rows = word_table("exempt_facilities").values()
    rest = normal_form(case.name)[after:]
    return any(cells["sense"] == sense and cells["word"] in rest for cells in rows)


def city_stem(city: str) -> str:
    """The name of a city or county without its generic."""
    return city.removesuffix(generic_of(city, FeatureType.UNIT))
