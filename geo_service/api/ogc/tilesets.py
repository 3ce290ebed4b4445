"""What OGC API – Tiles and TileJSON 3.0 say of the tiles of collections, with their addresses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.messages import message
from geo_service.services.tiles.description import shown_fields, vector_layer
from geo_service.services.tiles.matrices import (
    CRS,
    CRS84,
    URI,
    WEB_MERCATOR_QUAD,
    in_degrees,
    limits,
)
from geo_service.services.tiles.plan import tile_plan

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.geometry.tiling import Box
    from geo_service.services.serving.collections import Collection

MVT = "application/vnd.mapbox-vector-tile"
JSON = "application/json"
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{name}"
    for name in ("core", "tileset", "tilesets-list", "geodata-tilesets", "dataset-tilesets", "mvt")
)
_REL = "http://www.opengis.net/def/rel/ogc/1.0/"
TILESETS_REL = f"{_REL}tilesets-vector"
_SCHEME_REL = f"{_REL}tiling-scheme"
_DIMENSIONS = {"Point": 0, "LineString": 1, "Polygon": 2}


@dataclass(frozen=True, slots=True)
class Tileset:
    """Tiles of one collection, or of several in one.

    Addresses begin with that of the API and go on with `under`.
    """

    under: str
    collections: Sequence[Collection]
    query: str = ""

    @property
    def address(self) -> str:
        """Of the tileset itself."""
        return f"{self.under}/{WEB_MERCATOR_QUAD}"

    @property
    def template(self) -> str:
        """Of a tile, with the names of the standard."""
        return f"{self.address}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{self.query}"

    def title(self, lang: Lang) -> str:
        """What people call it."""
        if len(self.collections) == 1:
            return self.collections[0].title.in_(lang)
        return message("tiles.all_collections").in_(lang)

    def listed(self, base: str, lang: Lang) -> dict[str, Any]:
        """The tileset as a list of tilesets has it."""
        return {
            "title": self.title(lang),
            "dataType": "vector",
            "crs": CRS,
            "tileMatrixSetURI": URI,
            "links": [
                _link(f"{base}{self.address}{self.query}", "self", JSON, self.title(lang)),
                _link(f"{base}/tileMatrixSets/{WEB_MERCATOR_QUAD}", _SCHEME_REL, JSON),
            ],
        }

    def document(self, base: str, extent: Box | None, lang: Lang) -> dict[str, Any]:
        """The metadata of the tileset (clause 9 of the Tile Matrix Set standard)."""
        listed = self.listed(base, lang)
        item = _link(f"{base}{self.template}", "item", MVT) | {"templated": True}
        json = _link(f"{base}{self.address}/tilejson.json{self.query}", "describedby", JSON)
        result = {
            **listed,
            "tileMatrixSetLimits": limits(extent),
            "layers": [_layer(collection, lang) for collection in self.collections],
            "links": [*listed["links"], item, json],
        }
        if extent is not None:
            west, south, east, north = in_degrees(extent)
            corners = {"lowerLeft": [west, south], "upperRight": [east, north]}
            result["boundingBox"] = {**corners, "crs": CRS84}
        return result

    def tilejson(self, base: str, extent: Box | None, lang: Lang) -> dict[str, Any]:
        """The same for map libraries."""
        nearest = tile_plan().max_zoom
        result = {
            "tilejson": "3.0.0",
            "name": self.title(lang),
            "attribution": message("maps.review_number").in_(lang),
            "scheme": "xyz",
            "tiles": [f"{base}{self.address}/{{z}}/{{y}}/{{x}}{self.query}"],
            "minzoom": 0,
            "maxzoom": nearest,
            "vector_layers": [vector_layer(c, nearest, lang) for c in self.collections],
        }
        if extent is not None:
            result["bounds"] = list(in_degrees(extent))
        return result


def tilesets(base: str, sets: Sequence[Tileset], address: str, lang: Lang) -> dict[str, Any]:
    """A list of tilesets."""
    return {
        "tilesets": [tileset.listed(base, lang) for tileset in sets],
        "links": [_link(f"{base}{address}", "self", JSON)],
    }


def matrix_sets(base: str) -> dict[str, Any]:
    """The list of sets of tile matrices."""
    address = f"{base}/tileMatrixSets"
    one = {
        "id": WEB_MERCATOR_QUAD,
        "title": WEB_MERCATOR_QUAD,
        "uri": URI,
        "crs": CRS,
        "links": [_link(f"{address}/{WEB_MERCATOR_QUAD}", "self", JSON)],
    }
    return {"tileMatrixSets": [one], "links": [_link(address, "self", JSON)]}


def _layer(collection: Collection, lang: Lang) -> dict[str, Any]:
    dimensions = {_DIMENSIONS[shape.removeprefix("Multi")] for shape in collection.shapes}
    properties = {
        name: {"type": "string" if field.type == "date" else field.type.value, "title": title}
        for name, field in shown_fields(collection).items()
        for title in (field.title.in_(lang),)
    }
    result: dict[str, Any] = {
        "id": collection.id,
        "title": collection.title.in_(lang),
        "description": collection.about.in_(lang),
        "dataType": "vector",
        "propertiesSchema": {"type": "object", "properties": properties},
    }
    if len(dimensions) == 1:
        result["geometryDimension"] = dimensions.pop()
    return result


def _link(href: str, rel: str, kind: str, title: str = "") -> dict[str, Any]:
    link = {"href": href, "rel": rel, "type": kind}
    return {**link, "title": title} if title else link
