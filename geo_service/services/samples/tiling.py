"""Invented ground: polygons that share their edges bit for bit and meet three at a time.

Rows of cells are laid like bricks, so that every inner corner belongs to three cells, as the
corners of real units do; corners are jittered and edges wander. All coordinates have six decimals:
they pass through a text file unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from shapely.geometry import Polygon

from geo_service.geometry.arrays import Floats

_ROWS = 6
_EVEN = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
_ODD = (0.0, 1.5, 2.5, 3.5, 5.0)
_CORNER_JITTER = 0.10
_EDGE_WANDER = 0.05
_EDGE_STEPS = 24
_DECIMALS = 6

Corner = tuple[int, float]
"""Level (0 at the south) and place along it, in cells."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One polygon; `row` counts from the south, `column` from the west."""

    row: int
    column: int
    polygon: Polygon


def brick_cells(extent: tuple[float, float, float, float], seed: int) -> tuple[Cell, ...]:
    """27 cells that tile most of the extent (degrees): six rows of five and four in turn."""
    ground = _Ground(extent, np.random.default_rng(seed))
    return tuple(
        Cell(row, column, ground.cell(row, west, east))
        for row in range(_ROWS)
        for column, (west, east) in enumerate(_spans(row))
    )


def _dividers(row: int) -> tuple[float, ...]:
    return _EVEN if row % 2 == 0 else _ODD


def _spans(row: int) -> Iterator[tuple[float, float]]:
    places = _dividers(row)
    return pairwise(places)


def _level_places(level: int) -> list[float]:
    rows = [row for row in (level - 1, level) if 0 <= row < _ROWS]
    return sorted({place for row in rows for place in _dividers(row)})


@dataclass(slots=True)
class _Ground:
    """Corners and edges of the tiling, each made once and then shared."""

    extent: tuple[float, float, float, float]
    random: np.random.Generator
    corners: dict[Corner, Floats] = field(default_factory=dict)
    edges: dict[tuple[Corner, Corner], Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        west, south, east, north = self.extent
        margin = 0.1
        step = np.array([(east - west - 2 * margin) / 5, (north - south - 2 * margin) / _ROWS])
        for level in range(_ROWS + 1):
            for place in _level_places(level):
                jitter = self.random.uniform(-_CORNER_JITTER, _CORNER_JITTER, 2)
                grid = np.array([place, float(level)]) + jitter
                self.corners[level, place] = np.array([west, south]) + margin + grid * step

    def cell(self, row: int, west: float, east: float) -> Polygon:
        """The polygon between two dividers of a row, counter-clockwise."""
        inside = [p for p in _level_places(row) if west <= p <= east]
        above = [p for p in _level_places(row + 1) if west <= p <= east]
        ring = [(row, place) for place in inside] + [(row + 1, place) for place in above[::-1]]
        pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
        return Polygon(np.concatenate([self._edge(one, other)[:-1] for one, other in pairs]))

    def _edge(self, one: Corner, other: Corner) -> Floats:
        if (other, one) in self.edges:
            return self.edges[other, one][::-1]
        if (one, other) not in self.edges:
            self.edges[one, other] = self._wander(self.corners[one], self.corners[other])
        return self.edges[one, other]

    def _wander(self, start: Floats, end: Floats) -> Floats:
        """A line that leaves the straight one sideways, least near its ends."""
        along = np.linspace(0.0, 1.0, _EDGE_STEPS + 1)
        noise = np.convolve(self.random.normal(size=_EDGE_STEPS + 5), np.ones(5) / 5, "valid")
        sideways = _EDGE_WANDER * noise * np.sin(np.pi * along) * 2
        direction = end - start
        normal = np.array([-direction[1], direction[0]])
        line = start + np.outer(along, direction) + np.outer(sideways, normal)
        return rounded(line)


def rounded(points: Floats) -> Floats:
    """Points with as many decimals as the tiling has."""
    result: Floats = np.round(points, _DECIMALS)
    return result
