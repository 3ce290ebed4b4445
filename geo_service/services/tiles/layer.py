"""A collection as a layer of tiles, at every zoom, from geometries and columns in arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
import shapely

from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints
from geo_service.geometry.clipping import Paths, clipped_lines, clipped_rings
from geo_service.geometry.ragged import firsts, lasts
from geo_service.geometry.tiling import EXTENT, Box, Tile, on_world, units_across
from geo_service.services.serving.boxes import BoxIndex
from geo_service.services.tiles.changes import RowChange
from geo_service.services.tiles.commands import (
    Shape,
    drawn_lines,
    drawn_points,
    drawn_polygons,
)
from geo_service.services.tiles.packing import Features, layer
from geo_service.services.tiles.plan import TilePlan, tile_plan
from geo_service.services.tiles.properties import Properties, Value

_SHAPES = {0: Shape.POINT, 1: Shape.LINE, 2: Shape.LINE, 3: Shape.POLYGON, 4: Shape.POINT}
_SHAPES |= {5: Shape.LINE, 6: Shape.POLYGON}
"""Types of shapely by what they are in a tile; collections of several types are none of these."""
_ID_BITS = 53
"""Browsers hold whole numbers up to this many bits."""
_HALF = 0.5
"""Cuts run between grid lines, so that no vertex lies on one and neighbours are cut alike."""
_KEPT = 8
"""Zooms of lines and of polygons that are kept ready."""


class _Outlines(NamedTuple):
    """Paths or open rings of a layer: `outer` rings stand before their holes."""

    paths: Paths
    outer: Bools


class _AtZoom(NamedTuple):
    """The same on the grid of a zoom, with the first point of each path and their boxes."""

    outlines: _Outlines
    begins: Ints
    boxes: shapely.STRtree


def number_of(collection: str, record_id: str) -> int:
    """The id of a record in tiles: the same for ever, as the format knows whole numbers only."""
    digest = hashlib.sha256(f"{collection}\n{record_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - _ID_BITS)


class Rows(NamedTuple):
    """What a layer holds of each feature by itself, by row.

    `numbers` are ids in tiles, `ranks` say which of several near points is drawn, low before high,
    and `world` are geometries in world units, None for none.
    """

    numbers: Ints
    ranks: Ints
    world: Geometries
    properties: Properties

    @classmethod
    def of(
        cls,
        name: str,
        ids: Sequence[str],
        shapes: Geometries,
        columns: Mapping[str, Sequence[Value | None]],
        ranks: Sequence[int],
    ) -> Rows:
        """Features of a collection: geometries in EPSG:4490, one or None to each of `ids`.

        `columns` and `ranks` hold one value to each.
        """
        return cls(
            np.array([number_of(name, id_) for id_ in ids], dtype=np.int64),
            np.array(ranks, dtype=np.int64),
            on_world(shapes),
            Properties.of(columns, len(ids)),
        )

    def with_changed(self, change: RowChange, added: Rows) -> Rows:
        """The rows after a change; `added` are those that have come."""
        return Rows(
            change.made(self.numbers, added.numbers),
            change.made(self.ranks, added.ranks),
            change.made(self.world, added.world),
            self.properties.with_changed(change, added.properties),
        )


class TileLayer:
    """The features of one collection, ready to be cut into tiles."""

    def __init__(self, name: str, rows: Rows) -> None:
        self.name = name
        self.rows = rows
        self._plan = tile_plan()
        members = _members(rows.world)
        self._drawn = np.concatenate(list(members.values()))
        points = members[Shape.POINT]
        self._places, place_of = shapely.get_coordinates(rows.world[points], return_index=True)
        self._place_of = points[place_of]
        # One corner to a point, which is its own box.
        self._near_points = BoxIndex(np.tile(self._places, 2), np.ones_like(place_of))
        self._from_zoom = _from_zooms(self._places, rows.ranks[self._place_of], self._plan)
        self._outlines = {
            Shape.LINE: _lines(rows.world, members[Shape.LINE]),
            Shape.POLYGON: _rings(rows.world, members[Shape.POLYGON]),
        }
        self._at = lru_cache(maxsize=_KEPT)(self._at_zoom)

    def with_changed(self, change: RowChange, added: Rows) -> TileLayer:
        """The layer after a change, as it would be if it were made anew."""
        return TileLayer(self.name, self.rows.with_changed(change, added))

    @cached_property
    def boxes(self) -> Floats:
        """Of all that is drawn: west, north, east, south in world units."""
        boxes: Floats = shapely.bounds(self.rows.world[self._drawn])
        return boxes

    @property
    def extent(self) -> Box | None:
        """West, north, east, south of everything in world units; None where nothing is drawn."""
        if not len(self.boxes):
            return None
        (west, north), (east, south) = self.boxes[:, :2].min(axis=0), self.boxes[:, 2:].max(axis=0)
        return float(west), float(north), float(east), float(south)

    def tile(self, tile: Tile) -> bytes:
        """The layer of one tile; empty where nothing lies there."""
        drawn = [self._polygons_in(tile), self._lines_in(tile), self._points_in(tile)]
        return layer(self.name, self.rows.numbers, self.rows.properties, drawn)

    def _at_zoom(self, shape: Shape, zoom: int) -> _AtZoom:
        paths, outer = self._outlines[shape]
        step = self._plan.step_at(zoom)
        points = np.rint(paths.points * (units_across(zoom) / step)) * step
        slim = Paths(points, paths.path, paths.owner).without_repeats()
        begins = np.flatnonzero(firsts(slim.path))
        least = np.minimum.reduceat(slim.points, begins) if len(begins) else slim.points
        most = np.maximum.reduceat(slim.points, begins) if len(begins) else slim.points
        boxes = shapely.box(least[:, 0], least[:, 1], most[:, 0], most[:, 1])
        return _AtZoom(_Outlines(slim, outer), begins, shapely.STRtree(boxes))

    def _near(self, shape: Shape, tile: Tile) -> _Outlines:
        """Paths or rings whose box meets the tile, counted from the tile's corner."""
        outlines, begins, boxes = self._at(shape, tile.zoom)
        found = np.sort(boxes.query(shapely.box(*tile.reach(self._plan.buffer))))
        paths = outlines.paths
        counts = np.diff(begins, append=len(paths.path))[found]
        ends = np.cumsum(counts)
        order = np.repeat(begins[found] - (ends - counts), counts) + np.arange(counts.sum())
        points = paths.points[order] - np.array(tile.corner)
        numbers = np.repeat(np.arange(len(found)), counts)
        return _Outlines(Paths(points, numbers, paths.owner[found]), outlines.outer[found])

    def _polygons_in(self, tile: Tile) -> Features:
        rings, outer = self._near(Shape.POLYGON, tile)
        drawn = drawn_polygons(clipped_rings(rings, self._cut), outer)
        return Features(Shape.POLYGON, *drawn)

    def _lines_in(self, tile: Tile) -> Features:
        lines, _ = self._near(Shape.LINE, tile)
        return Features(Shape.LINE, *drawn_lines(clipped_lines(lines, self._cut)))

    @property
    def _cut(self) -> Box:
        """Where tiles are cut, from their corner."""
        reach = self._plan.buffer + _HALF
        return -reach, -reach, EXTENT + reach, EXTENT + reach

    def _points_in(self, tile: Tile) -> Features:
        scale = units_across(tile.zoom)
        west, north, east, south = tile.reach(self._plan.buffer + _HALF)
        box = (west / scale, north / scale, east / scale, south / scale)
        found, _ = self._near_points.query(box)
        found = found[self._from_zoom[found] <= tile.zoom]
        on_grid = self._places[found] * scale - np.array(tile.corner)
        return Features(Shape.POINT, *drawn_points(on_grid, self._place_of[found]))


