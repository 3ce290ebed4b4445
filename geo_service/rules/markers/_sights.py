"""Reference objects that have coordinates, as these put them; and whether a line mixes its norths.

Azimuths of forms are taken from grid north. The sign of true north is that what is written departs
from the grid by the convergence of the meridians, all along a line and far beyond the scatter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import shapely

from geo_service.domain.marker import MarkerEntry, ReferenceObject
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.measure import ellipsoid
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase, grid_azimuths_deg

_SURE = 3.0
"""Standard errors within which the azimuths bear the whole convergence."""
_APART = 6.0
"""Standard errors by which the two norths must lie apart to be told from each other."""
_LEAST_SCATTER = 0.1
"""Of the scatter that the tolerances allow; azimuths written in steps never scatter less."""


@dataclass(frozen=True, slots=True)
class Sight:
    """An object as seen from its marker by their coordinates; `number` counts from 1 on its form.

    Azimuths from grid and from true north in degrees, distance in metres on the ground.
    """

    entry: MarkerEntry
    number: int
    landmark: ReferenceObject
    grid_deg: float
    true_deg: float
    distance_m: float


@dataclass(frozen=True, slots=True)
class TrueNorth:
    """A line whose azimuths were reckoned from true north, and how far they are off either north.

    Means of the absolute differences in degrees over `count` azimuths.
    """

    off_grid_deg: float
    off_true_deg: float
    count: int
    sights: tuple[Sight, ...]


def sights(case: MarkerCase) -> list[Sight]:
    """All objects that have coordinates, from markers that have some, in the order of the case."""
    rows = [
        (entry, number, landmark)
        for entry, objects in case.objects()
        for number, landmark in enumerate(objects, start=1)
        if entry.marker.position is not None and landmark.position is not None
    ]
    if not rows:
        return []
    here = np.array([entry.marker.position for entry, _, _ in rows], dtype=object)
    there = np.array([landmark.position for _, _, landmark in rows], dtype=object)
    start, end = (shapely.get_coordinates(places) for places in (here, there))
    azimuth, _, metres = ellipsoid().inv(*start.T, *end.T)
    plane = [
        shapely.get_coordinates(crs.to_plane(places, case.plane_epsg)) for places in (here, there)
    ]
    seen = zip(
        rows,
        grid_azimuths_deg(*plane).tolist(),
        (np.asarray(azimuth) % 360).tolist(),
        np.asarray(metres).tolist(),
        strict=True,
    )
    return [Sight(*row, *values) for row, *values in seen]


def turned_deg(one: Floats, other: Floats) -> Floats:
    """By how much an azimuth exceeds another, at most half a turn either way."""
    return np.asarray((one - other + 180) % 360 - 180)


def spread_deg(context: BoundaryContext, distance_m: Floats) -> Floats:
    """How far an azimuth may turn where the object stands off by the point tolerance."""
    return np.degrees(np.arctan2(context.point_tolerance_m, distance_m))


def by_true_north(
    seen: Sequence[Sight], context: BoundaryContext
) -> Iterator[tuple[str, TrueNorth]]:
    """The lines, by code, whose azimuths as a whole agree with true north and not with the grid."""
    told = [sight for sight in seen if sight.landmark.azimuth_deg is not None]
    ordered = sorted(told, key=_line)
    for line, group in groupby(ordered, key=_line):
        found = _true_north(tuple(group), context)
        if found is not None:
            yield line, found


def _line(sight: Sight) -> str:
    return sight.entry.marker.line_code


def _true_north(group: tuple[Sight, ...], context: BoundaryContext) -> TrueNorth | None:
    written, grid, true, metres = np.array(
        [(s.landmark.azimuth_deg, s.grid_deg, s.true_deg, s.distance_m) for s in group]
    ).T
    off, convergence = turned_deg(written, grid), turned_deg(true, grid)
    step = context.threshold("reference_azimuth_min") / 60
    allowed = step + spread_deg(context, metres)
    fair = np.minimum(np.abs(off), np.abs(off - convergence)) <= allowed  # a slip is no sign
    if int(fair.sum()) < context.threshold("reference_north_least"):
        return None
    stations = len({group[i].entry.marker.id for i in np.flatnonzero(fair).tolist()})
    if not _bears(off[fair], convergence[fair], allowed[fair], stations):
        return None
    return TrueNorth(
        off_grid_deg=float(np.abs(off[fair]).mean()),
        off_true_deg=float(np.abs(off - convergence)[fair].mean()),
        count=int(fair.sum()),
        sights=group,
    )


def _bears(off: Floats, convergence: Floats, allowed: Floats, stations: int) -> bool:
    """Whether azimuths bear the whole convergence, where it stands out from their scatter.

    A line through the origin: the share they bear is nought from the grid, one from true north.
    Azimuths taken at one marker share the error of its orientation, so that markers count.
    """
    residuals = [float(np.median(np.abs(r) / allowed)) for r in (off, off - convergence)]
    scatter = max(1.4826 * min(residuals), _LEAST_SCATTER)
    whole = float(np.sum((convergence / allowed) ** 2))
    borne = float(np.sum(off * convergence / allowed**2))
    error = scatter * float(np.sqrt(whole * len(off) / stations))
    return whole >= _APART * error and abs(borne - whole) <= _SURE * error
