"""Layers moved as a whole against the register, as obfuscated coordinates (GCJ-02, BD-09) are.

Only seen where the register already holds the same objects; only told, never undone.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import shapely
from pyproj import Geod

from geo_service.cities import CityProfile
from geo_service.domain.change import Record
from geo_service.errors import NotFound
from geo_service.geometry.obfuscation import system_like
from geo_service.services.interchange.columns import LEGAL
from geo_service.services.interchange.fields import geometry_of
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.reading import ReadResult
from geo_service.store.protocol import Store

_GEOD = Geod(a=6378137, rf=298.257222101)
_ENOUGH = 200
"""Objects compared: a shift of the whole layer shows in any of them."""


def _pairs(store: Store, read: ReadResult) -> list[tuple[Record, Record]]:
    result: list[tuple[Record, Record]] = []
    for record in read.records[:_ENOUGH]:
        try:
            known = store.get(read.kind, record.id)
        except NotFound:
            continue
        if geometry_of(known) is not None and geometry_of(record) is not None:
            result.append((known, record))
    return result


def _movements(pairs: Sequence[tuple[Record, Record]]) -> list[tuple[float, float]]:
    """Distance in metres and bearing in degrees from true north, object by object."""
    before = shapely.get_coordinates(shapely.centroid([geometry_of(old) for old, _ in pairs]))
    after = shapely.get_coordinates(shapely.centroid([geometry_of(new) for _, new in pairs]))
    bearing, _, distance = _GEOD.inv(before[:, 0], before[:, 1], after[:, 0], after[:, 1])
    return [(float(d), float(b) % 360) for d, b in zip(distance, bearing, strict=True)]


def shifted(store: Store, read: ReadResult, city: CityProfile) -> tuple[Issue, ...]:
    """An error if the legal layer as a whole is moved like an obfuscated one, else nothing."""
    pairs = _pairs(store, read) if read.kind in LEGAL else []
    if not pairs:
        return ()
    movements = _movements(pairs)
    shift_m = median(distance for distance, _ in movements)
    bearing_deg = median(bearing for _, bearing in movements)
    system = system_like(city, shift_m, bearing_deg)
    if not system:
        return ()
    # No figures: what was measured is no parameter for undoing it.
    return (Issue(Level.ERROR, "shifted", read.file, None, "geometry", {"system": system}),)
