"""WebMercatorQuad: from longitude and latitude to the grid of a zoom, and which tiles a box meets.

Of the sphere everything is said in `world` units, 0 to 1 from west to east and from **north to
south**, and at a zoom in `grid` units, `EXTENT` of them across one tile. CGCS2000 is drawn as
WGS 84, from which it differs by centimetres. For screens only: nothing is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.geometry.arrays import Floats, Geometries

EXTENT = 4096
"""Grid units across a tile, as is usual for vector tiles."""
MAX_LAT = 85.0511287798066
"""Where the square world of the web maps ends, in degrees."""
ORIGIN_M = 20037508.3427892
"""Half the side of that world in its own metres (EPSG:3857)."""

Box = tuple[float, float, float, float]


class Tile(NamedTuple):
    """One tile: `column` counts from the west, `row` from the north."""

    zoom: int
    column: int
    row: int

    @property
    def corner(self) -> tuple[int, int]:
        """Its north-western corner in grid units of its zoom."""
        return self.column * EXTENT, self.row * EXTENT

    @property
    def exists(self) -> bool:
        """Whether there is such a row and column at the zoom."""
        side = 1 << self.zoom
        return self.zoom >= 0 and 0 <= self.column < side and 0 <= self.row < side

    def reach(self, margin: float) -> Box:
        """Its box and `margin` grid units around it: west, north, east, south in grid units."""
        west, north = self.corner
        return west - margin, north - margin, west + EXTENT + margin, north + EXTENT + margin


def units_across(zoom: int) -> int:
    """Grid units around the world at a zoom."""
    return EXTENT << zoom


def world(coordinates: Floats) -> Floats:
    """World units of longitudes and latitudes (degrees, one pair to a row)."""
    latitudes = np.radians(np.clip(coordinates[:, 1], -MAX_LAT, MAX_LAT))
    across = coordinates[:, 0] / 360.0 + 0.5
    down = 0.5 - np.arcsinh(np.tan(latitudes)) / (2.0 * math.pi)
    return np.stack([across, down], axis=1)


def on_world(shapes: Geometries) -> Geometries:
    """Geometries of EPSG:4490 in world units."""
    return np.asarray(shapely.transform(shapes, world), dtype=object)


def degrees(across: float, down: float) -> tuple[float, float]:
    """Longitude and latitude of a point in world units."""
    latitude = math.degrees(math.atan(math.sinh((0.5 - down) * 2.0 * math.pi)))
    return (across - 0.5) * 360.0, latitude


def degrees_of(tile: Tile) -> Box:
    """West, south, east, north of a tile in degrees."""
    side = 1 << tile.zoom
    west, north = degrees(tile.column / side, tile.row / side)
    east, south = degrees((tile.column + 1) / side, (tile.row + 1) / side)
    return west, south, east, north


def columns_and_rows(box: Box, zoom: int) -> tuple[range, range]:
    """Columns and rows of the tiles at a zoom that a box (world units) meets."""
    side = 1 << zoom
    west, north, east, south = (min(max(int(edge * side), 0), side - 1) for edge in box)
    return range(west, east + 1), range(north, south + 1)


def tiles_of(box: Box, zoom: int) -> Iterator[Tile]:
    """The tiles at a zoom that a box (west, north, east, south in world units) meets."""
    columns, rows = columns_and_rows(box, zoom)
    return (Tile(zoom, column, row) for column in columns for row in rows)
