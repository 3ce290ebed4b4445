"""Whether a division code is one of the city's, and in force: what is said of one that is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.identity import DivisionCode
    from geo_service.domain.period import Period

CodeProblem = tuple[str, dict[str, str]]
"""Key of the message in the area `import`, and its facts."""


def code_problem(
    code: DivisionCode, city: CityProfile, period: Period, today: date
) -> CodeProblem | None:
    """A code that the city does not have, or not at that time, with its successor; else None.

    Without a period `today` is the day in question. Codes of other cities are not known here.
    """
    if code.county == city.code:
        return None
    history = city.code_history(code.county)
    if not history:
        if code.is_within(city.code):
            return "code_unknown", {"value": str(code), "city": city.name.zh}
        return None
    dated = period.start is not None or period.end is not None
    if any(p.period.intersects(period) if dated else p.period.covers(today) for p in history):
        return None
    last = history[-1]
    return "code_not_in_force", {
        "value": str(code),
        "name": last.name,
        "until": str(last.period.end or last.period.start),
        "successors": ", ".join(last.successors) or "-",
    }
