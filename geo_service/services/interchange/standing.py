"""Names of a file that the register has already, at the same place and under another id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.place import NamedPlace
from geo_service.geometry.measure import distances_m
from geo_service.language.normalise import normal_form
from geo_service.services.interchange.issues import Issue, Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geo_service.domain.change import Record
    from geo_service.store.protocol import Store

_SAME_PLACE_M = 1.0
"""What two writings of one point may differ by (ours)."""
_MOST = 20_000
"""New names that are looked up one by one; of larger files it is told that they were not."""
_AT_ONCE = 500


def standing_alike(
    store: Store, file: str, created: Iterable[tuple[int, Record]]
) -> tuple[Issue, ...]:
    """Warn of new names, told with their rows, that stand in the register under another id."""
    new = [
        (row, record)
        for row, record in created
        if isinstance(record, NamedPlace) and record.geometry is not None
    ]
    if len(new) > _MOST:
        return (Issue(Level.INFO, "standing_unsought", file, values={"count": len(new)}),)
    found: list[Issue] = []
    for first in range(0, len(new), _AT_ONCE):
        found += _alike(store, file, new[first : first + _AT_ONCE])
    return tuple(found)


def _alike(store: Store, file: str, new: Sequence[tuple[int, NamedPlace]]) -> list[Issue]:
    standing: dict[tuple[str, str], list[NamedPlace]] = {}
    for place in store.places_like(written={normal_form(record.name) for _, record in new}):
        if place.geometry is not None:
            standing.setdefault((place.name, place.feature_type), []).append(place)
    pairs = [
        (row, record, known)
        for row, record in new
        for known in standing.get((record.name, record.feature_type), ())
        if known.id != record.id
    ]
    if not pairs:
        return []
    mine, theirs = (
        shapely.get_coordinates(shapely.centroid(np.array(shapes, dtype=object)))
        for shapes in ([r.geometry for _, r, _ in pairs], [k.geometry for _, _, k in pairs])
    )
    near = np.flatnonzero(distances_m(mine, theirs) <= _SAME_PLACE_M).tolist()
    return [
        Issue(
            Level.WARNING,
            "record_standing",
            file,
            row,
            "name",
            {"value": record.name, "id": record.id, "other": known.id},
        )
        for row, record, known in (pairs[i] for i in near)
    ]
