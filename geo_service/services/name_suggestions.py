"""What would be better: alternatives to a name, or names for a place, every one already checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from geo_service.domain.finding import Outcome
from geo_service.errors import InputError
from geo_service.language.normalise import normal_form
from geo_service.messages import message
from geo_service.services.names import checked_name
from geo_service.services.positions import checked_position
from geo_service.services.suggesting.candidate import Candidate, Origin
from geo_service.services.suggesting.derivation import corrections
from geo_service.services.suggesting.desk import Desk
from geo_service.services.suggesting.register import (
    former,
    in_series,
    kin,
    local_names,
    pool,
    same_theme,
)
from geo_service.services.wire import verdict_json

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Verdict
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.domain.text import Lang
    from geo_service.services.names import NameRequest
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Store

MAX_LIMIT = 50
_CHECKS_EACH = 40
"""Names of one origin that are checked at most: an answer within a second, even where most fail."""
_SOURCES: dict[Origin, Callable[[Desk], Iterator[Candidate]]] = {
    Origin.POOL: pool,
    Origin.KIN: kin,
    Origin.FORMER: former,
    Origin.LOCAL: local_names,
    Origin.SERIES: in_series,
    Origin.THEME: same_theme,
}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name that passed the check, whence it comes and why."""

    candidate: Candidate
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Alternatives, best first; `verdict` is that on the name asked about, None without one.

    `checked` counts the names that were tried.
    """

    request: NameRequest
    verdict: Verdict | None
    offered: tuple[Suggestion, ...]
    checked: int

    @property
    def needed(self) -> bool:
        """Whether anything stands against the name asked about."""
        return self.verdict is None or self.verdict.outcome is not Outcome.PASS


def suggest(
    request: NameRequest,
    verdict: Verdict | None,
    city: CityProfile,
    store: Store | None,
    restricted: RestrictedNames | None = None,
    *,
    limit: int = 10,
) -> Suggestions:
    """Alternatives to a name with findings, or names for a place where the request has no name.

    `verdict` is the one on the request; a name that passed needs no alternative. Each alternative
    was checked as a new name of the same type, place, day and facts, and nothing was found. Every
    origin gets its share first, so that the list shows more than one kind. Raises InputError for
    a limit out of range, an impossible position, or where there is neither name nor place.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InputError("suggestions_impossible", limit=limit, most=MAX_LIMIT)
    if request.position is not None:
        checked_position(request.position)
    if normal_form(request.name):
        checked_name(request.name)
    elif request.position is None and request.unit_code is None:
        raise InputError("suggestions_nowhere")
    if verdict is not None and verdict.outcome is Outcome.PASS:
        return Suggestions(request, verdict, (), 0)
    desk = Desk(request, city, store, restricted)
    sources = dict(_SOURCES)
    if normal_form(request.name):
        sources = {Origin.CORRECTION: corrections, **sources}
    streams = [_sound(desk, source(desk)) for source in sources.values()]
    offered = _shared_out(streams, limit)
    return Suggestions(request, verdict, offered, desk.checked)


def _sound(desk: Desk, candidates: Iterator[Candidate]) -> Iterator[Suggestion]:
    """The candidates of one origin in which the check finds nothing."""
    taken = {desk.request.name}
    for candidate in islice(candidates, _CHECKS_EACH):
        if candidate.name in taken:
            continue
        taken.add(candidate.name)
        verdict = desk.judge(candidate.name, candidate.record_id)
        if verdict is not None and verdict.outcome is Outcome.PASS:
            yield Suggestion(candidate, verdict)


def _shared_out(streams: list[Iterator[Suggestion]], limit: int) -> tuple[Suggestion, ...]:
    """Suggestions in the order of their origins, a share of each before the rest of any."""
    kept: dict[str, Suggestion] = {}
    for found in _in_turn(streams, max(2, limit // 3), limit):
        kept.setdefault(found.candidate.name, found)
        if len(kept) == limit:
            break
    order = list(Origin)
    return tuple(sorted(kept.values(), key=lambda found: order.index(found.candidate.origin)))


def _in_turn(streams: list[Iterator[Suggestion]], share: int, limit: int) -> Iterator[Suggestion]:
    for most in (share, limit):
        for stream in streams:
            yield from islice(stream, most)


def suggestions_json(found: Suggestions, lang: Lang) -> Json:
    """The alternatives as a JSON-ready value."""
    request = found.request
    return {
        "name": request.name,
        "feature_type": request.feature_type.value,
        "as_of": request.as_of.isoformat(),
        "verdict": None if found.verdict is None else found.verdict.outcome.value,
        "checked": found.checked,
        "suggestions": [
            _suggestion(rank, row, lang) for rank, row in enumerate(found.offered, start=1)
        ],
        "notice": message("name.notice").in_(lang),
    }


def _suggestion(rank: int, row: Suggestion, lang: Lang) -> Json:
    candidate, told = row.candidate, verdict_json(row.verdict, lang)
    source = candidate.source
    away = None if source is None else source.distance_m
    return {
        "rank": rank,
        "name": candidate.name,
        "origin": candidate.origin.value,
        "grounds": [ground.in_(lang) for ground in candidate.grounds],
        "source": None
        if source is None
        else {
            "kind": source.place.SUBJECT,
            "id": source.place.id,
            "name": source.place.name,
            "distance_m": None if away is None else round(away, 1),
        },
        "verdict": told["verdict"],
        "romanization": told["romanization"],
        "near": told["near"],
    }
