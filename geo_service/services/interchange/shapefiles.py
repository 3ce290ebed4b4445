"""Shapefiles to hand out: the parts are made apart and set in place together, .shp last."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.store.disk import ensure_folder, export_refused, failed_writing, flush

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Geometries

ENCODING = "GB18030"
_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".shp")
_OLD_INDEXES = (".qix", ".sbn", ".sbx")
"""Indexes that other programs kept of the former file: they would lead astray."""


def write_shapefile(
    path: Path, fields: Sequence[str], columns: Sequence[Any], shapes: Geometries, crs: str
) -> None:
    """Write `columns` (arrays, one to a field of at most 10 bytes) with the geometry in `crs`.

    Text is GB 18030, said in the .cpg. Raises InputError `export_disk_full`, `export_failed`.
    """
    try:
        ensure_folder(path.parent)
        with TemporaryDirectory(prefix=f".{path.stem}.", dir=path.parent) as folder:
            draft = Path(folder) / path.name
            _draw(draft, fields, columns, shapes, crs)
            _settle(draft, path)
    except OSError as error:
        raise export_refused(path, error) from error


def _draw(
    draft: Path, fields: Sequence[str], columns: Sequence[Any], shapes: Geometries, crs: str
) -> None:
    import pyogrio.raw  # noqa: PLC0415 - GDAL costs a second that other formats need not pay
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    kinds = {shape.geom_type.removeprefix("Multi") for shape in shapes if shape is not None}
    try:
        pyogrio.raw.write(
            draft,
            geometry=shapely.to_wkb(shapes),
            field_data=list(columns),
            fields=np.array(fields),
            crs=crs,
            # A shapefile knows no difference between a line and one in several parts.
            geometry_type="Point" if kinds == {"Point"} else "MultiLineString",
            driver="ESRI Shapefile",
            encoding=ENCODING,
        )
    except (DataSourceError, DataLayerError) as error:
        raise failed_writing(error, draft.parent) from error


def _settle(draft: Path, path: Path) -> None:
    """Onto the disk, then into place. Without its .shp there is no layer to be read half."""
    for suffix in _PARTS:
        flush(draft.with_suffix(suffix))
    for suffix in (".shp", *_OLD_INDEXES):
        path.with_suffix(suffix).unlink(missing_ok=True)
    flush(path.parent)  # gone before any other part is new, though the power fail
    for suffix in _PARTS:
        if suffix == _PARTS[-1]:
            flush(path.parent)
        draft.with_suffix(suffix).replace(path.with_suffix(suffix))
    flush(path.parent)
