"""Roads of the register as names in use, each counted once where its name is registered too."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.road import Road, RoadName
from geo_service.errors import NotFound
from geo_service.language.normalise import normal_form
from geo_service.services.positions import gap_m

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.finding import Verdict
    from geo_service.services.names import NameRequest
    from geo_service.store.protocol import Store


def with_roads(
    places: Sequence[NamedPlace], roads: Iterable[Road], request: NameRequest, reach_m: float
) -> list[NamedPlace]:
    """The names with those that roads bear; a road of a registered name adds its line to it.

    A road under the name and at the place asked about is that thing itself, and left out.
    """
    joined = list(places)
    by_name: dict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        if place.feature_type is FeatureType.ROAD:  # no other kind of thing is the road
            by_name[normal_form(place.name)].append(number)
    for road in roads:
        written = normal_form(road.name)
        same = [n for n in by_name[written] if _is_same(joined[n], road, reach_m)]
        for number in same:
            joined[number] = _drawn(joined[number], road)
        if not same and not _is_asked(request, road, written, reach_m):
            joined.append(as_name(road))
    return joined


def as_name(road: Road) -> RoadName:
    """The name that a road bears."""
    return RoadName(
        id=road.id,
        name=road.name,
        feature_type=FeatureType.ROAD,
        provenance=road.provenance,
        status=road.status,
        unit_code=road.unit_code,
        geometry=road.geometry,
        period=road.period,
    )


def registered_name(store: Store, record_id: str, as_of: date) -> NamedPlace:
    """The registered name behind an id that a check told, or the name that a road bears.

    Raises NotFound where the id stands for neither on the day.
    """
    try:
        record = store.get(RecordKind.PLACE_NAMES, record_id, as_of=as_of)
    except NotFound:
        record = store.get(RecordKind.ROADS, record_id, as_of=as_of)
    return as_name(record) if isinstance(record, Road) else cast("NamedPlace", record)


def near_places(verdict: Verdict, store: Store) -> dict[str, NamedPlace]:
    """The registered places and roads behind the near names of a verdict, by id."""
    found = {}
    for near in verdict.near:
        try:
            found[near.id] = registered_name(store, near.id, verdict.as_of)
        except NotFound:  # retired between the check and now
            continue
    return found


def is_name_of(place: NamedPlace, road: Road, reach_m: float) -> bool:
    """Whether a registered name is the one of the road."""
    written = normal_form(place.name) == normal_form(road.name)
    return place.feature_type is FeatureType.ROAD and written and _is_same(place, road, reach_m)


def _is_same(place: NamedPlace, road: Road, reach_m: float) -> bool:
    """Whether a name is that of the road: in one unit as far as known, and at one place."""
    one, other = place.unit_code, road.unit_code
    if one and other and not (one.is_within(other) or other.is_within(one)):
        return False
    return _is_near(place.geometry, road, reach_m)


def _is_near(here: BaseGeometry | None, road: Road, reach_m: float) -> bool:
    """Within reach of each other, or nobody knows where one of them lies."""
    if here is None or here.is_empty or road.geometry is None:
        return True
    away = gap_m(here, road.geometry)
    return away is not None and away <= reach_m


def _drawn(place: NamedPlace, road: Road) -> NamedPlace:
    drawn = place.geometry is not None and place.geometry.length
    return place if drawn or road.geometry is None else replace(place, geometry=road.geometry)


def _is_asked(request: NameRequest, road: Road, written: str, reach_m: float) -> bool:
    if road.id == request.record_id:
        return True
    if request.feature_type is not FeatureType.ROAD or normal_form(request.name) != written:
        return False
    here = request.geometry
    if here is None and request.position is not None:
        import shapely  # noqa: PLC0415 - a check without a position does not pay for it

        here = shapely.Point(request.position)
    return here is not None and _is_near(here, road, reach_m)
