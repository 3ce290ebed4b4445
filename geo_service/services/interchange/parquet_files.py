"""GeoParquet 1.1 to hand out: WKB with the system spelled out, every field with its type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.geometry.crs import read_crs
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from geo_service.geometry.arrays import Geometries

_VERSION = "1.1.0"
_BOX = "bbox"
_EDGES = ("xmin", "ymin", "xmax", "ymax")


def write_parquet(
    path: Path, layer: str, columns: Mapping[str, Any], shapes: Geometries, crs: str
) -> None:
    """Write columns (arrays, one to a field) with the geometry in `crs`. Raises OSError.

    Every row has its box beside it, unless all are points, which are no larger than their boxes.
    """
    import pyarrow as pa  # noqa: PLC0415 - half a second that other formats need not pay
    import pyarrow.parquet as pq  # noqa: PLC0415

    arrays = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    arrays["geometry"] = pa.array(shapely.to_wkb(shapes), type=pa.binary())
    boxed = bool((shapely.get_dimensions(shapes) > 0).any())
    if boxed:
        arrays[_BOX] = _boxes(shapes)
    notice = message("import.notice")
    told = {
        "geo": json.dumps(_geo(shapes, crs, boxed=boxed)),
        "notice": f"{notice.zh} / {notice.en}",
        "layer": layer,
    }
    try:
        pq.write_table(pa.table(arrays).replace_schema_metadata(told), path)
    except pa.ArrowException as error:
        raise OSError(str(error)) from error


def _boxes(shapes: Geometries) -> Any:
    """The box of every row, by which readers leave out what lies elsewhere; none without place."""
    import pyarrow as pa  # noqa: PLC0415

    bounds = shapely.bounds(shapes)
    edges = [pa.array(bounds[:, i]) for i in range(len(_EDGES))]
    return pa.StructArray.from_arrays(edges, list(_EDGES), mask=pa.array(np.isnan(bounds[:, 0])))


def _geo(shapes: Geometries, crs: str, *, boxed: bool) -> dict[str, Any]:
    present = [shape for shape in shapes if shape is not None and not shape.is_empty]
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": sorted({shape.geom_type for shape in present}),
        "crs": json.loads(read_crs(crs).to_json()),
    }
    if boxed:
        column["covering"] = {"bbox": {edge: [_BOX, edge] for edge in _EDGES}}
    if present:
        column["bbox"] = [float(value) for value in shapely.total_bounds(present)]
    return {"version": _VERSION, "primary_column": "geometry", "columns": {"geometry": column}}
