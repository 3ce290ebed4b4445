"""Units that signed a line and have since been succeeded by others."""

from __future__ import annotations

from geo_service.cities import CodePeriod
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.identity import DivisionCode
from geo_service.rules.boundaries import BoundaryContext


def former_party(
    line: AdministrativeBoundary, code: DivisionCode, context: BoundaryContext
) -> CodePeriod | None:
    """What the party was called, where it is no more but was there when the line was agreed.

    A line says so by the number of its agreement, or by holding since a day of that unit. None
    for a unit that is still there, and for a former code in a record made after its end.
    """
    rows = context.city.code_history(code.county)
    ended = [row for row in rows if row.period.end and row.period.end <= context.as_of]
    if not ended or any(row.period.covers(context.as_of) for row in rows):
        return None
    start = line.period.start
    signed = bool(line.agreement_no) or (start is not None and ended[-1].period.covers(start))
    return ended[-1] if signed else None
