"""Shifts as obfuscated coordinates (GCJ-02, BD-09) show them: told, never undone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from geo_service.cities import CityProfile
from geo_service.lexicons import Cells, lexicon

_STEPS = 7
"""Bearings and distances tried within a shift."""


@dataclass(frozen=True, slots=True)
class TypicalShift:
    """How an obfuscated system moves the ground of a city: metres, degrees from true north."""

    system: str
    least_m: float
    most_m: float
    margin_m: float
    first_deg: float
    last_deg: float
    margin_deg: float

    def covers(self, shift_m: float, bearing_deg: float) -> bool:
        """Whether a movement is like this one."""
        fits = self.least_m - self.margin_m <= shift_m <= self.most_m + self.margin_m
        first, last = self.first_deg - self.margin_deg, self.last_deg + self.margin_deg
        return fits and first <= bearing_deg <= last

    def vectors(self) -> Iterator[tuple[float, float]]:
        """Movements east and north in metres, spread over the whole shift."""
        for i in range(_STEPS):
            bearing = math.radians(
                self.first_deg + (self.last_deg - self.first_deg) * i / (_STEPS - 1)
            )
            for j in range(_STEPS):
                far = self.least_m + (self.most_m - self.least_m) * j / (_STEPS - 1)
                yield far * math.sin(bearing), far * math.cos(bearing)


def shifts_of(city: CityProfile) -> tuple[TypicalShift, ...]:
    """The shifts known for a city."""
    rows = lexicon("import_shift_signatures", "city", "system").rows
    return tuple(_shift(row) for row in rows if row["city"] == city.code)


def _shift(row: Cells) -> TypicalShift:
    return TypicalShift(
        system=row["system"],
        least_m=float(row["min_m"]),
        most_m=float(row["max_m"]),
        margin_m=float(row["margin_m"]),
        first_deg=float(row["min_deg"]),
        last_deg=float(row["max_deg"]),
        margin_deg=float(row["margin_deg"]),
    )


def system_like(city: CityProfile, shift_m: float, bearing_deg: float) -> str:
    """The obfuscated system that moves the city's ground like this, "" where none does.

    `bearing_deg` is clockwise from true north, from the true place to the one drawn.
    """
    return next((s.system for s in shifts_of(city) if s.covers(shift_m, bearing_deg)), "")
