"""Which coordinate system a file is in, whether its numbers agree, and the way to EPSG:4490."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.cities import CityProfile
from geo_service.errors import InputError
from geo_service.geometry.arrays import Bools, Floats, Geometries
from geo_service.geometry.crs import (
    REGISTER_EPSG,
    Bounds,
    diagnose,
    is_equated,
    is_packed_dms,
    may_be_on_city,
    read_crs,
    to_register,
    written_as,
)
from geo_service.messages import message
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.datums import refuse_other_datums
from geo_service.services.interchange.demands import demand_of
from geo_service.services.interchange.sandbox import Parsed
from geo_service.services.interchange.shapes import Origin, Shapes, refuse_invalid

_REGISTER = f"EPSG:{REGISTER_EPSG}"
_NAMED = re.compile(r"EPSG:[0-9]{4,6}")
_LIMITS = (180.0, 90.0, 180.0, 90.0)
_AT_ONCE = 100_000
"""Shapes that are in memory twice: as they came and in the system of the register."""
_REACH = 1.0
"""Spans of the city beyond it on each side: no line or unit that touches it goes farther (ours)."""


def _system(parsed: Parsed, asked: str, shapes: Shapes, sheet: Sheet) -> str:
    """The system to read the coordinates in; "" after an error."""
    issues = sheet.issues
    if asked:
        if parsed.crs and read_crs(parsed.crs) != read_crs(asked):
            issues.warning("crs_overridden", field="crs", declared=_name(parsed.crs), asked=asked)
        return asked
    if parsed.crs:
        return parsed.crs
    presumed = shapes.origin is Origin.LON_LAT or shapes.origin is Origin.GEOJSON
    if parsed.sheet and not demand_of(sheet.kind).legal and presumed:
        issues.info("crs_presumed", field=shapes.field, crs=_REGISTER)
        return _REGISTER
    issues.error("crs_missing", field="crs")
    return ""


def _name(crs: str) -> str:
    return read_crs(crs).name


def is_plane(crs: str) -> bool:
    """Whether a system has plane coordinates; of one that cannot be read `place` will tell."""
    try:
        return bool(crs) and not read_crs(crs).is_geographic
    except InputError:
        return False


def said_in_rows(rows: list[Cells], sheet: Sheet, asked: str) -> str:
    """The system that a column of a table names, "" where none does or the rows disagree.

    A row that names one in other words is refused, unless somebody `asked` for a system.
    """
    if "crs" not in sheet.columns:
        return ""
    texts = {cells.raw("crs").strip().upper() for cells in rows}
    said = sorted(filter(_NAMED.fullmatch, texts))
    odd = texts - {"", *said}
    for cells in rows if odd and not asked else ():
        if (text := cells.raw("crs").strip()).upper() in odd:
            cells.error("crs_unreadable", "crs", crs=text)
    if len(said) > 1:
        sheet.issues.error("crs_several", field="crs", systems=", ".join(said[:5]))
    return said[0] if len(said) == 1 else ""


def place(parsed: Parsed, asked: str, shapes: Shapes, sheet: Sheet, city: CityProfile) -> None:
    """Bring the geometries to EPSG:4490 in place; every doubt about the system is an issue."""
    present = shapes.geometries != np.array(None)
    if not present.any():
        return
    try:
        system = _system(parsed, asked, shapes, sheet)
        if not system:
            return
        refuse_other_datums(parsed, system, sheet)
        _orient(shapes, present, sheet, city)
        if _is_packed(shapes, present, system):
            sheet.issues.error("degrees_packed", field=shapes.field)
            return
        before = shapely.bounds(shapes.geometries)
        rows = np.flatnonzero(present)
        for first in range(0, len(rows), _AT_ONCE):
            some = rows[first : first + _AT_ONCE]
            shapes.geometries[some] = to_register(shapes.geometries[some], system)
    except InputError as refusal:
        system = str(refusal.context.get("crs", ""))
        sheet.issues.error(refusal.code, field="crs", crs=system)
        return
    sheet.system = _name(system)
    if demand_of(sheet.kind).legal and is_equated(system):
        told = "crs_local_parameters" if read_crs(system).is_bound else "crs_equated"
        sheet.issues.info(told, field="crs", declared=_name(system))
    if not _Placed(before, shapes, system, sheet, city).outside():
        refuse_invalid(shapes, sheet)


def _orient(shapes: Shapes, present: Bools, sheet: Sheet, city: CityProfile) -> None:
    """x, y columns: Chinese tables write X for north. The numbers tell, and it is said aloud."""
    if shapes.origin is not Origin.XY:
        return
    found = diagnose(_bounds(shapes.geometries[present]), city.extent, city.plane_epsg)
    if found.on_city and found.swapped:
        flipped = shapely.transform(shapes.geometries[present], lambda points: points[:, ::-1])
        shapes.geometries[present] = flipped
    if found.on_city:
        code = "axes_x_north" if found.swapped else "axes_x_east"
        sheet.issues.info(code, field="x")


def _is_packed(shapes: Shapes, present: Bools, system: str) -> bool:
    """Whether degrees are written as degrees, minutes and seconds in one number."""
    if not read_crs(system).is_geographic:
        return False
    return is_packed_dms(shapely.get_coordinates(shapes.geometries[present]))


def _nowhere(bounds: Floats) -> Bools:
    """Which bounds (n, 4) lie off the earth, or are nought, as programs write a missing place."""
    blank = (bounds[:, 0] == 0) & (bounds[:, 2] == 0) | (bounds[:, 1] == 0) & (bounds[:, 3] == 0)
    nowhere: Bools = blank | ~(np.abs(bounds) <= _LIMITS).all(axis=1)
    return nowhere


def _bounds(geometries: Geometries) -> Bounds:
    west, south, east, north = (float(value) for value in shapely.total_bounds(geometries))
    return west, south, east, north


def _where(bounds: Sequence[float]) -> dict[str, str]:
    return {"x": str(round(bounds[0], 6)), "y": str(round(bounds[1], 6))}


@dataclass(frozen=True, slots=True)
class _Placed:
    """Bounds (n, 4) before, geometries after, and what was said of them."""

    before: Floats
    shapes: Shapes
    system: str
    sheet: Sheet
    city: CityProfile

    def outside(self) -> bool:
        """Tell what lies wholly outside the city, and why; whether the system is wrong."""
        west, south, east, north = self.city.extent
        box = shapely.bounds(self.shapes.geometries)
        meets = (box[:, 0] <= east) & (box[:, 2] >= west)
        meets &= (box[:, 1] <= north) & (box[:, 3] >= south)
        # One vertex flung far out still meets the city, and is wrong all the same.
        meets &= (np.abs(box) <= _LIMITS).all(axis=1)
        if demand_of(self.sheet.kind).legal:
            low, high = np.array((west, south)), np.array((east, north))
            reach = _REACH * (high - low)
            meets &= (box[:, :2] >= low - reach).all(axis=1)
            meets &= (box[:, 2:] <= high + reach).all(axis=1)
        outside = np.flatnonzero(~meets & (self.shapes.geometries != np.array(None)))
        before, refused = self.before[outside], _nowhere(box[outside])
        refused |= demand_of(self.sheet.kind).legal
        there = may_be_on_city(before, self.city.extent, self.city.plane_epsg)
        columns = (column.tolist() for column in (outside, before, refused, there))
        wrong = False
        for i, bounds, is_refused, may_be_there in zip(*columns, strict=True):
            if self.sheet.issues.spent:
                break
            explained = may_be_there and self._explained(i, bounds)
            wrong |= explained
            if not explained:
                tell = self.sheet.issues.error if is_refused else self.sheet.issues.warning
                number, where = self.shapes.numbers[i], _where(bounds)
                tell("outside_city", number, self.shapes.field, city=self.city.name.zh, **where)
        return wrong

    def _explained(self, i: int, bounds: Bounds) -> bool:
        """Tell why a geometry lies outside: swapped, or in another system or unit than said."""
        issues, number, field = self.sheet.issues, self.shapes.numbers[i], self.shapes.field
        where = _where(bounds)
        found = diagnose(bounds, self.city.extent, self.city.plane_epsg)
        if found.on_city and found.swapped:
            issues.error("axes_swapped", number, field, **where)
        elif found.on_city:
            said, fits = _name(self.system), f"EPSG:{found.epsg}"
            issues.error("crs_mismatch", number, field, declared=said, fits=fits, **where)
        elif writing := written_as(bounds, self.city.extent, self.city.plane_epsg):
            unit = message(f"import.written_as_{writing}")
            issues.error("unit_mismatch", number, field, unit=unit, **where)
            return True
        return found.on_city
