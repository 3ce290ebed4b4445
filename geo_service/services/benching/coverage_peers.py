"""The usual checks of polygon layers: does any of them notice a planted fault at all.

Each answers yes or no for the whole layer, by whether its result differs from that on the layer
before the fault; none of them tells kind, parties and size together.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.geometry.arrays import Geometries

_GAP_DEG = 1e-4


@dataclass(frozen=True, slots=True)
class Peer:
    """A check by its name in the tool, with what it told of the correct layer."""

    title: str
    ask: Callable[[Geometries], int]
    before: int

    def notices(self, polygons: Geometries) -> bool | None:
        """Whether the answer has changed; None where the tool gives up on the layer."""
        try:
            return self.ask(polygons) != self.before
        except (ValueError, TypeError, IndexError, KeyError, shapely.GEOSException):
            return None


def peers(polygons: Geometries) -> tuple[Peer, ...]:
    """The checks of shapely (GEOS) and, where installed, of geoplanar."""
    asked: dict[str, Callable[[Geometries], int]] = {
        "is_valid": lambda layer: int(shapely.is_valid(layer).all()),
        "coverage_is_valid": lambda layer: int(shapely.coverage_is_valid(layer)),
        "coverage_is_valid(gap_width=1e-4)": lambda layer: int(
            shapely.coverage_is_valid(layer, gap_width=_GAP_DEG)
        ),
        "holes of union_all": _holes_of_union,
        **_geoplanar(),
    }
    return tuple(Peer(title, ask, ask(polygons)) for title, ask in asked.items())


def _holes_of_union(layer: Geometries) -> int:
    parts = shapely.get_parts(shapely.union_all(layer))
    return int(shapely.get_num_interior_rings(parts).sum())


def _geoplanar() -> dict[str, Callable[[Geometries], int]]:
    try:
        import geopandas  # noqa: PLC0415 - heavy, and of use only beside geoplanar
        import geoplanar  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError:
        return {}

    def frame(layer: Geometries) -> object:
        return geopandas.GeoDataFrame(geometry=layer, crs=4490)

    def quiet(check: Callable[[object], object]) -> Callable[[Geometries], int]:
        def ask(layer: Geometries) -> int:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return int(np.size(np.asarray(check(frame(layer)))))

        return ask

    return {
        "geoplanar.gaps": quiet(geoplanar.gaps),
        "geoplanar.overlaps": quiet(geoplanar.overlaps),
    }
