"""A review of boundaries in the life cycle of findings: its states, and keeping it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from geo_service.rules.engine import rules_of
from geo_service.services import life_cycle
from geo_service.services.boundaries import FAMILY, BoundaryReport
from geo_service.services.finding_states import Sighting
from geo_service.services.inspections import FAMILY as INSPECTIONS
from geo_service.services.markers import FAMILY as MARKERS
from geo_service.services.subject_digests import SubjectDigests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.domain.kept_finding import Origin
    from geo_service.domain.marker import MarkerEntry, MarkerTally
    from geo_service.rules.boundaries import BoundaryCase
    from geo_service.store.protocol import Store


_FAMILIES = (FAMILY, MARKERS, INSPECTIONS)


def sighting_of(
    report: BoundaryReport,
    case: BoundaryCase,
    origin: Origin,
    entries: Iterable[MarkerEntry] = (),
    tallies: Iterable[MarkerTally] = (),
) -> Sighting:
    """The report as the life cycle asks for it, with the records that the run looked at."""
    beside = Counter(row.LAYER for row in case.supporting.records)
    return Sighting(
        families=tuple(name for name in _FAMILIES if _ran(name, report)),
        city=report.city,
        as_of=report.as_of,
        scale=report.scale,
        origin=origin,
        findings=report.findings,
        rules_run=report.rules_run,
        counts={**beside, **report.counts},
        digest=report.digest,
        forces=report.forces,
        subjects=SubjectDigests(
            report.as_of,
            [*case.units, *case.lines, *case.nodes],
            entries,
            tallies,
            case.supporting,
        ),
        beside=case.supporting.layers,
    )


def _ran(family: str, report: BoundaryReport) -> bool:
    return not {rule.id for rule in rules_of(family)}.isdisjoint(report.rules_run)


def stated(report: BoundaryReport, sighting: Sighting, store: Store) -> BoundaryReport:
    """The report with the state of each finding in the register; nothing is written."""
    return replace(report, findings=life_cycle.with_states(store, sighting))
