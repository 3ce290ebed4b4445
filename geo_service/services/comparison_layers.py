"""A comparison of two copies as layers for a GIS: lines, stretches and vertices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from geo_service.services.interchange.exporting import Layer

if TYPE_CHECKING:
    from geo_service.geometry.reconciliation import Departure, Matched, Reconciliation
    from geo_service.services.comparison import ComparedLine, ComparisonReport
    from geo_service.services.interchange.fields import Row


def layers_of(report: ComparisonReport) -> tuple[Layer, ...]:
    """`lines` of copy A with their figures, `matched`, `departures` and `lonely_vertices`."""
    drawn = [(line, line.copies.measured) for line in report.lines if line.copies.measured]
    return (
        Layer(
            "lines",
            [_line_row(line) for line in report.lines],
            [line.copies.a.geometry for line in report.lines],
        ),
        Layer(
            "matched",
            [_matched_row(line, stretch) for line, found in drawn for stretch in found.matched],
            [stretch.geometry for _, found in drawn for stretch in found.matched],
        ),
        Layer(
            "departures",
            [
                _departure_row(line, stretch)
                for line, found in drawn
                for stretch in found.departures
            ],
            [stretch.geometry for _, found in drawn for stretch in found.departures],
        ),
        Layer(
            "lonely_vertices",
            [row for line, found in drawn for row in _vertex_rows(line, found)],
            [
                point
                for _, found in drawn
                for side in (found.vertices_a, found.vertices_b)
                for point in side.lonely
            ],
        ),
    )


def _named(line: ComparedLine) -> Row:
    return {"code": line.copies.a.code, "name": line.copies.name}


def _line_row(line: ComparedLine) -> Row:
    row = {**_named(line), "code_b": line.copies.b.code, "paired_by": line.paired_by.value}
    found = line.copies.measured
    if found is None:
        return row
    return row | {
        "length_a_m": round(found.length_a_m, 3),
        "length_b_m": round(found.length_b_m, 3),
        "matched_m": round(found.matched_m, 3),
        "median_m": round(found.a_to_b.median_m, 3),
        "p95_m": round(found.a_to_b.p95_m, 3),
        "hausdorff_m": round(found.hausdorff_m, 3),
        "area_m2": round(found.area_m2, 1),
        "departures": len(found.departures),
        "tolerance_m": found.tolerance_m,
        "edge_matched": "yes" if found.edge_matched else "no",
    }


def _matched_row(line: ComparedLine, stretch: Matched) -> Row:
    return _named(line) | {
        "a_from_m": round(stretch.a.from_m, 2),
        "a_to_m": round(stretch.a.to_m, 2),
        "b_from_m": round(stretch.b.from_m, 2),
        "b_to_m": round(stretch.b.to_m, 2),
        "frechet_m": round(stretch.frechet_m, 3),
        "area_m2": round(stretch.area_m2, 1),
    }


def _departure_row(line: ComparedLine, stretch: Departure) -> Row:
    return _named(line) | {
        "side": stretch.side.upper(),
        "from_m": round(stretch.own.from_m, 2),
        "to_m": round(stretch.own.to_m, 2),
        "opposite_from_m": round(stretch.opposite.from_m, 2),
        "opposite_to_m": round(stretch.opposite.to_m, 2),
        "largest_m": round(stretch.largest_m, 3),
        "counterpart": "no" if stretch.alone else "yes",
    }


def _vertex_rows(line: ComparedLine, found: Reconciliation) -> Iterator[Row]:
    for side, vertices in (("A", found.vertices_a), ("B", found.vertices_b)):
        for _ in vertices.lonely:
            yield _named(line) | {"side": side}
