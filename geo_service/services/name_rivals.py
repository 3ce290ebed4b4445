"""The registered names that a name is judged against, and those it is shown beside.

The store finds them by likeness keys within the legal area, which is what the law compares;
the same writing is looked for everywhere, so that a reader sees a namesake outside the area as
well. What merely shares a key and does not resemble the name is left out before anything is
measured.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RecordKind
from geo_service.domain.finding import NearName
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.errors import NotFound
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.likeness_tables import threshold
from geo_service.language.normalise import compared_form, registered_forms
from geo_service.messages import message
from geo_service.rules.names import InUse, NameCase, NameContext, Neighbour, Standing, pair_of
from geo_service.rules.names._rivals import (
    city_profile,
    compared,
    reasons_of,
    same_class,
    score_of,
)
from geo_service.services.positions import box_around, distance_m, distances_from
from geo_service.services.road_names import with_roads

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from geo_service.domain.accepted_pair import AcceptedPair
    from geo_service.domain.identity import DivisionCode
    from geo_service.services.name_scopes import LegalArea
    from geo_service.services.names import NameRequest
    from geo_service.store.protocol import Store

NEAR_LIMIT = 50
"""More names than a person reads; the likest are shown, all are judged."""

_MAX_ROWS = 2000
"""Rows of one look-up where no area narrows it: what is merely alike is then cut, never a namesake
of the legal area."""


def beside_rivals(
    context: NameContext, request: NameRequest, case: NameCase, area: LegalArea, store: Store
) -> tuple[NameContext, list[NamedPlace]]:
    """The context with the registered names that resemble the case, and with accepted pairs.

    Beside it the entries of the protection list that came along: they speak of a registered name
    and are no rivals themselves.
    """
    found = _alike(context, request, case, area, store)
    listed = [place for place in found if place.status is NameStatus.LISTED]
    names = [place for place in found if place.status is not NameStatus.LISTED]
    alike = _neighbours([p for p in names if _resembles(case, p, context)], request, area)
    alike.sort(key=_nearest_first)
    own = _own_record(alike, case)
    beside = replace(context, neighbours=tuple(n for n in alike if n is not own))
    beside = replace(
        beside,
        accepted=_accepted(case, beside, request, store),
        in_use=_in_use(own.place if own else None, request, case, beside, store),
    )
    return beside, listed


def beside_mates(
    context: NameContext,
    request: NameRequest,
    case: NameCase,
    area: LegalArea,
    mates: Iterable[NamedPlace],
) -> NameContext:
    """The context with those names of the same batch that resemble the case."""
    alike = _neighbours([p for p in mates if _resembles(case, p, context)], request, area)
    marked = (replace(neighbour, in_batch=True) for neighbour in alike)
    return replace(context, neighbours=(*(context.neighbours or ()), *marked))


def _alike(
    context: NameContext, request: NameRequest, case: NameCase, area: LegalArea, store: Store
) -> list[NamedPlace]:
    """Names under the keys of the case in the legal area, and of the same writing anywhere."""
    forms = registered_forms(case.name, case.feature_type)
    profile = city_profile(context.city, context.as_of)
    keys = probe_keys(case.name, case.feature_type, profile)
    units, day = _units(context, area), request.as_of
    if units is None:
        near = store.places_like(written=forms, as_of=day)
        more = store.places_like(written=(), keys=keys, as_of=day, limit=_MAX_ROWS)
        roads = store.roads_like(written=forms, as_of=day)
        roads += store.roads_like(written=(), keys=keys, as_of=day, limit=_MAX_ROWS)
    else:
        near = store.places_like(written=forms, keys=keys, as_of=day, within=units)
        more = store.places_like(written=forms, as_of=day, limit=NEAR_LIMIT)
        roads = store.roads_like(written=forms, keys=keys, as_of=day, within=units)
        roads += store.roads_like(written=forms, as_of=day, limit=NEAR_LIMIT)
    places = list({place.id: place for place in (*near, *more)}.values())
    if not roads:
        return places
    each = {road.id: road for road in roads}.values()
    return with_roads(places, each, request, context.city.threshold("same_place_m"))


def _units(context: NameContext, area: LegalArea) -> Iterable[DivisionCode] | None:
    """The units of the legal area, None for the nation; where no law sets one, the city."""
    return area.units if area.zones else (context.city.code,)


def _resembles(case: NameCase, place: NamedPlace, context: NameContext) -> bool:
    found = compared(case, place, context)
    return found.fault is not None or found.likeness.score >= threshold()


def _neighbours(places: list[NamedPlace], request: NameRequest, area: LegalArea) -> list[Neighbour]:
    away = distances_from(request.position, [place.geometry for place in places])
    scopes = {unit: area.scope_of(unit) for unit in {place.unit_code for place in places}}
    return [
        Neighbour(place, metres, scopes[place.unit_code])
        for place, metres in zip(places, away, strict=True)
    ]


def _nearest_first(neighbour: Neighbour) -> tuple[bool, float, str]:
    away = neighbour.distance_m
    return (not neighbour.scope, float("inf") if away is None else away, neighbour.place.id)


def _own_record(found: list[Neighbour], case: NameCase) -> Neighbour | None:
    """The record of the case itself: by its id, or for an existing name the nearest of its kind.

    A name that stands in the register would otherwise always be its own duplicate. A standard name
    comes before an alias of the same writing.
    """
    if case.record_id:
        return next((n for n in found if n.place.id == case.record_id), None)
    if case.standing is Standing.PROPOSED:
        return None
    written = compared_form(case.name, case.feature_type)
    own = [
        n
        for n in found
        if n.place.feature_type is case.feature_type
        and compared_form(n.place.name, case.feature_type) == written
        and (case.unit_code is None or n.place.unit_code in (None, case.unit_code))
    ]
    return min(own, key=lambda n: n.place.status is not NameStatus.STANDARD, default=None)


# --- pairs the bureau accepted --------------------------------------------------------------


def pair_id(one: str, other: str) -> str:
    """The id under which a pair of names is recorded, in whatever order they are given."""
    both = "\x1f".join(sorted(pair_of(one, other)))
    return f"AP-{hashlib.sha256(both.encode()).hexdigest()[:16]}"


def accepted_pair(store: Store, one: str, other: str, *, as_of: date) -> AcceptedPair | None:
    """The acceptance of two names that holds on the day, None where there is none."""
    record = pair_record(store, one, other, as_of=as_of)
    return record if record is not None and record.stands else None


def pair_record(store: Store, one: str, other: str, *, as_of: date) -> AcceptedPair | None:
    """What the register holds of two names on the day, be it accepted or a slip taken back."""
    try:
        record = store.get(RecordKind.ACCEPTED_PAIRS, pair_id(one, other), as_of=as_of)
    except NotFound:
        return None
    return cast("AcceptedPair", record)


def _accepted(
    case: NameCase, context: NameContext, request: NameRequest, store: Store
) -> dict[frozenset[str], AcceptedPair]:
    """Acceptances of the case beside each name that the law compares with it."""
    found: dict[frozenset[str], AcceptedPair] = {}
    for neighbour in context.neighbours or ():
        place = neighbour.place
        if neighbour.scope and same_class(case, place):
            accepted = accepted_pair(store, case.name, place.name, as_of=request.as_of)
            if accepted is not None:
                found[pair_of(case.name, place.name)] = accepted
    return found


# --- the place of a name in use -------------------------------------------------------------


def _in_use(
    own: NamedPlace | None,
    request: NameRequest,
    case: NameCase,
    context: NameContext,
    store: Store,
) -> InUse | None:
    """What the register holds of a name in use and at its place.

    None for a new name, and for a record of the register itself: nobody says that it is in use.
    """
    if case.standing is Standing.PROPOSED or (own is not None and own.id == case.record_id):
        return None
    if own is not None and own.status is NameStatus.STANDARD:
        return InUse(own)  # it is the standard name: nobody asks what stands beside it
    if request.position is None:
        return InUse(own)
    reach_m = context.city.threshold("same_place_m")
    around = store.records(
        RecordKind.PLACE_NAMES,
        as_of=request.as_of,
        box=box_around(request.position, reach_m),
        limit=_MAX_ROWS,
    )
    here = [
        Neighbour(place, away)
        for place in around
        if isinstance(place, NamedPlace)
        and place is not own
        and place.status is not NameStatus.LISTED
        and same_class(case, place)
        and (away := distance_m(request.position, place.geometry)) is not None
        and away <= reach_m
    ]
    return InUse(own, tuple(sorted(here, key=_nearest_first)))


# --- what is shown --------------------------------------------------------------------------


def near_names(case: NameCase, context: NameContext) -> tuple[NearName, ...]:
    """The registered names that resemble the case, likest first, then nearest, each with why."""
    rows = [_near(case, neighbour, context) for neighbour in context.neighbours or ()]
    rows.sort(key=_likest_first)
    return tuple(rows[:NEAR_LIMIT])


def _near(case: NameCase, neighbour: Neighbour, context: NameContext) -> NearName:
    place = neighbour.place
    found = compared(case, place, context)
    reasons = [*reasons_of(found)]
    if place.status is not NameStatus.STANDARD:
        reasons.append(message(f"rivals.is_{place.status}"))
    if not same_class(case, place):
        reasons.append(message("rivals.other_class"))
    if not neighbour.scope:
        reasons.append(message("name.outside_scope"))
    return NearName(
        place.id, place.name, score_of(case, place, found), tuple(reasons), neighbour.distance_m
    )


def _likest_first(row: NearName) -> tuple[float, bool, float, str]:
    away = row.distance_m
    return (-row.likeness, away is None, away or 0.0, row.id)
