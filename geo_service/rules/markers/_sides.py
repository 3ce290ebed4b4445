"""Which units a marker stands between, and who of them keeps it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.domain.identity import DivisionCode, LineCode
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.errors import InputError
from geo_service.geometry import crs
from geo_service.rules.boundaries import BoundaryContext
from geo_service.rules.markers import MarkerCase

_AROUND_A_TRIPLE = 3


@dataclass(frozen=True, slots=True)
class Sides:
    """The units around a marker and those named as its keepers, by the codes of today.

    `complete` tells that no further unit can belong to the marker: false where the line is not
    known, and for one of three stones whose third side no line nearby shows.
    """

    around: frozenset[DivisionCode]
    keepers: frozenset[DivisionCode]
    complete: bool

    @property
    def others(self) -> frozenset[DivisionCode]:
        """Those who must be there when the keeper repairs; either side where both keep it."""
        return (self.around - self.keepers) or self.around


def as_of_today(context: BoundaryContext, code: DivisionCode) -> DivisionCode:
    """The unit of today that a code stands for; a town or street stands for its county."""
    return context.current(code.county)


def sides_of(case: MarkerCase, context: BoundaryContext, marker: BoundaryMarker) -> Sides:
    """The parties of the marker's line, and at a junction those of the other lines that end there.

    Only lines that share a party are looked at: no other can meet this one.
    """
    around = {as_of_today(context, code) for code in _parties(case, marker.line_code)}
    for code in _lines_at(case, context, marker):
        others = {as_of_today(context, party) for party in _parties(case, code)}
        around |= others if others & around else set()
    named = {entry.marker.responsible_side for entry in case.by_marker[marker.id]}
    keepers = {as_of_today(context, code) for code in named if code is not None}
    triple = marker.kind is MarkerKind.TRIPLE
    complete = bool(around) and (not triple or len(around) >= _AROUND_A_TRIPLE)
    return Sides(frozenset(around), frozenset(keepers), complete)


def _parties(case: MarkerCase, line_code: str) -> frozenset[DivisionCode]:
    """The two sides of a line, from its record or from its code; none where neither tells."""
    line = case.line_of.get(line_code)
    if line is not None:
        return line.parties
    try:
        return frozenset(LineCode(line_code).sides)
    except InputError:
        return frozenset()


def _lines_at(case: MarkerCase, context: BoundaryContext, marker: BoundaryMarker) -> list[str]:
    """Codes of other lines that pass within reach of a marker."""
    codes = [code for code in case.plane_lines if code != marker.line_code]
    if marker.position is None or not codes:
        return []
    (here,) = crs.to_plane(np.array([marker.position], dtype=object), case.plane_epsg)
    lines = np.array([case.plane_lines[code] for code in codes], dtype=object)
    single = marker.kind is MarkerKind.SINGLE
    near = context.point_tolerance_m + context.line_tolerance_m
    reach = near if single else context.threshold("marker_bank_m")
    return [code for code, by in zip(codes, shapely.dwithin(lines, here, reach), strict=True) if by]
