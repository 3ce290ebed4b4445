"""Two positions of one row, in the plane and in degrees, held against each other."""

from __future__ import annotations

import numpy as np
import shapely

from geo_service.cities import CityProfile
from geo_service.geometry.measure import distances_m
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.demands import demand_of
from geo_service.services.interchange.shapes import Origin, Shapes

_DEGREES = ("lon", "lat")
_PLANE = (Origin.XY, Origin.GRID)


def compare_positions(rows: list[Cells], shapes: Shapes, sheet: Sheet, city: CityProfile) -> None:
    """Tell rows whose longitude and latitude lie off their plane coordinates, which count.

    To be asked once the shapes are EPSG:4490, which the degrees are taken for. Of a legal layer
    such a row is refused: which of the two is the place is not ours to say.
    """
    if shapes.origin not in _PLANE or not sheet.system or not set(_DEGREES) <= set(sheet.columns):
        return
    told = [tuple(cells.degrees(field) for field in _DEGREES) for cells in rows]
    both = [
        i for i, pair in enumerate(told) if None not in pair and shapes.geometries[i] is not None
    ]
    if not both or sheet.issues.refused:
        return
    degrees = np.array([told[i] for i in both], dtype=float)
    plane = shapely.get_coordinates(shapes.geometries[both])
    limit = city.threshold("import_residual_m")
    off = distances_m(plane, degrees)
    tell = sheet.issues.error if demand_of(sheet.kind).legal else sheet.issues.warning
    for k in np.flatnonzero(~(off <= limit)).tolist():
        facts = {"distance": f"{off[k]:.1f}", "limit": f"{limit:g}"}
        tell("positions_differ", rows[both[k]].number, "lon", **facts)
    if (off <= limit).any():
        sheet.issues.info("positions_agree", field="lon", count=int((off <= limit).sum()))
