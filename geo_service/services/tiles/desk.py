"""Tiles ready to be sent, kept per collection and view until an edit touches them.

The tiles of a view are as good as the snapshot they were cut from. Where that has been mended,
only changed features are laid out anew, and only tiles dropped that one meets, or met before.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np

from geo_service.geometry.tiling import Tile, units_across, world
from geo_service.services.tiles.changes import RowChange
from geo_service.services.tiles.description import shown_fields
from geo_service.services.tiles.layer import Rows, TileLayer
from geo_service.services.tiles.plan import TilePlan, tile_plan

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Floats
    from geo_service.services.serving.cache import ReadyFeatures, View
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.snapshot import Snapshot

_Key = TypeVar("_Key")
MAX_VIEWS = 32
"""Collections in a view whose tiles are kept; those not asked for longest go."""
MAX_TILES = 8_192
"""Tiles kept of each; those made first go."""
MAX_BYTES = 16 << 20
"""Bytes of tiles kept of each, for tiles of a dense place are large."""
_MAX_CHANGED = 500
"""Changed features beyond which a view is made anew with all its tiles."""
_STANDING = "status"
_LEVEL = 6
"""Of gzip: its usual middle between time and size."""


class Packed(NamedTuple):
    """A tile as it is sent: its bytes, the same compressed, and a digest that names them."""

    plain: bytes
    compressed: bytes
    digest: str

    @classmethod
    def of(cls, plain: bytes) -> Packed:
        """The bytes, packed; the same bytes are packed alike."""
        digest = hashlib.blake2b(plain, digest_size=16).hexdigest()
        return cls(plain, gzip.compress(plain, _LEVEL, mtime=0) if plain else b"", digest)


class _Tiles(Generic[_Key]):
    """Tiles by key, up to a number and a weight; safe to share between threads."""

    def __init__(self, kept: Iterable[tuple[_Key, Packed]] = ()) -> None:
        self._packed = dict(kept)
        self._bytes = sum(map(_weight, self._packed.values()))
        self._lock = Lock()

    def get(self, key: _Key) -> Packed | None:
        """The tile of a key, None where it is not kept."""
        return self._packed.get(key)

    def all(self) -> list[tuple[_Key, Packed]]:
        """Keys and tiles, those made first before others."""
        with self._lock:
            return list(self._packed.items())

    def keep(self, key: _Key, packed: Packed) -> None:
        """Keep one more tile, and let the first made go where there is too much."""
        with self._lock:
            if key in self._packed:  # two asked for it at once
                return
            self._packed[key] = packed
            self._bytes += _weight(packed)
            while len(self._packed) > MAX_TILES or self._bytes > MAX_BYTES:
                self._bytes -= _weight(self._packed.pop(next(iter(self._packed))))


def _weight(packed: Packed) -> int:
    return len(packed.plain) + len(packed.compressed)


@dataclass(slots=True)
class _Kept:
    snapshot: Snapshot
    layer: TileLayer
    tiles: _Tiles[Tile] = field(default_factory=_Tiles)


class TileDesk:
    """Tiles of the collections of one register; safe to share between threads."""

    def __init__(self, features: ReadyFeatures) -> None:
        self._features = features
        self._kept: OrderedDict[tuple[str, View], _Kept] = OrderedDict()
        self._joined: _Tiles[tuple[str, ...]] = _Tiles()
        self._lock = Lock()

    def tile(self, collection: Collection, view: View, tile: Tile) -> Packed:
        """One tile of a collection as it stands now. Raises StoreError."""
        kept = self._up_to_date(collection, view)
        packed = kept.tiles.get(tile)
        if packed is None:
            packed = Packed.of(kept.layer.tile(tile))
            kept.tiles.keep(tile, packed)
        return packed

    def joined(self, collections: Iterable[Collection], view: View, tile: Tile) -> Packed:
        """One tile with a layer for each of the collections that has something there."""
        parts = [self.tile(collection, view, tile) for collection in collections]
        key = tuple(part.digest for part in parts)
        packed = self._joined.get(key)
        if packed is None:
            # Layers one after the other are a tile.
            packed = Packed.of(b"".join([part.plain for part in parts]))
            self._joined.keep(key, packed)
        return packed

    def layer(self, collection: Collection, view: View) -> TileLayer:
        """The collection as it stands now, to be cut into tiles. Raises StoreError."""
        return self._up_to_date(collection, view).layer

    def _up_to_date(self, collection: Collection, view: View) -> _Kept:
        snapshot, key = self._features.ready(collection, view).snapshot, (collection.id, view)
        kept = self._kept.get(key)
        if kept is not None and kept.snapshot is snapshot:
            return kept
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or kept.snapshot is not snapshot:
                kept = _renewed(kept, snapshot)
                self._kept[key] = kept
            self._kept.move_to_end(key)
            while len(self._kept) > MAX_VIEWS:
                self._kept.popitem(last=False)
            return kept


def layer_of(snapshot: Snapshot) -> TileLayer:
    """A snapshot as a layer with the fields that a map needs."""
    return TileLayer(snapshot.collection.id, _rows(snapshot))


def _rows(snapshot: Snapshot) -> Rows:
    plan, collection = tile_plan(), snapshot.collection
    names = [field.name for field in collection.fields]
    columns = {"id": snapshot.ids}
    columns |= {name: snapshot.column(name) for name in shown_fields(collection)}
    standings: Sequence[object] = snapshot.column(_STANDING) if _STANDING in names else ()
    ranks = [plan.rank(status) for status in standings] or [0] * len(snapshot)
    shapes = snapshot.shapes(np.arange(len(snapshot)))
    return Rows.of(collection.id, snapshot.ids, shapes, columns, ranks)


def _renewed(kept: _Kept | None, snapshot: Snapshot) -> _Kept:
    """The new state: rows of the layer and tiles that no change touches are those of the old one.

    A feature that was not read again has the same row of values: the same object, not an equal.
    """
    if kept is None:
        return _Kept(snapshot, layer_of(snapshot))
    change = RowChange.between(kept.snapshot.values, snapshot.values)
    if change.size > _MAX_CHANGED:
        return _Kept(snapshot, layer_of(snapshot))
    layer = kept.layer.with_changed(change, _rows(snapshot.only(change.come)))
    boxes = np.concatenate((kept.snapshot.boxes[change.gone], snapshot.boxes[change.come]))
    tiles = kept.tiles.all()
    placed = boxes[~np.isnan(boxes[:, 0])]
    stale = _touched([tile for tile, _ in tiles], placed, tile_plan())
    fresh = (t for t, is_stale in zip(tiles, stale, strict=True) if not is_stale)
    return _Kept(snapshot, layer, _Tiles(fresh))


def _touched(tiles: Sequence[Tile], boxes: Floats, plan: TilePlan) -> Bools:
    """Which tiles a box meets, with what surrounds a tile and the cell in which points give way."""
    if not len(tiles) or not len(boxes):
        return np.zeros(len(tiles), dtype=bool)
    north_west, south_east = world(boxes[:, [0, 3]]), world(boxes[:, [2, 1]])
    margin = plan.buffer + plan.cell
    reaches = np.array([np.array(t.reach(margin)) / units_across(t.zoom) for t in tiles])
    least, most = reaches[:, None, :2], reaches[:, None, 2:]
    meets = np.all((north_west <= most) & (south_east >= least), axis=2)
    return np.asarray(np.any(meets, axis=1), dtype=bool)
