"""Which rules looked at a name, on what they rest, and which could not: a pass has its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.proposal import NOTHING_TOLD
from geo_service.rules.engine import bases_in_force, rules_of
from geo_service.statutes import citation

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.law import Citation
    from geo_service.domain.text import Text
    from geo_service.services.names import NameRequest


@dataclass(frozen=True, slots=True)
class ExaminedRule:
    """A rule that the law of the day lets speak of such a name.

    `lacking` is what the rule needs (`Rule.needs`) and the question did not offer; empty where the
    rule was asked.
    """

    id: str
    title: Text
    citations: tuple[Citation, ...]
    lacking: str


def examined_rules(
    request: NameRequest, city: CityProfile, *, register: bool, restricted: bool
) -> tuple[ExaminedRule, ...]:
    """The rules on such a name, by id; told is whether register and restricted list were there."""
    missing = _missing(request, register=register, restricted=restricted)
    found = []
    for rule in rules_of("names"):
        cited = dict.fromkeys(
            citation(basis.instrument, basis.article)
            for basis in bases_in_force(rule, request.as_of, city.code)
            if basis.speaks_of(request.standing, request.feature_type)
        )
        if cited:
            lacking = next((need for need in missing if need in rule.needs), "")
            found.append(ExaminedRule(rule.id, rule.title, tuple(cited), lacking))
    return tuple(found)


def _missing(request: NameRequest, *, register: bool, restricted: bool) -> list[str]:
    """What rules may need and this question does not offer."""
    placed = request.position is not None
    there = {
        "register": register,
        "position": placed,
        "unit": request.unit_code is not None or (register and placed),
        "facts": request.facts is not NOTHING_TOLD,
        "restricted_names": restricted,
    }
    return [need for need, given in there.items() if not given]
