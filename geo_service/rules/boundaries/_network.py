"""The ends of lines and the junctions they should meet in, in the city's plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats, Geometries, Ints


@dataclass(frozen=True, slots=True)
class LineEnds:
    """Every free end of every part of every line; a closed part has none.

    `line` (n,) indexes the lines; `plane` (n, 2) metres; `position` points in EPSG:4490; `label`
    tells the ends of one line apart, as its geometry numbers them.
    """

    line: Ints
    plane: Floats
    position: Geometries
    label: tuple[str, ...]


def line_ends(lines: Sequence[AdministrativeBoundary], plane_epsg: int) -> LineEnds:
    """The ends of the lines that are drawn."""
    parts, owner = shapely.get_parts(drawn_lines(lines), return_index=True)
    open_parts = ~shapely.is_closed(parts)
    number = np.arange(len(parts)) - np.searchsorted(owner, owner)
    parts, owner, number = parts[open_parts], owner[open_parts], number[open_parts]
    points = np.concatenate((shapely.get_point(parts, 0), shapely.get_point(parts, -1)))
    labels = [f"{n}:{side}" for side in ("start", "end") for n in number.tolist()]
    plane = shapely.get_coordinates(crs.to_plane(points, plane_epsg))
    return LineEnds(np.concatenate((owner, owner)), plane, points, tuple(labels))


def free_ends(line: BaseGeometry) -> Floats:
    """First and last position of every part of a line that is not closed, shape (n, 2)."""
    parts = shapely.get_parts(line)
    parts = parts[~shapely.is_closed(parts)]
    return shapely.get_coordinates([shapely.get_point(parts, at) for at in (0, -1)])


def drawn_lines(lines: Sequence[AdministrativeBoundary]) -> Geometries:
    """Geometries of the lines; None for a line that is not drawn, or empty."""
    geometries = np.array([line.geometry for line in lines], dtype=object)
    geometries[shapely.is_empty(geometries)] = None
    return geometries


def plane_nodes(nodes: Sequence[BoundaryNode], plane_epsg: int) -> Floats:
    """Positions of the nodes in the plane, shape (n, 2)."""
    points = np.array([node.position for node in nodes], dtype=object)
    return shapely.get_coordinates(crs.to_plane(points, plane_epsg)).reshape(-1, 2)


def gaps_m(points: Floats, others: Floats) -> Floats:
    """Plane distance from each of `points` (n, 2) to each of `others` (m, 2), shape (n, m)."""
    apart = points[:, None, :] - others[None, :, :]
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]))
