"""The free edges of a layer as courses: as far as they run on without a vertex of several."""

from __future__ import annotations

import numpy as np
import shapely

from geo_service.geometry.arrays import Bools, Floats, Geometries
from geo_service.geometry.edges import RedrawnEdges, edge_numbers, is_in

Places = np.ndarray[tuple[int, ...], np.dtype[np.complex128]]


def courses(lines: Geometries) -> Geometries:
    """Lines of free edges put together as far as they go: closed, or from knot to knot.

    A knot is a vertex where more than two edges meet; no course runs on through one.
    """
    joined = shapely.line_merge(shapely.multilinestrings(lines), directed=True)
    return np.asarray(shapely.get_parts(joined), dtype=object)


def courses_after_edit(before: Geometries, edges: RedrawnEdges) -> tuple[Bools, Geometries]:
    """Which courses stay when some edges go and others come, and the courses that are new.

    Together they are those of all free edges, but for the vertex at which a closed one begins. A
    course stays where none of its vertices is one of an edge that went or came: its edges are
    there, and no vertex on it has become a knot or ceased to be one. Those that end at a knot of a
    course which does not stay are put together anew with it, so that what is put together has all
    edges of its knots, and is cut where it would be cut among all. No two edges may be the same.
    """
    moved = np.concatenate((edges.gone.ends, edges.came.ends)).reshape(-1, 2)
    changed = np.zeros(len(before), dtype=bool)
    if len(moved) == 0:
        return ~changed, before[:0]
    ends = np.stack([_keys(shapely.get_coordinates(shapely.get_point(before, n))) for n in (0, -1)])
    more = _through(before, moved)
    while more.any():
        changed |= more
        vertices = np.unique(_keys(shapely.get_coordinates(before[changed])))
        more = np.isin(ends, vertices).any(axis=0) & ~changed
    steps = np.concatenate((_steps(before[changed]), edges.came.ends))
    places = steps.reshape(-1, 2)
    near = edges.whole.meeting(np.concatenate((places.min(axis=0), places.max(axis=0))))
    own = is_in(edge_numbers(edges.whole.ends[near]), np.sort(edge_numbers(steps)))
    return ~changed, courses(edges.whole.at(near[own]).lines())


def _through(lines: Geometries, places: Floats) -> Bools:
    """Which lines have a vertex at one of the places."""
    (west, south), (east, north) = places.min(axis=0), places.max(axis=0)
    points, line = shapely.get_coordinates(lines, return_index=True)
    x, y = points.T  # numpy is slow along an axis of two
    inside = np.flatnonzero((x >= west) & (x <= east) & (y >= south) & (y <= north))
    met = inside[np.isin(_keys(points[inside]), _keys(places))]
    return np.asarray(np.bincount(line[met], minlength=len(lines)) > 0)


def _steps(lines: Geometries) -> Floats:
    points, line = shapely.get_coordinates(lines, return_index=True)
    joined = line[1:] == line[:-1]
    return np.stack((points[:-1][joined], points[1:][joined]), axis=1)


def _keys(points: Floats) -> Places:
    """One number for each position, to compare positions by."""
    return points[:, 0] + 1j * points[:, 1]
