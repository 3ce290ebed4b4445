"""The legal area of a name: where the law of the day forbids the same name a second time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service import statutes
from geo_service.domain.identity import DivisionCode, DivisionLevel
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.lexicons import lexicon
from geo_service.rules.names._scopes import SCOPE_TEXTS, UNKNOWN

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.lexicons import Cells
    from geo_service.rules.names import NameCase

_NARROW_TO_BROAD = (
    "township",
    "county",
    "built_up_area",
    "urban_districts",
    "city",
    "province",
    "nation",
)
_BELOW_COUNTY = (DivisionLevel.TOWN, DivisionLevel.VILLAGE)


@dataclass(frozen=True, slots=True)
class _Zone:
    """The units that make up one scope.

    `sure` is False where the case lies somewhere in these units, but its own unit at the level
    of the scope is not known, or where nobody has confirmed which units the scope takes in.
    `nation` needs no units.
    """

    word: str
    units: frozenset[DivisionCode]
    sure: bool = True

    def holds(self, unit: DivisionCode) -> bool:
        """Whether a unit lies in the zone."""
        return self.word == "nation" or any(unit.is_within(own) for own in self.units)

    def may_hold(self, unit: DivisionCode) -> bool:
        """Whether something in a unit, known no closer, may lie in the zone."""
        return self.holds(unit) or any(own.is_within(unit) for own in self.units)


@dataclass(frozen=True, slots=True)
class LegalArea:
    """The scopes that the law of the day sets for a case, narrowest first."""

    zones: tuple[_Zone, ...]

    @property
    def scope(self) -> Text:
        """The broadest scope, worded for a reader; empty where the law sets none."""
        return SCOPE_TEXTS[self.zones[-1].word] if self.zones else Text("", "")

    @property
    def units(self) -> frozenset[DivisionCode] | None:
        """The units in which the law compares names, None for the whole nation."""
        if any(zone.word == "nation" for zone in self.zones):
            return None
        return frozenset(unit for zone in self.zones for unit in zone.units)

    def scope_of(self, unit: DivisionCode | None) -> str:
        """The narrowest scope that surely holds both the case and a name in that unit.

        UNKNOWN where that cannot be told, empty where the name lies outside all of them.
        """
        if unit is None:
            return UNKNOWN if self.zones else ""
        sure = next((zone.word for zone in self.zones if zone.sure and zone.holds(unit)), "")
        return sure or (UNKNOWN if any(zone.may_hold(unit) for zone in self.zones) else "")


def _level(case: NameCase) -> str:
    """`town` or `county` for the name of an administrative unit, empty for all else."""
    if case.feature_type is not FeatureType.UNIT:
        return ""
    kind = split_name(normal_form(case.name), case.feature_type).kind
    if kind in ("town", "county"):
        return kind
    below = case.unit_code is not None and case.unit_code.level in _BELOW_COUNTY
    return "town" if below else "county"


def _in_force(row: Cells, day: date, city: CityProfile) -> bool:
    territory = statutes.instrument(row["instrument"]).territory
    article = statutes.article(row["instrument"], row["article"])
    return article.in_force.covers(day) and city.code.startswith(territory)


def _words(case: NameCase, city: CityProfile, day: date) -> tuple[str, ...]:
    table = lexicon("duplicate_scopes", "instrument", "article", "feature_type", "scope")
    level = _level(case)
    found = {
        row["scope"]
        for row in table.rows
        if row["feature_type"] == case.feature_type.value
        and row["level"] == level
        and _in_force(row, day, city)
    }
    return tuple(word for word in _NARROW_TO_BROAD if word in found)


def _own_county(unit: DivisionCode | None) -> DivisionCode | None:
    if unit is None or unit.level in (DivisionLevel.PROVINCE, DivisionLevel.PREFECTURE):
        return None
    return unit.county


def _by_hierarchy(word: str, unit: DivisionCode | None, city: CityProfile) -> _Zone:
    county = _own_county(unit)
    if word == "township" and unit is not None and unit.level in _BELOW_COUNTY:
        return _Zone(word, frozenset((DivisionCode(unit[:9]),)))
    if word == "county" and county is not None:
        return _Zone(word, frozenset((county,)))
    return _Zone(word, frozenset((county or city.code,)), sure=False)


def _built_up(unit: DivisionCode | None, city: CityProfile, day: date) -> Iterator[_Zone]:
    """One county is taken as one built-up area; which counties grow together the profile says."""
    area = city.built_up_area(day)
    units = area.units if area else city.urban_districts(day)
    county = _own_county(unit)
    if county is not None:
        yield _Zone("built_up_area", frozenset((county,)))
    if county is None or county in units:
        yield _Zone("built_up_area", units, sure=area is not None and area.confirmed)


def _zones(case: NameCase, city: CityProfile, day: date) -> Iterator[_Zone]:
    for word in _words(case, city, day):
        if word in ("township", "county"):
            yield _by_hierarchy(word, case.unit_code, city)
        elif word == "built_up_area":
            yield from _built_up(case.unit_code, city, day)
        elif word == "urban_districts":
            districts, county = city.urban_districts(day), _own_county(case.unit_code)
            if county is None or county in districts:
                yield _Zone(word, districts)
        elif word == "city":
            if case.unit_code is None or case.unit_code.is_within(city.code):
                yield _Zone(word, frozenset((city.code,)))
        else:
            yield _Zone(word, frozenset((city.code.province,)))


def legal_area(case: NameCase, city: CityProfile, day: date) -> LegalArea:
    """The scopes of a case on a day.

    A road or an estate whose unit is not known is taken to lie in the city's built-up area: the
    strictest reading, so that no duplicate is missed. Where the profile does not confirm that
    area, a clash inside it is a question to a person. Source: table `duplicate_scopes`.
    """
    return LegalArea(tuple(_zones(case, city, day)))
