"""Units derived from their lines: the faces of a network of lines and coast, with whose they are.

The line is the legal object; a polygon follows from the lines around it. Plane coordinates, metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints
from geo_service.geometry.edges import edge_numbers

NOBODY = -1
"""The side of a line on which no unit lies, or none that is known."""
_BEYOND_M = 1e-3
_SAME_M = 1e-4
"""How far from its line the middle of one of its pieces may lie, by rounding."""


@dataclass(frozen=True, slots=True)
class Network:
    """Lines, each with the numbers of the units to its left and right, or `NOBODY`.

    `coast` tells which are no agreed lines but the edge of the land: they say whose a face is only
    where no line does.
    """

    lines: Geometries
    left: Ints
    right: Ints
    coast: Bools


@dataclass(frozen=True, slots=True)
class NetworkFaces:
    """The faces that a network closes, and the number of the unit that each belongs to.

    `owner` is `NOBODY` where the lines around a face name no unit, or not one for more than half.
    """

    geometry: Geometries
    owner: Ints

    def of(self, unit: int) -> BaseGeometry:
        """All ground of one unit; empty where the lines close no face of it."""
        return shapely.union_all(self.geometry[self.owner == unit])


def faces_of(network: Network, reach_m: float) -> NetworkFaces:
    """The faces of the network, whose lines may cross, or end at most `reach_m` short.

    Such an end is led straight to the nearest line or coast; what ends farther off closes nothing.
    """
    parts, line = shapely.get_parts(network.lines, return_index=True)
    closed = np.concatenate((parts, _links(parts, reach_m)))
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all(closed)]))
    steps, of_step = _steps(parts)
    sides = np.stack((network.left, network.right), axis=1)[line[of_step]]
    on_coast = network.coast[line[of_step]]
    return NetworkFaces(faces, _owners(faces, steps, sides, on_coast))


def _links(parts: Geometries, reach_m: float) -> Geometries:
    """From each end that meets nothing the shortest way to another part, where near enough."""
    loose = parts[~shapely.is_closed(parts)]
    own = np.tile(np.flatnonzero(~shapely.is_closed(parts)), 2)
    ends = np.concatenate((shapely.get_point(loose, 0), shapely.get_point(loose, -1)))
    end, part = shapely.STRtree(parts).query(ends, predicate="dwithin", distance=reach_m)
    end, part = end[part != own[end]], part[part != own[end]]
    apart = shapely.distance(ends[end], parts[part])
    order = np.lexsort((apart, end))
    first = order[np.diff(end[order], prepend=-1) > 0]
    first = first[apart[first] > 0]
    ways = shapely.get_coordinates(shapely.shortest_line(ends[end[first]], parts[part[first]]))
    start, foot = ways[0::2], ways[1::2]
    # Between vertices the foot is rounded and lies beside the other line: a little farther the two
    # cross. A vertex is met as it is: past the end of a line there would be nothing to cross.
    vertices = shapely.extract_unique_points(parts[part[first]])
    on_vertex = shapely.distance(shapely.points(foot), vertices) == 0
    past = np.where(on_vertex, 0.0, _BEYOND_M / apart[first])
    beyond = foot + (foot - start) * past[:, None]
    return np.asarray(shapely.linestrings(np.stack((start, beyond), axis=1)), dtype=object)


def _owners(faces: Geometries, steps: Floats, sides: Ints, on_coast: Bools) -> Ints:
    """Whose each face is, by the length of the steps of lines around it and the side it lies on."""
    rings, ring_face = shapely.get_rings(shapely.orient_polygons(faces), return_index=True)
    edges, ring = _steps(rings)
    face = ring_face[ring]
    edge, step = _upon(edges, steps)
    along = ((edges[edge, 1] - edges[edge, 0]) * (steps[step, 1] - steps[step, 0])).sum(axis=1)
    # A face lies to the left of its own edges.
    unit = np.where(along > 0, sides[step, 0], sides[step, 1])
    length = np.hypot(*(edges[edge, 1] - edges[edge, 0]).T)
    by_line = ~on_coast[step]
    spoken = np.zeros(len(faces), dtype=bool)
    spoken[face[edge][by_line]] = True
    # Where a line bounds a face, the coast has no say.
    heard = by_line | ~spoken[face[edge]]
    return _most(face[edge][heard], unit[heard], length[heard], len(faces))


def _upon(edges: Floats, steps: Floats) -> tuple[Ints, Ints]:
    """Pairs of an edge and a step of a line that it is, or is a piece of."""
    if len(steps) == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    numbers, wanted = edge_numbers(steps), edge_numbers(edges)
    order = np.argsort(numbers)
    at = order[np.minimum(np.searchsorted(numbers[order], wanted), len(steps) - 1)]
    whole = numbers[at] == wanted
    # Only what was cut from a step has to be looked for on the ground.
    cut = np.flatnonzero(~whole)
    lines = np.asarray(shapely.linestrings(steps), dtype=object)
    middles = np.asarray(shapely.points(edges[cut].mean(axis=1)), dtype=object)
    piece, step = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=_SAME_M)
    return np.append(np.flatnonzero(whole), cut[piece]), np.append(at[whole], step)


def _most(face: Ints, unit: Ints, length: Floats, count: int) -> Ints:
    """Per face the unit named along more than half of the length, else `NOBODY`."""
    units, number = np.unique(np.append(unit, NOBODY), return_inverse=True)
    shares = np.zeros((count, len(units)))
    np.add.at(shares, (face, number[:-1]), length)
    best = shares.argmax(axis=1)
    clear = shares[np.arange(count), best] > shares.sum(axis=1) / 2
    return np.where(clear, units[best], NOBODY)


def _steps(lines: Geometries) -> tuple[Floats, Ints]:
    """Start and end of every step of lines or rings, and the line each is of."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    joined = (line[1:] == line[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    return np.stack((points[:-1][joined], points[1:][joined]), axis=1), line[1:][joined]
