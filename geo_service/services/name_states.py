"""The findings on one name in the life cycle of findings: their states, and following them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo_service.domain.kept_finding import Origin
from geo_service.domain.provenance import Force
from geo_service.errors import Forbidden, NotFound
from geo_service.rules.names import NameCase
from geo_service.services import life_cycle
from geo_service.services.examination import examined_rules
from geo_service.services.finding_states import Sighting
from geo_service.services.road_names import registered_name
from geo_service.services.subject_digests import SubjectDigests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.domain.finding import Finding, Verdict
    from geo_service.services.names import NameRequest
    from geo_service.store.protocol import Store


def stated(verdict: Verdict, request: NameRequest, city: CityProfile, store: Store) -> Verdict:
    """The verdict with the state of each finding in the register; its outcome stays as it is."""
    as_of = request.as_of
    if not any(life_cycle.kept_finding(store, finding, as_of) for finding in verdict.findings):
        return verdict
    sighting = _sighting(verdict, request, city, store, restricted=False)
    return replace(verdict, findings=life_cycle.with_states(store, sighting))


def follow(
    verdict: Verdict,
    request: NameRequest,
    city: CityProfile,
    store: Store,
    *,
    restricted: bool,
    actor: str,
    today: date,
) -> Verdict:
    """Keep the findings on a name that was held against the register, so that they are followed.

    Raises Forbidden for a name on the bureau's own list: the log, which forgets nothing, must not
    hold it. Else raises as `life_cycle.keep`.
    """
    sighting = _sighting(verdict, request, city, store, restricted=restricted)
    if any(finding.subject != sighting.about for finding in verdict.findings):
        raise Forbidden("follow_restricted")
    kept = life_cycle.keep(store, sighting, actor=actor, today=today)
    return replace(verdict, findings=kept.findings)


def _sighting(
    verdict: Verdict, request: NameRequest, city: CityProfile, store: Store, *, restricted: bool
) -> Sighting:
    asked = examined_rules(request, city, register=True, restricted=restricted)
    case = NameCase(
        verdict.name,
        verdict.feature_type,
        record_id=request.record_id,
        record_kind=request.record_kind,
    )
    rivals = list(_rivals(verdict.findings, store, request.as_of))
    return Sighting(
        families=("names",),
        city=city.code,
        as_of=verdict.as_of,
        scale=0,
        origin=Origin.SUBJECT,
        findings=verdict.findings,
        rules_run=tuple(rule.id for rule in asked if not rule.lacking),
        counts={},
        digest=verdict.digest,
        forces=frozenset({Force.OFFICIAL}),
        subjects=SubjectDigests(verdict.as_of, rivals),
        about=case.subject,
    )


def _rivals(findings: tuple[Finding, ...], store: Store, as_of: date) -> Iterator[Record]:
    """The registered names that the findings name."""
    for place in {related.id for finding in findings for related in finding.related}:
        try:
            yield registered_name(store, place, as_of)
        except NotFound:
            continue
