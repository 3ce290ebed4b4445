"""Boundary lines as a CAD drawing (DXF): bare geometry in a plane, layers by level and code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.geometry.crs import read_crs
from geo_service.messages import message
from geo_service.services.interchange.exporting import (
    as_array,
    check_target,
    in_system,
    written_whole,
)
from geo_service.services.interchange.fields import notice_of, row_of
from geo_service.services.interchange.issues import Issue, Issues
from geo_service.store.disk import failed_writing

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.geometry.arrays import Geometries
    from geo_service.store.protocol import Store

FORMATS = (".dxf",)
_CARRIED = {"code", "level"}
_WRITTEN, _MEANT = "ANSI_1252", "ANSI_936"
"""GDAL names the Western code page and writes UTF-8; CAD programs and GDAL itself go by the name.
AutoCAD 2004 drawings, which GDAL makes, hold Chinese in code page 936."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """What was drawn: the number of lines, and what a drawing could not carry."""

    count: int
    issues: tuple[Issue, ...]


def export_drawing(
    store: Store,
    path: Path,
    *,
    city: CityProfile,
    as_of: date | None = None,
    known_at: datetime | None = None,
    crs: str = "",
    line_code: str = "",
) -> Drawing:
    """Write the boundary lines that hold on the day as DXF, in the city's zone or the plane `crs`.

    Every line has the layer `级别_界线代码`, from which an import reads the code again. Raises
    InputError as `export_records` does, `drawing_needs_plane` for a system in degrees, and
    `export_line_unknown` where there is no such line.
    """
    check_target(path, formats=FORMATS)
    crs = crs or f"EPSG:{city.plane_epsg}"
    if not read_crs(crs).is_projected:
        raise InputError("drawing_needs_plane", crs=crs, plane=city.plane_epsg)
    lines = [
        line
        for line in store.records(RecordKind.BOUNDARY_LINES, as_of=as_of, known_at=known_at)
        if isinstance(line, AdministrativeBoundary) and line_code in ("", line.code)
    ]
    if line_code and not lines:
        raise InputError("export_line_unknown", line=line_code)
    drawn = [line for line in lines if line.geometry is not None]
    issues = _untold(lines, drawn, path, crs)
    with written_whole(path) as draft:
        _draw(draft, drawn, in_system(as_array(line.geometry for line in drawn), crs), crs)
        _name_the_code_page(draft)
    return Drawing(len(drawn), issues)


def layer_of(line: AdministrativeBoundary) -> str:
    """The layer of a line: its level in words, and its code."""
    level = "none" if line.level is None else line.level.value
    return f"{message(f'import.dxf_layer_{level}').zh}_{line.code}"


def _untold(
    lines: list[AdministrativeBoundary],
    drawn: list[AdministrativeBoundary],
    path: Path,
    crs: str,
) -> tuple[Issue, ...]:
    issues = Issues(path.name)
    fields = {
        field for line in lines for field, value in row_of(line).items() if value is not None
    } - _CARRIED
    issues.info("dxf_fields_left_out", fields=", ".join(sorted(fields)), crs=crs)
    for notice in sorted({notice_of(line) for line in lines}):
        issues.info("dxf_notice", notice=notice)
    if without := [line.code for line in lines if line not in drawn]:
        issues.warning("dxf_without_geometry", lines=", ".join(without))
    return issues.all()


def _draw(draft: Path, lines: list[AdministrativeBoundary], shapes: Geometries, crs: str) -> None:
    import pyogrio.raw  # noqa: PLC0415 - GDAL costs a second that other formats need not pay
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    try:
        pyogrio.raw.write(
            draft,
            geometry=shapely.to_wkb(shapes),
            field_data=[np.array([layer_of(line) for line in lines], dtype=object)],
            fields=np.array(["Layer"]),
            crs=crs,
            geometry_type="Unknown",
            driver="DXF",
        )
    except (DataSourceError, DataLayerError) as error:
        raise failed_writing(error, draft.parent) from error


def _name_the_code_page(draft: Path) -> None:
    text = draft.read_text(encoding="utf-8")
    if _WRITTEN not in text:
        raise OSError(f"no {_WRITTEN}")
    draft.write_text(text.replace(_WRITTEN, _MEANT, 1), encoding="gbk", newline="")
