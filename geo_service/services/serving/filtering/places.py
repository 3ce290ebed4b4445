"""Relations of places in filters: the geometry of a feature beside one that is written out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.errors import InputError
from geo_service.services.serving.filtering.scalars import quoted
from geo_service.services.serving.filtering.truth import Asked, Truth

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools
    from geo_service.services.serving.filtering.truth import Predicate
    from geo_service.services.serving.systems import System

RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "s_contains": shapely.contains,
    "s_crosses": shapely.crosses,
    "s_disjoint": shapely.disjoint,
    "s_equals": shapely.equals,
    "s_intersects": shapely.intersects,
    "s_overlaps": shapely.overlaps,
    "s_touches": shapely.touches,
    "s_within": shapely.within,
}
_FAR = "s_disjoint"
"""The only relation that holds where the boxes do not meet."""
_GEOMETRY = {"property": "geometry"}


class Reader:
    """Reads places written in one system."""

    def __init__(self, system: System) -> None:
        self._system = system

    def relation(self, op: str, args: list[Any]) -> Predicate:
        """A relation of two places. Raises InputError as `read_filter` does."""
        one, other = (None if arg == _GEOMETRY else self._literal(arg) for arg in args)
        relate = RELATIONS[op]
        if one is None and other is None:
            return lambda asked: _each(asked, _placed(asked), lambda own: relate(own, own))
        if one is not None and other is not None:
            holds = bool(relate(one, other))
            return lambda asked: Truth(np.full(len(asked), holds), np.full(len(asked), not holds))
        own_first = one is None
        fixed = one or other
        assert fixed is not None  # noqa: S101 - one of the two is written out
        shapely.prepare(fixed)

        def found(asked: Asked) -> Truth:
            near = _placed(asked)
            if op != _FAR:
                near = near & _near(asked, fixed)
            return _each(
                asked, near, lambda own: relate(own, fixed) if own_first else relate(fixed, own)
            )

        return found

    def _literal(self, part: Any) -> shapely.Geometry:
        if isinstance(part, dict) and "bbox" in part:
            return self._system.area(_box(part["bbox"]))
        if not isinstance(part, dict) or "type" not in part:
            raise InputError("filter_malformed", detail=quoted(part))
        try:
            shape = shapely.from_geojson(json.dumps(part))
        except (shapely.GEOSException, RecursionError) as error:
            raise InputError("filter_geometry_malformed", detail=quoted(part["type"])) from error
        shape = shapely.transform(shape, self._system.inward)
        points = shapely.get_coordinates(shape)
        if not len(points) or not np.isfinite(points).all() or not shapely.is_valid(shape):
            raise InputError("filter_geometry_malformed", detail=quoted(part["type"]))
        return shape


def _box(numbers: Any) -> tuple[float, float, float, float]:
    is_sound = (
        isinstance(numbers, list)
        and len(numbers) in (4, 6)
        and all(isinstance(n, (int, float)) and abs(n) < 1e9 for n in numbers)
    )
    if not is_sound:
        raise InputError("filter_geometry_malformed", detail="BBOX")
    half = len(numbers) // 2
    first, second, third, fourth = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    if first > third or second > fourth:
        raise InputError("filter_geometry_malformed", detail="BBOX")
    return first, second, third, fourth


def _placed(asked: Asked) -> Bools:
    return np.asarray(~np.isnan(asked.snapshot.boxes[asked.rows, 0]))


def _near(asked: Asked, shape: shapely.Geometry) -> Bools:
    boxes = asked.snapshot.boxes[asked.rows]
    west, south, east, north = shapely.bounds(shape).tolist()
    near = (boxes[:, 0] <= east) & (boxes[:, 2] >= west)
    return np.asarray(near & (boxes[:, 1] <= north) & (boxes[:, 3] >= south))


def _each(asked: Asked, near: Bools, relate: Callable[[Any], Any]) -> Truth:
    """The relation for features that are near; false for others, unknown for those nowhere."""
    holds = np.zeros(len(asked), dtype=bool)
    try:
        holds[near] = relate(asked.snapshot.shapes(asked.rows[near]))
    except shapely.GEOSException as error:  # a stored shape that is not valid
        raise InputError("filter_geometry_malformed", detail=str(error)[:80]) from error
    return Truth.where_known(holds, _placed(asked))
