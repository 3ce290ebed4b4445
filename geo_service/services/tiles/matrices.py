"""WebMercatorQuad as OGC Two Dimensional Tile Matrix Set 2.0 writes it, and the tiles of a box."""

from __future__ import annotations

from functools import cache
from typing import Any

from geo_service.errors import NotFound
from geo_service.geometry.tiling import ORIGIN_M, Box, Tile, columns_and_rows, degrees
from geo_service.services.tiles.plan import tile_plan

WEB_MERCATOR_QUAD = "WebMercatorQuad"
URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{WEB_MERCATOR_QUAD}"
CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_TILE_PIXELS = 256
_PIXEL_M = 0.00028
"""Side of a pixel by which the standard counts scales."""
_LEVELS = 25
"""Levels of the registered set."""


def known_matrix_set(name: str) -> str:
    """The name, if there is such a set of tile matrices. Raises NotFound."""
    if name != WEB_MERCATOR_QUAD:
        raise NotFound("tile_matrix_set_unknown", name=name[:80], known=WEB_MERCATOR_QUAD)
    return name


def known_tile(zoom: int, row: int, column: int) -> Tile:
    """The tile of that place. Raises NotFound where there is none, or none is made so near."""
    tile = Tile(zoom, column, row)
    nearest = tile_plan().max_zoom
    if zoom > nearest or not tile.exists:
        raise NotFound("tile_unknown", zoom=zoom, row=row, column=column, max_zoom=nearest)
    return tile


@cache
def matrix_set() -> dict[str, Any]:
    """The definition of the set of tile matrices."""
    return {
        "id": WEB_MERCATOR_QUAD,
        "title": "Google Maps Compatible for the World",
        "uri": URI,
        "crs": CRS,
        "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(_LEVELS)],
    }


def _matrix(zoom: int) -> dict[str, Any]:
    cell = 2 * ORIGIN_M / _TILE_PIXELS / (1 << zoom)
    return {
        "id": str(zoom),
        "scaleDenominator": cell / _PIXEL_M,
        "cellSize": cell,
        "cornerOfOrigin": "topLeft",
        "pointOfOrigin": [-ORIGIN_M, ORIGIN_M],
        "tileWidth": _TILE_PIXELS,
        "tileHeight": _TILE_PIXELS,
        "matrixWidth": 1 << zoom,
        "matrixHeight": 1 << zoom,
    }


def limits(extent: Box | None) -> list[dict[str, Any]]:
    """Which tiles of each zoom something may lie in, none where nothing is drawn."""
    if extent is None:
        return []
    result = []
    for zoom in range(tile_plan().max_zoom + 1):
        columns, rows = columns_and_rows(extent, zoom)
        result.append(
            {
                "tileMatrix": str(zoom),
                "minTileRow": rows[0],
                "maxTileRow": rows[-1],
                "minTileCol": columns[0],
                "maxTileCol": columns[-1],
            }
        )
    return result


def in_degrees(extent: Box) -> Box:
    """West, south, east, north of a box in world units."""
    west, north = degrees(extent[0], extent[1])
    east, south = degrees(extent[2], extent[3])
    return west, south, east, north
