"""Examples: the line between 甲区 and 乙区 on the grid of `boundaries`, with what was handed in.

The line runs ten kilometres due east from the origin; 甲区 lies north of it, on its left.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from geo_service import cities
from geo_service.domain.finding import Severity
from geo_service.domain.marker import BoundaryMarker
from geo_service.domain.supporting import Supporting, SupportingRecord
from geo_service.domain.text import Text
from geo_service.rules.base import Example
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import drawing
from geo_service.rules.inspections import InspectionCase

LINE = "990101-990102"
_CITY = "990100"
_DAY = date(2024, 6, 1)
_COURSE = {"甲区|乙区": "LINESTRING(0 0, 10000 0)"}
_UNITS = {
    "甲区": "POLYGON((0 0, 10000 0, 10000 5000, 0 5000, 0 0))",
    "乙区": "POLYGON((0 0, 0 -5000, 10000 -5000, 10000 0, 0 0))",
}


def inspected(
    *records: SupportingRecord, markers: tuple[BoundaryMarker, ...] = (), **of_line: Any
) -> InspectionCase:
    """A case of the one line with what was handed in beside it."""
    drawn = drawing(_UNITS, _COURSE)
    lines = tuple(replace(line, **of_line) for line in drawn.lines)
    return InspectionCase(lines, drawn.units, markers, Supporting.of(records), drawn.plane_epsg)


def _context(on: date) -> BoundaryContext:
    return BoundaryContext(cities.city(_CITY), on)


def flagged(case: InspectionCase, severity: Severity, why: Text) -> Example[InspectionCase]:
    """An example the rule must report, judged by the profile of the invented city."""
    return Example(case, _DAY, why, severity, _context(_DAY))


def clean(case: InspectionCase, why: Text) -> Example[InspectionCase]:
    """An example the rule must let pass."""
    return Example(case, _DAY, why, None, _context(_DAY))
