"""What a geometry drawn anew means on the ground: how far it moves, and which vertices it keeps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry import MultiLineString
from shapely.geometry.base import BaseGeometry

from geo_service.geometry import crs
from geo_service.geometry.arrays import Bools, Floats
from geo_service.geometry.mending.rings import keys

_PLACES = 500
_LEAST_M = 1.0
"""Where a course differs it is looked at in so many places, none nearer to the next than that."""


@dataclass(frozen=True, slots=True)
class Shift:
    """How a geometry differs from the one before it.

    `largest_m` is the farthest that one course runs from the other, judged at its vertices and at
    places between; vertices are counted as often as they are drawn.
    """

    largest_m: float
    added: int
    removed: int


def shift_between(before: BaseGeometry, after: BaseGeometry, plane_epsg: int) -> Shift:
    """What changed between two drawings of one record; distances in the plane."""
    old, new = _course(before), _course(after)
    ways = (_farthest(before, after, plane_epsg), _farthest(after, before, plane_epsg))
    added, removed = int(_surplus(new, old).sum()), int(_surplus(old, new).sum())
    return Shift(max(ways), added, removed)


def only_in(one: BaseGeometry, other: BaseGeometry) -> BaseGeometry:
    """The steps of outline or line that the other has in neither direction, joined up."""
    own, theirs = _steps(one), _steps(other)
    both = np.concatenate((own, theirs))
    _, step = np.unique(both, axis=0, return_inverse=True)
    alone = ~np.isin(step.ravel()[: len(own)], step.ravel()[len(own) :])
    lines = MultiLineString([[row[:2], row[2:]] for row in own[alone]])
    joined: BaseGeometry = shapely.line_merge(lines)
    return joined


def _steps(geometry: BaseGeometry) -> Floats:
    """Both ends of every step in one row, the western (or southern) one first, shape (n, 4)."""
    parts = shapely.get_parts(_drawn(geometry))
    points, part = shapely.get_coordinates(parts, return_index=True)
    on = (part[1:] == part[:-1]) & (points[1:] != points[:-1]).any(axis=1)
    start, end = points[:-1][on], points[1:][on]
    turned = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
    low, high = np.where(turned[:, None], end, start), np.where(turned[:, None], start, end)
    return np.concatenate((low, high), axis=1)


def _course(geometry: BaseGeometry) -> Floats:
    """All vertices as drawn, the one that closes a ring not twice."""
    if shapely.get_dimensions(geometry) != 2:
        return shapely.get_coordinates(geometry)
    rings = shapely.get_rings(shapely.get_parts(geometry))
    return np.vstack([shapely.get_coordinates(ring)[:-1] for ring in rings])


def _drawn(geometry: BaseGeometry) -> BaseGeometry:
    """Outlines and lines as lines."""
    if shapely.get_dimensions(geometry) != 2:
        return geometry
    rings = shapely.get_rings(shapely.get_parts(geometry))
    return MultiLineString([shapely.get_coordinates(ring) for ring in rings])


def _surplus(points: Floats, others: Floats) -> Bools:
    """Which vertices are drawn more often here than there; of equal ones the later count."""
    names, index, counts = np.unique(keys(points), return_inverse=True, return_counts=True)
    other_names, other_counts = np.unique(keys(others), return_counts=True)
    there = dict(zip(other_names.tolist(), other_counts.tolist(), strict=True))
    allowed = np.array([there.get(name, 0) for name in names.tolist()], dtype=np.int64)
    order = np.argsort(index, kind="stable")
    starts = np.cumsum(counts) - counts
    number = np.empty(len(points), dtype=np.int64)
    number[order] = np.arange(len(points)) - np.repeat(starts, counts)
    return np.asarray(number >= allowed[index])


def _farthest(one: BaseGeometry, other: BaseGeometry, plane_epsg: int) -> float:
    """How far the one runs from the other where they differ, in the plane."""
    alone = only_in(one, other)
    if alone.is_empty:
        return 0.0
    stretches, course = crs.to_plane(np.array([alone, _drawn(other)], dtype=object), plane_epsg)
    dense = shapely.segmentize(stretches, max(shapely.length(stretches) / _PLACES, _LEAST_M))
    places = np.asarray(shapely.points(shapely.get_coordinates(dense)), dtype=object)
    return float(shapely.distance(places, course).max())
