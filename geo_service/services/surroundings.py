"""What the register holds around a name, beyond names that look or sound like it.

Asked only for what the rules on its type can use, by keys of the index first; geometry libraries
are imported late, so that a check without a position does not pay for them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from statistics import median
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.domain.road import Road
from geo_service.language.family import BRANCH
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.lexicons import lexicon
from geo_service.rules.names import Kin, Neighbour, Standing, Surroundings
from geo_service.rules.names._facilities import SIDES, local_stem, stems_of
from geo_service.rules.names.road_generic_mismatch import AVENUE
from geo_service.services.positions import (
    box_about,
    box_around,
    gap_m,
    gaps_m,
    middle_of,
)
from geo_service.services.road_names import with_roads

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.rules.names import NameCase
    from geo_service.services.names import NameRequest
    from geo_service.services.positions import Position
    from geo_service.store.protocol import Box, Store

_BUILT = (FeatureType.ESTATE, FeatureType.BUILDING)
_STANDING = (NameStatus.STANDARD, NameStatus.RESERVED)
_DIVISION_LENGTHS = (2, 3, 4)
_NEAREST = 3
_GROWING = (0.05, 0.2, 1.0)
_WIDENING, _CROWD = (0.25, 0.5, 1.0), 500
"""Where so many names stand closer by, the quarter is smaller than the full reach."""
_BOX_ROWS = 2000
"""More roads around than a median needs; a crowded register answers as fast as an empty one."""


def surroundings_of(
    case: NameCase, request: NameRequest, city: CityProfile, store: Store
) -> Surroundings:
    """What the rules on the type of the case ask of the register; mostly nothing."""
    if case.feature_type is FeatureType.ROAD:
        return _around_road(case, request, city, store)
    if case.feature_type in _BUILT and case.unit_code is not None:
        return Surroundings(divisions=_divisions(case, request, store))
    if request.position is not None and _follows_local_name(case):
        return Surroundings(local=_local_names(case, request, request.position, city, store))
    return Surroundings()


def _follows_local_name(case: NameCase) -> bool:
    named = normal_form(case.name)
    return case.feature_type is FeatureType.FACILITY and bool(local_stem(named))


@cache
def _generics(*wanted: tuple[str, str]) -> tuple[str, ...]:
    """Generics of the table by feature type and class, in order."""
    rows = lexicon("generics", "generic", "feature_type").rows
    found = {r["generic"] for r in rows if (r["feature_type"], r["class"]) in wanted}
    return tuple(sorted(found))


def _places(store: Store, request: NameRequest, written: Iterable[str]) -> Iterator[NamedPlace]:
    """Registered names in force under one of the written forms, without the case's own record."""
    for place in store.places_like(written=written, as_of=request.as_of):
        if place.status in _STANDING and place.id != request.record_id:
            yield place


def _divisions(case: NameCase, request: NameRequest, store: Store) -> tuple[NamedPlace, ...]:
    """Registered units below the county whose names begin the name of an estate."""
    name = normal_form(case.name)
    towns = _generics(("unit", "town"))
    keys = [name[:n] + town for n in _DIVISION_LENGTHS if n < len(name) for town in towns]
    return tuple(p for p in _places(store, request, keys) if p.feature_type is FeatureType.UNIT)


def _around_road(
    case: NameCase, request: NameRequest, city: CityProfile, store: Store
) -> Surroundings:
    name = normal_form(case.name)
    parts = split_name(name, case.feature_type)
    keys: list[str] = []
    if parts.generic[:1] == BRANCH:
        keys = [parts.specific + generic for generic in _generics(("road", "road"))]
    elif parts.modifier and parts.modifier in SIDES:
        stem = parts.specific + parts.ordinal
        keys = [stem + side + parts.generic for side in SIDES]
    kin = None
    if keys:
        asked = [key for key in keys if key != name]
        found = _with_roads(
            list(_places(store, request, asked)),
            store.roads_like(written=asked, as_of=request.as_of),
            request,
            city,
        )
        here = request.geometry or _point(request.position)
        kin = tuple(_kin(p, here) for p in found if p.feature_type is case.feature_type)
    near = _roads_near(case, request, city, store)
    if parts.generic != AVENUE or case.facts.length_m is None or request.position is None:
        return Surroundings(kin=kin, near_roads=near)
    lengths = _road_lengths(request, request.position, city, store)
    return Surroundings(
        kin=kin,
        roads=len(lengths),
        median_road_m=median(lengths) if lengths else None,
        near_roads=near,
    )


def _with_roads(
    places: list[NamedPlace], roads: Iterable[Record], request: NameRequest, city: CityProfile
) -> list[NamedPlace]:
    """The names with those of standing roads, each once."""
    standing = [r for r in roads if isinstance(r, Road) and r.status in _STANDING]
    if not standing:
        return places
    return with_roads(places, standing, request, city.threshold("same_place_m"))


