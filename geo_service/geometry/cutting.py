"""What lines cut things into, and on which side of which line each piece lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.geometry import crs
from geo_service.geometry.measure import areas_m2
from geo_service.geometry.track import Track

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints

_MARGIN_M = 1.0
"""How far around a thing a line is still looked at: it must reach beyond the outline it cuts."""

_LOOKS = 32
"""Places around a piece, besides its corners, from which the nearest line is looked for."""
_FINEST_M = 0.01


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of the things that lines cut, one row each; things that no line meets have none.

    `thing` and `line` index what was handed in: the line nearest to the place of the piece that is
    farthest from all lines, which lies `reach_m` away on its left or not. `area_m2` is 0 for a
    piece of a line.
    """

    thing: Ints
    line: Ints
    is_left: Bools
    reach_m: Floats
    area_m2: Floats


def met(things: Geometries, lines: Geometries) -> tuple[Ints, Ints]:
    """Pairs of a thing and a line that meet, in the order of the things. All EPSG:4490."""
    line, thing = shapely.STRtree(things).query(lines, predicate="intersects")
    order = np.lexsort((line, thing))
    return thing[order], line[order]


def cut(things: Geometries, lines: Geometries, plane_epsg: int) -> Pieces:
    """Cut lines and areas by lines, all EPSG:4490; only things that a line meets are looked at."""
    thing, line = met(things, lines)
    hit = np.unique(thing)
    plane_things = dict(zip(hit.tolist(), crs.to_plane(things[hit], plane_epsg), strict=True))
    plane_lines = crs.to_plane(lines, plane_epsg)
    parts: list[BaseGeometry] = []
    owner: list[int] = []
    for number, shape in plane_things.items():
        own = plane_lines[line[np.searchsorted(thing, number) : np.searchsorted(thing, number + 1)]]
        found = _parted(shape, own)
        parts += found
        owner += [number] * len(found)
    pieces = np.array(parts, dtype=object)
    # All corners of a piece may lie on the lines: its sides are looked at between them as well.
    pieces = shapely.segmentize(pieces, np.maximum(shapely.length(pieces) / _LOOKS, _FINEST_M))
    pieces = crs.from_plane(pieces, plane_epsg)
    return _placed(pieces, np.array(owner, dtype=np.int64), (thing, line), lines, plane_epsg)


def _parted(shape: BaseGeometry, lines: Geometries) -> list[BaseGeometry]:
    """The pieces of one thing, all in the plane."""
    west, south, east, north = shapely.bounds(shape).tolist()
    box = (west - _MARGIN_M, south - _MARGIN_M, east + _MARGIN_M, north + _MARGIN_M)
    near = shapely.clip_by_rect(lines, *box)
    if shapely.get_dimensions(shape) == 1:
        parts = shapely.get_parts(shapely.difference(shape, shapely.union_all(near)))
        return [part for part in parts.tolist() if part.length]
    outline = shapely.boundary(shape)
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([outline, *near])]))
    # Holes are faces of the outline as well.
    inside = shapely.intersects(shape, shapely.point_on_surface(faces))
    return list(faces[inside])


def _placed(
    pieces: Geometries,
    owner: Ints,
    pairs: tuple[Ints, Ints],
    lines: Sequence[BaseGeometry] | Geometries,
    plane_epsg: int,
) -> Pieces:
    """Look from every place of every piece to the lines that meet its thing."""
    vertices, piece = shapely.get_coordinates(pieces, return_index=True)
    offset = np.full(len(vertices), np.inf)
    nearest = np.zeros(len(vertices), dtype=np.int64)
    things, met_lines = pairs
    for number in np.unique(met_lines).tolist():
        rows = np.flatnonzero(np.isin(owner[piece], things[met_lines == number]))
        seen = Track.of(lines[number], plane_epsg).refer(vertices[rows]).offset_m
        nearer = np.abs(seen) < np.abs(offset[rows])
        offset[rows[nearer]], nearest[rows[nearer]] = seen[nearer], number
    order = np.lexsort((np.abs(offset), piece))
    last = order[np.append(np.diff(piece[order]) > 0, True)] if len(order) else order
    return Pieces(owner, nearest[last], offset[last] > 0, np.abs(offset[last]), areas_m2(pieces))
