"""Rules on boundary markers: what a case is, and who stands in a finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import attrgetter

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Related, Subject
from geo_service.domain.identity import DivisionCode
from geo_service.domain.marker import (
    BoundaryMarker,
    MarkerDocument,
    MarkerEntry,
    MarkerTally,
    ReferenceObject,
)
from geo_service.domain.supporting import NO_LAYERS, Supporting
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats
from geo_service.geometry.track import Track
from geo_service.rules.boundaries import line_related

_RANK = {document: rank for rank, document in enumerate(MarkerDocument)}


@dataclass(frozen=True, eq=False)
class Placed:
    """The markers of one line that have a position, by serial and letter.

    `chainage_m` and `offset_m` (n,): along the line, and from it, positive to its left.
    """

    line: AdministrativeBoundary
    markers: tuple[BoundaryMarker, ...]
    chainage_m: Floats
    offset_m: Floats


@dataclass(frozen=True, eq=False)
class MarkerCase:
    """What documents say of the markers of some lines, with the lines and units where known.

    Geometry: EPSG:4490; `plane_epsg` is the Gauss–Krüger zone of the plane coordinates and of grid
    north. Entries are kept by marker, document and day, so that findings do not depend on order.
    """

    entries: tuple[MarkerEntry, ...]
    lines: tuple[AdministrativeBoundary, ...]
    units: tuple[AdministrativeUnit, ...]
    plane_epsg: int
    tallies: tuple[MarkerTally, ...] = ()
    supporting: Supporting = NO_LAYERS

    def __post_init__(self) -> None:
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=_order)))
        for name, key in (("lines", "id"), ("units", "id"), ("tallies", "line_code")):
            records = sorted(getattr(self, name), key=attrgetter(key))
            object.__setattr__(self, name, tuple(records))

    @property
    def subject(self) -> Subject:
        """The case as a whole; every finding names its own marker instead."""
        return Subject("marker-case", "+".join(sorted(self.by_line)))

    @property
    def standing(self) -> str:
        """Markers have no standings."""
        return ""

    @property
    def feature_type(self) -> str:
        """Markers have no feature types."""
        return ""

    @cached_property
    def present(self) -> frozenset[str]:
        """The layers there are, in the words of `Rule.needs`."""
        said = self.entries
        objects = [one for entry in said for one in entry.references or ()]
        there = {
            "markers": bool(self.by_line),
            "lines": bool(self.placed),
            "units": any(unit.geometry for unit in self.units),
            "faces": any(entry.faces is not None for entry in said),
            "coordinates": any(entry.plane and entry.marker.position for entry in said),
            "references": any(entry.references is not None for entry in said),
            "reference_positions": any(one.position is not None for one in objects),
            "states": any(entry.state is not None for entry in said),
            "repairs": any(entry.repaired_on is not None for entry in said),
            "witnesses": any(e.repaired_on and e.witness_sides is not None for e in said),
            "rounds": any(entry.document is MarkerDocument.INSPECTION for entry in said),
            "documents": len({e.document for e in said} - {MarkerDocument.INSPECTION}) > 1,
            "tallies": bool(self.tallies),
        }
        own = frozenset(name for name, is_there in there.items() if is_there)
        return own | self.supporting.layers

    @cached_property
    def by_marker(self) -> dict[str, tuple[MarkerEntry, ...]]:
        """All entries by the id of their marker."""
        groups = groupby(self.entries, key=lambda entry: entry.marker.id)
        return {marker: tuple(entries) for marker, entries in groups}

    @cached_property
    def markers(self) -> tuple[BoundaryMarker, ...]:
        """Each marker once, as the first paper with a position has it; inspections come last."""
        return tuple(_agreed(entries) for entries in self.by_marker.values())

    @cached_property
    def by_line(self) -> dict[str, tuple[BoundaryMarker, ...]]:
        """The markers by line, in the order of serial and letter."""
        found: dict[str, list[BoundaryMarker]] = {}
        for marker in sorted(self.markers, key=_serial):
            found.setdefault(marker.line_code, []).append(marker)
        return {line: tuple(markers) for line, markers in sorted(found.items())}

    @cached_property
    def line_of(self) -> dict[str, AdministrativeBoundary]:
        """The lines by code."""
        return {line.code: line for line in self.lines}

    @cached_property
    def plane_lines(self) -> dict[str, BaseGeometry]:
        """The lines that are drawn, by code, in the plane."""
        drawn = [line for line in self.lines if line.geometry is not None]
        courses = np.array([line.geometry for line in drawn], dtype=object)
        plane = crs.to_plane(courses, self.plane_epsg) if drawn else courses
        return {line.code: course for line, course in zip(drawn, plane, strict=True)}

    @cached_property
    def placed(self) -> tuple[Placed, ...]:
        """The lines that are drawn, with those of their markers that have a position."""
        return tuple(self._placed())

    def _placed(self) -> Iterator[Placed]:
        for line in self.lines:
            markers = tuple(m for m in self.by_line.get(line.code, ()) if m.position is not None)
            if markers and line.geometry is not None and not line.geometry.is_empty:
                points = shapely.get_coordinates([marker.position for marker in markers])
                at = Track.of(line.geometry, self.plane_epsg).refer(points)
                yield Placed(line, markers, at.chainage_m, at.offset_m)

    @cached_property
    def chainage_m(self) -> dict[str, float]:
        """Chainage of each placed marker on its line, by id."""
        return {
            marker.id: metres
            for placed in self.placed
            for marker, metres in zip(placed.markers, placed.chainage_m.tolist(), strict=True)
        }

    @cached_property
    def unit_names(self) -> dict[DivisionCode, str]:
        """Names of the units by code."""
        return {unit.code: unit.name for unit in self.units}

    def objects(self) -> Iterator[tuple[MarkerEntry, tuple[ReferenceObject, ...]]]:
        """Entries whose document has a place for reference objects, with these."""
        for entry in self.entries:
            if entry.references is not None:
                yield entry, entry.references

    def sides(self, line_code: str) -> tuple[Related, ...]:
        """A line and the units on both its sides, as far as the case knows them."""
        line = self.line_of.get(line_code)
        if line is None:
            return (Related("boundary-line", line_code),)
        units = (
            Related("unit", code, self.unit_names.get(code, "")) for code in sorted(line.parties)
        )
        return (line_related(line), *units)


def _order(entry: MarkerEntry) -> tuple[object, ...]:
    day = entry.dated or entry.repaired_on or date.min
    place = "" if entry.marker.position is None else entry.marker.position.wkb_hex
    return entry.marker.id, _RANK[entry.document], day, place, repr(entry)


def _serial(marker: BoundaryMarker) -> tuple[int, str, str]:
    return marker.number.serial, marker.number.letter or "", marker.id


def _agreed(entries: tuple[MarkerEntry, ...]) -> BoundaryMarker:
    with_place = [entry.marker for entry in entries if entry.marker.position is not None]
    return with_place[0] if with_place else entries[0].marker


def grid_azimuths_deg(starts: Floats, ends: Floats) -> Floats:
    """Clockwise from grid north, 0–360, between positions in the plane of shape (n, 2)."""
    way = ends - starts
    return np.asarray(np.degrees(np.arctan2(way[:, 0], way[:, 1])) % 360)


def marker_subject(marker: BoundaryMarker) -> Subject:
    """A marker as the subject of a finding."""
    return Subject("marker", marker.id, marker.number)


def marker_related(marker: BoundaryMarker, distance_m: float | None = None) -> Related:
    """A marker as a party to a finding."""
    return Related("marker", marker.id, marker.number, distance_m)
