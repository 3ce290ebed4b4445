"""Where the rounds of inspection found the markers, and what all of a round have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import numpy as np
import shapely

from geo_service.domain.marker import BoundaryMarker, MarkerDocument, MarkerEntry
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.measure import distances_m, ellipsoid
from geo_service.geometry.shift import CommonShift, Shift, common_shift
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase

_SCATTER_TIMES = 4.0
"""Beyond so many times the median departure from the common shift a marker stands out."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A marker with the inspection that found it last, and how far from its agreed place.

    `beside_m` is that distance once the common shift of its round is taken out.
    """

    marker: BoundaryMarker
    entry: MarkerEntry
    metres: float
    beside_m: float


@dataclass(frozen=True, slots=True)
class InspectionRound:
    """The markers of one line that were last seen in one year; 0 where no day is given.

    `common` is the shift that most of them share, None where there is none beyond the limit;
    `limit_m` how far from it a marker may stand, and `sharing` how many stand so.
    """

    line_code: str
    year: int
    seen: tuple[Sighting, ...]
    common: CommonShift | None
    limit_m: float
    sharing: int


def moved_limit_m(context: BoundaryContext) -> float:
    """How far from its agreed place a marker may be measured."""
    return context.threshold("marker_moved_times") * context.point_tolerance_m


def rounds(case: MarkerCase, context: BoundaryContext) -> list[InspectionRound]:
    """The rounds of all lines, with every marker whose place was agreed and measured since."""
    found = [
        (marker, seen)
        for marker in case.markers
        if (seen := _last_seen(case.by_marker[marker.id], context.as_of)) is not None
        and marker.position is not None
        and not _came_later(case, marker, seen)
    ]
    if not found:
        return []
    shifts = _shifts(found, case.plane_epsg)
    order = sorted(range(len(found)), key=lambda i: _round_of(*found[i]))
    return [
        _round(key, [found[i] for i in rows], [shifts[i] for i in rows], context)
        for key, group in groupby(order, key=lambda i: _round_of(*found[i]))
        if (rows := list(group))
    ]


def _last_seen(entries: tuple[MarkerEntry, ...], as_of: date) -> MarkerEntry | None:
    """The latest inspection up to the day that measured a position."""
    inspections = [
        entry
        for entry in entries
        if entry.document is MarkerDocument.INSPECTION
        and entry.marker.position is not None
        and (entry.dated or date.min) <= as_of
    ]
    return max(inspections, key=lambda entry: entry.dated or date.min, default=None)


def _came_later(case: MarkerCase, marker: BoundaryMarker, seen: MarkerEntry) -> bool:
    """Whether the agreed place is that very sighting, or was agreed after it."""
    agreed = next(entry for entry in case.by_marker[marker.id] if entry.marker is marker)
    if agreed.dated is None or seen.dated is None:
        return agreed is seen
    return agreed is seen or agreed.dated > seen.dated


def _round_of(marker: BoundaryMarker, seen: MarkerEntry) -> tuple[str, int]:
    return marker.line_code, seen.dated.year if seen.dated else 0


def _shifts(found: Sequence[tuple[BoundaryMarker, MarkerEntry]], plane_epsg: int) -> list[Shift]:
    """From the agreed place to the measured one."""
    agreed = np.array([marker.position for marker, _ in found], dtype=object)
    measured = np.array([seen.marker.position for _, seen in found], dtype=object)
    start, end = shapely.get_coordinates(agreed), shapely.get_coordinates(measured)
    plane = [
        shapely.get_coordinates(crs.to_plane(places, plane_epsg)) for places in (agreed, measured)
    ]
    bearing, _, metres = ellipsoid().inv(*start.T, *end.T)
    rows = np.column_stack(
        [plane[1] - plane[0], end - start, np.asarray(metres), np.asarray(bearing) % 360]
    )
    return [Shift(*row) for row in rows.tolist()]


def _round(
    key: tuple[str, int],
    found: Sequence[tuple[BoundaryMarker, MarkerEntry]],
    shifts: Sequence[Shift],
    context: BoundaryContext,
) -> InspectionRound:
    limit = moved_limit_m(context)
    places = shapely.get_coordinates([marker.position for marker, _ in found])
    at = places.mean(axis=0)
    shared = common_shift(shifts, (float(at[0]), float(at[1])))
    beside = _beside_m(shifts, shared, at)
    beyond = max(limit, _SCATTER_TIMES * shared.spread_m)
    sharing = int(np.sum(beside <= beyond))
    common = (
        len(found) >= context.threshold("marker_shift_least")
        and sharing >= context.threshold("marker_shift_share") * len(found)
        and shared.shift.distance_m > beyond
    )
    raw = [shift.distance_m for shift in shifts]
    left = beside.tolist() if common else raw
    return InspectionRound(
        line_code=key[0],
        year=key[1],
        seen=tuple(
            Sighting(marker, entry, metres, besides)
            for (marker, entry), metres, besides in zip(found, raw, left, strict=True)
        ),
        common=shared if common else None,
        limit_m=beyond if common else limit,
        sharing=sharing if common else 0,
    )


def _beside_m(shifts: Sequence[Shift], shared: CommonShift, at: Floats) -> Floats:
    """How far each shift departs from the common one, in the measure in which that is constant."""
    by = shared.shift
    if not shared.in_degrees:
        return np.array([np.hypot(s.east_m - by.east_m, s.north_m - by.north_m) for s in shifts])
    ends = at + np.array([(s.lon_deg, s.lat_deg) for s in shifts])
    shared_end = at + np.array([by.lon_deg, by.lat_deg])
    return distances_m(ends, np.tile(shared_end, (len(shifts), 1)))
