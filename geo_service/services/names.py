"""May this name stand? The rules on names, run against the register within the legal scope."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from geo_service import __version__
from geo_service.domain.finding import Digest, NearName, Verdict, outcome_of
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.errors import InputError
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import compared_form, normal_form, registered_forms
from geo_service.language.romanisation import romanise
from geo_service.messages import message
from geo_service.rules.engine import bases_in_force, evaluate, rules_digest, rules_of
from geo_service.rules.names import NameCase, NameContext, Neighbour, Standing
from geo_service.services.digests import data_digest
from geo_service.services.facts import checked_facts
from geo_service.services.name_scopes import LegalArea, legal_area
from geo_service.services.positions import checked_position, distance_m, unit_at
from geo_service.services.protection_list import entries_for, protected
from geo_service.services.surroundings import surroundings_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.services.positions import Position
    from geo_service.store.protocol import Store

MAX_LENGTH = 100
NEAR_LIMIT = 50
"""More names of one sound than a person reads; the nearest are shown, all are judged."""


@dataclass(frozen=True, slots=True)
class NameRequest:
    """A name somebody asks about.

    `position` is longitude, latitude in degrees (EPSG:4490). `unit_code` is the unit the place
    lies in; where it is not given, it is looked up by the position among the registered units.
    `record_id` names the registered record itself, so that it is not compared with itself.
    `replaces` is the name the place bears now, where it is to be renamed. `geometry` is the thing
    as it is drawn (EPSG:4490), see `drawn_feature.as_drawn`.
    """

    name: str
    feature_type: FeatureType
    standing: Standing
    as_of: date
    position: Position | None = None
    unit_code: DivisionCode | None = None
    record_id: str = ""
    facts: FeatureFacts = NOTHING_TOLD
    replaces: str = ""
    geometry: BaseGeometry | None = None


def checked_name(raw: str) -> str:
    """The name without blanks around it. Raises InputError for what cannot be a name at all."""
    if len(raw) > MAX_LENGTH:
        raise InputError("name_too_long", length=len(raw), limit=MAX_LENGTH)
    name = raw.strip()
    if not normal_form(name):
        raise InputError("name_empty")
    for position, character in enumerate(name, start=1):
        if unicodedata.category(character) in ("Cc", "Cs"):
            raise InputError("name_unreadable", position=position, point=f"U+{ord(character):04X}")
    return name


def check_name(
    request: NameRequest,
    city: CityProfile,
    store: Store | None,
    restricted: RestrictedNames | None = None,
) -> Verdict:
    """The verdict on a name as of a day; without a store the rules on duplicates find nothing.

    `restricted` is the bureau's own list of names; without it the rule on leaders finds nothing.

    Raises InputError for an empty, overlong or unreadable name, an impossible position, or a day
    before the oldest provision that the rules know.
    """
    name = checked_name(request.name)
    _require_law(request.as_of, city)
    unit = _unit_of(request, store)
    case = NameCase(
        name,
        request.feature_type,
        request.standing,
        unit,
        request.record_id,
        checked_facts(request.facts),
        request.replaces,
    )
    area = legal_area(case, city, request.as_of)
    context = NameContext(city, request.as_of, scope=area.scope, restricted=restricted)
    if store is not None:
        context = _beside_register(context, request, case, area, store)
        case = protected(case, context.listed)
    findings = evaluate(
        rules_of("names"), case, context, as_of=request.as_of, jurisdiction=city.code
    )
    return Verdict(
        name=name,
        feature_type=request.feature_type,
        as_of=request.as_of,
        outcome=outcome_of(findings),
        findings=findings,
        near=_near(case, context.neighbours or ()),
        romanization=romanise(name, request.feature_type),
        digest=Digest(rules_digest("names"), data_digest(city, restricted), __version__),
        notice=message("name.notice"),
    )


def _require_law(day: date, city: CityProfile) -> None:
    """No rule could find anything: "nothing found" would be a verdict on a name nobody examined."""
    if not any(bases_in_force(rule, day, city.code) for rule in rules_of("names")):
        raise InputError("day_without_law", as_of=day)


def _unit_of(request: NameRequest, store: Store | None) -> DivisionCode | None:
    if request.position is not None:
        checked_position(request.position)
    if request.unit_code is not None or request.position is None or store is None:
        return request.unit_code
    return unit_at(request.position, store, request.as_of)


def _beside_register(
    context: NameContext, request: NameRequest, case: NameCase, area: LegalArea, store: Store
) -> NameContext:
    """The context with what the register holds on the name and around it."""
    forms = registered_forms(case.name, case.feature_type)
    keys = probe_keys(case.name, case.feature_type)
    alike = store.places_like(written=forms, keys=keys, as_of=request.as_of)
    return replace(
        context,
        neighbours=_neighbours(alike, request, case, area),
        surroundings=surroundings_of(case, request, context.city, store),
        listed=entries_for(case, alike, store, request.as_of),
    )


def _neighbours(
    alike: list[NamedPlace], request: NameRequest, case: NameCase, area: LegalArea
) -> tuple[Neighbour, ...]:
    """Registered names of the same writing or sound, each with its scope, nearest first.

    Entries of the protection list are no names of their own: each speaks of a registered name.
    """
    names = (place for place in alike if place.status is not NameStatus.LISTED)
    found = sorted((_neighbour(p, request, area) for p in names), key=_nearest_first)
    own = _own_record(found, case)
    return tuple(neighbour for neighbour in found if neighbour is not own)


def _neighbour(place: NamedPlace, request: NameRequest, area: LegalArea) -> Neighbour:
    away = None
    if request.position is not None:
        away = distance_m(request.position, place.geometry)
    return Neighbour(place, away, area.scope_of(place.unit_code))


def _nearest_first(neighbour: Neighbour) -> tuple[bool, float, str]:
    away = neighbour.distance_m
    return (not neighbour.scope, float("inf") if away is None else away, neighbour.place.id)


def _own_record(found: list[Neighbour], case: NameCase) -> Neighbour | None:
    """The record of the case itself: by its id, or for an existing name the nearest of its kind.

    A name that stands in the register would otherwise always be its own duplicate.
    """
    if case.record_id:
        return next((n for n in found if n.place.id == case.record_id), None)
    if case.standing is Standing.PROPOSED:
        return None
    written = compared_form(case.name, case.feature_type)
    return next(
        (
            n
            for n in found
            if n.place.feature_type is case.feature_type
            and compared_form(n.place.name, case.feature_type) == written
            and (case.unit_code is None or n.place.unit_code in (None, case.unit_code))
        ),
        None,
    )


def _form(place: NamedPlace) -> str:
    return compared_form(place.name, place.feature_type)


def _near(case: NameCase, neighbours: tuple[Neighbour, ...]) -> tuple[NearName, ...]:
    written = compared_form(case.name, case.feature_type)
    result = []
    for neighbour in neighbours[:NEAR_LIMIT]:
        place = neighbour.place
        key = "same_written" if _form(place) == written else "same_sound"
        reasons = [message(f"name.{key}")]
        if not neighbour.scope:
            reasons.append(message("name.outside_scope"))
        result.append(NearName(place.id, place.name, 1.0, tuple(reasons), neighbour.distance_m))
    return tuple(result)
