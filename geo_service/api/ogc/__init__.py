"""OGC API – Features: Parts 1 (Core), 2 (CRS) and 3 (filtering with CQL2) for reading;
Part 4 on drafts; Tiles."""

from geo_service.api.ogc import collections, editing, items, landing, tiles
from geo_service.api.ogc.routing import put_first, router

__all__ = ["collections", "items", "landing", "router", "tiles"]

put_first(editing.ITEMS, editing.ITEM, tiles.TILE)
