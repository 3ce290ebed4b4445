"""Collections as one PMTiles file (version 3): whole or not there, with its source and its date."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geo_service import __version__
from geo_service.domain.provenance import Label
from geo_service.errors import InputError
from geo_service.geometry.tiling import Tile, degrees
from geo_service.messages import message
from geo_service.services.interchange.exporting import check_target, written_whole
from geo_service.services.serving.collections import COLLECTIONS, collection
from geo_service.services.tiles.description import vector_layer
from geo_service.services.tiles.desk import layer_of
from geo_service.services.tiles.matrices import in_degrees
from geo_service.services.tiles.plan import tile_plan

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.cities import CityProfile
    from geo_service.domain.text import Text
    from geo_service.geometry.arrays import Floats
    from geo_service.services.serving.cache import ReadyFeatures, View
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.snapshot import Snapshot

SUFFIX = ".pmtiles"
_E7 = 10_000_000
"""The header keeps degrees as ten-millionths."""
_CHILDREN = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
_NEAREST_VIEW = 14
"""Zoom at which a file opens that holds one point."""
Told = Callable[[int, int], None]
"""How many tiles are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What was written."""

    tiles: int
    features: int
    max_zoom: int


def chosen_zoom(asked: int | None) -> int:
    """The nearest zoom of a file. Raises InputError for one that is never made."""
    plan = tile_plan()
    zoom = plan.export_zoom if asked is None else asked
    if not 0 <= zoom <= plan.max_zoom:
        raise InputError("tiles_zoom", value=zoom, max_zoom=plan.max_zoom)
    return zoom


def chosen_collections(names: Iterable[str], label: Label) -> list[Collection]:
    """The collections that go into a file, by default all that the label allows.

    Raises NotFound for an unknown one, InputError for one that is never public.
    """
    chosen = [collection(name) for name in names]
    if label is Label.INTERNAL:
        return chosen or list(COLLECTIONS.values())
    for one in chosen:
        if not one.is_public:
            raise InputError("collection_not_public", collection=one.title)
    return chosen or [one for one in COLLECTIONS.values() if one.is_public]


def export_tiles(
    features: ReadyFeatures,
    path: Path,
    collections: Sequence[Collection],
    view: View,
    city: CityProfile,
    *,
    label: Label,
    max_zoom: int,
    told: Told = lambda _done, _of: None,
) -> Archived:
    """Write collections as they are seen in a view, every tile that something lies in.

    `label` is that of the audience for whom `features` are.

    Raises InputError for an unfit target, for too many tiles, where there is nothing to write, and
    `export_failed` when the disk refuses; an old file stands until the new one is whole.
    """
    check_target(path, formats=(SUFFIX,))
    snapshots = [features.ready(one, view).snapshot for one in collections]
    layers = [layer_of(snapshot) for snapshot in snapshots]
    boxes = np.concatenate([layer.boxes for layer in layers])
    if not len(boxes):
        raise InputError("tiles_empty", day=view.as_of, label=_word(label))
    tiles = _tiles(boxes, max_zoom)
    metadata = _metadata(snapshots, city, max_zoom) | _told_for(label, view)
    with written_whole(path) as draft, draft.open("wb") as file:
        writer, written = Writer(file), 0
        for done, tile in enumerate(tiles, start=1):
            content = b"".join([layer.tile(tile) for layer in layers])
            if content:
                number = zxy_to_tileid(tile.zoom, tile.column, tile.row)
                writer.write_tile(number, gzip.compress(content, mtime=0))
                written += 1
            told(done, len(tiles))
        writer.finalize(_header(boxes), metadata)
    return Archived(written, sum(map(len, snapshots)), max_zoom)


def _tiles(boxes: Floats, max_zoom: int) -> list[Tile]:
    """The tiles that a box (world units) meets at each zoom, in the order of the format.

    Raises InputError tiles_too_many.
    """
    tree = shapely.STRtree(np.asarray(shapely.box(*boxes.T), dtype=object))
    found: list[Tile] = []
    places = np.zeros((1, 2), dtype=np.int64)
    limit = tile_plan().export_tiles
    for zoom in range(max_zoom + 1):
        if zoom:
            places = (places[:, None] * 2 + _CHILDREN).reshape(-1, 2)
        corners = places / (1 << zoom)
        ends = (places + 1) / (1 << zoom)
        areas = shapely.box(corners[:, 0], corners[:, 1], ends[:, 0], ends[:, 1])
        places = places[np.unique(tree.query(areas)[0])]
        if len(found) + len(places) > limit:
            count = len(found) + len(places)
            raise InputError("tiles_too_many", max_zoom=max_zoom, count=count, limit=limit)
        tiles = [Tile(zoom, column, row) for column, row in places.tolist()]
        found += sorted(tiles, key=lambda tile: zxy_to_tileid(tile.zoom, tile.column, tile.row))
    return found


def _header(boxes: Floats) -> dict[str, Any]:
    """What a reader needs before anything else; the writer adds where the parts lie."""
    (west, north), (east, south) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    box = in_degrees((west, north, east, south))
    lon, lat = degrees((west + east) / 2, (north + south) / 2)
    around = max(east - west, south - north, 2.0**-_NEAREST_VIEW)
    named = dict(zip(("min_lon", "min_lat", "max_lon", "max_lat"), box, strict=True))
    placed = named | {"center_lon": lon, "center_lat": lat}
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "center_zoom": int(-np.log2(around)),
        **{f"{name}_e7": round(degree * _E7) for name, degree in placed.items()},
    }


def _metadata(snapshots: Sequence[Snapshot], city: CityProfile, max_zoom: int) -> dict[str, Any]:
    """What the file says of what is in it: source, licence and standing."""
    collections = [snapshot.collection for snapshot in snapshots]
    layers = "、".join(one.title.zh for one in collections)
    return {
        "name": message("tiles.export_name", city=city.name, layers=layers).zh,
        "attribution": message("maps.review_number").zh,
        "type": "overlay",
        "version": __version__,
        "source": _told(snapshots, "source"),
        "license": _told(snapshots, "licence"),
        "standing": _told(snapshots, "standing"),
        "vector_layers": [vector_layer(one, max_zoom, "zh") for one in collections],
    }


def _told_for(label: Label, view: View) -> dict[str, Any]:
    """What the file says of the day it shows, and for whom it is."""
    about = message("tiles.export_about", day=view.as_of, label=_word(label))
    return {
        "description": f"{about.zh} {about.en}",
        "date": view.as_of.isoformat(),
        "label": label.value,
    }


def _word(label: Label) -> Text:
    return message(f"tiles.label_{label}")


def _told(snapshots: Sequence[Snapshot], name: str) -> str:
    """What the features say in a field, each once."""
    return "；".join(sorted({v for one in snapshots for v in one.column(name) if v}))
