"""What lies across or along the lines of a case: crossings, nearest lines, both sides of a line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.finding import Related, Subject
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting import SupportingRecord
from geo_service.domain.text import Text
from geo_service.geometry.arrays import Floats, Geometries, Ints
from geo_service.geometry.cutting import Pieces, cut
from geo_service.geometry.track import Stations, Track, as_points
from geo_service.geometry.validity import solid_copies
from geo_service.rules.boundaries import BoundaryCase, BoundaryContext, line_related
from geo_service.rules.boundaries._wording import chainage

RecordT = TypeVar("RecordT", bound=SupportingRecord)


def record_subject(record: SupportingRecord, name: str = "") -> Subject:
    """A row of a layer as the subject of a finding."""
    return Subject(record.LAYER, record.id, name)


def shapes_of(records: Sequence[SupportingRecord]) -> Geometries:
    """The geometries of rows that have a place each; areas sound throughout, for overlays."""
    shapes = np.empty(len(records), dtype=object)
    shapes[:] = [record.geometry for record in records]
    return solid_copies(shapes, (shapely.get_dimensions(shapes) < 2) | shapely.is_valid(shapes))


def judged_lines(case: BoundaryCase, context: BoundaryContext) -> Ints:
    """Numbers of the lines that are drawn and concern the city."""
    concerned = [
        number
        for number, line in enumerate(case.lines)
        if case.plane_lines[number] is not None and context.concerns(*line.parties)
    ]
    return np.array(concerned, dtype=np.int64)


def units_related(case: BoundaryCase, codes: Sequence[DivisionCode]) -> tuple[Related, ...]:
    """Units as parties to a finding, by code; their names where the case has them."""
    return tuple(Related("unit", code, case.unit_names.get(code, "")) for code in sorted(codes))


def along(case: BoundaryCase, line: AdministrativeBoundary, points: Floats) -> Stations:
    """Where EPSG:4490 points of shape (n, 2) lie along a line that is drawn."""
    drawn = cast("BaseGeometry", line.geometry)
    return case.kept.once(Track.of, drawn, case.plane_epsg).refer(points)


def along_each(case: BoundaryCase, numbers: Ints, points: Floats) -> Stations:
    """Where each of EPSG:4490 points (n, 2) lies along its own line; `numbers` (n,) of lines."""
    chainage_m, offset_m = np.zeros(len(numbers)), np.zeros(len(numbers))
    for number in np.unique(numbers).tolist():
        own = numbers == number
        met = along(case, case.lines[number], points[own])
        chainage_m[own], offset_m[own] = met.chainage_m, met.offset_m
    return Stations(chainage_m, offset_m)


def both_sides(
    case: BoundaryCase, line: AdministrativeBoundary, distance_m: float | None = None
) -> tuple[Related, ...]:
    """A line and the units on both its sides."""
    return (line_related(line, distance_m), *units_related(case, sorted(line.parties)))


@dataclass(frozen=True)
class Crossing:
    """A thing that lines cut, with how much of it each unit has.

    `reach_m` is how far it reaches into a unit, measured from the lines, `area_m2` what of it lies
    there; `lines` are those it meets that separate these units.
    """

    geometry: BaseGeometry
    reach_m: dict[DivisionCode, float]
    area_m2: dict[DivisionCode, float]
    lines: tuple[AdministrativeBoundary, ...]

    def where(self, case: BoundaryCase) -> Text:
        """The lines by name, and where along each the thing lies."""
        told = [(line.name or line.code, self._places(line, case)) for line in self.lines]
        return Text(
            "、".join(f"{name}{place.zh}" for name, place in told),
            "; ".join(f"{name} {place.en}" for name, place in told),
        )

    def _places(self, line: AdministrativeBoundary, case: BoundaryCase) -> Text:
        inside = shapely.intersection(line.geometry, self.geometry)
        return chainage(along(case, line, shapely.get_coordinates(inside)).chainage_m)


def crossings(
    case: BoundaryCase, context: BoundaryContext, records: Sequence[RecordT]
) -> Iterator[tuple[RecordT, Crossing]]:
    """Lines and areas that lie on both sides of a line, level by level of the lines.

    Sides are told by the lines, not by polygons of units: what a line parts belongs to its sides.
    """
    things = shapes_of(records)
    by_level: dict[str, list[int]] = defaultdict(list)
    for number in judged_lines(case, context).tolist():
        by_level[case.lines[number].left_code.level].append(number)
    for level in sorted(by_level):
        lines = [case.lines[number] for number in by_level[level]]
        drawn = np.array([line.geometry for line in lines], dtype=object)
        pieces = cut(things, drawn, case.plane_epsg)
        hit, first = np.unique(pieces.thing, return_index=True)
        last = np.append(first, len(pieces.thing))[1:]
        for number, start, end in zip(hit.tolist(), first.tolist(), last.tolist(), strict=True):
            rows = np.arange(start, end)
            crossing = _crossing(things[number], pieces, rows, lines, context)
            if len(crossing.reach_m) > 1:
                yield records[number], crossing


def _crossing(
    thing: BaseGeometry,
    pieces: Pieces,
    rows: Ints,
    lines: Sequence[AdministrativeBoundary],
    context: BoundaryContext,
) -> Crossing:
    reach: dict[DivisionCode, float] = defaultdict(float)
    area: dict[DivisionCode, float] = defaultdict(float)
    for row in rows.tolist():
        line = lines[pieces.line[row]]
        side = line.left_code if pieces.is_left[row] else line.right_code
        code = context.current(side)
        reach[code] = max(reach[code], float(pieces.reach_m[row]))
        area[code] += float(pieces.area_m2[row])
    met = tuple(lines[number] for number in np.unique(pieces.line[rows]).tolist())
    return Crossing(thing, dict(reach), dict(area), met)


def nearest_lines(
    case: BoundaryCase, numbers: Ints, places: Floats, within_m: float
) -> tuple[Ints, Floats]:
    """Per place in the plane, shape (n, 2), the nearest of some lines and its distance in metres.

    -1 where none lies within reach; of equally near lines the first.
    """
    nearest = np.full(len(places), -1, dtype=np.int64)
    apart = np.full(len(places), np.inf)
    if len(numbers):
        tree = shapely.STRtree(case.plane_lines[numbers])
        (row, at), metres = tree.query_nearest(
            as_points(places), max_distance=within_m, return_distance=True, all_matches=True
        )
        order = np.lexsort((at, row))[::-1]  # the first of several is written last
        nearest[row[order]], apart[row[order]] = numbers[at[order]], metres[order]
    return nearest, apart
