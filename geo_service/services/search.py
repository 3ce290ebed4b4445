"""The search box: a text in characters or pinyin, a place, or both, over all names and roads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from geo_service.domain.place import ReadingSource
from geo_service.domain.road import Road
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.geometry.measure import distances_m
from geo_service.language.normalise import normal_form
from geo_service.language.readings import read
from geo_service.language.romanisation import romanise
from geo_service.messages import message
from geo_service.services.names import checked_name
from geo_service.services.positions import checked_position
from geo_service.services.road_names import as_name
from geo_service.services.searching.index import KINDS
from geo_service.services.searching.matching import Match, matches
from geo_service.services.searching.query import Query, folded, understood

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.change import RecordKind
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Lang
    from geo_service.services.positions import Position
    from geo_service.services.searching.index import NameIndex
    from geo_service.services.searching.segment import Places, Segment
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Store

MAX_LIMIT = 100
_METRES_A_DEGREE = 110_000
"""Slightly less than a degree of latitude is anywhere, so that a box never comes out too small."""
_FIRST_RADIUS_M = 1_000.0
_WIDEST_M = 2.1e7
_WRITTEN = (Match.SAME, Match.PREFIX, Match.INSIDE)


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """What somebody looks for, on a day. Without a text, the names around the position.

    `position` (EPSG:4490 degrees) brings nearer names first among equally good ones; `unit` keeps
    those in a unit. `limit` is at most MAX_LIMIT.
    """

    text: str
    as_of: date
    position: Position | None = None
    unit: DivisionCode | None = None
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A name that was found, in what way, and why in words.

    `kind` is that of the record which bears the name: a place name, or a road, whose name is then
    told as `place`. `distance_m` is geodesic, to the middle of the place; None without a position
    on either side.
    """

    kind: RecordKind
    place: NamedPlace
    match: Match
    reasons: tuple[Text, ...]
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Some of the names found, best first, and how many there are in all."""

    request: SearchRequest
    total: int
    hits: tuple[SearchHit, ...]


@dataclass(frozen=True, eq=False)
class _Found:
    """Names found, one array a fact: kind (place in KINDS), row, way, distance (infinite if
    unknown), status, length.
    """

    kind: NDArray[np.uint8]
    row: NDArray[np.int64]
    way: NDArray[np.uint8]
    metres: NDArray[np.float64]
    status: NDArray[np.uint8]
    length: NDArray[np.intp]

    def best(self, start: int, end: int) -> list[int]:
        """Which stand between two ranks: better way, nearer, standard first, shorter, older."""
        keys = (self.row, self.kind, self.length, self.status, self.metres, self.way)
        order = np.lexsort(keys)
        return [int(i) for i in order[start:end]]


def search(request: SearchRequest, index: NameIndex, store: Store) -> SearchPage:
    """The names that meet a request, as the register stands at this moment.

    Raises InputError for an overlong or unreadable text, an impossible position or page, or where
    there is neither text nor position.
    """
    _check_page(request)
    if request.position is not None:
        checked_position(request.position)
    if not normal_form(request.text):
        return _around(request, index, store)
    query = understood(checked_name(request.text))
    found = []
    for segment in index.segments():
        places, ways = matches(segment, query)
        kept = _standing(segment, places, request)
        found.append(_facts(segment, places[kept], ways[kept], request.position))
    return _page(request, query, _joined(found), store)


def _check_page(request: SearchRequest) -> None:
    if not (1 <= request.limit <= MAX_LIMIT and request.offset >= 0):
        raise InputError(
            "page_impossible", limit=request.limit, offset=request.offset, most=MAX_LIMIT
        )


def _standing(segment: Segment, places: Places, request: SearchRequest) -> NDArray[np.bool_]:
    units = None
    if request.unit is not None:
        digits = request.unit.significant
        units = int(digits.ljust(12, "0")), int(digits.ljust(12, "9"))
    return segment.standing_on(places, request.as_of.toordinal(), units)


def _facts(
    segment: Segment, places: Places, ways: NDArray[np.uint8], position: Position | None
) -> _Found:
    columns = segment.columns
    metres = np.full(len(places), np.inf)
    if position is not None:
        points = np.stack((columns.lon[places], columns.lat[places]), axis=1).astype(float)
        placed = ~np.isnan(points[:, 0])
        here = np.tile(np.array(position, dtype=float), (int(placed.sum()), 1))
        metres[placed] = distances_m(here, points[placed])
    return _Found(
        np.full(len(places), KINDS.index(segment.kind), dtype=np.uint8),
        columns.row[places].astype(np.int64),
        ways,
        metres,
        columns.status[places],
        segment.lengths(places),
    )


def _joined(found: Sequence[_Found]) -> _Found:
    types = {"kind": np.uint8, "row": int, "way": np.uint8, "metres": float}
    types |= {"status": np.uint8, "length": int}
    empty = _Found(**{name: np.zeros(0, dtype) for name, dtype in types.items()})
    return _Found(*(np.concatenate([getattr(f, n) for f in (empty, *found)]) for n in types))


def _around(request: SearchRequest, index: NameIndex, store: Store) -> SearchPage:
    """The names nearest to the position, looked for in boxes that grow until one holds enough."""
    if request.position is None:
        raise InputError("search_empty")
    segments, radius = index.segments(), _FIRST_RADIUS_M
    standing = (_standing(s, np.arange(len(s)), request) & s.placed for s in segments)
    total = sum(int(kept.sum()) for kept in standing)
    while True:
        box, parts = _box(request.position, radius), []
        for segment in segments:
            places = segment.points.within(box)
            places = places[_standing(segment, places, request)]
            ways = np.full(len(places), Match.NEARBY, dtype=np.uint8)
            parts.append(_facts(segment, places, ways, request.position))
        found = _joined(parts)
        reached = int((found.metres <= radius).sum())
        if reached >= request.offset + request.limit or radius > _WIDEST_M:
            return _page(request, None, found, store, total)
        radius *= 4


def _box(position: Position, radius: float) -> tuple[float, float, float, float]:
    lon, lat = position
    tall = radius / _METRES_A_DEGREE
    wide = tall / max(math.cos(math.radians(min(abs(lat) + tall, 89.9))), 1e-3)
    return lon - wide, lat - tall, lon + wide, lat + tall


def _page(
    request: SearchRequest,
    query: Query | None,
    found: _Found,
    store: Store,
    total: int | None = None,
) -> SearchPage:
    shown = found.best(request.offset, request.offset + request.limit)
    read = _read(store, [(KINDS[found.kind[i]], int(found.row[i])) for i in shown])
    hits = tuple(
        SearchHit(kind, place, way, _reasons(query, place, way), _known(float(found.metres[i])))
        for i, (kind, place) in zip(shown, read, strict=True)
        for way in (Match(int(found.way[i])),)
    )
    return SearchPage(request, len(found.row) if total is None else total, hits)


def _read(
    store: Store, rows: Sequence[tuple[RecordKind, int]]
) -> list[tuple[RecordKind, NamedPlace]]:
    """The names in rows of their kinds, in the order given."""
    found: dict[tuple[RecordKind, int], NamedPlace] = {}
    for kind in KINDS:
        wanted = [row for of, row in rows if of is kind]
        for row, record in zip(wanted, store.records_in_rows(kind, wanted), strict=True):
            named = as_name(record) if isinstance(record, Road) else record
            found[kind, row] = cast("NamedPlace", named)
    return [(kind, found[kind, row]) for kind, row in rows]


def _known(metres: float) -> float | None:
    return metres if math.isfinite(metres) else None


def _reasons(query: Query | None, place: NamedPlace, way: Match) -> tuple[Text, ...]:
    """Why a name was found, in the words of the person who asked."""
    key = way.name.lower()
    if query is None or way in (Match.INITIALS, Match.INITIALS_PREFIX):
        return (message(f"search.{key}"),)
    if way in _WRITTEN:
        plain = normal_form(query.text).lower() in normal_form(place.name).lower()
        reasons = (message(f"search.{key}"), message("search.other_form"))
        return reasons[:1] if plain else reasons
    form = folded(place.name)
    if way is Match.ONE_CHARACTER:
        return (_slip(query.written, form),)
    approved = place.reading_source is ReadingSource.STORED and place.romanization
    sound = approved or " ".join(reading.syllable for reading in read(form))
    return (message(f"search.{key}", sound=sound),)


def _slip(given: str, found: str) -> Text:
    """The one difference between two forms, worded."""
    start = next(
        (i for i, (a, b) in enumerate(zip(given, found, strict=False)) if a != b),
        min(len(given), len(found)),
    )
    if len(found) > len(given):
        return message("search.one_more", found=found[start])
    if len(found) < len(given):
        return message("search.one_fewer", given=given[start])
    if given[start + 1 :] == found[start + 1 :]:
        return message("search.one_other", given=given[start], found=found[start])
    return message("search.swapped", found=found[start : start + 2])


def search_json(page: SearchPage, lang: Lang) -> Json:
    """A page of names found as a JSON-ready value."""
    request = page.request
    return {
        "query": request.text,
        "as_of": request.as_of.isoformat(),
        "total": page.total,
        "offset": request.offset,
        "limit": request.limit,
        "hits": [_hit(hit, lang) for hit in page.hits],
        "notice": message("name.notice").in_(lang),
    }


def _hit(hit: SearchHit, lang: Lang) -> Json:
    place = hit.place
    spelling = place.romanization or romanise(place.name, place.feature_type).text
    return {
        "kind": hit.kind.value,
        "id": place.id,
        "name": place.name,
        "feature_type": place.feature_type.value,
        "status": place.status.value,
        "unit_code": place.unit_code,
        "romanization": spelling,
        "match": hit.match.name.lower(),
        "reasons": [reason.in_(lang) for reason in hit.reasons],
        "distance_m": None if hit.distance_m is None else round(hit.distance_m, 1),
    }
