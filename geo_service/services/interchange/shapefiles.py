"""Shapefiles to hand out, in parts or packed as one file.

A packed one takes the place of a former one in one step. Parts cannot: while they are set in place,
.shp first out and last in, the former layer stands beside them under a name of its own.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.store.disk import export_refused, failed_writing, flush
from geo_service.store.drafts import draft_of, parts_of

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Geometries

ENCODING = "GB18030"
PACKED = ".shp.zip"
FORMER = ".before-export"
"""What a former layer is called meanwhile, and after a kill: roads.before-export.shp."""
_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".shp")
_OLD_INDEXES = (".qix", ".sbn", ".sbx")
"""Indexes that other programs kept of the former file: they would lead astray."""


def write_shapefile(
    path: Path, fields: Sequence[str], columns: Sequence[Any], shapes: Geometries, crs: str
) -> None:
    """Write `columns` (arrays, one to a field of at most 10 bytes) with the geometry in `crs`.

    Text is GB 18030, said in the .cpg. A layer that was there is, until the new one is whole, kept
    as `FORMER` says. Raises InputError `export_disk_full`, `export_failed`.
    """
    path = path.with_suffix(".shp")
    try:
        with draft_of(path) as draft, parts_of(draft) as folder:
            _draw(folder / path.name, fields, columns, shapes, crs)
            _settle(folder / path.name, path)
    except OSError as error:
        raise export_refused(path, error) from error


def pack_shapefile(
    path: Path, fields: Sequence[str], columns: Sequence[Any], shapes: Geometries, crs: str
) -> None:
    """The same as one ZIP (`PACKED`), which is whole or not there; the old one stands until then.

    Raises InputError `export_disk_full`, `export_failed`.
    """
    layer = path.name[: -len(PACKED)]
    try:
        with draft_of(path) as draft, parts_of(draft) as folder:
            _draw(folder / f"{layer}.shp", fields, columns, shapes, crs)
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                for suffix in _PARTS:
                    archive.write(folder / f"{layer}{suffix}", f"{layer}{suffix}")
            flush(draft)
            draft.replace(path)
            flush(path.parent)
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
    """Onto the disk, then into place.

    Without its .shp there is no layer to be read half. Where it is missing, an export was killed
    here before: what stands under the other name is the last whole layer then, and stays.
    """
    for suffix in _PARTS:
        flush(draft.with_suffix(suffix))
    former = path.with_name(f"{path.stem}{FORMER}.shp")
    if path.exists():
        _remove(former)
        flush(path.parent)
        for suffix in (*_PARTS[:-1], *_OLD_INDEXES, _PARTS[-1]):
            _keep(path.with_suffix(suffix), former.with_suffix(suffix))
        flush(path.parent)
    for suffix in (".shp", *_OLD_INDEXES):
        path.with_suffix(suffix).unlink(missing_ok=True)
    flush(path.parent)  # gone before any other part is new, though the power fail
    for suffix in _PARTS:
        if suffix == _PARTS[-1]:
            flush(path.parent)
        draft.with_suffix(suffix).replace(path.with_suffix(suffix))
    flush(path.parent)
    _remove(former)


def _remove(layer: Path) -> None:
    """Take a layer away, its .shp first."""
    for suffix in (".shp", *_OLD_INDEXES, *_PARTS[:-1]):
        layer.with_suffix(suffix).unlink(missing_ok=True)


def _keep(part: Path, former: Path) -> None:
    """A part under a second name; as a copy where the disk knows no second names."""
    if not part.exists():
        return
    try:
        os.link(part, former)
    except OSError:
        shutil.copyfile(part, former)
        flush(former)