def _roads_near(
    case: NameCase, request: NameRequest, city: CityProfile, store: Store
) -> tuple[Neighbour, ...] | None:
    """Registered roads within reach of a new one, nearest first, but for the name it replaces.

    None without a position. The reach is widened only while the names around are no crowd: a check
    in the middle of a city is to take no longer than one at its edge.
    """
    here = request.geometry or _point(request.position)
    if here is None or case.standing is not Standing.PROPOSED:
        return None
    for share in _WIDENING:
        near_m = city.threshold("series_reach_m") * share
        found = _in_box(store, request, box_about(here, near_m))
        if len(found) >= _CROWD:
            break
    replaced = normal_form(case.replaces)
    drawn = _in_box(store, request, box_about(here, near_m), RecordKind.ROADS)
    roads = [
        place
        for place in _with_roads(_standing(found), drawn, request, city)
        if place.feature_type is FeatureType.ROAD
        and place.id != request.record_id
        and normal_form(place.name) != replaced
    ]
    away = gaps_m(here, [road.geometry for road in roads])
    near = [
        Neighbour(road, metres)
        for road, metres in zip(roads, away, strict=True)
        if metres is not None and metres <= near_m
    ]
    return tuple(sorted(near, key=lambda n: (n.distance_m or 0.0, n.place.id)))


def _point(position: Position | None) -> BaseGeometry | None:
    if position is None:
        return None
    import shapely  # noqa: PLC0415

    point: BaseGeometry = shapely.Point(position)
    return point


def _kin(place: NamedPlace, here: BaseGeometry | None) -> Kin:
    """A road of the same root, with its offset from the case where both have a place."""
    there = place.geometry
    if here is None or there is None or there.is_empty:
        return Kin(place)
    from geo_service.geometry.measure import ellipsoid, lengths_m  # noqa: PLC0415

    bearing_deg, _, away = ellipsoid().inv(*middle_of(here), *middle_of(there))
    bearing = math.radians(bearing_deg)
    return Kin(
        place,
        east_m=away * math.sin(bearing),
        north_m=away * math.cos(bearing),
        gap_m=gap_m(here, there),
        length_m=float(lengths_m([there])[0]) if there.length else None,
    )


def _around(
    store: Store, request: NameRequest, position: Position, reach_m: float
) -> list[NamedPlace]:
    return _standing(_in_box(store, request, box_around(position, reach_m)))


def _in_box(
    store: Store, request: NameRequest, box: Box, kind: RecordKind = RecordKind.PLACE_NAMES
) -> list[Record]:
    return store.records(kind, as_of=request.as_of, box=box, limit=_BOX_ROWS)


def _standing(records: Iterable[Record]) -> list[NamedPlace]:
    return [p for p in records if isinstance(p, NamedPlace) and p.status in _STANDING]


def _road_lengths(
    request: NameRequest, position: Position, city: CityProfile, store: Store
) -> list[float]:
    """Lengths of the registered roads around that are drawn as lines, in metres."""
    from geo_service.geometry.measure import lengths_m  # noqa: PLC0415

    box = box_around(position, city.threshold("road_compare_m"))
    named = _standing(_in_box(store, request, box))
    roads = _in_box(store, request, box, RecordKind.ROADS)
    lines = [
        place.geometry
        for place in _with_roads(named, roads, request, city)
        if place.feature_type is FeatureType.ROAD
        and place.id != request.record_id
        and place.geometry is not None
        and place.geometry.length
    ]
    return [float(length) for length in lengths_m(lines)] if lines else []


def _local_names(
    case: NameCase, request: NameRequest, position: Position, city: CityProfile, store: Store
) -> tuple[Neighbour, ...]:
    """Registered names within reach that the facility may have its name from, else the nearest."""
    here, reach_m = _point(position), city.threshold("facility_local_name_m")
    stems = stems_of(normal_form(case.name), city.name.zh)
    written = [stem + ending for stem in stems for ending in ("", *_generics(*_LOCAL))]
    same = _within(_places(store, request, written), here, reach_m)
    return same or _nearest(request, position, reach_m, store)


def _nearest(
    request: NameRequest, position: Position, reach_m: float, store: Store
) -> tuple[Neighbour, ...]:
    """The nearest names, looked for in boxes that grow: most stations lie among many names."""
    found: tuple[Neighbour, ...] = ()
    for share in _GROWING:
        near_m = reach_m * share
        found = _within(_around(store, request, position, near_m), _point(position), near_m)
        if len(found) >= _NEAREST:
            break
    return found[:_NEAREST]


_LOCAL = (
    ("village", "settlement"),
    ("unit", "town"),
    ("unit", "village"),
    ("unit", "county"),
    ("natural", "water"),
    ("natural", "relief"),
    ("road", "road"),
)
"""Classes of names that a station or reservoir has its name from."""


def _within(
    places: Iterable[NamedPlace], here: BaseGeometry | None, reach_m: float
) -> tuple[Neighbour, ...]:
    """The places within reach, nearest first; facilities do not lend each other their names."""
    found = [
        Neighbour(place, away)
        for place in places
        if place.feature_type is not FeatureType.FACILITY
        and here is not None
        and (away := gap_m(here, place.geometry)) is not None
        and away <= reach_m
    ]
    return tuple(sorted(found, key=lambda n: (n.distance_m or 0.0, n.place.id)))
