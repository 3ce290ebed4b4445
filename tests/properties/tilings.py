"""Correct tilings: units in a bond of bricks, with their lines and nodes, all in EPSG:4490.

Built edge by edge, so that neighbours share every vertex by construction and each line knows its
two sides. Imports nothing from `geo_service.rules`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from shapely.geometry import LineString, Point, Polygon

from geo_service import cities
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.provenance import Force, Provenance

INVENTED = Provenance("示例", force=Force.SYNTHETIC)
CODES = [f"9901{n}" for n in (21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 81, 82, 83)]
NAMES = {row.code: row.name for row in cities.city("990100").codes}
WEST, SOUTH, STEP = 119.6, 38.3, 0.02
Corner = tuple[int, int]
"""Row boundary from the south, half step from the west."""


@dataclass(frozen=True)
class Tiling:
    """Records by id, and the course of every line from its first to its last corner."""

    units: dict[str, AdministrativeUnit]
    lines: dict[str, AdministrativeBoundary]
    nodes: dict[str, BoundaryNode]
    courses: dict[str, tuple[Corner, ...]]
    corner_nodes: dict[Corner, str]

    def with_unit(self, unit: AdministrativeUnit) -> Tiling:
        return replace(self, units={**self.units, unit.id: unit})

    def with_line(self, line: AdministrativeBoundary) -> Tiling:
        return replace(self, lines={**self.lines, line.id: line})

    def with_node(self, node: BoundaryNode) -> Tiling:
        return replace(self, nodes={**self.nodes, node.id: node})


class _Bond:
    """Corners and edges of the bond; every edge is drawn once and used by both sides."""

    def __init__(self, rows: int, columns: int, bends: int, random: np.random.Generator) -> None:
        self.rows, self.width = rows, 2 * columns
        self.random, self.bends = random, bends
        self.corners = {
            (r, h): np.round(
                [
                    WEST + (h + random.uniform(-0.2, 0.2)) * STEP,
                    SOUTH + (r + random.uniform(-0.2, 0.2)) * STEP,
                ],
                7,
            )
            for r in range(rows + 1)
            for h in range(self.width + 1)
        }
        self.edges: dict[tuple[Corner, Corner], np.ndarray] = {}

    def breaks(self, row: int) -> list[int]:
        if row % 2 == 0:
            return list(range(0, self.width + 1, 2))
        return [0, *range(1, self.width, 2), self.width]

    def edge(self, start: Corner, end: Corner) -> np.ndarray:
        if start > end:
            return self.edge(end, start)[::-1]
        if (start, end) not in self.edges:
            a, b = self.corners[start], self.corners[end]
            at = np.linspace(0, 1, self.bends + 2)[1:-1, None]
            aside = np.array([a[1] - b[1], b[0] - a[0]])
            bend = self.random.uniform(-0.08, 0.08, (self.bends, 1))
            between = np.round(a + (b - a) * at + aside * bend, 7)
            self.edges[start, end] = np.vstack([a, between, b])
        return self.edges[start, end]

    def path(self, corners: tuple[Corner, ...]) -> np.ndarray:
        parts = [self.edge(a, b) for a, b in pairwise(corners)]
        return np.vstack([parts[0], *(part[1:] for part in parts[1:])])

    def around(self, row: int, west: int, east: int) -> tuple[Corner, ...]:
        """Corners of one brick, anticlockwise and closed."""
        south = [(row, h) for h in range(west, east + 1)]
        north = [(row + 1, h) for h in range(east, west - 1, -1)]
        return (*south, *north, south[0])


def build(rows: int, columns: int, bends: int, seed: int) -> Tiling:
    """A tiling of `rows` rows of about `columns` units, edges bent at `bends` points each."""
    bond = _Bond(rows, columns, bends, np.random.default_rng(seed))
    bricks = [(r, w, e) for r in range(rows) for w, e in pairwise(bond.breaks(r))]
    owners: dict[tuple[Corner, Corner], str] = {}
    touching: dict[Corner, set[str]] = defaultdict(set)
    units = {}
    for code, brick in zip(CODES, bricks, strict=False):
        corners = bond.around(*brick)
        units[code] = AdministrativeUnit(
            code=DivisionCode(code),
            name=NAMES[code],
            provenance=INVENTED,
            geometry=Polygon(bond.path(corners)),
        )
        for a, b in pairwise(corners):
            owners[a, b] = code  # runs with its unit on the left
            touching[a].add(code)
    courses = _courses(owners)
    lines = {}
    for (left, right), corners in courses.items():
        line = _line(left, right, bond.path(corners))
        lines[line.code] = line
    kept = {"-".join(sorted(pair)): corners for pair, corners in courses.items()}
    nodes = _nodes(bond, courses, touching)
    return Tiling(
        units,
        lines,
        {n.id: n for n in nodes.values()},
        kept,
        {corner: node.id for corner, node in nodes.items()},
    )


def _courses(
    owners: dict[tuple[Corner, Corner], str],
) -> dict[tuple[str, str], tuple[Corner, ...]]:
    """For every pair (left, right) the corners of their line, W to E or N to S."""
    pieces: dict[tuple[str, str], list[tuple[Corner, Corner]]] = defaultdict(list)
    for (a, b), left in owners.items():
        right = owners.get((b, a))
        eastward, southward = b[1] > a[1], b[0] < a[0]
        if right is not None and (eastward or southward):
            pieces[left, right].append((a, b))
    return {
        pair: (parts[0][0], *(b for _, b in parts))
        for pair, parts in ((p, sorted(parts)) for p, parts in pieces.items())
    }


def _line(left: str, right: str, points: np.ndarray) -> AdministrativeBoundary:
    code = "-".join(sorted((left, right)))
    return AdministrativeBoundary(
        code=code,
        name=code,
        left_code=DivisionCode(left),
        right_code=DivisionCode(right),
        provenance=INVENTED,
        geometry=LineString(points),
    )


def _nodes(
    bond: _Bond,
    courses: dict[tuple[str, str], tuple[Corner, ...]],
    touching: dict[Corner, set[str]],
) -> dict[Corner, BoundaryNode]:
    ends = {end for corners in courses.values() for end in (corners[0], corners[-1])}
    return {
        corner: BoundaryNode(
            id=f"N{corner[0]}-{corner[1]}",
            kind=NodeKind.TRIPOINT if len(touching[corner]) > 2 else NodeKind.SEA_END,
            units=tuple(DivisionCode(code) for code in sorted(touching[corner])),
            position=Point(bond.corners[corner]),
            provenance=INVENTED,
        )
        for corner in ends
    }
