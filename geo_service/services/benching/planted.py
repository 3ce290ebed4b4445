"""Twelve faults, each planted alone into a correct layer of invented units (NEVER 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.geometry.arrays import Floats, Geometries
from geo_service.geometry.coverage import shared_lengths_m
from geo_service.geometry.edges import edge_table

_METRES_A_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Planted:
    """A spoilt layer. `parties` are the units that a report must name between them."""

    key: str
    polygons: Geometries
    parties: frozenset[int]


def planted(polygons: Geometries) -> Iterator[Planted]:
    """The layer with each fault in turn; the two units with the longest common line bear them."""
    lengths = shared_lengths_m(edge_table(list(polygons)), len(polygons))
    one, other = (int(i) for i in np.unravel_index(lengths.argmax(), lengths.shape))
    line = shapely.line_merge(shapely.intersection(polygons[one], polygons[other]))
    points = shapely.get_coordinates(max(shapely.get_parts(line), key=shapely.length))
    site = _Site(polygons[one], points)
    both = frozenset({one, other})
    changes: dict[str, tuple[Callable[[], BaseGeometry], frozenset[int]]] = {
        "gap_5m": (lambda: site.with_vertex_moved(5), both),
        "gap_5cm": (lambda: site.with_vertex_moved(0.05), both),
        "overlap_5m": (lambda: site.with_vertex_moved(-5), both),
        "overlap_5cm": (lambda: site.with_vertex_moved(-0.05), both),
        "extra_vertex": (site.with_extra_vertex, both),
        "shifted_3m": (site.shifted, both),
        "hole_500m": (site.with_hole, frozenset({one})),
        "strip_20m": (site.shrunk, both),
        "bow_tie": (site.crossed, frozenset({one})),
        "spike": (site.spiked, frozenset({one})),
    }
    for key, (change, parties) in changes.items():
        spoilt = polygons.copy()
        spoilt[one] = change()
        yield Planted(key, spoilt, parties)
    yield Planted("duplicate", np.append(polygons, polygons[one]), frozenset({one, len(polygons)}))
    # The neighbours of what is missing are its parties; those behind it have moved up by one.
    neighbour = other - (other > one)
    yield Planted("missing_unit", np.delete(polygons, one), frozenset({neighbour}))


class _Site:
    """One unit and a vertex half way along its line with a neighbour."""

    def __init__(self, unit: BaseGeometry, line: Floats) -> None:
        self.unit, self.line, self.at = unit, line, len(line) // 2
        self.place = line[self.at]
        self.ring = shapely.get_coordinates(shapely.get_exterior_ring(unit))
        self.metre = 1 / (_METRES_A_DEGREE * np.array([np.cos(np.radians(self.place[1])), 1.0]))

    def with_vertex_moved(self, inwards_m: float) -> BaseGeometry:
        along = (self.line[self.at + 1] - self.line[self.at - 1]) / self.metre
        aside = np.array([-along[1], along[0]]) / np.hypot(*along) * self.metre
        if not shapely.contains_xy(self.unit, *(self.place + aside)):
            aside = -aside
        moved = np.where((self.ring == self.place).all(axis=1)[:, None], aside * inwards_m, 0)
        return shapely.Polygon(self.ring + moved)

    def with_extra_vertex(self) -> BaseGeometry:
        ends = self.line[self.at : self.at + 2]
        step = np.stack((self.ring[:-1], self.ring[1:]), axis=1)
        same = (step == ends).all(axis=(1, 2)) | (step == ends[::-1]).all(axis=(1, 2))
        after = int(same.argmax()) + 1
        return shapely.Polygon(np.insert(self.ring, after, ends.mean(axis=0), axis=0))

    def shifted(self) -> BaseGeometry:
        return shapely.Polygon(self.ring + np.array([3.0, 0.0]) * self.metre)

    def with_hole(self) -> BaseGeometry:
        centre = shapely.get_coordinates(shapely.point_on_surface(self.unit))[0]
        turn = np.linspace(0, 2 * np.pi, 33)[:, None]
        hole = centre + 250 * self.metre * np.hstack((np.cos(turn), np.sin(turn)))
        return shapely.Polygon(self.ring, [hole])

    def shrunk(self) -> BaseGeometry:
        metres = shapely.Polygon(self.ring / self.metre)
        return shapely.transform(shapely.buffer(metres, -20), lambda xy: xy * self.metre)

    def crossed(self) -> BaseGeometry:
        """Two vertices in the wrong order, where that makes the ring cross itself."""
        for at in range(len(self.ring) // 3, len(self.ring) - 2):
            ring = self.ring.copy()
            ring[[at, at + 1]] = ring[[at + 1, at]]
            crossed = shapely.Polygon(ring)
            if not crossed.is_valid:
                break
        return crossed

    def spiked(self) -> BaseGeometry:
        at = len(self.ring) // 3
        inside = shapely.get_coordinates(shapely.centroid(self.unit))[0]
        tip = self.ring[at] + (inside - self.ring[at]) / 5
        return shapely.Polygon(np.insert(self.ring, at + 1, [tip, self.ring[at]], axis=0))
