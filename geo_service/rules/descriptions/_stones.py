"""Whose markers a description means: numbers are given line by line, and it concerns one line."""

from __future__ import annotations

from collections.abc import Sequence

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.marker import BoundaryMarker


def markers_of_one_line(
    line: AdministrativeBoundary | None, markers: Sequence[BoundaryMarker]
) -> tuple[BoundaryMarker, ...] | None:
    """The markers of the line a description concerns; None where nothing tells which they are.

    Markers of one line are taken as its own even where their line is written in another way.
    """
    codes = {marker.line_code for marker in markers}
    if len(codes) <= 1:
        return tuple(markers)
    if line is None or line.code not in codes:
        return None
    return tuple(marker for marker in markers if marker.line_code == line.code)
