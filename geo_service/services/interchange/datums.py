"""The system that a table names row by row (坐标系: 2000, 西安80): never read as another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.geometry.crs import REGISTER_EPSG, is_equated, read_crs
from geo_service.services.interchange.cells import Cells

if TYPE_CHECKING:
    from geo_service.services.interchange.cells import Sheet
    from geo_service.services.interchange.sandbox import Parsed

_FIELD = "datum"
_EPSG = "EPSG:"


def refuse_other_datums(parsed: Parsed, system: str, sheet: Sheet) -> None:
    """An error for every row whose own datum is not that of the `system` it would be read in.

    A row that names none is silent; obfuscated ones (GCJ-02, BD-09) never fit.
    """
    if _FIELD not in sheet.columns:
        return
    fits: dict[str, bool] = {}
    for row in parsed.rows:
        cells = Cells(sheet, row.number, row.cells)
        said = cells.choice(_FIELD)
        if said and not fits.setdefault(said, _agree(said, system)):
            declared = cells.text(_FIELD)
            cells.error("datum_differs", _FIELD, value=declared, crs=read_crs(system).name)


def _agree(said: str, system: str) -> bool:
    if not said.startswith(_EPSG):
        return False
    equal = is_equated(system) or _datum(system) == _datum(_EPSG + str(REGISTER_EPSG))
    of_register = is_equated(said) or _datum(said) == _datum(_EPSG + str(REGISTER_EPSG))
    return (equal and of_register) or _datum(said) == _datum(system)


def _datum(system: str) -> str:
    geodetic = read_crs(system).geodetic_crs
    datum = None if geodetic is None else geodetic.datum
    return "" if datum is None else datum.name
