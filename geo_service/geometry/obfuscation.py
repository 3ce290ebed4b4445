"""Shifts as obfuscated coordinates (GCJ-02, BD-09) show them: told, never undone."""

from __future__ import annotations

from geo_service.cities import CityProfile
from geo_service.lexicons import Cells, lexicon


def system_like(city: CityProfile, shift_m: float, bearing_deg: float) -> str:
    """The obfuscated system that moves the city's ground like this, "" where none does.

    `bearing_deg` is clockwise from true north, from the true place to the one drawn.
    """
    for row in lexicon("import_shift_signatures", "city", "system").rows:
        if row["city"] == city.code and _is_like(row, shift_m, bearing_deg):
            return row["system"]
    return ""


def _is_like(row: Cells, shift_m: float, bearing_deg: float) -> bool:
    far, wide = float(row["margin_m"]), float(row["margin_deg"])
    fits_distance = float(row["min_m"]) - far <= shift_m <= float(row["max_m"]) + far
    return fits_distance and (
        float(row["min_deg"]) - wide <= bearing_deg <= float(row["max_deg"]) + wide
    )
