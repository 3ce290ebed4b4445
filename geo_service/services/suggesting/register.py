"""Candidates that the register gives grounds for: reserved, former and local names, series."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from geo_service.domain.finding import Severity
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.errors import NotFound
from geo_service.language.family import BRANCH, family_of
from geo_service.language.normalise import compared_form, normal_form
from geo_service.language.series import followed_series, words_of
from geo_service.language.split import generic_of, split_name
from geo_service.messages import message
from geo_service.services.positions import middle_of
from geo_service.services.road_names import registered_name
from geo_service.services.suggesting.candidate import Candidate, Local, Origin
from geo_service.services.suggesting.tables import (
    ordinary_generics,
    themes_of,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.text import Text
    from geo_service.services.positions import Position
    from geo_service.services.suggesting.desk import Desk

_DERIVED = frozenset(
    (FeatureType.ROAD, FeatureType.ESTATE, FeatureType.BUILDING, FeatureType.FACILITY)
)
"""Types that are named after the places around them."""
_LENDING = frozenset((FeatureType.VILLAGE, FeatureType.NATURAL))
"""Types that lend their names."""
_LEAST, _MOST = 2, 4
"""Characters of a specific taken from another name: fewer tell nothing, more make a long name."""
_SHOWN = 3
"""Roads of a series that are named as its grounds."""
_SIDES = {"east": "东", "west": "西", "south": "南", "north": "北"}


def pool(desk: Desk) -> Iterator[Candidate]:
    """Names held in reserve, of the type asked for."""
    for local in desk.pool():
        if local.place.feature_type is desk.request.feature_type:
            yield Candidate(
                local.place.name,
                Origin.POOL,
                (message("suggest.pool", id=local.place.id),),
                local,
                itself=True,
            )


def former(desk: Desk) -> Iterator[Candidate]:
    """Names that were in use around: as they are for the same type, else their specific."""
    for local in desk.around:
        if local.place.status is NameStatus.FORMER:
            grounds = (message("suggest.former", name=local.place.name, id=local.place.id),)
            if local.place.feature_type is desk.request.feature_type:
                yield Candidate(local.place.name, Origin.FORMER, grounds, local, itself=True)
            elif desk.request.feature_type in _DERIVED:
                yield from _named_after(desk, local, Origin.FORMER, grounds)


def local_names(desk: Desk) -> Iterator[Candidate]:
    """Names derived from villages and natural features around (地名派生)."""
    if desk.request.feature_type not in _DERIVED:
        return
    for local in desk.around:
        place = local.place
        if place.feature_type in _LENDING and place.status is NameStatus.STANDARD:
            grounds = (message("suggest.local", name=place.name, id=place.id),)
            yield from _named_after(desk, local, Origin.LOCAL, grounds)


def _named_after(
    desk: Desk, local: Local, origin: Origin, grounds: tuple[Text, ...]
) -> Iterator[Candidate]:
    stem, generic = _stem(local.place), _generic(desk)
    if stem and generic:
        yield Candidate(stem + generic, origin, grounds, local)


def _stem(place: NamedPlace) -> str:
    return _lent(place.name, place.feature_type)


@lru_cache(maxsize=4096)
def _lent(written: str, kind: FeatureType) -> str:
    """The specific a place can lend, empty for none.

    Villages and natural features lend their whole name: its generic has grown in (辛家庄, 浮山).
    A neighbourhood called after a road or an estate (铁山路社区) has no name of its own to lend.
    """
    name = compared_form(written, kind)
    stem = _bare(name) if kind in _LENDING else split_name(name, kind).root
    borrowed = kind in _LENDING and (
        generic_of(stem, FeatureType.ROAD) or len(generic_of(stem, FeatureType.ESTATE)) > 1
    )
    return stem if _LEAST <= len(stem) <= _MOST and not borrowed else ""


def _bare(name: str) -> str:
    """The name of a village without the word for its community: 西王庄村 → 西王庄."""
    bare = name.removesuffix(generic_of(name, FeatureType.UNIT))
    return bare if len(bare) >= _LEAST else name


def _generic(desk: Desk) -> str:
    """The generic of the proposal, else the most ordinary one of the type."""
    if desk.own_generic:
        return desk.own_generic
    rows = ordinary_generics(desk.request.feature_type, desk.request.facts.road_class)
    return rows[0]["generic"] if rows else ""


def kin(desk: Desk) -> Iterator[Candidate]:
    """Where the road that bears the name lies close by: names of its family, by side or branch."""
    here = desk.request.position
    if desk.request.feature_type is not FeatureType.ROAD or here is None or not desk.request.name:
        return
    own = family_of(desk.request.name, FeatureType.ROAD)
    for local in _rivals(desk):
        place = local.place
        head = family_of(place.name, place.feature_type)
        if place.geometry is None or local.distance_m is None or head.root != own.root:
            continue
        side = _side_of(place.geometry, here)
        said = message("suggest.kin", name=place.name, side=message(f"suggest.side_{side}"))
        generic = head.generic or own.generic
        yield Candidate(head.root + _SIDES[side] + generic, Origin.KIN, (said,), local)
        if local.distance_m <= desk.city.threshold("branch_join_m"):
            branch = head.root + BRANCH + generic
            if generic_of(branch, FeatureType.ROAD) == BRANCH + generic:
                said = message("suggest.branch", name=place.name)
                yield Candidate(branch, Origin.KIN, (said,), local)


def _rivals(desk: Desk) -> tuple[Local, ...]:
    """Registered names within reach that findings on the proposal weigh against it."""
    verdict = desk.judge(desk.request.name)
    if verdict is None or desk.store is None:
        return ()
    found = []
    for finding in verdict.findings:
        for related in finding.related if finding.severity >= Severity.HUMAN else ():
            try:
                found.append(registered_name(desk.store, related.id, desk.request.as_of))
            except NotFound:  # another kind of record
                continue
    return desk.by_distance(found)


def _side_of(geometry: BaseGeometry, here: Position) -> str:
    """On which side of a place a position lies, by the longer of the two offsets."""
    from geo_service.geometry.measure import ellipsoid  # noqa: PLC0415 - only with positions

    bearing, _, _ = ellipsoid().inv(*middle_of(geometry), *here)
    return ("north", "east", "south", "west")[round(bearing / 90) % 4]


def in_series(desk: Desk) -> Iterator[Candidate]:
    """Names of the series that the roads around follow, if they follow one."""
    if desk.request.feature_type is not FeatureType.ROAD:
        return
    roads = _roads_by_root(desk)
    if len(roads) < desk.city.threshold("series_least"):
        return
    for followed in followed_series(roads, desk.city.threshold("series_share")):
        held = [roads[root] for root in followed.specifics]
        said = message(
            "suggest.series",
            roads="、".join(local.place.name for local in held[:_SHOWN]),
            count=len(held),
            series=message(f"series.{followed.series}"),
        )
        for word in words_of(followed.series):
            if word not in roads:
                yield Candidate(word + _generic(desk), Origin.SERIES, (said,), held[0])


def _roads_by_root(desk: Desk) -> dict[str, Local]:
    """The nearest road of each root close enough to set a series, nearest first."""
    reach_m = desk.city.threshold("series_reach_m")
    found: dict[str, Local] = {}
    for local in desk.around:
        place, away = local.place, local.distance_m
        if place.feature_type is FeatureType.ROAD and place.status is NameStatus.STANDARD:
            root = family_of(place.name, FeatureType.ROAD).root
            if root and (away is None or away <= reach_m):
                found.setdefault(root, local)
    return found


def same_theme(desk: Desk) -> Iterator[Candidate]:
    """The proposal with one character changed for another of its theme that a local name has."""
    if not desk.request.name or not _rivals(desk):
        return
    parts = split_name(normal_form(desk.request.name), desk.request.feature_type)
    for at, old in enumerate(parts.specific):
        for theme, characters in themes_of(old):
            for local, new in _seen_around(desk, characters):
                name = parts.specific[:at] + new + parts.specific[at + 1 :]
                said = message(
                    "suggest.theme",
                    new=new,
                    old=old,
                    theme=theme,
                    name=local.place.name,
                    id=local.place.id,
                )
                whole = name + parts.ordinal + parts.modifier + parts.generic
                yield Candidate(whole, Origin.THEME, (said,), local)


def _seen_around(desk: Desk, characters: tuple[str, ...]) -> Iterator[tuple[Local, str]]:
    """Which of the characters stand in local names, nearest first, each once."""
    left = list(characters)
    for local in desk.around:
        for character in [c for c in left if c in _stem(local.place)]:
            left.remove(character)
            yield local, character
