"""The coordinate systems in which features are served and asked for, by their OGC addresses.

Axes are in the order that the system declares: EPSG:4490 and 4326 write latitude before longitude,
the Gauss–Krüger zones northing before easting. WGS 84 is taken as equal to CGCS2000, as everywhere
(`geometry.crs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from pyproj import Transformer

from geo_service.errors import InputError
from geo_service.geometry.crs import REGISTER_EPSG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geo_service.geometry.arrays import Floats, Geometries
    from geo_service.store.protocol import Box

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
STORAGE = f"{_EPSG}{REGISTER_EPSG}"
_BY_MERIDIAN = range(4534, 4555)
"""Zones of three degrees named by meridian; those with a zone prefix are numbered 21 lower."""
_PREFIX_STEP = 21
_DEGREE_DECIMALS = 9
"""A tenth of a millimetre."""
_METRE_DECIMALS = 4
_EDGES = 32
"""Pieces into which an edge straight in one system is cut where it bends in another."""


@cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(REGISTER_EPSG, epsg, allow_ballpark=False)


@dataclass(frozen=True, slots=True)
class System:
    """One system: `plane_epsg` of a zone, None for degrees; `swapped` writes latitude first."""

    uri: str
    swapped: bool = False
    plane_epsg: int | None = None

    @property
    def decimals(self) -> int:
        """Decimals that are written."""
        return _DEGREE_DECIMALS if self.plane_epsg is None else _METRE_DECIMALS

    def outward(self, points: Floats) -> Floats:
        """Longitude and latitude (n, 2) of EPSG:4490 as the system writes them."""
        if self.plane_epsg is None:
            turned = points[:, ::-1] if self.swapped else points
        else:
            by = _transformer(self.plane_epsg)
            turned = np.stack(by.transform(points[:, 1], points[:, 0]), axis=1)
        return np.asarray(np.round(turned, self.decimals))

    def inward(self, points: Floats) -> Floats:
        """The way back, unrounded; what PROJ cannot place comes back infinite."""
        if self.plane_epsg is None:
            return points[:, ::-1] if self.swapped else points
        by = _transformer(self.plane_epsg)
        lat, lon = by.transform(points[:, 0], points[:, 1], direction="INVERSE")
        return np.stack((lon, lat), axis=1)

    def written(self, shapes: Geometries) -> Geometries:
        """Geometries of EPSG:4490 in this system, rounded."""
        return np.asarray(shapely.transform(shapes, self.outward), dtype=object)

    def area(self, box: Box) -> shapely.Polygon:
        """A box of this system as an area of EPSG:4490; the edges of a plane one bend."""
        outline = shapely.box(*box)
        if self.plane_epsg is not None:
            longest = max(box[2] - box[0], box[3] - box[1])
            outline = shapely.segmentize(outline, longest / _EDGES or 1.0)
        return shapely.transform(outline, self.inward)


@cache
def systems(plane_epsg: int) -> Mapping[str, System]:
    """All systems of a city, by address, the default first."""
    planes = [plane_epsg]
    if plane_epsg in _BY_MERIDIAN:
        planes.append(plane_epsg - _PREFIX_STEP)
    found = [
        System(CRS84),
        System(STORAGE, swapped=True),
        System(f"{_EPSG}4326", swapped=True),
        *(System(f"{_EPSG}{epsg}", plane_epsg=epsg) for epsg in planes),
    ]
    return {system.uri: system for system in found}


def system(uri: str, plane_epsg: int, parameter: str) -> System:
    """The system of that address. Raises InputError crs_not_served, naming the parameter."""
    known = systems(plane_epsg)
    if uri not in known:
        raise InputError("crs_not_served", name=parameter, known=", ".join(known))
    return known[uri]
