"""The whole register looked over in one go: what it holds, every name, every line.

Also the invented city against its answer key, which shows whether the checks see what they must.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service import cities
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.change import RecordKind
from geo_service.domain.kept_finding import Origin
from geo_service.domain.marker import MarkerEntry
from geo_service.domain.place import NamedPlace, NameStatus
from geo_service.geometry.measure import distances_m
from geo_service.rules.boundaries import BoundaryCase
from geo_service.rules.names import Standing
from geo_service.services.boundaries import (
    BoundaryReport,
    case_from_store,
    check_boundaries,
    report_json,
)
from geo_service.services.boundary_states import sighting_of, stated
from geo_service.services.markers import entries_from_store, marker_case, with_markers
from geo_service.services.names import NameRequest, check_name
from geo_service.services.samples.synthetic import AS_OF, SYNTHETIC_CITY, synthetic_layer
from geo_service.services.wire import Json, verdict_json

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Finding, Verdict
    from geo_service.domain.text import Lang
    from geo_service.services.samples.answers import SeededFault
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True)
class NamesReview:
    """All registered names checked; `flagged` are the verdicts with findings, by record."""

    checked: int
    flagged: tuple[tuple[str, Verdict], ...]


@dataclass(frozen=True, slots=True)
class CityReview:
    """The boundaries of one city: what was checked, and what was found."""

    city: CityProfile
    case: BoundaryCase
    report: BoundaryReport
    entries: tuple[MarkerEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyReview:
    """The invented city against its answer key: faults with whether each was found, and the rest.

    `extra` are findings of rules that no fault at that place allows.
    """

    review: CityReview
    answers: tuple[tuple[SeededFault, bool], ...]
    extra: tuple[Finding, ...]

    @property
    def found(self) -> int:
        """How many of the seeded faults were found."""
        return sum(found for _, found in self.answers)


def register_counts(store: Store, city: CityProfile, as_of: date) -> dict[str, int]:
    """Records by the words of the profile's `expected`: lines and nodes inside and at the edge."""
    lines = store.records(RecordKind.BOUNDARY_LINES, as_of=as_of)
    nodes = store.records(RecordKind.BOUNDARY_NODES, as_of=as_of)
    inside = [x.is_internal for x in lines if isinstance(x, AdministrativeBoundary)]
    points = [n for n in nodes if isinstance(n, BoundaryNode)]
    tripoints = [n.is_internal for n in points if n.kind is NodeKind.TRIPOINT]
    return {
        "units": len(store.records(RecordKind.UNITS, as_of=as_of, within=city.code)),
        "internal_lines": sum(inside),
        "external_lines": len(inside) - sum(inside),
        "internal_tripoints": sum(tripoints),
        "edge_tripoints": len(tripoints) - sum(tripoints),
        "sea_ends": sum(n.kind is NodeKind.SEA_END for n in points),
        "names": store.count(RecordKind.PLACE_NAMES, as_of=as_of),
    }


def _request(place: NamedPlace, as_of: date) -> NameRequest:
    proposed = place.status is NameStatus.PROPOSED
    return NameRequest(
        name=place.name,
        feature_type=place.feature_type,
        standing=Standing.PROPOSED if proposed else Standing.EXISTING,
        as_of=as_of,
        unit_code=place.unit_code,
        record_id=place.id,
    )


def review_names(store: Store, city: CityProfile, as_of: date) -> NamesReview:
    """Every name of the register judged by the law of the day, beside all others.

    Entries of the protection list speak of names that stand there themselves.
    """
    flagged = []
    records = store.records(RecordKind.PLACE_NAMES, as_of=as_of)
    places = [place for place in records if isinstance(place, NamedPlace)]
    names = [place for place in places if place.status is not NameStatus.LISTED]
    for place in names:
        verdict = check_name(_request(place, as_of), city, store)
        if verdict.findings:
            flagged.append((place.id, verdict))
    return NamesReview(len(names), tuple(flagged))


def review_city(store: Store, city: CityProfile, as_of: date) -> CityReview:
    """The boundaries and markers of the register checked."""
    case = case_from_store(store, city, as_of)
    return _reviewed(city, case, entries_from_store(store, as_of), as_of)


def with_states(review: CityReview, store: Store) -> CityReview:
    """The review of a register with the states that it keeps of the findings."""
    seen = sighting_of(review.report, review.case, Origin.REGISTER, review.entries)
    return replace(review, report=stated(review.report, seen, store))


def _reviewed(
    city: CityProfile, case: BoundaryCase, entries: Sequence[MarkerEntry], as_of: date
) -> CityReview:
    """The rules on markers are asked where there are markers."""
    report = check_boundaries(case, city, as_of)
    if entries:
        report = with_markers(report, marker_case(entries, case), city)
    return CityReview(city, case, report, tuple(entries))


def review_synthetic() -> KeyReview:
    """The invented city checked on the day its answer key holds for."""
    city, layer = cities.city(SYNTHETIC_CITY), synthetic_layer()
    case = BoundaryCase(layer.units, layer.lines, layer.nodes, city.plane_epsg)
    entries = [MarkerEntry(marker=marker) for marker in layer.markers]
    return against_key(_reviewed(city, case, entries, AS_OF), layer.answer_key)


def against_key(review: CityReview, faults: Sequence[SeededFault]) -> KeyReview:
    """Which faults were found where they were put, and what was reported beside them."""
    findings = review.report.findings
    near = _within_reach(findings, faults)
    rules = [finding.rule_id for finding in findings]
    hit = np.array([[rule == f.rule_id for f in faults] for rule in rules], dtype=bool)
    allowed = np.array([[rule in f.allowed for f in faults] for rule in rules], dtype=bool)
    shape = (len(findings), len(faults))
    found = (near & hit.reshape(shape)).any(axis=0)
    explained = (near & allowed.reshape(shape)).any(axis=1)
    return KeyReview(
        review,
        tuple(zip(faults, map(bool, found), strict=True)),
        tuple(f for f, known in zip(findings, explained, strict=True) if not known),
    )


def _within_reach(findings: Sequence[Finding], faults: Sequence[SeededFault]) -> Any:
    """Whether the nearest point of each finding lies in reach of each fault: shape (n, m)."""
    positions = np.array([fault.position for fault in faults], dtype=float).reshape(-1, 2)
    reach = np.array([fault.reach_m for fault in faults])
    shapes = np.array([finding.geometry for finding in findings], dtype=object).reshape(-1, 1)
    there = np.asarray(shapely.points(positions), dtype=object).reshape(1, -1)
    nearest = shapely.get_point(shapely.shortest_line(shapes, there), 0)
    spots = np.stack((shapely.get_x(nearest), shapely.get_y(nearest)), axis=-1)
    metres = distances_m(spots.reshape(-1, 2), np.tile(positions, (len(findings), 1)))
    return metres.reshape(len(findings), len(faults)) <= reach


def names_json(review: NamesReview, lang: Lang) -> Json:
    """The review of names as a JSON-ready value."""
    return {
        "checked": review.checked,
        "flagged": [{"id": key, **verdict_json(v, lang)} for key, v in review.flagged],
    }


def key_json(review: KeyReview, lang: Lang) -> Json:
    """The review of the invented city as a JSON-ready value."""
    return {
        **report_json(review.review.report, lang),
        "label": "示例 synthetic",
        "seeded": [{"id": f.id, "rule_id": f.rule_id, "found": hit} for f, hit in review.answers],
        "beside_the_key": [finding.id for finding in review.extra],
    }
