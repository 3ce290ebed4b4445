"""Whether lengths that a file tells fit what it draws: told, never corrected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Record
from geo_service.geometry.measure import lengths_m
from geo_service.services.interchange.cells import Sheet

_METRES = 1000.0
_SLACK = 2.0
"""A drawn line is shorter than the surveyed one, but not twice (ours)."""


def tell_measures(rows: Sequence[tuple[int, Record]], sheet: Sheet) -> None:
    """Warn of lines whose length is told in another unit than kilometres, as their shape shows."""
    lines = [
        (number, record.length_km, record.geometry)
        for number, record in rows
        if isinstance(record, AdministrativeBoundary)
        and record.length_km
        and record.geometry is not None
    ]
    if not lines or sheet.issues.refused:
        return
    drawn = lengths_m(np.array([shape for _, _, shape in lines], dtype=object)) / _METRES
    said = np.array([length for _, length, _ in lines])
    with np.errstate(divide="ignore"):
        ratio = said / drawn
    for factor in (_METRES, 1 / _METRES):
        fits = (ratio > factor / _SLACK) & (ratio < factor * _SLACK)
        for i in np.flatnonzero(fits).tolist():
            facts = {"value": f"{said[i]:g}", "drawn": f"{drawn[i]:.3f}"}
            sheet.issues.warning("length_unit", lines[i][0], "length_km", **facts)
