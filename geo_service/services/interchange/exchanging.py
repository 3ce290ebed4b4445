"""Records into exchange files: the columns and words of a field dictionary, in GB 18030.

Every row says that the fields are as found in practice, not checked against the standard.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.domain.change import Record, RecordKind
from geo_service.domain.marker import BoundaryMarker
from geo_service.errors import InputError
from geo_service.geometry.crs import read_crs
from geo_service.messages import message
from geo_service.services.interchange.content import Content
from geo_service.services.interchange.dictionary import (
    ExchangeField,
    dictionary,
    tell_left_out,
    written,
)
from geo_service.services.interchange.exporting import (
    REGISTER,
    WRITERS,
    as_array,
    check_target,
    in_system,
    suffix_of,
    written_whole,
)
from geo_service.services.interchange.fields import Row, Value, geometry_of, notice_of, row_of
from geo_service.services.interchange.hygiene import harmless
from geo_service.services.interchange.issues import Issues
from geo_service.services.interchange.shapefiles import (
    ENCODING,
    PACKED,
    pack_shapefile,
    write_shapefile,
)
from geo_service.services.interchange.unfit import refuse_unfit
from geo_service.services.interchange.workbooks import Sheet, write_workbook

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.geometry.arrays import Floats, Geometries
    from geo_service.store.protocol import Store

EXCHANGED = (RecordKind.BOUNDARY_LINES, RecordKind.MARKERS)
FORMATS = (".csv", ".xlsx", ".shp", PACKED, ".gpkg", ".geojson")
_SHAPES = frozenset({".shp", PACKED})
_NOTICE, _GEOMETRY = "notice", "geometry"
_PLACE = ("lon", "lat")
"""What a row says of a point beside its geometry."""
_MOST_BYTES = 10
"""What a shapefile holds of the name of a column."""


def export_exchange(
    store: Store,
    kind: RecordKind,
    path: Path,
    name: str,
    *,
    city: CityProfile,
    as_of: date | None = None,
    known_at: datetime | None = None,
    crs: str = REGISTER,
    line_code: str = "",
    told: Issues | None = None,
) -> int:
    """Write lines, markers or place names under the columns of a dictionary; returns how many.

    Geometry is in `crs`; plane coordinates in columns too where that is a plane system, else in
    the city's zone. `line_code` keeps to one line. The suffix chooses CSV (GB 18030), XLSX,
    Shapefile (GB 18030; `.shp.zip` packs its parts), GeoPackage or GeoJSON. A workbook holds no
    geometry of lines. What the dictionary has no column or no word for is told in `told`.
    Raises InputError as `export_records` does, `dictionary_unknown` for a name nobody gave,
    `export_value_too_long` and `export_columns_too_long` for a text or a name that a shapefile
    cannot hold: nothing is cut, and `export_line_unknown` where there is nothing of the line.
    """
    check_target(path, formats=FORMATS)
    fields = dictionary(name, kind)
    _refuse_long_names(path, name, fields)
    held = store.records(kind, as_of=as_of, known_at=known_at)
    records = [r for r in held if _of_line(r, line_code)]
    if line_code and not records:
        raise InputError("export_line_unknown", line=line_code)
    shapes = as_array(map(geometry_of, records))
    plane = crs if read_crs(crs).is_projected else f"EPSG:{city.plane_epsg}"
    planes = _plane_coordinates(shapes, plane) if kind is RecordKind.MARKERS else None
    told, rows, known = told or Issues(path.name), list[Row](), list[Row]()
    for i, record in enumerate(records):
        values = row_of(record)
        known.append({name: value for name, value in values.items() if name not in _PLACE})
        if planes is not None and shapes[i] is not None:
            values |= {"easting": float(planes[i, 0]), "northing": float(planes[i, 1])}
        if kind is RecordKind.PLACE_NAMES and shapes[i] is not None:
            values |= {"datum": REGISTER, _GEOMETRY: shapely.to_geojson(shapes[i])}
        said = _notice(record, plane if planes is not None else "")
        rows.append(written(name, kind, values) | {_NOTICE: said})
    tell_left_out(name, kind, known, told)
    batch = _Batch(kind, fields, rows, in_system(shapes, crs), crs)
    if path.suffix.lower() == ".xlsx":
        _tell_undrawn(batch, told)
    _write(path, batch)
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Batch:
    """What goes into one file; `shapes` are in `crs` already."""

    kind: RecordKind
    fields: Sequence[ExchangeField]
    rows: list[Row]
    shapes: Geometries
    crs: str

    @property
    def drawn(self) -> bool:
        """Whether a table needs a column of geometry: no column of the dictionary has it."""
        if any(field.field == _GEOMETRY for field in self.fields):
            return False
        types = {shape.geom_type for shape in self.shapes if shape is not None}
        return self.kind is RecordKind.BOUNDARY_LINES or not types <= {"Point"}

    @property
    def names(self) -> list[str]:
        """The columns in their order, the notice last."""
        return [*(field.column for field in self.fields), _NOTICE]


def _refuse_long_names(path: Path, name: str, fields: Sequence[ExchangeField]) -> None:
    long = [f.column for f in fields if len(f.column.encode(ENCODING)) > _MOST_BYTES]
    if long and suffix_of(path) in _SHAPES:
        told = {"suffix": suffix_of(path), "name": name, "columns": ", ".join(long)}
        raise InputError("export_columns_too_long", **told, limit=_MOST_BYTES)


def _tell_undrawn(batch: _Batch, told: Issues) -> None:
    """Rows of a workbook whose place goes into no column: anything but a point."""
    if any(field.field == _GEOMETRY for field in batch.fields):
        return
    for number, shape in enumerate(batch.shapes, start=1):
        if shape is not None and shape.geom_type != "Point":
            told.warning("exchange_without_geometry", number, _GEOMETRY, type=shape.geom_type)


def _of_line(record: Record, line_code: str) -> bool:
    if not line_code:
        return True
    own = record.line_code if isinstance(record, BoundaryMarker) else record.id
    return own == line_code


def _plane_coordinates(shapes: Geometries, plane: str) -> Floats:
    """Easting and northing to the millimetre, row by row; NaN where there is no place."""
    result = np.full((len(shapes), 2), np.nan)
    there = shapes != np.array(None)
    result[there] = shapely.get_coordinates(in_system(shapes[there], plane))
    return np.round(result, 3)


def _notice(record: Record, plane: str) -> str:
    """What a row says of itself: standing, use, fields not checked, and the system of its plane."""
    said = f"{notice_of(record)}；{message('import.notice_fields').zh}"
    return f"{said}；{message('import.notice_plane', crs=plane).zh}" if plane else said


def _write(path: Path, batch: _Batch) -> None:
    suffix = suffix_of(path)
    if suffix in _SHAPES:
        _refuse_long(batch.rows, batch.fields)
        numbers = {field.column for field in batch.fields if field.width is None}
        columns = [_column(batch.rows, name, number=name in numbers) for name in batch.names]
        write = pack_shapefile if suffix == PACKED else write_shapefile
        write(path, batch.names, columns, batch.shapes, batch.crs)
        return
    refuse_unfit(suffix, batch.rows)
    with written_whole(path) as draft:
        if suffix == ".csv":
            _write_csv(draft, batch)
        elif suffix == ".xlsx":
            _write_xlsx(draft, batch)
        else:
            content = Content(batch.kind.value, batch.rows, batch.shapes, batch.crs)
            WRITERS[suffix](draft, content, Issues(path.name))


def _refuse_long(rows: Sequence[Row], fields: Sequence[ExchangeField]) -> None:
    for number, row in enumerate(rows, start=1):
        for field in fields:
            value = row[field.column]
            if field.width is None or not isinstance(value, str):
                continue
            length = len(value.encode("gb18030"))
            if length > field.width:
                where = {"row": number, "column": field.column, "title": field.title}
                raise InputError("export_value_too_long", **where, length=length, limit=field.width)


def _column(rows: Sequence[Row], name: str, *, number: bool) -> Any:
    values = [row[name] for row in rows]
    if number:
        return np.array([np.nan if value is None else value for value in values], dtype=float)
    return np.array(values, dtype=object)


def _write_csv(path: Path, batch: _Batch) -> None:
    """A CSV in GB 18030; lines have their geometry as text, markers their coordinates."""
    names, drawn = batch.names, batch.drawn
    texts = shapely.to_wkt(batch.shapes, rounding_precision=-1)
    with path.open("w", encoding=ENCODING, newline="") as file:
        out = csv.writer(file)
        out.writerow([*names, _GEOMETRY] if drawn else names)
        for row, text in zip(batch.rows, texts, strict=True):
            cells = [harmless(row[name]) for name in names]
            out.writerow([*cells, text or ""] if drawn else cells)


def _write_xlsx(path: Path, batch: _Batch) -> None:
    """A sheet with the rows, and one that tells what each column is."""
    data: list[list[Value]] = [list(batch.names)]
    data += [[row[name] for name in batch.names] for row in batch.rows]
    notice = f"{message('import.notice').zh}；{message('import.notice_fields').zh}"
    said = f"{notice}；{message('import.readme_no_geometry').zh}" if batch.drawn else notice
    about: list[list[Value]] = [[said]]
    about.append([message(f"import.readme_{name}").zh for name in ("column", "title", "standing")])
    about += [[field.column, field.title, field.standing] for field in batch.fields]
    sheets = [
        Sheet(message("import.sheet_data").zh, data),
        Sheet(message("import.sheet_readme").zh, about, header=2),
    ]
    write_workbook(path, sheets, notice)
