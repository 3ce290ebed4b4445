"""What drafting a mend needs: the review with its findings, and who may be changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.division import AdministrativeUnit
from geo_service.geometry import crs
from geo_service.messages import message
from geo_service.rules.engine import fingerprint

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.domain.finding import Finding, Related, Subject
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.repair import Mendable, RepairKind
    from geo_service.domain.text import Text
    from geo_service.geometry.arrays import Floats
    from geo_service.rules.boundaries import BoundaryCase, BoundaryContext
    from geo_service.services.repairing.locks import Locks

_TOUCH_DEG = 1e-9
_ON_THE_COURSE = frozenset({"BD-NET-02", "BD-NET-05", "BD-NET-06"})
"""Lines that cross without a node, stand twice for one stretch, or cross themselves. An end that is
off says nothing of the course: an outline that does not meet it is not drawn along anyway."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A mend that nobody has tried yet: records with what would take their place.

    `keeps` is the unit whose edge stays or that gets the ground, where others might as well;
    `follows` are the lines that polygons were drawn along.
    """

    kind: RepairKind
    changes: tuple[tuple[Mendable, Mendable], ...]
    keeps: AdministrativeUnit | None = None
    follows: tuple[AdministrativeBoundary, ...] = ()


def parties_of(finding: Finding) -> list[Subject | Related]:
    """Every record a finding names, its subject first."""
    return [finding.subject, *finding.related]


def _is_of(code: DivisionCode, side: DivisionCode) -> bool:
    """Whether a unit is that side of a line, a part of it, or what it is part of."""
    return code.is_within(side) or side.is_within(code)


@dataclass(frozen=True)
class Desk:
    """A review with its findings, to draft mends on."""

    case: BoundaryCase
    context: BoundaryContext
    findings: tuple[Finding, ...]
    locks: Locks

    @cached_property
    def unit_by_id(self) -> dict[str, AdministrativeUnit]:
        """The units with a polygon."""
        return {unit.id: unit for unit in self.case.units if unit.geometry}

    @cached_property
    def line_by_id(self) -> dict[str, AdministrativeBoundary]:
        """The lines that are drawn."""
        return {line.id: line for line in self.case.lines if line.geometry}

    @cached_property
    def node_by_id(self) -> dict[str, BoundaryNode]:
        """The registered nodes: those read off the polygons are no ground to move a line."""
        return {node.id: node for node in self.case.nodes}

    def fixed_positions(self, record: Mendable) -> Floats:
        """Positions that vertices of the record keep, shape (n, 2).

        Those of the registered nodes, and for a unit the vertices of the lines.
        """
        positions: list[BaseGeometry] = [node.position for node in self.case.nodes]
        if isinstance(record, AdministrativeUnit):
            positions += filter(None, (line.geometry for line in self.line_by_id.values()))
        return shapely.get_coordinates(positions).reshape(-1, 2)

    @cached_property
    def lines_in_doubt(self) -> frozenset[str]:
        """Lines whose own course is in question: no polygon is drawn along them."""
        return frozenset(
            party.id
            for finding in self.findings
            if finding.rule_id in _ON_THE_COURSE
            for party in parties_of(finding)
            if party.kind == "boundary-line"
        )

    def is_doubled(self, record: Mendable) -> bool:
        """Whether the review holds another record of its kind under the same id."""
        alike = self.case.lines if hasattr(record, "left_code") else self.case.units
        return sum(other.id == record.id for other in alike) > 1

    def units_of(self, finding: Finding) -> list[AdministrativeUnit]:
        """The units a finding names that have a polygon."""
        ids = [party.id for party in parties_of(finding) if party.kind == "unit"]
        return [self.unit_by_id[each] for each in ids if each in self.unit_by_id]

    def lines_among(self, units: Sequence[AdministrativeUnit]) -> list[AdministrativeBoundary]:
        """The drawn lines that part two of the units, be it one of a higher or lower level.

        Where a town of one county meets a town of the next, the line of the counties decides.
        """
        codes = [self.context.current(unit.code) for unit in units]
        return [
            line
            for line in self.line_by_id.values()
            if any(
                _is_of(one, self.context.current(line.left_code))
                and _is_of(other, self.context.current(line.right_code))
                for one, other in permutations(codes, 2)
            )
        ]

    def outer_lines(
        self, unit: AdministrativeUnit, parent: AdministrativeUnit, face: BaseGeometry
    ) -> list[AdministrativeBoundary]:
        """The drawn lines near the face that part the unit from units outside its parent."""
        plane = crs.to_plane(np.array([face], dtype=object), self.case.plane_epsg)[0]
        reach_m = self.context.threshold("dangle_search_m")
        found = []
        for line, course in zip(self.case.lines, self.case.plane_lines, strict=True):
            sides = [self.context.current(code) for code in line.parties]
            own = [unit.code.is_within(code) for code in sides]
            beyond = [not _is_of(parent.code, code) for code in sides]
            parts = any(a and b for a, b in zip(own, beyond[::-1], strict=True))
            if parts and course is not None and shapely.dwithin(course, plane, reach_m):
                found.append(line)
        return found

    def parties_to(self, line: AdministrativeBoundary) -> list[AdministrativeUnit]:
        """The units with a polygon on either side of a line, and higher ones that end at it."""
        sides = [self.context.current(code) for code in (line.left_code, line.right_code)]
        return [
            unit
            for unit in self.unit_by_id.values()
            if (self.context.current(unit.code) in sides)
            or sum(code.is_within(unit.code) for code in sides) == 1
        ]

    def beside(
        self, face: BaseGeometry, units: Iterable[AdministrativeUnit]
    ) -> list[AdministrativeUnit]:
        """Those of the units that share more than a point with the outline of a face."""
        corners = shapely.points(np.unique(shapely.get_coordinates(face), axis=0))
        return [
            unit
            for unit in units
            if shapely.dwithin(shapely.boundary(unit.geometry), corners, _TOUCH_DEG).sum() > 1
        ]

    def is_about(self, finding: Finding, key: str) -> bool:
        """Whether the finding is the one of its rule on its subject with that key."""
        return finding.fingerprint == fingerprint(finding.rule_id, finding.subject, key)

    def may_change(self, record: Mendable) -> bool:
        """Whether nothing holds the record."""
        return self.locks.hold(record) is None

    def held_reason(self, record: Mendable) -> Text:
        """Why a record stays as it is, in words."""
        hold = self.locks.hold(record)
        if hold is None:
            raise ValueError("not held")
        return message(f"repair.held_{hold}", name=record.name or record.id, id=record.id)
