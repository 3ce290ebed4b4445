"""File Geodatabase to hand out: written apart by GDAL, packed as one `.gdb.zip`."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.errors import InputError
from geo_service.messages import message
from geo_service.store.disk import failed_writing
from geo_service.store.drafts import parts_of

if TYPE_CHECKING:
    from geo_service.geometry.arrays import Bools, Geometries
    from geo_service.services.interchange.content import Content
    from geo_service.services.interchange.issues import Issues

SUFFIX = ".gdb.zip"
_KINDS = {0: "point", 1: "line", 3: "polygon", 4: "multipoint", 5: "line", 6: "polygon"}
"""What a layer may hold, by shapely's number of the type: the format keeps kinds apart."""
_TYPES = {
    "point": "Point",
    "multipoint": "MultiPoint",
    "line": "MultiLineString",
    "polygon": "MultiPolygon",
}


def write_geodatabase(
    path: Path, content: Content, columns: Mapping[str, Any], told: Issues
) -> None:
    """Write `columns` (arrays, one to a field) with the places of the content.

    Rows of several kinds of geometry stand in a layer for each, `place_names_point` and so on,
    which `told` tells. Raises OSError, InputError `export_shape_unfit` for geometry of mixed kind.
    """
    shapes = content.shapes
    _refuse_mixed(shapes)
    plain = content.layer.replace("-", "_")
    with parts_of(path) as parts:
        folder = parts / "data.gdb"
        for kind, chosen, only in _by_kind(shapes):
            part = {name: values[chosen] for name, values in columns.items()}
            title = plain if only else f"{plain}_{kind}"
            _write_layer(
                folder, title, part, None if kind == "table" else shapes[chosen], content.crs
            )
        if not only:
            names = ", ".join(f"{plain}_{kind}" for kind, _, _ in _by_kind(shapes))
            told.info("gdb_layers", field="geometry", layers=names)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part_file in sorted(folder.iterdir()):
                archive.write(part_file, f"{plain}.gdb/{part_file.name}")


def _refuse_mixed(shapes: Geometries) -> None:
    numbers = shapely.get_type_id(shapes)
    for row in np.flatnonzero((numbers >= 0) & ~np.isin(numbers, list(_KINDS))):
        kind = shapes[row].geom_type
        raise InputError("export_shape_unfit", suffix=SUFFIX, row=int(row) + 1, type=kind)


def _by_kind(shapes: Geometries) -> list[tuple[str, Bools, bool]]:
    kinds = [_KINDS.get(int(number), "table") for number in shapely.get_type_id(shapes)]
    present = sorted(set(kinds)) or ["table"]
    return [(kind, np.array([k == kind for k in kinds]), len(present) == 1) for kind in present]


def _write_layer(
    folder: Path,
    layer: str,
    columns: Mapping[str, Any],
    shapes: Geometries | None,
    crs: str,
) -> None:
    import pyogrio.raw  # noqa: PLC0415 - GDAL costs a second that other formats need not pay
    from pyogrio.errors import DataLayerError, DataSourceError  # noqa: PLC0415

    notice = message("import.notice")
    kind = None if shapes is None else _TYPES[_KINDS[int(shapely.get_type_id(shapes[0]))]]
    try:
        pyogrio.raw.write(
            folder,
            geometry=None if shapes is None else shapely.to_wkb(shapes),
            field_data=list(columns.values()),
            fields=np.array(list(columns)),
            crs=None if shapes is None else crs,
            geometry_type=kind,
            driver="OpenFileGDB",
            layer=layer,
            append=folder.exists(),
            layer_options={"LAYER_ALIAS": f"{notice.zh} / {notice.en}"},
            promote_to_multi=kind is not None and kind.startswith("Multi"),
        )
    except (DataSourceError, DataLayerError) as error:
        raise failed_writing(error, folder.parent) from error
