"""Whether lengths that a file tells fit what it draws: told, never corrected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo_service.cities import CityProfile
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Record
from geo_service.geometry.arrays import Bools, Floats
from geo_service.geometry.measure import lengths_m
from geo_service.services.interchange.cells import Sheet

_METRES = 1000.0


def tell_measures(rows: Sequence[tuple[int, Record]], sheet: Sheet, city: CityProfile) -> None:
    """Warn of lines far from the length that is told of them: of another unit, or of another line.

    A drawn line is shorter than the surveyed one, but not many times.
    """
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
    slack = city.threshold("import_length_times")
    with np.errstate(divide="ignore"):
        ratio = said / drawn
    unit = _near(ratio, _METRES, slack) | _near(ratio, 1 / _METRES, slack)
    for i in np.flatnonzero(~_near(ratio, 1.0, slack)).tolist():
        code = "length_unit" if unit[i] else "length_differs"
        facts = {"value": f"{said[i]:g}", "drawn": f"{drawn[i]:.3f}"}
        sheet.issues.warning(code, lines[i][0], "length_km", **facts)


def _near(ratio: Floats, factor: float, slack: float) -> Bools:
    return (ratio > factor / slack) & (ratio < factor * slack)
