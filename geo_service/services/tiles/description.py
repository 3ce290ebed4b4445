"""How layers of tiles describe themselves: in TileJSON, in tilesets and in PMTiles files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geo_service.services.tiles.plan import tile_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.domain.text import Lang
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.fields import Field


def shown_fields(collection: Collection) -> Mapping[str, Field]:
    """The fields of a collection that its tiles carry, besides `id`."""
    left_out = tile_plan().left_out
    return {field.name: field for field in collection.fields if field.name not in left_out}


def vector_layer(collection: Collection, max_zoom: int, lang: Lang) -> dict[str, Any]:
    """A layer as TileJSON describes it."""
    fields = {name: field.title.in_(lang) for name, field in shown_fields(collection).items()}
    return {
        "id": collection.id,
        "description": collection.title.in_(lang),
        "fields": {"id": "id", **fields},
        "minzoom": 0,
        "maxzoom": max_zoom,
    }
