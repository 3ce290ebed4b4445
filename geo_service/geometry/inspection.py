"""All that keeps polygons of one level from covering the ground once, classified in one list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Bools, Geometries
from geo_service.geometry.coverage import Coverage, Faces, uncovered
from geo_service.geometry.measure import areas_m2, lengths_m
from geo_service.geometry.narrows import Narrows, narrows
from geo_service.geometry.validity import solid_copies

_FEW = 0.01
"""Share of the polygons that are led on one after the other; beyond it a fresh look costs less."""


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


@dataclass(frozen=True, slots=True)
class Width:
    """What is asked of narrow places: how near two polygons come without sharing an edge.

    Vertices of a hole or an overlap count as reported by it, and so as no narrow place, unless it
    is smaller than the least that is reported.
    """

    narrower_than_m: float
    least_hole_m2: float = 0.0
    least_overlap_m2: float = 0.0


@dataclass(frozen=True)
class Inspection:
    """A layer of polygons and all that is wrong with it.

    Unsound rings are a trouble themselves, and are judged against their neighbours in a copy split
    at the crossings. What has been asked is kept.
    """

    polygons: Geometries
    _narrow: dict[Width, Narrows] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def valid(self) -> Bools:
        """Which polygons have sound rings."""
        return np.asarray(shapely.is_valid(self.polygons))

    @cached_property
    def layer(self) -> Coverage:
        """How the sound copies cover the ground."""
        return Coverage(solid_copies(self.polygons, self.valid))

    @property
    def overlaps(self) -> Faces:
        """Ground of two polygons."""
        return self.layer.overlaps

    @property
    def holes(self) -> Faces:
        """Ground that the polygons enclose and none of them covers."""
        return self.layer.holes

    def narrows(self, width: Width) -> Narrows:
        """Where two polygons come near each other and yet do not share their edge."""
        if width not in self._narrow:
            self._narrow[width] = narrows(
                self.layer.rim, width.narrower_than_m, self._reported(width)
            )
        return self._narrow[width]

    def troubles(self, width: Width) -> tuple[Trouble, ...]:
        """Every trouble that the polygons show among themselves, in a fixed order."""
        found = list(_unsound(self.polygons, self.layer.polygons, self.valid))
        found += _of_faces(Kind.OVERLAP, self.overlaps)
        found += _of_faces(Kind.HOLE, self.holes)
        near = self.narrows(width)
        for parties, shape, width_m in zip(near.parties, near.geometry, near.width_m, strict=True):
            found.append(Trouble(Kind.NARROW, parties, _place(shape), float(width_m), 0.0))
        return tuple(sorted(found))

    def missing(self, outline: BaseGeometry, members: Bools | None = None) -> Faces:
        """Ground of an outline that its polygons do not cover: by difference, not by the edges.

        `members` are those that should fill it, else all; what they enclose is a hole already.
        """
        polygons = self.layer.polygons
        own = polygons if members is None else polygons[members]
        return uncovered(outline, own, self.holes)

    def uncovered(self, parent: BaseGeometry) -> tuple[Trouble, ...]:
        """Ground of the parent that no polygon covers, as troubles."""
        return tuple(sorted(_of_faces(Kind.UNCOVERED, self.missing(parent))))

    def with_polygon(self, index: int, polygon: BaseGeometry) -> Inspection:
        """The same layer with one polygon drawn anew, and the troubles a look from nothing has.

        Faces follow from the rim (see `Coverage.with_polygon`). A narrow place of two polygons
        depends on their free edges, and on which of its vertices a face reports; such a vertex is
        one of the face, which the polygon touches. So only polygons whose free edges changed, and
        those at faces that came or went, are asked again.
        """
        polygons, valid = self.polygons.copy(), self.valid.copy()
        polygons[index], valid[index] = polygon, shapely.is_valid(polygon)
        solid = solid_copies(polygons[[index]], valid[[index]])[0]
        layer, owners = self.layer.with_polygon(index, solid)
        edited = Inspection(polygons)
        # Where cached properties keep their values.
        edited.__dict__["valid"] = valid
        edited.__dict__["layer"] = layer
        for width, near in self._narrow.items():
            was, now = self._reported(width), edited._reported(width)
            other = np.concatenate((was[~_among(was, now)], now[~_among(now, was)]))
            _, touching = layer.tree.query(other, predicate="intersects")
            again = np.zeros(len(polygons), dtype=bool)
            again[np.concatenate((owners, touching))] = True
            new = narrows(layer.rim, width.narrower_than_m, now, again)
            edited._narrow[width] = near.within(~again).with_more(new)
        return edited

    def _reported(self, width: Width) -> Geometries:
        """The faces that are reported, whose vertices are no narrow places."""
        holes, overlaps = self.holes, self.overlaps
        return np.concatenate(
            (
                overlaps.geometry[overlaps.area_m2 >= width.least_overlap_m2],
                holes.geometry[holes.area_m2 >= width.least_hole_m2],
            )
        )


def inspected(polygons: Geometries, before: Inspection | None = None) -> Inspection:
    """The inspection of a layer, led on from one before it where few polygons were drawn anew.

    Those that were not are the very same objects in the same places.
    """
    if before is None or len(before.polygons) != len(polygons):
        return Inspection(polygons)
    anew = [row for row, shape in enumerate(polygons) if shape is not before.polygons[row]]
    if len(anew) > _FEW * len(polygons):
        return Inspection(polygons)
    for row in anew:
        before = before.with_polygon(row, polygons[row])
    return before


def _among(shapes: Geometries, others: Geometries) -> Bools:
    """Which shapes are also among the others, vertex by vertex."""
    return np.isin(shapely.to_wkb(shapes).astype(object), shapely.to_wkb(others).astype(object))


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