def _members(world: Geometries) -> dict[Shape, Ints]:
    """Rows of what is drawn, by what it is in a tile."""
    types = shapely.get_type_id(world)
    types[shapely.is_empty(world)] = -1
    return {
        shape: np.flatnonzero(np.isin(types, [n for n, drawn in _SHAPES.items() if drawn is shape]))
        for shape in Shape
    }


def _lines(world: Geometries, members: Ints) -> _Outlines:
    parts, owner = shapely.get_parts(world[members], return_index=True)
    points, path = shapely.get_coordinates(parts, return_index=True)
    return _Outlines(Paths(points, path, members[owner]), np.ones(len(parts), dtype=bool))


def _rings(world: Geometries, members: Ints) -> _Outlines:
    parts, owner = shapely.get_parts(world[members], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    points, path = shapely.get_coordinates(rings, return_index=True)
    opened = ~lasts(path)  # the last point of a ring repeats the first
    paths = Paths(points[opened], path[opened], members[owner[part]])
    return _Outlines(paths, firsts(part))


def _from_zooms(places: Floats, ranks: Ints, plan: TilePlan) -> Ints:
    """From which zoom on each point is drawn: the plan tells the rule."""
    order = np.argsort(ranks, kind="stable")
    ordered, left = places[order], np.arange(len(places))
    found = np.full(len(places), plan.all_from, dtype=np.int64)
    for zoom in range(plan.all_from - 1, -1, -1):
        cells = np.floor(ordered[left] * (units_across(zoom) / plan.cell)).astype(np.int64)
        keys = cells[:, 0] << 32 | cells[:, 1]
        together = np.argsort(keys)
        begins = np.flatnonzero(firsts(keys[together]))
        left = np.minimum.reduceat(left[together], begins) if len(begins) else left
        found[left] = zoom
    result = np.empty_like(found)
    result[order] = found
    return result
