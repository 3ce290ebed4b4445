"""Units of one level with what several rules ask of them, worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.geometry import coverage, crs
from geo_service.geometry.arrays import Bools, Floats, Geometries
from geo_service.geometry.edges import EdgeTable, edge_table
from geo_service.geometry.inspection import Inspection, inspected
from geo_service.rules.boundaries._kept import Kept

_SAMPLES = 20
"""Points per minimum length at which it is judged whether units adjoin."""


@dataclass(frozen=True)
class Layer:
    """The units of one level that have a polygon, in the order of their codes."""

    units: tuple[AdministrativeUnit, ...]
    plane_epsg: int
    kept: Kept

    @cached_property
    def index(self) -> dict[DivisionCode, int]:
        """Place of a unit in the arrays."""
        return {unit.code: i for i, unit in enumerate(self.units)}

    @cached_property
    def drawn(self) -> Geometries:
        """The polygons as they were drawn."""
        return np.array([unit.geometry for unit in self.units], dtype=object)

    @cached_property
    def inspection(self) -> Inspection:
        """All that keeps them from covering the ground once, looked for in one go."""
        return self.kept.succeeding(self.units[0].level, self.drawn, inspected)

    @property
    def valid(self) -> Bools:
        """Which polygons have sound rings."""
        return self.inspection.valid

    @property
    def solid(self) -> Geometries:
        """The polygons for overlays, sound throughout."""
        return self.inspection.layer.polygons

    @cached_property
    def plane(self) -> Geometries:
        """The polygons for distances, in the city's plane."""
        return self.kept.each(crs.to_plane, self.solid, self.plane_epsg)

    @cached_property
    def edges(self) -> EdgeTable:
        """The ring segments, matched bit for bit."""
        return edge_table(list(self.drawn))

    @cached_property
    def shared_m(self) -> Floats:
        """Length each pair shares bit for bit, upper triangle."""
        return coverage.shared_lengths_m(self.edges, len(self.units))

    @cached_property
    def rims(self) -> Geometries:
        """Per unit, its edges that no other unit shares, in the plane; None for none."""
        rows = self.edges.unmatched()
        rows = rows[np.argsort(self.edges.owner[rows], kind="stable")]
        owner, ends = self.edges.owner[rows], self.edges.coordinates(rows)
        # One line for as long as the edges run on: thousands of single ones cost far more.
        begins = np.ones(len(rows), dtype=bool)
        runs_on = self.edges.end[rows[:-1]] == self.edges.start[rows[1:]]
        begins[1:] = ~runs_on | (owner[1:] != owner[:-1])
        line = np.cumsum(begins) - 1
        points = np.insert(ends[:, 1], np.flatnonzero(begins), ends[begins, 0], axis=0)
        of_line = np.insert(line, np.flatnonzero(begins), line[begins])
        result = np.full(len(self.units), None, dtype=object)
        if len(rows):
            lines = np.asarray(shapely.linestrings(points, indices=of_line), dtype=object)
            shapely.multilinestrings(lines, indices=owner[begins], out=result)
        return crs.to_plane(result, self.plane_epsg)

    def pairs_near(self, within_m: float) -> Iterator[tuple[int, int]]:
        """Pairs of units whose boxes come as near as that, in their order."""
        west, south, east, north = shapely.bounds(self.plane).T
        boxes = shapely.box(west - within_m, south - within_m, east + within_m, north + within_m)
        one, other = shapely.STRtree(self.plane).query(np.asarray(boxes, dtype=object))
        pairs = zip(one.tolist(), other.tolist(), strict=True)
        yield from sorted((i, j) for i, j in pairs if i < j)

    def beside_m(self, i: int, j: int, within_m: float, least_m: float) -> float:
        """How far two units run side by side, in metres, or 0 where that is less than `least_m`.

        Edges count when they are shared bit for bit, or drawn at most `within_m` apart.
        """
        if not self.kept.once(shapely.dwithin, self.plane[i], self.plane[j], within_m):
            return 0.0
        length = float(self.shared_m[i, j])
        if length < least_m and self.rims[i] is not None:
            length += coverage.length_beside_m(
                self.rims[i], (self.plane[j],), within_m, step_m=least_m / _SAMPLES
            )
        return length if length >= least_m else 0.0

    def shared_line(self, i: int, j: int) -> BaseGeometry:
        """Where two units adjoin: their common edges, else the shortest link between them."""
        one, other = self.edges.matched()
        rows = one[(self.edges.owner[one] == i) & (self.edges.owner[other] == j)]
        if len(rows) == 0:
            return cast("BaseGeometry", shapely.shortest_line(self.solid[i], self.solid[j]))
        common = shapely.MultiLineString(list(self.edges.coordinates(rows)))
        return cast("BaseGeometry", shapely.line_merge(common))


@dataclass(frozen=True, slots=True)
class Patch:
    """All faces with the same parties, as one: what a person mends in one go."""

    units: tuple[AdministrativeUnit, ...]
    geometry: BaseGeometry
    area_m2: float
    parts: int


def patches(layer: Layer, faces: coverage.Faces) -> Iterator[Patch]:
    """Faces gathered by parties, in the order of the parties."""
    for parties in sorted(set(faces.parties)):
        own = np.array([p == parties for p in faces.parties], dtype=bool)
        yield Patch(
            tuple(layer.units[i] for i in parties),
            shapely.union_all(faces.geometry[own]),
            float(faces.area_m2[own].sum()),
            int(own.sum()),
        )
