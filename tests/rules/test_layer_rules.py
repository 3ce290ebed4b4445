"""Rules on layers beside a review take whatever shape a layer may have, and say nothing absurd."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

import pytest

from geo_service import cities
from geo_service.domain.identity import DivisionCode
from geo_service.domain.supporting import SupportingRecord
from geo_service.domain.supporting.ground import (
    BoundarySign,
    BuiltFeature,
    Coast,
    DetailedLine,
    Island,
    NamedRoad,
    OtherCopy,
    PlacedName,
    Project,
    TidalLand,
    WatchedFeature,
)
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.boundaries._drawing import beside, drawing, said
from geo_service.rules.engine import evaluate, rules_of

CONTEXT = BoundaryContext(cities.city("990100"), date(2024, 6, 1))
UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
}
COURSES = {
    "straight": "LINESTRING(0 0, 2000 0)",
    "closed": "LINESTRING(0 0, 0 500, 500 500, 500 0, 0 0)",
    "in two parts": "MULTILINESTRING((0 0, 900 0), (1100 0, 2000 0))",
    "without length": "LINESTRING(500 500, 500 500)",
    "empty": "LINESTRING EMPTY",
    "none": "",
}
POINTS = ("POINT(500 0)", "POINT(1 1)", "MULTIPOINT(500 0, 500 10)")
LINES = (
    "LINESTRING(0 0, 2000 0)",
    "LINESTRING(500 -100, 500 100)",
    "LINESTRING(500 500, 500 500)",
    "LINESTRING(0 10, 100 10, 100 -10, 0 -10, 0 10)",
    "MULTILINESTRING((500 -90, 500 0), (500 0, 500 90))",
    "LINESTRING(500 -100, 500 100, 500 -100)",
)
AREAS = (
    "POLYGON((400 -10, 600 -10, 600 10, 400 10, 400 -10))",
    "POLYGON((400 -10, 600 10, 600 -10, 400 10, 400 -10))",
    "MULTIPOLYGON(((0 -9, 9 -9, 9 9, 0 -9)), ((50 -9, 59 -9, 59 9, 50 -9)))",
    "POLYGON((0 0, 2000 0, 1000 0, 0 0))",
    "POLYGON((-500 -500, 2500 -500, 2500 1500, -500 1500, -500 -500))",
)
CODES = ("990101", "990102", "990199", "990101001", "990100")


def _rows() -> Iterator[SupportingRecord]:
    line = "990101-990102"
    for n, wkt in enumerate(LINES):
        yield said(DetailedLine, n, wkt, line_code=line)
        yield said(OtherCopy, n, wkt, line_code=line, owner=f"图{n}")
        yield said(Coast, n, wkt)
        yield said(WatchedFeature, n, wkt, name="河", observed_on=date(2000 + n % 3, 1, 1))
        yield said(NamedRoad, n, wkt, name=f"路{n}")
    for n, wkt in enumerate(AREAS):
        yield said(Island, n, wkt)
        yield said(TidalLand, n, wkt)
        yield said(BuiltFeature, n, wkt)
    for n, wkt in enumerate((*POINTS, *LINES, *AREAS)):
        yield said(PlacedName, n, wkt, name="村", unit_code=DivisionCode(CODES[n % len(CODES)]))
        yield said(Project, n, wkt, name="工程")
    for n, wkt in enumerate(POINTS[:2]):
        yield said(BoundarySign, n, wkt)


ROWS = tuple(_rows())
ALL_TOGETHER = (ROWS, *((row,) for row in ROWS))


@pytest.mark.parametrize("units", [UNITS, {}], ids=["units", "no units"])
@pytest.mark.parametrize("course", COURSES.values(), ids=COURSES)
def test_odd_shapes_break_nothing(course: str, units: dict[str, str]) -> None:
    base = drawing(units, {"甲区|乙区": course} if course else None)
    ran = set()
    for rows in ALL_TOGETHER:
        case = beside(base, *rows)
        rules = [
            rule
            for rule in rules_of("boundaries")
            if rule.needs & case.supporting.layers and rule.needs <= case.present
        ]
        ran |= {rule.id for rule in rules}
        found = evaluate(rules, case, CONTEXT, as_of=CONTEXT.as_of, jurisdiction=CONTEXT.city.code)
        for finding in found:
            words = finding.message.en.replace("(", " ").split()
            assert not {"nan", "inf"} & set(words), finding.message.en
            assert finding.measure is None or math.isfinite(finding.measure.measured or 0.0)
    assert ran or not (units or course)
