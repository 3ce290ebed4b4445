"""The verdict on a new name, kept beside it: advice to the person who decides, never a bar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Outcome
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.road import Road
from geo_service.domain.text import Lang, Text
from geo_service.errors import InputError
from geo_service.language.normalise import registered_forms
from geo_service.messages import explain, message
from geo_service.rules.names import Standing
from geo_service.services.drawn_feature import as_drawn
from geo_service.services.names import NameRequest, check_name
from geo_service.services.positions import middle_of
from geo_service.services.register.acts import label_of
from geo_service.services.road_names import as_name, is_name_of
from geo_service.services.wording import outcome_text

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Verdict
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.services.register.planning import Plan
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class NameEvidence:
    """What was found of one new name; without a verdict, why there is none."""

    record_id: str
    name: str
    verdict: Verdict | None
    refused: str = ""
    why: Text | None = None
    """The same as a reader is told it; the log keeps the code alone."""

    @property
    def word(self) -> str:
        """The verdict as the change log keeps it: `review:NM-DUP-01,NM-SND-02`, no blanks."""
        if self.verdict is None:
            return f"none:{self.refused}"
        rules = ",".join(dict.fromkeys(finding.rule_id for finding in self.verdict.findings))
        return f"{self.verdict.outcome.value}:{rules}" if rules else self.verdict.outcome.value


def kept_text(kept: str, lang: Lang) -> str:
    """Verdicts as the change log keeps them (`word`, joined by ;) as a reader knows them."""
    return "; ".join(_word_text(word, lang) for word in kept.split(";"))


def _word_text(word: str, lang: Lang) -> str:
    found, _, rest = word.partition(":")
    if found == "none":
        return message("register.unexamined", code=rest).in_(lang)
    outcome = outcome_text(Outcome(found), lang)
    return f"{outcome} ({rest.replace(',', ', ')})" if rest else outcome


def evidence_for(
    plan: Plan, city: CityProfile, store: Store, restricted: RestrictedNames | None = None
) -> tuple[NameEvidence, ...]:
    """The verdicts on the names that an act brings in, each as of the day it begins.

    Lines and markers bear no names in the sense of the law; the name of a road that is registered
    as a name was examined there. What cannot be examined (a day before the law, a place outside the
    city) is said, and bars nothing.
    """
    # An act that replaces several names is held against none of them in particular.
    replaced = label_of(plan.sources[0]) if len(plan.sources) == 1 else ""
    days = {change.record.id: change.record.period.start for change in plan.changes}
    found = []
    for record in plan.new_names:
        day = days[record.id]
        if day is None or (isinstance(record, Road) and _is_named(record, day, city, store)):
            continue
        named = as_name(record) if isinstance(record, Road) else record
        if isinstance(named, NamedPlace | AdministrativeUnit):
            request = _request(named, day, replaced)
            if isinstance(record, Road) and record.geometry is not None:
                request = as_drawn(request, record.geometry)
            found.append(_examined(record.id, request, city, store, restricted))
    return tuple(found)


def _is_named(road: Road, day: date, city: CityProfile, store: Store) -> bool:
    """Whether the register has the road's name as a name on the day."""
    forms = registered_forms(road.name, FeatureType.ROAD)
    names = store.places_like(written=forms, as_of=day)
    return any(is_name_of(place, road, city.threshold("same_place_m")) for place in names)


def _request(record: NamedPlace | AdministrativeUnit, day: date, replaced: str) -> NameRequest:
    request = NameRequest(
        name=record.name,
        feature_type=FeatureType.UNIT,
        standing=Standing.PROPOSED,
        as_of=day,
        position=None if record.geometry is None else middle_of(record.geometry),
        replaces=replaced,
    )
    if isinstance(record, AdministrativeUnit):
        return replace(request, unit_code=record.code.parent)
    return replace(
        request,
        feature_type=record.feature_type,
        unit_code=record.unit_code,
        record_id=record.id,
        record_kind=record.SUBJECT,
    )


def _examined(
    record_id: str,
    request: NameRequest,
    city: CityProfile,
    store: Store,
    restricted: RestrictedNames | None,
) -> NameEvidence:
    try:
        verdict = check_name(request, city, store, restricted)
    except InputError as error:
        why = Text(explain(error, "zh"), explain(error, "en"))
        return NameEvidence(
            record_id=record_id, name=request.name, verdict=None, refused=error.code, why=why
        )
    return NameEvidence(record_id=record_id, name=request.name, verdict=verdict)
