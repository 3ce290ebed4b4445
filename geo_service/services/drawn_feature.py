"""The thing to be named as it is drawn: one line, polygon or point of a file, and its measures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import shapely

from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.geometry.measure import areas_m2, distances_m, lengths_m
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.columns import match_columns
from geo_service.services.interchange.issues import Issues, Level
from geo_service.services.interchange.placement import place
from geo_service.services.interchange.sandbox import parse
from geo_service.services.interchange.shapes import read_shapes, refuse_unfit
from geo_service.services.positions import middle_of

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.text import Lang
    from geo_service.services.names import NameRequest


def read_feature(
    path: Path,
    *,
    city: CityProfile,
    today: date,
    lang: Lang,
    crs: str = "",
    kind: RecordKind = RecordKind.PLACE_NAMES,
) -> BaseGeometry:
    """The one geometry of a file, in EPSG:4490, fit for a record of the kind.

    Columns do not matter here.
    `crs` is the system to read it in, by default the one that the file declares.

    Raises InputError where the file cannot be used, or does not hold exactly one geometry.
    """
    issues = Issues(path.name)
    parsed = parse(path, issues)
    geometries: list[BaseGeometry] = []
    if parsed is not None:
        sheet = Sheet(kind, {}, issues, today)
        sheet.columns = match_columns(sheet.kind, parsed.headers, Issues(path.name))
        cells = [Cells(sheet, row.number, row.cells) for row in parsed.rows]
        shapes = read_shapes(parsed, cells, sheet)
        refuse_unfit(shapes, sheet)
        place(parsed, crs, shapes, sheet, city)
        geometries = [geometry for geometry in shapes.geometries if geometry is not None]
    if issues.refused:
        told = [i.message.in_(lang) for i in issues.all() if i.level is Level.ERROR]
        raise InputError("feature_file_refused", file=path.name, detail=" ".join(told))
    if len(geometries) != 1:
        raise InputError("feature_file_not_one", file=path.name, count=len(geometries))
    return geometries[0]


def as_drawn(request: NameRequest, geometry: BaseGeometry) -> NameRequest:
    """The request with the geometry, and with what it tells where the applicant told nothing."""
    told: dict[str, Any] = {
        name: value
        for name, value in _measures(geometry).items()
        if getattr(request.facts, name) is None
    }
    return replace(
        request,
        geometry=geometry,
        position=request.position or middle_of(geometry),
        facts=replace(request.facts, **told),
    )


def _measures(geometry: BaseGeometry) -> dict[str, float]:
    """Length and sinuosity of a line, area of a polygon, by names of `FeatureFacts`."""
    dimension = shapely.get_dimensions(geometry)
    if dimension == 2:
        return {"site_area_m2": float(areas_m2([geometry])[0])}
    if dimension == 0:
        return {}
    length = float(lengths_m([geometry])[0])
    whole = shapely.line_merge(geometry)
    straight = 0.0
    if isinstance(whole, shapely.LineString):
        points = shapely.get_coordinates(whole)
        straight = float(distances_m(points[:1], points[-1:])[0])
    # The ends of a ring meet, of several parts there are more than two: no ratio to be told.
    return {"length_m": length} | ({"sinuosity": length / straight} if straight else {})
