"""The rules on markers, added to a review of boundaries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.domain.marker import BoundaryMarker, MarkerDocument, MarkerEntry, MarkerTally
from geo_service.rules.boundaries import BoundaryCase
from geo_service.rules.markers import MarkerCase
from geo_service.services.boundaries import BoundaryReport, Progress, extended, forces_of

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.store.protocol import Store

FAMILY = "markers"


def entries_from_store(store: Store, as_of: date) -> tuple[MarkerEntry, ...]:
    """The markers of the register that hold on the day; the register keeps no further papers."""
    records = store.records(RecordKind.MARKERS, as_of=as_of)
    return tuple(MarkerEntry(marker=m) for m in records if isinstance(m, BoundaryMarker))


def merged(files: Iterable[MarkerEntry], register: Iterable[MarkerEntry]) -> list[MarkerEntry]:
    """Papers with the register's own entries, save where a file brings that record anew."""
    said = list(files)
    brought = {e.marker.id for e in said if e.document is MarkerDocument.REGISTER}
    return [*said, *(entry for entry in register if entry.marker.id not in brought)]


def marker_case(
    entries: Iterable[MarkerEntry], beside: BoundaryCase, tallies: Iterable[MarkerTally] = ()
) -> MarkerCase:
    """Markers with the lines and units of a review."""
    return MarkerCase(
        tuple(entries),
        beside.lines,
        beside.units,
        beside.plane_epsg,
        tuple(tallies),
        beside.supporting,
    )


def with_markers(
    report: BoundaryReport,
    case: MarkerCase,
    city: CityProfile,
    *,
    progress: Progress | None = None,
) -> BoundaryReport:
    """The review with the rules on markers added, as of its day and at its scale.

    Raises ConfigError where the city profile lacks a limit.
    """
    return replace(
        extended(report, FAMILY, case, city, progress=progress),
        counts={**report.counts, "markers": len(case.by_marker)},
        forces=report.forces | forces_of(entry.marker for entry in case.entries),
    )
