"""Boundary lines and nodes read off unit polygons that share their edges bit for bit.

Only for polygons drawn as one coverage (an open sample, or polygons we derived ourselves): the
line is the legal object, so a register with its own lines never asks for this.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode, NodeKind
from geo_service.domain.identity import DivisionCode, DivisionLevel, LineCode
from geo_service.domain.period import ALWAYS, Period
from geo_service.geometry.edges import EdgeTable, edge_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry import LineString, MultiLineString, Point

    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.provenance import Provenance
    from geo_service.geometry.arrays import Bools


@dataclass(frozen=True, slots=True)
class Network:
    """Lines by code, nodes by id."""

    lines: tuple[AdministrativeBoundary, ...]
    nodes: tuple[BoundaryNode, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """What the network is read off, and what its records shall say of themselves."""

    table: EdgeTable
    units: Sequence[AdministrativeUnit]
    ours: Bools
    provenance: Provenance
    period: Period


def derive_network(
    units: Sequence[AdministrativeUnit],
    *,
    home: DivisionCode | None,
    provenance: Provenance,
    period: Period = ALWAYS,
) -> Network:
    """Lines, tripoints and sea ends in which at least one unit within `home` takes part.

    `home=None` takes all units.
    A line is what two units share, in one part wherever it hangs together, from W to E or N to S
    by its dominant axis. A tripoint is a vertex of three or more units. A line end that belongs to
    two units only lies on the outer rim: with all neighbours among `units`, that is the sea.
    """
    table = edge_table([unit.geometry for unit in units])
    ours = np.array([home is None or unit.code.is_within(home) for unit in units], dtype=bool)
    source = _Source(table, units, ours, provenance, period)
    lines = _lines(source)
    nodes = _tripoints(source)
    nodes += _sea_ends(source, lines, {_bits(node.position) for node in nodes})
    return Network(
        tuple(sorted(lines, key=lambda line: line.code)), tuple(sorted(nodes, key=lambda n: n.id))
    )


def line_code(one: DivisionCode, other: DivisionCode) -> str:
    """Code of the line between two units; plain `low-high` where the coded form has no place.

    The 14-digit form is known for county-level units of one province only.
    """
    low, high = sorted((one, other))
    if low.province == high.province and {low.level, high.level} == {DivisionLevel.COUNTY}:
        return LineCode.between(low, high)
    return f"{low}-{high}"


def _lines(source: _Source) -> list[AdministrativeBoundary]:
    table, count = source.table, len(source.units)
    one, other = table.matched()
    wanted = source.ours[table.owner[one]] | source.ours[table.owner[other]]
    one, other = one[wanted], other[wanted]
    pair = table.owner[one] * count + table.owner[other]
    order = np.argsort(pair, kind="stable")
    keys, starts = np.unique(pair[order], return_index=True)
    lines = []
    bounds = [*starts.tolist(), len(order)]
    for key, first, last in zip(keys.tolist(), bounds[:-1], bounds[1:], strict=True):
        rows = one[order[first:last]]
        segments = shapely.MultiLineString(list(table.coordinates(rows)))
        merged = cast("LineString | MultiLineString", shapely.line_merge(segments, directed=True))
        # `one` runs with its owner on the left, so the first unit of the pair is the left one.
        left, right = divmod(key, count)
        lines.append(_line(source, left, right, merged))
    return lines


def _line(
    source: _Source, left: int, right: int, geometry: LineString | MultiLineString
) -> AdministrativeBoundary:
    if runs_backwards(geometry):
        left, right, geometry = right, left, shapely.reverse(geometry)
    sides = source.units[left], source.units[right]
    low, high = sorted(sides, key=lambda unit: unit.code)
    return AdministrativeBoundary(
        code=line_code(low.code, high.code),
        name=f"{low.name}–{high.name}",
        left_code=sides[0].code,
        right_code=sides[1].code,
        provenance=source.provenance,
        geometry=geometry,
        level=low.level,
        period=source.period,
    )


def runs_backwards(line: LineString | MultiLineString) -> bool:
    """Whether a line runs against the rule W to E or N to S, by its dominant axis on the ground.

    Parts are weighed together; a closed line runs neither way and is left alone.
    """
    parts = shapely.get_parts(line)
    first = shapely.get_coordinates(shapely.get_point(parts, 0))
    last = shapely.get_coordinates(shapely.get_point(parts, -1))
    east, north = (last - first).sum(axis=0)
    east *= np.cos(np.radians(first[0, 1]))
    return bool(east < 0) if abs(east) >= abs(north) else bool(north > 0)


def _tripoints(source: _Source) -> list[BoundaryNode]:
    table, count = source.table, len(source.units)
    vertex, owner = np.divmod(np.unique(table.start * count + table.owner), count)
    degree = np.bincount(vertex, minlength=len(table.vertices))
    near_us = np.bincount(vertex, weights=source.ours[owner], minlength=len(degree)) > 0
    # Vertices sort from west to east, which numbers repeated meetings of the same units.
    seen: Counter[tuple[DivisionCode, ...]] = Counter()
    nodes = []
    for at in np.flatnonzero((degree >= 3) & near_us).tolist():
        codes = tuple(sorted(source.units[i].code for i in owner[vertex == at].tolist()))
        seen[codes] += 1
        position = shapely.Point(table.vertices[at])
        nodes.append(_node(source, NodeKind.TRIPOINT, codes, seen[codes], position))
    return nodes


def _sea_ends(
    source: _Source, lines: Sequence[AdministrativeBoundary], tripoints: set[bytes]
) -> list[BoundaryNode]:
    nodes = []
    for line in lines:
        ends = shapely.get_parts(shapely.boundary(line.geometry)).tolist()
        free = sorted(
            (end for end in ends if _bits(end) not in tripoints), key=lambda end: (end.x, end.y)
        )
        codes = tuple(sorted(line.parties))
        nodes += [
            _node(source, NodeKind.SEA_END, codes, number, position)
            for number, position in enumerate(free, start=1)
        ]
    return nodes


def _bits(point: Point) -> bytes:
    return shapely.get_coordinates(point).tobytes()


def _node(
    source: _Source, kind: NodeKind, codes: tuple[DivisionCode, ...], number: int, position: Point
) -> BoundaryNode:
    letter = "T" if kind is NodeKind.TRIPOINT else "S"
    suffix = f"-{number}" if number > 1 else ""
    return BoundaryNode(
        id=f"{letter}-{'-'.join(codes)}{suffix}",
        kind=kind,
        units=codes,
        position=position,
        provenance=source.provenance,
        period=source.period,
    )
