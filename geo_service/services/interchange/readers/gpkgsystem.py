"""Whether a GeoPackage is of one mind about its coordinate system.

It says it four times: in its contents, in its geometry columns, in its table of systems (a number,
and a text) and in every geometry. GDAL believes the first number it meets.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from geo_service.services.interchange.readers.table import Cell, RawTable, Unreadable

_SAID = (
    "SELECT g.table_name AS layer, g.column_name AS place, g.srs_id AS one, c.srs_id AS other "
    "FROM gpkg_geometry_columns g JOIN gpkg_contents c ON c.table_name = g.table_name"
)
_SYSTEMS = (
    "SELECT srs_id, organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys"
)
_UNDEFINED = (-1, 0)
"""What a GeoPackage writes where no system is known (OGC 12-128, clause 1.1.2.1.2)."""
Query = Callable[[str], list[list[Cell]]]


def check_system(query: Query, table: RawTable) -> None:
    """Compare what is said of the layer of a table. Raises Unreadable `crs_contradicts`.

    Rows whose geometry says otherwise are noted, each as an error.
    """
    for layer, column, srs_id, in_contents in query(_SAID):
        if layer != table.layer:
            continue
        if in_contents is not None and in_contents != srs_id:
            raise Unreadable("crs_contradicts", one=str(srs_id), other=str(in_contents))
        if srs_id in _UNDEFINED:
            table.crs = ""
        _check_entry(query, srs_id)
        _check_rows(query, table, srs_id, str(column))


def _check_entry(query: Query, srs_id: Any) -> None:
    for number_here, organization, number, definition in query(_SYSTEMS):
        if number_here != srs_id:
            continue
        if str(organization).upper() != "EPSG":
            continue
        if int(srs_id) > 0 and int(str(number)) != int(srs_id) and _known(int(srs_id)):
            raise Unreadable("crs_contradicts", one=f"EPSG:{srs_id}", other=f"EPSG:{number}")
        if (other := _other(int(str(number)), str(definition))) is not None:
            raise Unreadable("crs_contradicts", one=f"EPSG:{number}", other=other)


def _known(number: int) -> bool:
    from pyproj import CRS  # noqa: PLC0415 - only files with a system pay for it
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        CRS.from_epsg(number)
    except CRSError:
        return False
    return True


def _other(number: int, definition: str) -> str | None:
    """The name of the system a definition means, None where it agrees or cannot be read."""
    from pyproj import CRS  # noqa: PLC0415
    from pyproj.exceptions import CRSError  # noqa: PLC0415

    try:
        meant, said = CRS.from_epsg(number), CRS.from_wkt(definition)
    except CRSError:
        return None
    if meant.equals(said, ignore_axis_order=True) or said.to_epsg(min_confidence=25) == number:
        return None
    return said.name


def _check_rows(query: Query, table: RawTable, srs_id: Any, column: str) -> None:
    asked = f"ST_SRID({_identifier(column)}) AS said FROM {_identifier(table.layer)}"
    if all(_is(value, srs_id) for (value,) in query(f"SELECT DISTINCT {asked}")):
        return
    rows = query(f"SELECT {asked}")
    for number, (value,) in zip(table.numbers, rows, strict=False):
        if not _is(value, srs_id):
            facts = {"one": str(srs_id), "other": str(value)}
            table.note("error", "crs_contradicts", number, "geometry", **facts)


def _is(value: Cell, srs_id: Cell) -> bool:
    """Whether a row has no number, or this one.

    It comes as text or with a fraction where the first row of a question has none.
    """
    number = math.nan if value is None else float(value)
    return math.isnan(number) or number == float(srs_id or 0)


def _identifier(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'
