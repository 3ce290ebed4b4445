"""May this name stand? The rules on names, run against the register within the legal scope."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from geo_service import __version__
from geo_service.domain.finding import Digest, NearName, Verdict, outcome_of
from geo_service.domain.place import NamedPlace
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.errors import InputError
from geo_service.language.normalise import normal_form
from geo_service.language.romanisation import romanise
from geo_service.messages import message
from geo_service.rules.engine import bases_in_force, evaluate, rules_digest, rules_of
from geo_service.rules.names import NameCase, NameContext, Standing
from geo_service.services.digests import data_digest
from geo_service.services.facts import checked_facts
from geo_service.services.name_scopes import LegalArea, legal_area
from geo_service.services.positions import position_in, unit_at
from geo_service.services.protection_list import entries_for, protected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.place import FeatureType
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.services.positions import Position
    from geo_service.store.protocol import Store

MAX_LENGTH = 100


@dataclass(frozen=True, slots=True)
class NameRequest:
    """A name somebody asks about.

    `position` is longitude, latitude in degrees (EPSG:4490). `unit_code` is the unit the place
    lies in; where it is not given, it is looked up by the position among the registered units.
    `record_id` names the registered record itself, so that it is not compared with itself, and
    `record_kind` is what findings call it.
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
    record_kind: str = NamedPlace.SUBJECT


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
    mates: Sequence[NamedPlace] = (),
) -> Verdict:
    """The verdict on a name as of a day; without a store the rules on duplicates find nothing.

    `restricted` is the bureau's own list of names; without it the rule on leaders finds nothing.
    `mates` are names handed in together with this one: they are compared like registered names.

    Raises InputError for an empty, overlong or unreadable name, an impossible position, or a day
    before the oldest provision that the rules know.
    """
    case, context = examined(request, city, store, restricted, mates)
    findings = evaluate(
        rules_of("names"), case, context, as_of=request.as_of, jurisdiction=city.code
    )
    return Verdict(
        name=case.name,
        feature_type=request.feature_type,
        as_of=request.as_of,
        outcome=outcome_of(finding.severity for finding in findings),
        findings=findings,
        near=_near(case, context),
        romanization=romanise(case.name, request.feature_type),
        digest=Digest(rules_digest("names"), data_digest(city, restricted), __version__),
        notice=message("name.notice"),
    )


def examined(
    request: NameRequest,
    city: CityProfile,
    store: Store | None,
    restricted: RestrictedNames | None = None,
    mates: Sequence[NamedPlace] = (),
) -> tuple[NameCase, NameContext]:
    """The case and all that the rules hold it against. Raises as `check_name` does."""
    name = checked_name(request.name)
    _require_law(request.as_of, city)
    unit = _unit_of(request, city, store)
    case = NameCase(
        name,
        request.feature_type,
        request.standing,
        unit,
        request.record_id,
        checked_facts(request.facts),
        request.replaces,
        request.record_kind,
    )
    area = legal_area(case, city, request.as_of)
    context = NameContext(city, request.as_of, scope=area.scope, restricted=restricted)
    if store is not None:
        context = _beside_register(context, request, case, area, store)
        case = protected(case, context.listed)
    if mates:
        from geo_service.services.name_rivals import beside_mates  # noqa: PLC0415 - as below

        context = beside_mates(context, request, case, area, mates)
    return case, context


def _near(case: NameCase, context: NameContext) -> tuple[NearName, ...]:
    if not context.neighbours:
        return ()
    from geo_service.services.name_rivals import near_names  # noqa: PLC0415 - as below

    return near_names(case, context)


def _require_law(day: date, city: CityProfile) -> None:
    """No rule could find anything: "nothing found" would be a verdict on a name nobody examined."""
    if not any(bases_in_force(rule, day, city.code) for rule in rules_of("names")):
        raise InputError("day_without_law", as_of=day)


def _unit_of(request: NameRequest, city: CityProfile, store: Store | None) -> DivisionCode | None:
    if request.position is not None:
        position_in(request.position, city)
    if request.unit_code is not None or request.position is None or store is None:
        return request.unit_code
    return unit_at(request.position, store, request.as_of)


def _beside_register(
    context: NameContext, request: NameRequest, case: NameCase, area: LegalArea, store: Store
) -> NameContext:
    """The context with what the register holds on the name and around it."""
    # A check without the register must stay cheap: it does not pay for what asks the register.
    from geo_service.services.name_rivals import beside_rivals  # noqa: PLC0415
    from geo_service.services.surroundings import surroundings_of  # noqa: PLC0415

    beside, listed = beside_rivals(context, request, case, area, store)
    return replace(
        beside,
        surroundings=surroundings_of(case, request, context.city, store),
        listed=entries_for(case, listed, store, request.as_of),
    )
