"""Rules on joint inspections: what a case is. Nothing here says that anybody is at fault."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Related, Subject
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.supporting import Supporting
from geo_service.domain.supporting.fieldwork import JointInspection
from geo_service.rules.boundaries import line_related


@dataclass(frozen=True, eq=False)
class InspectionCase:
    """Lines with their markers, and the records of inspections and field work handed in.

    Geometry: EPSG:4490; `plane_epsg` is the Gauss–Krüger zone in which distances are taken.
    """

    lines: tuple[AdministrativeBoundary, ...]
    units: tuple[AdministrativeUnit, ...]
    markers: tuple[BoundaryMarker, ...]
    supporting: Supporting
    plane_epsg: int

    def __post_init__(self) -> None:
        for name in ("lines", "units", "markers"):
            records = tuple(sorted(getattr(self, name), key=attrgetter("id")))
            object.__setattr__(self, name, records)

    @property
    def subject(self) -> Subject:
        """The case as a whole; every finding names its own line instead."""
        return Subject("inspection-case", "+".join(line.code for line in self.lines))

    @property
    def standing(self) -> str:
        """Inspections have no standings."""
        return ""

    @property
    def feature_type(self) -> str:
        """Inspections have no feature types."""
        return ""

    @cached_property
    def present(self) -> frozenset[str]:
        """The layers there are, in the words of `Rule.needs`."""
        there = {
            "lines": bool(self.lines),
            "markers": any(marker.position is not None for marker in self.markers),
        }
        own = frozenset(name for name, is_there in there.items() if is_there)
        return own | self.supporting.layers

    @cached_property
    def inspections_of(self) -> dict[str, tuple[JointInspection, ...]]:
        """The inspections of each line, earliest first."""
        said = sorted(
            self.supporting.all(JointInspection),
            key=lambda one: (one.line_code, one.inspected_on, one.id),
        )
        return {line: tuple(all_) for line, all_ in groupby(said, key=lambda one: one.line_code)}

    @cached_property
    def unit_names(self) -> dict[DivisionCode, str]:
        """Names of the units by code."""
        return {unit.code: unit.name for unit in self.units}

    def sides(self, line: AdministrativeBoundary) -> tuple[Related, ...]:
        """A line and the units on both its sides."""
        units = (Related("unit", code, self.unit_names.get(code, "")) for code in line.parties)
        return (line_related(line), *sorted(units, key=lambda unit: unit.id))
