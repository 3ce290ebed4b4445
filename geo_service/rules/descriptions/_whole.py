"""Features that came in pieces, made one by name."""

from __future__ import annotations

from collections.abc import Iterable

import shapely
from shapely.geometry import LineString, MultiLineString

from geo_service.domain.alignment import FollowedFeature


def whole_features(features: Iterable[FollowedFeature]) -> tuple[FollowedFeature, ...]:
    """One feature per name: its pieces joined end to start, what does not join kept as parts.

    No piece is turned round, for it runs with the water. A name in force on one piece is in force.
    """
    pieces: dict[str, list[FollowedFeature]] = {}
    for feature in features:
        pieces.setdefault(feature.name, []).append(feature)
    return tuple(_whole(name, given) for name, given in sorted(pieces.items()))


def _whole(name: str, given: list[FollowedFeature]) -> FollowedFeature:
    parts: list[LineString] = sorted(
        shapely.get_parts([feature.geometry for feature in given]), key=lambda part: part.wkb
    )
    joined = shapely.line_merge(MultiLineString(parts), directed=True)
    whole = (
        joined
        if isinstance(joined, LineString)
        else MultiLineString(list(shapely.get_parts(joined)))
    )
    return FollowedFeature(name, whole, min(feature.current for feature in given))
