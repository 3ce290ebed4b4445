"""The declared system against the register's own ground: verified with a residual, or refused.

A layer that lies off as a whole as obfuscated coordinates (GCJ-02, BD-09) do is refused, never
undone. Seen only where the register holds the same objects, or others that must lie upon them.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.text import Text
from geo_service.errors import NotFound
from geo_service.geometry.measure import ellipsoid
from geo_service.geometry.obfuscation import system_like
from geo_service.messages import message
from geo_service.services.interchange.columns import LEGAL
from geo_service.services.interchange.control import (
    ENOUGH,
    Control,
    controls,
    obfuscated_like,
)
from geo_service.services.interchange.fields import geometry_of
from geo_service.services.interchange.issues import Issue, Level

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.services.interchange.reading import ReadResult
    from geo_service.store.protocol import Store


def _pairs(store: Store, read: ReadResult) -> list[tuple[Record, Record]]:
    result: list[tuple[Record, Record]] = []
    for record in read.records[:ENOUGH]:
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
    bearing, _, distance = ellipsoid().inv(before[:, 0], before[:, 1], after[:, 0], after[:, 1])
    return [(float(d), float(b) % 360) for d, b in zip(distance, bearing, strict=True)]


def _moved_like(store: Store, read: ReadResult, city: CityProfile) -> str:
    """The obfuscated system that moved the objects of the same id, "" where none did."""
    pairs = _pairs(store, read)
    if not pairs:
        return ""
    movements = _movements(pairs)
    shift_m = median(distance for distance, _ in movements)
    bearing_deg = median(bearing for _, bearing in movements)
    return system_like(city, shift_m, bearing_deg)


def shifted(store: Store, read: ReadResult, city: CityProfile) -> tuple[Issue, ...]:
    """An error if the legal layer as a whole is moved like an obfuscated one, else nothing."""
    if read.kind not in LEGAL:
        return ()
    system = _moved_like(store, read, city)
    for control in () if system else controls(store, read, city):
        system = system or obfuscated_like(control, city)
    if not system:
        return ()
    # No figures: what was measured is no parameter for undoing it.
    return (Issue(Level.ERROR, "shifted", read.file, None, "geometry", {"system": system}),)


def verified(store: Store, read: ReadResult, city: CityProfile) -> tuple[Issue, ...]:
    """What the register says of the declared system of a legal layer, with the residual in metres.

    To be asked once `shifted` found nothing. A layer without coordinates is not spoken of; names,
    which have no legal place, are warned of where they moved like obfuscated ones.
    """
    if not read.system:
        return ()
    if read.kind not in LEGAL:
        system = _moved_like(store, read, city)
        like = {"system": system}
        return (Issue(Level.WARNING, "names_shifted", read.file, None, "lon", like),) * bool(system)
    found = controls(store, read, city)
    if not found:
        told = {"declared": read.system, "city": city.name}
        return (Issue(Level.INFO, "crs_unverified", read.file, None, "crs", told),)
    return tuple(_residual(control, read, city) for control in found)


def _residual(control: Control, read: ReadResult, city: CityProfile) -> Issue:
    off = np.array(control.distances_m())
    middle = float(np.median(off))
    limit = city.threshold("import_residual_m")
    values: dict[str, str | int | Text] = {
        "declared": read.system,
        "what": message(f"import.control_{control.word}"),
        "count": len(off),
        "median": f"{middle:.1f}",
        "most": f"{float(off.max()):.1f}",
        "limit": f"{limit:g}",
    }
    large = middle > limit
    level = Level.WARNING if large else Level.INFO
    return Issue(level, "crs_residual" if large else "crs_verified", read.file, None, "crs", values)
