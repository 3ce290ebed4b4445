"""What a split or merge of units does to the lines and junctions between them.

The line is the legal object, the unit's polygon follows from it: an act that changes units and
leaves their lines as they were would leave a register that contradicts itself. What follows without
a choice is done in the act; what a person must decide is told.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely

from geo_service.domain.boundary import BoundaryNode, NodeKind
from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.period import Period
from geo_service.geometry.measure import distances_m
from geo_service.geometry.network import derive_network, line_code
from geo_service.geometry.parting import UPON_M, with_vertices
from geo_service.messages import message
from geo_service.services.register.planning import begun, ended

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import date

    from shapely.geometry import LineString, MultiLineString
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.change import Change
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.domain.text import Text
    from geo_service.geometry.arrays import Floats, Geometries, Ints
    from geo_service.services.register.acts import Kept
    from geo_service.services.register.planning import Plan
    from geo_service.store.protocol import Store

    Drawn = LineString | MultiLineString | None

LINES, NODES = RecordKind.BOUNDARY_LINES, RecordKind.BOUNDARY_NODES
Heirs = dict["DivisionCode", "Drawn"]
"""The stretch of a line that each unit takes over."""


def with_network(store: Store, plan: Plan, on: date) -> Plan:
    """The act of units with what follows from it for their lines and junctions.

    A register without lines of the units is left without, and so it is told.
    """
    before = {unit.code: unit for unit in plan.sources if isinstance(unit, AdministrativeUnit)}
    results = [c.record for c in plan.changes if c.record.period.start == on]
    after = {unit.code: unit for unit in results if isinstance(unit, AdministrativeUnit)}
    lines = lines_of(store, before, on)
    if not lines:
        told = message("register.left_no_lines", units=" ".join(before))
        return replace(plan, left=(*plan.left, told))
    work = _Redrawing(store, plan, on, before, after, lines)
    work.run(cast("list[BoundaryNode]", _around(store, NODES, before, on)))
    changes = (*plan.changes, *work.changes)
    return replace(plan, changes=changes, left=(*plan.left, *work.left))


def lines_of(
    store: Store, units: Collection[DivisionCode], on: date
) -> list[AdministrativeBoundary]:
    """The lines of units on a day, not those of units below them."""
    return cast("list[AdministrativeBoundary]", _around(store, LINES, units, on))


def _around(
    store: Store, kind: RecordKind, units: Collection[DivisionCode], on: date
) -> list[Kept]:
    """Lines or junctions of the units themselves, not of units below them."""
    found = {
        record.id: cast("Kept", record)
        for code in units
        for record in store.records(kind, as_of=on, within=code)
        if not set(_units_of(cast("Kept", record))).isdisjoint(units)
    }
    return list(found.values())


def _units_of(record: Kept) -> tuple[DivisionCode, ...]:
    if isinstance(record, BoundaryNode):
        return record.units
    return tuple(cast("AdministrativeBoundary", record).parties)


@dataclass
class _Redrawing:
    """One act on units, and what follows from it."""

    store: Store
    plan: Plan
    on: date
    before: Mapping[DivisionCode, AdministrativeUnit]
    after: Mapping[DivisionCode, AdministrativeUnit]
    lines: Sequence[AdministrativeBoundary]

    def __post_init__(self) -> None:
        self.changes: list[Change] = []
        self.left: list[Text] = []
        self._between = self._lines_between()
        self._ends = _ends_of(self._between)

    def run(self, nodes: Sequence[BoundaryNode]) -> None:
        """Work all of it out."""
        if self._is_split and not self._drawn:
            lines = " ".join(sorted(line.id for line in self.lines))
            self._tell("left_no_shape", units=" ".join(self.after), lines=lines)
            return
        taken: dict[str, list[tuple[AdministrativeBoundary, AdministrativeBoundary]]] = {}
        parted = [line for line in self.lines if self._can_be_handed_on(line)]
        for line in parted:
            for heir in self._handed_on(line):
                taken.setdefault(heir.code, []).append((line, heir))
        for line in parted:
            self._end_line(line, taken)
        for code, heirs in taken.items():
            self._begin_line(code, heirs)
        for line in self._between:
            self._add(line)
            self._tell("left_agreement", code=line.code)
        for node in nodes:
            self._change_node(node)
        self._junctions(nodes)

    @property
    def _is_split(self) -> bool:
        return len(self.before) == 1

    @property
    def _drawn(self) -> bool:
        return all(unit.geometry is not None for unit in self.after.values())

    def _lines_between(self) -> tuple[AdministrativeBoundary, ...]:
        """The lines between the parts of a unit that is split, as their edges say."""
        if not (self._is_split and self._drawn):
            return ()
        units = list(self.after.values())
        provenance, period = units[0].provenance, Period(self.on)
        return derive_network(units, home=None, provenance=provenance, period=period).lines

    def _can_be_handed_on(self, line: AdministrativeBoundary) -> bool:
        """Whether it is clear who takes over which stretch of a line; else it stays as it was."""
        if not self._is_split:
            return True
        if line.geometry is None:
            self._tell("left_no_shape", units=" ".join(self.after), lines=line.id)
            return False
        beside = self._beside(self._pieces(line), _LOOKED_AT)
        if (beside == beside[:, :1]).all():
            return True
        self._tell("left_uncut", line=line.id, units=" ".join(self.after))
        return False

    def _pieces(self, line: AdministrativeBoundary) -> Geometries:
        """A line cut where a new line meets it."""
        drawn = with_vertices(cast("BaseGeometry", line.geometry), self._ends)
        return _cut_at(drawn, self._ends)

    def _beside(self, pieces: Geometries, shares: Floats) -> Ints:
        """Which part lies nearest (pieces, shares) to each piece at shares of its length."""
        shapes = np.array([unit.geometry for unit in self.after.values()], dtype=object)
        places = shapely.line_interpolate_point(pieces[:, None], shares[None, :], normalized=True)
        found: Ints = shapely.distance(places[:, :, None], shapes).argmin(axis=2)
        return found

    def _handed_on(self, line: AdministrativeBoundary) -> Iterator[AdministrativeBoundary]:
        """The line as it is from the day on, one record for each unit that takes part of it over.

        Nobody takes over what lay between units that became one.
        """
        if line.parties <= self.before.keys():
            return
        (side,) = line.parties & self.before.keys()
        heirs = self._heirs(line)
        for code, shape in heirs.items():
            sides = {side: code}
            left, right = (sides.get(s, s) for s in (line.left_code, line.right_code))
            cut = len(heirs) > 1
            told = replace(line, left_code=left, right_code=right, geometry=shape)
            if cut and line.length_km is not None:
                told = replace(told, length_km=None)
            if code != side:
                told = replace(told, code=line_code(left, right))
            yield told

    def _heirs(self, line: AdministrativeBoundary) -> Heirs:
        if not self._is_split:
            return dict.fromkeys(self.after, line.geometry)
        pieces, codes = self._pieces(line), list(self.after)
        nearest = self._beside(pieces, _MIDDLE)[:, 0]
        found = np.unique(nearest).tolist()
        if len(found) == 1:
            return {codes[found[0]]: line.geometry}
        return {codes[number]: _one(pieces[nearest == number]) for number in found}

    def _end_line(
        self,
        line: AdministrativeBoundary,
        taken: Mapping[str, Sequence[tuple[AdministrativeBoundary, AdministrativeBoundary]]],
    ) -> None:
        heirs = [heir for found in taken.values() for of, heir in found if of is line]
        if _clash(heirs, taken):
            return
        kept = [number for number, heir in enumerate(heirs) if heir.code == line.code]
        if kept:
            self._tell_markers_elsewhere(line, heirs, kept[0])
        elif self._may_change(line):
            self.changes.append(ended(self.store, line, self.on, self.plan.by))
            self._tell_markers(line)

    def _begin_line(
        self, code: str, heirs: Sequence[tuple[AdministrativeBoundary, AdministrativeBoundary]]
    ) -> None:
        if len(heirs) > 1:
            lines = " ".join(sorted(line.id for line, _heir in heirs))
            self._tell("left_join", lines=lines, code=code)
            return
        ((line, heir),) = heirs
        if replace(heir, period=line.period) == line or not self._may_change(line):
            return
        source = line if heir.code == line.code else None
        self._add(heir, source)
        if source is None:
            self._tell("left_name", id=line.id, code=heir.code, name=heir.name or "—")
        if line.length_km is not None and heir.length_km is None:
            self._tell("left_length", code=heir.code, length=line.length_km)

    def _change_node(self, node: BoundaryNode) -> None:
        units = self._units_around(node)
        if units is None:
            self._tell("left_node", id=node.id)
            return
        least = 3 if node.kind is NodeKind.TRIPOINT else 2
        if units == tuple(sorted(node.units)) or not self._may_change(node):
            return
        if len(units) < least:
            self.changes.append(ended(self.store, node, self.on, self.plan.by))
        else:
            self._add(replace(node, units=units), node)

    def _units_around(self, node: BoundaryNode) -> tuple[DivisionCode, ...] | None:
        others = set(node.units) - self.before.keys()
        if not self._is_split:
            return tuple(sorted(others | self.after.keys()))
        shapes = np.array([unit.geometry for unit in self.after.values()], dtype=object)
        ways = shapely.get_coordinates(shapely.shortest_line(node.position, shapes)).reshape(-1, 4)
        near = distances_m(ways[:, :2], ways[:, 2:]) <= _BESIDE_M
        found = {code for code, is_near in zip(self.after, near, strict=True) if is_near}
        return tuple(sorted(others | found)) if found else None

    def _junctions(self, nodes: Sequence[BoundaryNode]) -> None:
        """A junction where a new line meets one that was there."""
        known = shapely.get_coordinates([node.position for node in nodes]).reshape(-1, 2)
        for line in self._between:
            for place in _ends_of([line]):
                here = np.broadcast_to(place, known.shape)
                if len(known) and (distances_m(here, known) <= UPON_M).any():
                    continue
                self._junction(line, place)

    def _junction(self, line: AdministrativeBoundary, place: Floats) -> None:
        point = shapely.Point(place)
        away = [(_way_m(point, old.geometry), old) for old in self.lines if old.geometry]
        metres, nearest = min(away, key=lambda found: found[0], default=(np.inf, None))
        if nearest is None or metres > UPON_M:
            where = {"lon": f"{point.x:.6f}", "lat": f"{point.y:.6f}"}
            told = "—" if nearest is None else f"{metres:.1f}"
            self._tell("left_end", code=line.code, metres=told, **where)
            return
        around = tuple(sorted((nearest.parties - self.before.keys()) | line.parties))
        node = BoundaryNode(
            id=self._free_id(f"T-{'-'.join(around)}"),
            kind=NodeKind.TRIPOINT,
            units=around,
            position=point,
            provenance=line.provenance,
        )
        self._add(node)

    def _free_id(self, wished: str) -> str:
        taken = {change.record.id for change in self.changes}
        number, found = 1, wished
        while found in taken or self.store.version(NODES, found):
            number += 1
            found = f"{wished}-{number}"
        return found

    def _add(self, record: Kept, source: Kept | None = None) -> None:
        self.changes.append(begun(self.store, record, source, self.on, self.plan.by))

    def _may_change(self, record: Kept) -> bool:
        """What began on the same day is for a person: that would be a correction."""
        if record.period.start is None or record.period.start < self.on:
            return True
        self._tell("left_same_day", id=record.id, day=self.on)
        return False

    def _tell_markers(self, line: AdministrativeBoundary) -> None:
        own = self._markers(line)
        if own:
            self._tell("left_markers", line=line.id, count=len(own), id=own[0].id)

    def _tell_markers_elsewhere(
        self, line: AdministrativeBoundary, heirs: Sequence[AdministrativeBoundary], kept: int
    ) -> None:
        """Markers of a line that was cut and now stand on a stretch with another code."""
        own = self._markers(line) if len(heirs) > 1 else []
        placed = [marker for marker in own if marker.position is not None]
        places = np.array([marker.position for marker in placed], dtype=object)
        shapes = np.array([heir.geometry for heir in heirs], dtype=object)
        nearest = shapely.distance(places[:, None], shapes).argmin(axis=1)
        away = [m.id for m, number in zip(placed, nearest, strict=True) if number != kept]
        if away:
            self._tell("left_markers_cut", line=line.id, count=len(away), id=away[0])

    def _markers(self, line: AdministrativeBoundary) -> list[BoundaryMarker]:
        held = self.store.records(RecordKind.MARKERS, as_of=self.on, within=line.left_code)
        own = cast("list[BoundaryMarker]", held)
        return [marker for marker in own if marker.line_code == line.code]

    def _tell(self, key: str, **facts: object) -> None:
        self.left.append(message(f"register.{key}", **facts))


_MIDDLE = np.array([0.5])
_LOOKED_AT = np.arange(1, 64) / 64
"""Where along a piece it is asked beside which part it runs; not at its ends, where parts meet."""
_BESIDE_M = 1.0
"""How far from a part a junction may lie and still be one of it: t1 at 1:10 000."""


def _clash(
    heirs: Sequence[AdministrativeBoundary],
    taken: Mapping[str, Sequence[tuple[AdministrativeBoundary, AdministrativeBoundary]]],
) -> bool:
    """Whether what becomes of a line is for a person, so that it has to stay until then."""
    return any(len(taken[heir.code]) > 1 for heir in heirs)


def _ends_of(lines: Sequence[AdministrativeBoundary]) -> Floats:
    """The places where lines end, each once."""
    bounds = shapely.boundary(np.array([line.geometry for line in lines], dtype=object))
    return np.unique(shapely.get_coordinates(bounds).reshape(-1, 2), axis=0)


def _cut_at(line: BaseGeometry, places: Floats) -> Geometries:
    """The pieces of a line between those of its vertices that are the places."""
    wanted = {tuple(place) for place in places.tolist()}
    pieces = []
    for part in shapely.get_parts(line):
        points = shapely.get_coordinates(part)
        inner = [n for n in range(1, len(points) - 1) if tuple(points[n].tolist()) in wanted]
        bounds = [0, *inner, len(points) - 1]
        pieces += [points[a : b + 1] for a, b in itertools.pairwise(bounds)]
    return np.array([shapely.linestrings(piece) for piece in pieces], dtype=object)


def _one(pieces: Geometries) -> Drawn:
    merged = shapely.line_merge(shapely.multilinestrings(list(pieces)), directed=True)
    return cast("Drawn", merged)


def _way_m(point: BaseGeometry, line: BaseGeometry) -> float:
    way = shapely.get_coordinates(shapely.shortest_line(point, line))
    return float(distances_m(way[:1], way[1:])[0])
