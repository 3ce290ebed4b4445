"""Names from elsewhere matched with the names of the register: candidates with how like they are.

For spreadsheets and programs that speak the Reconciliation Service API (OpenRefine and others).
A candidate is found by the keys of the likeness index and by the search box, and scored by
`likeness`, from 0 to 100. Only one that is written the same and stands alone is called a match:
the rest is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RecordKind
from geo_service.domain.place import FeatureType, NamedPlace, NameStatus
from geo_service.errors import GeoServiceError, NotFound
from geo_service.language.likeness_keys import probe_keys
from geo_service.language.normalise import normal_form, registered_forms
from geo_service.language.split import likely_type
from geo_service.services.name_pairs import compare
from geo_service.services.names import checked_name
from geo_service.services.search import SearchRequest, search

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.identity import DivisionCode
    from geo_service.language.likeness_forms import Profile
    from geo_service.services.searching.index import NameIndex
    from geo_service.store.protocol import Store

MOST = 50
"""Candidates of one query."""
_LOOKED_AT = 400
_SEARCHED = 30


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: a name, of a type, in a unit; `told` are other fields, to be compared."""

    text: str
    feature_type: FeatureType | None = None
    unit: DivisionCode | None = None
    told: Mapping[str, str] | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name of the register: `score` is its likeness from 0 to 100, `agrees` which of the told
    fields say the same."""

    place: NamedPlace
    score: float
    match: bool
    agrees: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Reconciler:
    """What names are matched with: a view of the register on a day."""

    store: Store
    index: NameIndex
    as_of: date
    profile: Profile

    def candidates(self, query: Query) -> tuple[Candidate, ...]:
        """The likest names, none for a text that cannot be a name."""
        try:
            name = checked_name(query.text)
        except GeoServiceError:
            return ()
        form = normal_form(name)
        scored = [
            (self._score(name, place), place)
            for place in self._found(name, query)
            if query.feature_type in (None, place.feature_type)
        ]
        scored.sort(key=lambda each: (-each[0], _agreeing(each[1], query), each[1].id))
        same = [place for _, place in scored if normal_form(place.name) == form]
        return tuple(
            Candidate(place, score, len(same) == 1 and place is same[0], _agrees(place, query))
            for score, place in scored[: query.limit]
        )

    def _found(self, name: str, query: Query) -> Iterable[NamedPlace]:
        kind = query.feature_type or likely_type(normal_form(name)) or FeatureType.NATURAL
        alike = self.store.places_like(
            written=registered_forms(name, kind),
            keys=probe_keys(name, kind, self.profile),
            as_of=self.as_of,
            within=None if query.unit is None else [query.unit],
            limit=_LOOKED_AT,
        )
        request = SearchRequest(name, self.as_of, None, query.unit, _SEARCHED)
        hits = search(request, self.index, self.store).hits
        found = {place.id: place for place in alike}
        found |= {hit.place.id: hit.place for hit in hits if hit.kind is RecordKind.PLACE_NAMES}
        return (place for place in found.values() if place.status is not NameStatus.LISTED)

    def _score(self, name: str, place: NamedPlace) -> float:
        if normal_form(place.name) == normal_form(name):
            return 100.0
        found = compare(name, place.name, None, self.profile).found
        return round(min(found.score, 0.999) * 100, 1)  # 100 is for the same writing alone

    def places(self, ids: Iterable[str]) -> dict[str, NamedPlace | None]:
        """Names by id, None for one that is not there."""
        return {place_id: self._place(place_id) for place_id in ids}

    def _place(self, place_id: str) -> NamedPlace | None:
        try:
            found = self.store.get(RecordKind.PLACE_NAMES, place_id, as_of=self.as_of)
        except NotFound:
            return None
        return cast("NamedPlace", found)


def _agrees(place: NamedPlace, query: Query) -> dict[str, bool]:
    told = query.told or {}
    return {name: str(getattr(place, name) or "") == value for name, value in told.items()}


def _agreeing(place: NamedPlace, query: Query) -> int:
    """Of two names equally like, the one of which more is told comes first."""
    return -sum(_agrees(place, query).values())
