"""NM-ADM-01: an estate named after a division in which it does not lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from geo_service.domain.finding import Evidence, Related, Severity
from geo_service.domain.identity import DivisionLevel
from geo_service.domain.place import FeatureType
from geo_service.domain.text import Text
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.names import (
    Beside,
    NameCase,
    NameContext,
    Standing,
    Surroundings,
    clean,
    flagged,
    registered,
)
from geo_service.rules.names._subjects import BUILT, EXISTING, NEW, ROADS

if TYPE_CHECKING:
    from geo_service.domain.identity import DivisionCode

_MESSAGE = Text(
    "冠有“{word}”，但位于 {unit}，不在{division}",
    "begins with '{word}', but lies in {unit}, not in {division}",
)
_QUESTION = Text(
    "“{word}”是否指该行政区划？是的，名称会使人误认位置",
    "Is that division meant by '{word}'? Then the name misleads as to the place",
)
_HIGH = (DivisionLevel.PROVINCE, DivisionLevel.PREFECTURE)


def _short(name: str) -> str:
    """A division's name without its generic: what an estate would carry."""
    return split_name(name, FeatureType.UNIT).root


def _check(case: NameCase, context: NameContext) -> Iterator[Evidence]:
    unit = case.unit_code
    if unit is None or unit.level in _HIGH:
        return
    name = normal_form(case.name)
    for row in context.city.codes:
        # Estates named after a district are few: the first character settles most.
        if row.name[0] != name[0] or not row.code.is_within(context.city.code):
            continue
        if row.period.covers(context.as_of):
            yield from _apart(name, row.name, row.code, unit, "county")
    for place in context.surroundings.divisions if context.surroundings else ():
        if place.unit_code is not None:
            yield from _apart(name, place.name, place.unit_code, unit, "town")


def _apart(
    name: str, division: str, code: DivisionCode, unit: DivisionCode, aspect: str
) -> Iterator[Evidence]:
    """Evidence where the name begins with that of a division which the unit is no part of."""
    word = _short(division)
    if len(word) < 2 or not name.startswith(word):  # one character tells nothing
        return
    if unit.is_within(code) or code.is_within(unit):
        return
    yield Evidence(
        message=_MESSAGE.fill(word=word, unit=unit, division=division),
        key=code,
        aspect=aspect,
        related=(Related("unit", code, division),),
        question=_QUESTION.fill(word=word),
    )


_TOWN = Beside(Surroundings(divisions=(registered("沙子口街道", FeatureType.UNIT, "370212009"),)))

RULE = Rule(
    id="NM-ADM-01",
    slug="other_division_named",
    version=1,
    title=Text("冠他处行政区划名", "Named after a division it does not lie in"),
    category="怪",
    quality=Quality.THEMATIC,
    needs=frozenset(("unit",)),
    basis=(
        Basis("L22", "9(2)", Severity.HUMAN, "county", NEW, BUILT),
        Basis("SDB", "7(5)", Severity.HUMAN, "county", NEW, BUILT),
        Basis("SDB", "7(5)", Severity.INFO, "county", EXISTING, BUILT),
        Basis("NB19", "10(4)", Severity.ADVISED_AGAINST, "county", NEW, BUILT | ROADS),
        Basis("NB19", "10(4)", Severity.HUMAN, "town", NEW, BUILT | ROADS),
        Basis("L22", "9(2)", Severity.INFO, "town", NEW, BUILT),
        Basis("SDB", "7(5)", Severity.INFO, "town", NEW, BUILT),
    ),
    check=_check,
    examples=(
        flagged(
            "崂山听澜花园",
            FeatureType.ESTATE,
            Severity.HUMAN,
            Text("位于市北区而冠崂山", "lies in 市北区, not in 崂山区"),
            unit="370203",
        ),
        flagged(
            "沙子口听澜花园",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("街道名多为常用地名，只作提示", "names of sub-districts are often common words"),
            unit="370203",
            beside=_TOWN,
        ),
        flagged(
            "即墨听澜花园",
            FeatureType.ESTATE,
            Severity.INFO,
            Text("既有名称只作提示", "an existing name is only noted"),
            standing=Standing.EXISTING,
            unit="370203",
        ),
        clean(
            "崂山听澜花园",
            FeatureType.ESTATE,
            Text("位于崂山区", "lies in 崂山区"),
            unit="370212009",
        ),
        clean("崂山听澜花园", FeatureType.ESTATE, Text("位置未提供", "no place told")),
        clean(
            "胶州路",
            FeatureType.ROAD,
            Text("本市路名多取自外地地名", "roads are often named after other places"),
            unit="370202",
        ),
    ),
    trap=Text(
        "区划名同时是山水名（崂山）的，须由人判断；道路借用外地地名是本市惯例",
        "a division's name may be a mountain's as well; roads named after other places are usual",
    ),
    handling=Text("核对位置；不在该区划的去掉区划名", "check the place; else drop the division"),
)
