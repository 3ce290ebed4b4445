"""One search for alternatives: the question, the checks made so far, the names around."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.errors import InputError
from geo_service.language.normalise import normal_form
from geo_service.language.split import split_name
from geo_service.rules.names import NameCase, NameContext, Standing
from geo_service.services.names import NameRequest, check_name
from geo_service.services.positions import box_around, distance_m, unit_at
from geo_service.services.suggesting.candidate import Local
from geo_service.services.suggesting.faults import parts_at_fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Verdict
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.store.protocol import Store

_MAX_ROWS = 2000
"""Names read of a pool, a unit or a box: a suggestion needs a few of them."""
_ENOUGH = 200
_TOO_FEW = 20
_NARROWED = (8, 4, 2, 1)
"""The box around a position grows to its full reach only while it holds less than enough."""
_TO_DRAW_FROM = (NameStatus.STANDARD, NameStatus.FORMER, NameStatus.VARIANT)


class Desk:
    """What all sources of candidates share.

    An alternative is a new name, whatever the standing of the name it replaces, and is judged as
    one. `reach_m` is how far a name may lie to be called local (city profile).
    """

    def __init__(
        self,
        request: NameRequest,
        city: CityProfile,
        store: Store | None,
        restricted: RestrictedNames | None,
    ) -> None:
        unit = request.unit_code
        if unit is None and request.position is not None and store is not None:
            unit = unit_at(request.position, store, request.as_of)
        self.request = replace(
            request, unit_code=unit, standing=Standing.PROPOSED, record_id="", replaces=""
        )
        self.city = city
        self.store = store
        self.restricted = restricted
        self.reach_m = city.threshold("facility_local_name_m")
        self._verdicts: dict[tuple[str, str], Verdict | None] = {}

    @property
    def checked(self) -> int:
        """How many names were checked so far."""
        return len(self._verdicts)

    def judge(self, name: str, record_id: str = "") -> Verdict | None:
        """The verdict on a name in the place of the one asked about; None for what is no name."""
        key = (name, record_id)
        if key not in self._verdicts:
            request = replace(self.request, name=name, record_id=record_id)
            try:
                self._verdicts[key] = check_name(request, self.city, self.store, self.restricted)
            except InputError:
                self._verdicts[key] = None
        return self._verdicts[key]

    def at_fault(self, name: str) -> tuple[tuple[str, ...], bool]:
        """The parts of a name that findings object to; whether one objects to the name's make."""
        verdict = self.judge(name)
        if verdict is None:
            return (), False
        asked = self.request
        case = NameCase(
            name, asked.feature_type, asked.standing, asked.unit_code, facts=asked.facts
        )
        context = NameContext(self.city, asked.as_of, restricted=self.restricted)
        return parts_at_fault(case, context, verdict)

    @cached_property
    def own_generic(self) -> str:
        """The generic of the proposal where no finding objects to it, else empty."""
        name = normal_form(self.request.name)
        generic = split_name(name, self.request.feature_type).generic
        if not generic or self.judge(name) is None:
            return ""
        words, doubted = self.at_fault(name)
        return "" if doubted or any(generic in word for word in words) else generic

    @cached_property
    def around(self) -> tuple[Local, ...]:
        """Names in use, now or once, within reach; nearest first, then by id.

        Where there are too few, those of the unit follow: a register may not know their place.
        """
        near = self._near()
        unit = self.request.unit_code
        inside = [] if unit is None or len(near) >= _TOO_FEW else self._places(within=unit)
        return self.by_distance((*near, *inside))

    def pool(self) -> tuple[Local, ...]:
        """Names held in reserve for the city that are not bound to a place out of reach."""
        if self.store is None:
            return ()
        found = self.store.places_of_status(
            [NameStatus.RESERVED],
            as_of=self.request.as_of,
            within=self.city.code,
            limit=_MAX_ROWS,
        )
        return self.by_distance(found)

    def by_distance(self, places: Iterable[NamedPlace]) -> tuple[Local, ...]:
        """The places within reach, or of unknown distance, nearest first."""
        here = self.request.position
        rows = (
            Local(place, None if here is None else distance_m(here, place.geometry))
            for place in {place.id: place for place in places}.values()
        )
        within = (x for x in rows if x.distance_m is None or x.distance_m <= self.reach_m)
        return tuple(sorted(within, key=_nearest_first))

    def _near(self) -> list[NamedPlace]:
        found: list[NamedPlace] = []
        if self.request.position is not None:
            for share in _NARROWED:
                found = self._places(box=box_around(self.request.position, self.reach_m / share))
                if len(found) >= _ENOUGH:
                    break
        return found

    def _places(
        self,
        *,
        box: tuple[float, float, float, float] | None = None,
        within: DivisionCode | None = None,
    ) -> list[NamedPlace]:
        if self.store is None:
            return []
        found = self.store.records(
            RecordKind.PLACE_NAMES,
            as_of=self.request.as_of,
            box=box,
            within=within,
            limit=_MAX_ROWS,
        )
        return [p for p in found if isinstance(p, NamedPlace) and p.status in _TO_DRAW_FROM]


def _nearest_first(local: Local) -> tuple[bool, float, str]:
    away = local.distance_m
    return (away is None, away or 0.0, local.place.id)
