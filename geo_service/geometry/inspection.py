"""All that keeps polygons of one level from covering the ground once, classified in one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Bools, Geometries
from geo_service.geometry.coverage import Coverage, Faces, uncovered
from geo_service.geometry.measure import areas_m2, lengths_m
from geo_service.geometry.narrows import narrows
from geo_service.geometry.validity import solid_copies


class Kind(StrEnum):
    """What is wrong at a place."""

    INVALID = "invalid"
    OVERLAP = "overlap"
    HOLE = "hole"
    NARROW = "narrow"
    UNCOVERED = "uncovered"


@dataclass(frozen=True, slots=True, order=True)
class Trouble:
    """One fault with its parties (indexes of polygons, ascending), its place and its size.

    `place` is a position within it; `width_m` the mean width of a face, the least distance of a
    narrow place, or the length of a spike or loop; `area_m2` the ground concerned.
    """

    kind: Kind
    parties: tuple[int, ...]
    place: tuple[float, float]
    width_m: float
    area_m2: float


@dataclass(frozen=True)
class Inspection:
    """A layer of polygons and all that is wrong with it.

    Narrow places are those where two polygons come as near as `narrower_than_m` without sharing
    an edge. Unsound rings are a trouble themselves, and are judged against their neighbours in a
    copy split at the crossings.
    """

    polygons: Geometries
    narrower_than_m: float

    @cached_property
    def valid(self) -> Bools:
        """Which polygons have sound rings."""
        return np.asarray(shapely.is_valid(self.polygons))

    @cached_property
    def layer(self) -> Coverage:
        """How the sound copies cover the ground."""
        return Coverage(solid_copies(self.polygons, self.valid))

    @cached_property
    def troubles(self) -> tuple[Trouble, ...]:
        """Every trouble that the polygons show among themselves, in a fixed order."""
        layer = self.layer
        found = list(_unsound(self.polygons, layer.polygons, self.valid))
        found += _of_faces(Kind.OVERLAP, layer.overlaps)
        found += _of_faces(Kind.HOLE, layer.holes)
        faces = np.concatenate((layer.overlaps.geometry, layer.holes.geometry))
        near = narrows(layer.rim, self.narrower_than_m, faces)
        for parties, shape, width_m in zip(near.parties, near.geometry, near.width_m, strict=True):
            found.append(Trouble(Kind.NARROW, parties, _place(shape), float(width_m), 0.0))
        return tuple(sorted(found))

    def uncovered(self, parent: BaseGeometry) -> tuple[Trouble, ...]:
        """Ground of the parent that no polygon covers: by difference, not by the edges."""
        faces = uncovered(parent, self.layer.polygons, self.layer.holes)
        return tuple(sorted(_of_faces(Kind.UNCOVERED, faces)))

    def with_polygon(self, index: int, polygon: BaseGeometry) -> Inspection:
        """The same layer with one polygon drawn anew: only what it touches is looked at again."""
        polygons, valid = self.polygons.copy(), self.valid.copy()
        polygons[index], valid[index] = polygon, shapely.is_valid(polygon)
        solid = solid_copies(polygons[[index]], valid[[index]])[0]
        edited = Inspection(polygons, self.narrower_than_m)
        # Where cached properties keep their values.
        edited.__dict__["valid"] = valid
        edited.__dict__["layer"] = self.layer.with_polygon(index, solid)
        return edited


def _of_faces(kind: Kind, faces: Faces) -> Iterator[Trouble]:
    widths = 2 * faces.area_m2 / faces.perimeter_m
    rows = zip(faces.geometry, faces.parties, widths.tolist(), faces.area_m2.tolist(), strict=True)
    for shape, parties, width_m, area_m2 in rows:
        yield Trouble(kind, parties, _place(shape), width_m, area_m2)


def _unsound(polygons: Geometries, solid: Geometries, valid: Bools) -> Iterator[Trouble]:
    """Unsound rings: outline the copy has lost, there and back, and ground that it reads anew."""
    rows = np.flatnonzero(~valid)
    drawn, copies = polygons[rows], solid[rows]
    spikes = (lengths_m(drawn) - lengths_m(copies)) / 2
    loops = np.abs(areas_m2(copies) - areas_m2(drawn))
    for row, copy, spike_m, loop_m2 in zip(rows.tolist(), copies, spikes, loops, strict=True):
        # A coordinate that is no number leaves nothing to measure.
        size = float(np.nan_to_num(max(spike_m, 0.0))), float(np.nan_to_num(loop_m2))
        yield Trouble(Kind.INVALID, (row,), _place(copy), *size)


def _place(shape: BaseGeometry) -> tuple[float, float]:
    point = shapely.point_on_surface(shape)
    return float(shapely.get_x(point)), float(shapely.get_y(point))
