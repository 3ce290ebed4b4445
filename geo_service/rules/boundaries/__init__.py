"""Rules on units, lines and nodes: what a case is, and what it is judged against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import TypeVar

from geo_service.cities import CityProfile
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Measure, Related, Subject
from geo_service.domain.identity import DivisionCode, DivisionLevel
from geo_service.domain.supporting import NO_LAYERS, Supporting
from geo_service.geometry import crs, tolerance
from geo_service.geometry.arrays import Bools, Floats, Geometries
from geo_service.geometry.copies import Displacement, LineCopies
from geo_service.geometry.coverage import Faces
from geo_service.geometry.network import derive_network
from geo_service.rules.boundaries._kept import Kept
from geo_service.rules.boundaries._layer import Layer
from geo_service.rules.boundaries._network import LineEnds, drawn_lines, line_ends, plane_nodes
from geo_service.rules.boundaries._parents import Parent, parents_of

BoundaryRecord = AdministrativeUnit | AdministrativeBoundary | BoundaryNode
"""What a case is made of."""

_Record = TypeVar("_Record", bound=BoundaryRecord)

DEFAULT_SCALE = 10_000
"""Scale of the agreement maps of county lines: 1:10 000."""


@dataclass(frozen=True, eq=False)
class BoundaryCase:
    """Units, lines and nodes to be judged together, kept in the order of their codes.

    Geometry: EPSG:4490; `plane_epsg` is the Gauss–Krüger zone in which distances are taken.
    Units of several levels may stand together: each level is judged by itself, and a higher unit
    that has a polygon against its lower ones. What several rules need is worked out once and kept.
    `copies` are lines of which a second copy was given, measured at the scale of the context, and
    `displacement` tells where all of one copy lies elsewhere;
    `supporting` holds papers and layers handed in beside the records.
    """

    units: tuple[AdministrativeUnit, ...]
    lines: tuple[AdministrativeBoundary, ...]
    nodes: tuple[BoundaryNode, ...]
    plane_epsg: int
    copies: tuple[LineCopies, ...] = ()
    displacement: Displacement | None = None
    supporting: Supporting = NO_LAYERS
    kept: Kept = field(default_factory=Kept, repr=False)
    """What was worked out for single records and pairs of them."""

    def __post_init__(self) -> None:
        for name in ("units", "lines", "nodes"):
            # Findings must not depend on the order in which records came in.
            records = tuple(sorted(getattr(self, name), key=lambda record: record.id))
            object.__setattr__(self, name, records)

    def with_records(
        self, changed: Iterable[BoundaryRecord], removed: Iterable[BoundaryRecord] = ()
    ) -> BoundaryCase:
        """The case with some records changed or new, and others taken out.

        A record takes the place of the one of its kind with the same id. What was worked out for
        records that stay the very same objects is not worked out again (see `Kept`), so that the
        rules say of this case what they say of one made from nothing, at less cost.
        """
        brought = {(type(record), record.id): record for record in changed}
        gone = {(type(record), record.id) for record in removed} | brought.keys()

        def edited(kind: type[_Record], records: Iterable[_Record]) -> tuple[_Record, ...]:
            new = [record for record in brought.values() if isinstance(record, kind)]
            return (*(r for r in records if (kind, r.id) not in gone), *new)

        return replace(
            self,
            units=edited(AdministrativeUnit, self.units),
            lines=edited(AdministrativeBoundary, self.lines),
            nodes=edited(BoundaryNode, self.nodes),
            kept=Kept(self.kept),
        )

    @property
    def subject(self) -> Subject:
        """The case as a whole; every finding names its own records instead."""
        names = "、".join(unit.name for unit in self.units)
        return Subject("boundary-case", "+".join(unit.code for unit in self.units), names)

    @property
    def standing(self) -> str:
        """Boundaries have no standings."""
        return ""

    @property
    def feature_type(self) -> str:
        """Boundaries have no feature types."""
        return ""

    @cached_property
    def present(self) -> frozenset[str]:
        """The layers there are, in the words of `Rule.needs`.

        `junctions` stands for nodes that are registered or can be read off the units.
        """
        there = {
            "units": bool(self.layers),
            "lines": any(line.geometry is not None for line in self.lines),
            "nodes": bool(self.nodes),
            "levels": bool(self.parents),
            "agreements": any(line.length_km for line in self.lines),
            "copies": bool(self.copies),
        }
        there["junctions"] = there["nodes"] or there["units"]
        own = frozenset(name for name, is_there in there.items() if is_there)
        return own | self.supporting.layers

    @cached_property
    def layers(self) -> dict[DivisionLevel, Layer]:
        """The units that have polygons, level by level."""
        drawn = [unit for unit in self.units if unit.geometry]  # an empty one is none
        by_level = groupby(sorted(drawn, key=lambda u: (u.level, u.code)), key=lambda u: u.level)
        return {level: Layer(tuple(units), self.plane_epsg, self.kept) for level, units in by_level}

    @cached_property
    def parents(self) -> tuple[Parent, ...]:
        """Higher units with an outline, to be filled by their lower units."""
        return tuple(parents_of(self.layers))

    @cached_property
    def plane_lines(self) -> Geometries:
        """The lines in the plane."""
        return self.kept.each(crs.to_plane, drawn_lines(self.lines), self.plane_epsg)

    @cached_property
    def ends(self) -> LineEnds:
        """The free ends of the lines."""
        return line_ends(self.lines, self.plane_epsg)

    @cached_property
    def junctions(self) -> tuple[BoundaryNode, ...]:
        """The registered nodes, or else those that the units show by their shared edges."""
        if self.nodes:
            return self.nodes
        return tuple(
            node
            for layer in self.layers.values()
            for node in derive_network(
                layer.units, home=None, provenance=layer.units[0].provenance
            ).nodes
        )

    @cached_property
    def unit_names(self) -> dict[DivisionCode, str]:
        """Names of the units by code."""
        return {unit.code: unit.name for unit in self.units}

    def names_of(self, codes: Iterable[DivisionCode]) -> str:
        """Units by name in the order of their codes, the code where a name is not known."""
        return "–".join(self.unit_names.get(code, str(code)) for code in sorted(codes))

    def node_name(self, node: BoundaryNode) -> str:
        """A node by the names of the units around it."""
        return self.names_of(node.units)

    @cached_property
    def plane_junctions(self) -> Floats:
        """Positions of the junctions in the plane, shape (n, 2)."""
        return plane_nodes(self.junctions, self.plane_epsg)


@dataclass(frozen=True, slots=True)
class BoundaryContext:
    """What a case is judged against: the city with its limits, the day, and the map scale."""

    city: CityProfile
    as_of: date
    scale: int = DEFAULT_SCALE
    _current: dict[DivisionCode, DivisionCode] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def threshold(self, name: str) -> float:
        """A limit of the city profile. Raises ConfigError where the profile lacks it."""
        return self.city.threshold(name)

    @property
    def point_tolerance_m(self) -> float:
        """t1: how far apart points that should be one may lie."""
        return tolerance.point_tolerance_m(self.scale)

    @property
    def line_tolerance_m(self) -> float:
        """t2: how far apart lines that should be one may lie."""
        return tolerance.line_tolerance_m(self.scale)

    def slivers(self, faces: Faces) -> Bools:
        """Which faces count as slivers; the others are overlaps and gaps."""
        return faces.slivers(self.threshold("sliver_area_m2"), self.threshold("sliver_thickness"))

    def concerns(self, *codes: DivisionCode) -> bool:
        """Whether one of the units is, or ever was, the city's own."""
        return any(
            code.is_within(self.city.code) or bool(self.city.code_history(code.county))
            for code in codes
        )

    def current(self, code: DivisionCode) -> DivisionCode:
        """The unit that holds the ground of a code today, where exactly one follows it.

        Agreements keep the names of their day: a line signed by a former unit is its successor's.
        """
        if code not in self._current:
            self._current[code] = self._successor(code)
        return self._current[code]

    def _successor(self, code: DivisionCode) -> DivisionCode:
        seen = {code}
        while not any(row.period.covers(self.as_of) for row in self.city.code_history(code)):
            following = {s for row in self.city.code_history(code) for s in row.successors} - seen
            if len(following) != 1:
                break
            (code,) = following
            seen.add(code)
        return code

    def measure(self, value: float, name: str, unit: str) -> Measure:
        """A value beside a limit of the city profile."""
        source = f"data/cities/{self.city.code}: {name}"
        return Measure(round(value, 3), self.threshold(name), unit, source)


def unit_subject(unit: AdministrativeUnit) -> Subject:
    """A unit as the subject of a finding."""
    return Subject("unit", unit.id, unit.name)


def unit_related(unit: AdministrativeUnit) -> Related:
    """A unit as a party to a finding."""
    return Related("unit", unit.id, unit.name)


def line_subject(line: AdministrativeBoundary) -> Subject:
    """A line as the subject of a finding."""
    return Subject("boundary-line", line.id, line.name)


def line_related(line: AdministrativeBoundary, distance_m: float | None = None) -> Related:
    """A line as a party to a finding."""
    return Related("boundary-line", line.id, line.name, distance_m)


def node_subject(case: BoundaryCase, node: BoundaryNode) -> Subject:
    """A node as the subject of a finding."""
    return Subject("boundary-node", node.id, case.node_name(node))


def node_related(case: BoundaryCase, node: BoundaryNode, distance_m: float) -> Related:
    """A node as a party to a finding."""
    return Related("boundary-node", node.id, case.node_name(node), distance_m)
