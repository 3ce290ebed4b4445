"""Whether what a sender tells of roads can be: names, widths, lengths, and lengths as drawn.

Told as warnings and asked back, never a ground to refuse and never mended: the register keeps what
was told, and the line tells its own length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geo_service.domain.road import Road
from geo_service.geometry.measure import lengths_m
from geo_service.services.wording import number_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.cities import CityProfile
    from geo_service.geometry.arrays import Floats
    from geo_service.services.interchange.cells import Sheet
    from geo_service.services.interchange.reading import ReadRow

_METRES_IN_KM = 1000.0


def tell_implausible(rows: Sequence[ReadRow], sheet: Sheet, city: CityProfile) -> None:
    """Warn of a name told twice, of figures no road has, and of lengths the line does not have."""
    roads = [(row.number, row.record) for row in rows if isinstance(row.record, Road)]
    if not roads:
        return
    _tell_repeated(roads, sheet)
    numbers = [number for number, _ in roads]
    measured = _measured([road for _, road in roads])
    told = np.array([_figure(road.length_m) for _, road in roads])
    widths = np.array([_figure(road.width_m) for _, road in roads])
    _tell_widths(numbers, widths, told, measured, sheet=sheet, city=city)
    _tell_lengths(numbers, told, measured, sheet, city)


def _tell_repeated(roads: Sequence[tuple[int, Road]], sheet: Sheet) -> None:
    """One name twice in a unit: roads come in stretches, and the register holds each row as one."""
    first: dict[tuple[str, str | None], tuple[int, Road]] = {}
    for number, road in roads:
        row, other = first.setdefault((road.name, road.unit_code), (number, road))
        if other.id != road.id and other.period.intersects(road.period):
            sheet.issues.warning("road_name_repeated", number, "name", value=road.name, first=row)


def _figure(value: float | None) -> float:
    return np.nan if value is None else value


def _measured(roads: Sequence[Road]) -> Floats:
    """Geodesic lengths in metres; NaN where a road is not drawn."""
    lengths = np.full(len(roads), np.nan)
    drawn = np.array([road.geometry is not None for road in roads])
    shapes = [road.geometry for road in roads if road.geometry is not None]
    if shapes:
        lengths[drawn] = lengths_m(np.array(shapes, dtype=object))
    return lengths


def _tell_widths(
    numbers: Sequence[int],
    widths: Floats,
    told: Floats,
    measured: Floats,
    *,
    sheet: Sheet,
    city: CityProfile,
) -> None:
    least, most = city.threshold("road_width_least_m"), city.threshold("road_width_most_m")
    share, placed = city.threshold("road_length_share"), measured > 0
    # As long as the line and longer than what is told as its length: that is the other figure.
    length_like = (np.abs(widths - measured) <= share * measured) & (told < widths)
    swapped = placed & ((widths > measured) | length_like)
    for i in np.flatnonzero(swapped).tolist():
        length = min(told[i], measured[i]) if told[i] > 0 else measured[i]
        said = {"width": number_text(widths[i]), "length": number_text(length)}
        sheet.issues.warning("road_wider_than_long", numbers[i], "width_m", **said)
    odd = ~swapped & (widths >= 0) & ((widths < least) | (widths > most))
    for i in np.flatnonzero(odd).tolist():
        limits = {"least": f"{least:g}", "most": f"{most:g}"}
        value = number_text(widths[i])
        sheet.issues.warning("road_width_implausible", numbers[i], "width_m", value=value, **limits)


def _tell_lengths(
    numbers: Sequence[int], told: Floats, measured: Floats, sheet: Sheet, city: CityProfile
) -> None:
    field = "length_m" if "length_m" in sheet.columns else "length_km"
    for i in np.flatnonzero(told == 0).tolist():
        sheet.issues.warning("road_length_nought", numbers[i], field)
    limit = city.threshold("road_length_share")
    known = (told > 0) & (measured > 0)
    told, measured = np.where(known, told, np.nan), np.where(known, measured, np.nan)
    off = np.abs(measured / told - 1)
    # The same figure read in the other unit: kilometres as metres, or metres as kilometres.
    other = np.fmin(
        np.abs(measured / (told * _METRES_IN_KM) - 1), np.abs(measured * _METRES_IN_KM / told - 1)
    )
    for i in np.flatnonzero(off > limit).tolist():
        said = {"told": number_text(told[i]), "measured": f"{measured[i]:,.1f}"}
        if other[i] <= limit:
            sheet.issues.warning("road_length_unit", numbers[i], field, **said)
        else:
            share = {"share": f"{off[i]:.1%}", "limit": f"{limit:.0%}"}
            sheet.issues.warning("road_length_differs", numbers[i], field, **said, **share)
