"""The ends and parts of boundary lines: brought to a junction, trimmed, joined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry

from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.mending.rings import in_plane

Line = LineString | MultiLineString


def end_moved(line: Line, end: Floats, to: Floats) -> Line:
    """The line with its end at `end` drawn to `to` instead."""
    return _at_end(line, end, lambda points: np.vstack([points[:-1], to[None, :]]))


def end_extended(line: Line, end: Floats, to: Floats) -> Line:
    """The line gone on from its end at `end` straight to `to`; every vertex it had stays."""
    return _at_end(line, end, lambda points: np.vstack([points, to[None, :]]))


def end_trimmed(line: Line, end: Floats, to: Floats, plane_epsg: int) -> Line:
    """The line ended at `to`, the way beyond it towards `end` left off.

    `to` replaces the nearest place of the line.
    """

    def cut(points: Floats) -> Floats:
        plane = in_plane(points, plane_epsg)
        course, here = LineString(plane), shapely.Point(in_plane(to[None, :], plane_epsg)[0])
        at = float(shapely.line_locate_point(course, here))
        run = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(plane, axis=0).T))))
        # The vertex at the place itself gives way to the position of the junction.
        before = points[(run < at - _SAME_M) | (run == 0)]
        return np.vstack([before, to[None, :]])

    return _at_end(line, end, cut)


_SAME_M = 0.01
"""A centimetre: nearer vertices are one place."""


def _at_end(line: Line, end: Floats, redraw: Callable[[Floats], Floats]) -> Line:
    """The line with the part that ends at `end` redrawn, as if it ran towards that end."""
    parts = []
    for part in shapely.get_parts(line):
        points = shapely.get_coordinates(part)
        if (points[-1] == end).all():
            points = redraw(points)
        elif (points[0] == end).all():
            points = redraw(points[::-1])[::-1]
        parts.append(LineString(points))
    return parts[0] if len(parts) == 1 else MultiLineString(parts)


def crossing(line: Line, other: BaseGeometry, end: Floats, plane_epsg: int) -> Floats | None:
    """Where the line meets the other in the plane, nearest to that end; None nowhere."""
    one, two = crs.to_plane(np.array([line, other], dtype=object), plane_epsg)
    met = shapely.get_coordinates(shapely.intersection(one, two))
    if not len(met):
        return None
    here = in_plane(end[None, :], plane_epsg)
    nearest = met[[int(np.hypot(*(met - here).T).argmin())]]
    place = np.array([shapely.multipoints(nearest)], dtype=object)
    return np.asarray(shapely.get_coordinates(crs.from_plane(place, plane_epsg))[0])


def parts_joined(line: Line, at: Floats, within_m: float, plane_epsg: int) -> Line | None:
    """The line with the part that ends at `at` and the part that begins there made one.

    Both ends stay as vertices unless they are one position. None where no part ends and none
    begins within `within_m` of the place: parts that run against each other are not turned here.
    """
    parts = [shapely.get_coordinates(part) for part in shapely.get_parts(line)]
    here = in_plane(at[None, :], plane_epsg)[0]

    def is_near(point: Floats) -> bool:
        away = in_plane(point[None, :], plane_epsg)[0] - here
        return bool(np.hypot(*away) <= within_m)

    ending = [i for i, points in enumerate(parts) if is_near(points[-1])]
    beginning = [i for i, points in enumerate(parts) if is_near(points[0])]
    if len(ending) != 1 or len(beginning) != 1 or ending == beginning:
        return None
    first, second = parts[ending[0]], parts[beginning[0]]
    same = bool((first[-1] == second[0]).all())
    joined = np.vstack([first, second[1:] if same else second])
    kept = [p for i, p in enumerate(parts) if i not in (ending[0], beginning[0])]
    lines = [LineString(points) for points in [*kept, joined]]
    return lines[0] if len(lines) == 1 else MultiLineString(lines)


def nearest_end(line: Line, to: Floats, plane_epsg: int) -> Floats:
    """The free end of a part that lies nearest to a position."""
    parts = shapely.get_parts(line)
    parts = parts[~shapely.is_closed(parts)]
    ends = np.concatenate((shapely.get_point(parts, 0), shapely.get_point(parts, -1)))
    points = shapely.get_coordinates(ends)
    away = in_plane(points, plane_epsg) - in_plane(to[None, :], plane_epsg)
    return np.asarray(points[int(np.hypot(*away.T).argmin())])


def turned_about(line: Line) -> Line:
    """The line from its last vertex to its first."""
    parts = shapely.get_parts(shapely.reverse(line))[::-1].tolist()
    return parts[0] if len(parts) == 1 else MultiLineString(parts)
