"""Rings that cross or touch themselves, and vertices drawn twice: what was meant, perhaps."""

from __future__ import annotations

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Bools, Floats, Geometries
from geo_service.geometry.mending.rings import Redraw, in_plane, is_among, keys, redrawn
from geo_service.geometry.validity import solid_copies

_MOST_CROSSINGS = 20
"""A ring with more is no slip of two vertices."""


def untangled(polygon: BaseGeometry) -> list[BaseGeometry]:
    """What an invalid polygon may have been meant as, with no vertex that nobody drew.

    Spurs out and back are taken off, and vertices in the wrong order set right; the lesser change
    first, and only what is valid.
    """
    bare = _read(polygon, _without_spurs)
    return _sound([bare, _read(bare, _uncrossed)])


def split(polygon: BaseGeometry) -> list[BaseGeometry]:
    """An invalid polygon in sound parts, its rings split where they cross; none where none is left.

    Spurs are taken off. There is a new vertex at every crossing.
    """
    bare = _read(polygon, _without_spurs)
    return _sound(list(solid_copies(np.array([bare], dtype=object), np.zeros(1, dtype=bool))))


def _sound(readings: list[BaseGeometry]) -> list[BaseGeometry]:
    """The valid ones that hold any ground, each once."""
    found: list[BaseGeometry] = []
    for reading in readings:
        usable = shapely.is_valid(reading) and not shapely.is_empty(reading)
        if usable and not any(shapely.equals(reading, other) for other in found):
            found.append(reading)
    return found


def _read(polygon: BaseGeometry, redraw: Redraw) -> BaseGeometry:
    done = redrawn(polygon, redraw)
    return polygon if done is None else done


def _without_spurs(ring: Floats) -> Floats | None:
    """The ring without steps that lead nowhere and without ways out and straight back."""
    kept: list[tuple[float, float]] = []
    for point in [*map(tuple, ring.tolist())]:
        kept.append(point)
        while _closes_a_spur(kept):
            pass
    while len(kept) > 2 and (kept[0] == kept[-1] or kept[1] == kept[-1] or kept[0] == kept[-2]):
        if kept[0] == kept[-1]:
            kept.pop()
        elif kept[1] == kept[-1]:
            kept.pop(0)
            kept.pop()
        else:
            kept.pop()
            kept.pop()
    return np.array(kept) if len(kept) != len(ring) else None


def _closes_a_spur(kept: list[tuple[float, float]]) -> bool:
    """Take the last vertex off: alone where it repeats one, with the tip where it came back."""
    if len(kept) > 1 and kept[-1] == kept[-2]:
        kept.pop()
        return True
    if len(kept) > 2 and kept[-1] == kept[-3]:
        del kept[-2:]
        return True
    return False


def _uncrossed(ring: Floats) -> Floats | None:
    """The ring with the way between two crossing steps run the other way, until none cross."""
    points = ring
    for _ in range(_MOST_CROSSINGS):
        ways = np.stack((points, np.roll(points, -1, axis=0)), axis=1)
        steps: Geometries = np.asarray(shapely.linestrings(ways), dtype=object)
        one, other = shapely.STRtree(steps).query(steps, predicate="crosses")
        crossing = sorted(
            (i, j) for i, j in zip(one.tolist(), other.tolist(), strict=True) if i < j
        )
        if not crossing:
            return None if points is ring else points
        first, last = crossing[0]
        turned = points[first + 1 : last + 1][::-1]
        points = np.vstack([points[: first + 1], turned, points[last + 1 :]])
    return None


def drawn_once(
    geometry: BaseGeometry, within_m: float, kept: Floats, plane_epsg: int
) -> BaseGeometry:
    """The geometry without vertices that lie on the one before them; `kept` positions stay.

    The ends of a line stay as well: the junction has them.
    """
    if shapely.get_dimensions(geometry) == 2:
        done = redrawn(
            geometry,
            lambda ring: _thinned(ring, _surplus(ring, within_m, kept, plane_epsg, closed=True)),
        )
        return geometry if done is None else done
    parts = []
    for part in shapely.get_parts(geometry):
        points = shapely.get_coordinates(part)
        ends = np.vstack([kept, points[:1], points[-1:]])
        parts.append(points[~_surplus(points, within_m, ends, plane_epsg, closed=False)])
    lines = [LineString(points) for points in parts]
    return lines[0] if len(lines) == 1 else MultiLineString(lines)


def _thinned(ring: Floats, surplus: Bools) -> Floats | None:
    return ring[~surplus] if surplus.any() else None


def _surplus(
    points: Floats, within_m: float, kept: Floats, plane_epsg: int, *, closed: bool
) -> Bools:
    """Which vertices to leave out: of two that lie on each other the one not kept.

    Else the one farther east (or north), so that two rings that share both lose the same one.
    """
    plane = in_plane(points, plane_epsg)
    step: Bools = np.hypot(*(plane - np.roll(plane, 1, axis=0)).T) <= within_m
    if not closed:
        step[0] = False
    fixed = is_among(points, kept)
    names = keys(points)
    out = np.zeros(len(points), dtype=bool)
    for at in np.flatnonzero(step).tolist():
        if names[at] == names[at - 1]:
            out[at] = True
        elif fixed[at] != fixed[at - 1]:
            out[at if fixed[at - 1] else at - 1] = True
        elif not fixed[at]:  # two kept positions that differ are two junctions: both stay
            out[at if names[at - 1] < names[at] else at - 1] = True
    return out


def without_vertices(polygon: BaseGeometry, places: Floats) -> BaseGeometry | None:
    """The polygon without its vertices at these positions; None where it has none of them."""
    return redrawn(polygon, lambda ring: _thinned(ring, is_among(ring, places)))
