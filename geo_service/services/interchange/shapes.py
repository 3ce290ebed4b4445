"""Geometry of a file's rows: from its own column, lon/lat, plane coordinates, WKT or GeoJSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.geometry.validity import invalid, reason_of
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.demands import Demand, demand_of

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Geometries
    from geo_service.services.interchange.sandbox import Parsed


class Origin(StrEnum):
    """Where the coordinates stand in the file."""

    GEOMETRY = "geometry"
    GEOJSON = "geojson"
    """Texts of GeoJSON in a column, which are longitude and latitude."""
    LON_LAT = "lon"
    GRID = "easting"
    """纵坐标/横坐标, northing/easting: the axes are named."""
    XY = "x"
    """x, y: in China X points north, in most software east; the numbers decide."""
    NONE = ""


@dataclass(slots=True)
class Shapes:
    """One geometry (or None) per row, in the file's own system, with the row numbers."""

    geometries: Geometries
    numbers: list[int]
    origin: Origin

    @property
    def field(self) -> str:
        """The field to name in an issue about the place."""
        return Origin.GEOMETRY.value if self.origin in _NAMELESS else self.origin.value


_NAMELESS = (Origin.GEOJSON, Origin.NONE)
_PAIRS = (
    (Origin.LON_LAT, "lon", "lat"),
    (Origin.GRID, "easting", "northing"),
    (Origin.XY, "x", "y"),
)


def _origin(parsed: Parsed, columns: dict[str, int], *, projected: bool) -> Origin:
    """Where the places stand; of two pairs the one that the system of the file is meant for."""
    if parsed.has_geometry:
        return Origin.GEOMETRY
    if "geometry" in columns:
        texts = [str(row.cells[columns["geometry"]] or "").strip() for row in parsed.rows]
        is_json = all(text.startswith("{") for text in texts if text) and any(texts)
        return Origin.GEOJSON if is_json else Origin.GEOMETRY
    there = [origin for origin, *pair in _PAIRS if set(pair) <= set(columns)]
    if projected and len(there) > 1 and there[0] is Origin.LON_LAT:
        return there[1]
    return there[0] if there else Origin.NONE


def _from_wkb(parsed: Parsed, sheet: Sheet) -> list[Any]:
    written = np.array([row.wkb for row in parsed.rows], dtype=object)
    try:
        geometries = list(shapely.from_wkb(written, on_invalid="ignore"))
    except NotImplementedError:  # one curve stops the whole array: find the rows
        geometries = [_unless_curved(shapely.from_wkb, data) for data in written]
    for row, geometry in zip(parsed.rows, geometries, strict=True):
        if geometry is None and row.wkb is not None:
            sheet.issues.error("geometry_unreadable", row.number, "geometry")
    return geometries


def _unless_curved(read: Callable[..., Any], written: Any) -> Any:
    try:
        return read(written, on_invalid="ignore")
    except NotImplementedError:  # arcs (CIRCULARSTRING, CURVEPOLYGON …)
        return None


def _from_text(rows: list[Cells]) -> list[Any]:
    result: list[Any] = []
    for cells in rows:
        text = cells.raw("geometry").strip()
        read = shapely.from_geojson if text.startswith("{") else shapely.from_wkt
        geometry = _unless_curved(read, text) if text else None
        if text and geometry is None:
            cells.error("geometry_unreadable", "geometry")
        result.append(geometry)
    return result


def _from_pair(rows: list[Cells], first: str, second: str, origin: Origin) -> list[Any]:
    read = Cells.degrees if origin is Origin.LON_LAT else Cells.decimal
    places = np.full((len(rows), 2), np.nan)
    for i, cells in enumerate(rows):
        x, y = cells.plain_number(first), cells.plain_number(second)
        if x is None or y is None:
            if cells.sheet.issues.spent:
                break
            x, y = read(cells, first), read(cells, second)
            blanks = [name for name in (first, second) if not cells.raw(name).strip()]
            if len(blanks) == 1:
                cells.error("coordinate_half", blanks[0])
        if x is not None and y is not None:
            places[i] = x, y
    points: list[Any] = np.asarray(shapely.points(places)).tolist()
    for i in np.flatnonzero(np.isnan(places).any(axis=1)).tolist():
        points[i] = None
    return points


