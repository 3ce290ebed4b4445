"""The rules on joint inspections, added to a review of boundaries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.rules.inspections import InspectionCase
from geo_service.services.boundaries import BoundaryReport, Progress, extended

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.cities import CityProfile
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.rules.boundaries import BoundaryCase

FAMILY = "inspections"
LAYERS = frozenset({"inspections", "events", "tracks", "photos", "open-items"})
"""The layers that these rules are about: without any of them there is nothing to ask."""


def with_inspections(
    report: BoundaryReport,
    beside: BoundaryCase,
    markers: Iterable[BoundaryMarker],
    city: CityProfile,
    *,
    progress: Progress | None = None,
) -> BoundaryReport:
    """The review with the rules on inspections added, as of its day.

    Raises ConfigError where the city profile lacks a limit.
    """
    case = InspectionCase(
        beside.lines, beside.units, tuple(markers), beside.supporting, beside.plane_epsg
    )
    return extended(report, FAMILY, case, city, progress=progress)