def read_shapes(
    parsed: Parsed, rows: list[Cells], sheet: Sheet, *, projected: bool = False
) -> Shapes:
    """The geometry of every row as the file has it; what cannot be read becomes issues.

    `projected` tells that the system of the file is a plane: of two pairs that of the plane counts.
    """
    origin = _origin(parsed, sheet.columns, projected=projected)
    if origin in (Origin.GEOMETRY, Origin.GEOJSON):
        read = _from_wkb(parsed, sheet) if parsed.has_geometry else _from_text(rows)
    elif origin is Origin.NONE:
        read = [None] * len(rows)
        if demand_of(sheet.kind).placed:
            sheet.issues.error("geometry_column_missing", field="geometry")
        _refuse_half(sheet)
    else:
        _, first, second = next(pair for pair in _PAIRS if pair[0] is origin)
        read = _from_pair(rows, first, second, origin)
    geometries = np.empty(len(read), dtype=object)
    geometries[:] = read
    return Shapes(geometries, [cells.number for cells in rows], origin)


def _refuse_half(sheet: Sheet) -> None:
    """A column of one coordinate without its other: the places of the file got lost."""
    for _, *pair in _PAIRS:
        missing = [field for field in pair if field not in sheet.columns]
        if len(missing) == 1:
            sheet.issues.error("coordinate_half", None, missing[0])


def refuse_unfit(shapes: Shapes, sheet: Sheet) -> None:
    """Non-finite coordinates, empty, missing and wrong-type geometry, each with its row."""
    issues, demand = sheet.issues, demand_of(sheet.kind)
    for i in np.flatnonzero(_unfit(shapes.geometries, demand)).tolist():
        geometry, number = shapes.geometries[i], shapes.numbers[i]
        if geometry is None:
            needed = demand.placed and shapes.origin is not Origin.NONE
            if needed and not issues.refused_for(number, _ALREADY_TOLD):
                issues.error("geometry_missing", number, shapes.field)
            continue
        if geometry.is_empty:
            issues.error("geometry_empty", number, shapes.field)
        elif geometry.geom_type not in demand.shapes:
            issues.error(
                "geometry_type",
                number,
                shapes.field,
                type=geometry.geom_type,
                wanted=" / ".join(demand.shapes),
            )
        else:
            issues.error("coordinate_not_finite", number, shapes.field)
        shapes.geometries[i] = None
    _flatten(shapes, sheet)


def _unfit(geometries: Geometries, demand: Demand) -> Bools:
    """Rows of which something may have to be said: without geometry, or with one of no use."""
    names = {name.upper() for name in demand.shapes}
    wanted = [kind.value for kind in shapely.GeometryType if kind.name in names]
    coordinates, owners = shapely.get_coordinates(geometries, return_index=True)
    unfit = shapely.is_empty(geometries) | ~np.isin(shapely.get_type_id(geometries), wanted)
    unfit[owners[~np.isfinite(coordinates).all(axis=1)]] = True
    return unfit


_ALREADY_TOLD = ("geometry_", "coordinate_", "number_", "value_not_finite")


def _flatten(shapes: Shapes, sheet: Sheet) -> None:
    present = shapes.geometries != np.array(None)
    if shapely.has_z(shapes.geometries[present]).any():
        sheet.issues.info("heights_dropped", field="geometry")
        shapes.geometries[present] = shapely.force_2d(shapes.geometries[present])


def refuse_invalid(shapes: Shapes, sheet: Sheet) -> None:
    """Rings that cross, spikes and the like; asked of EPSG:4490, so that the place is a place.

    Nothing is repaired: a mended ring is a different claim.
    """
    valid = shapely.is_valid(shapes.geometries)
    for i in np.flatnonzero(~valid):
        geometry = shapes.geometries[i]
        if geometry is None:
            continue
        sheet.issues.error(
            "geometry_invalid", shapes.numbers[i], shapes.field, **invalid(*reason_of(geometry))
        )
