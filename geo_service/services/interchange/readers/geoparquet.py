"""GeoParquet 1.x (and Parquet tables without places). Values are read as the columns type them."""

from __future__ import annotations

import json
import math
import os
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from geo_service.services.interchange.readers.allowance import earn
from geo_service.services.interchange.readers.secrecy import property_marked
from geo_service.services.interchange.readers.table import MAX_ROWS, Cell, RawTable, Unreadable

_GEO = b"geo"
_HEAD = 5
_WITHOUT_FLAGS = 0x0FFFFFFF
_TYPES = dict(
    enumerate(
        (
            "Point",
            "LineString",
            "Polygon",
            "MultiPoint",
            "MultiLineString",
            "MultiPolygon",
            "GeometryCollection",
        ),
        start=1,
    )
)
"""Numbers of types in WKB; a thousand more with heights (OGC 06-103r4, clause 8.2.8)."""


def _arrow() -> Any:
    """Arrow on one thread with plain allocation: its own pools reserve more than the limit."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    os.environ["OMP_NUM_THREADS"] = "1"
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    return pa, pq


def _geo(metadata: dict[bytes, bytes] | None) -> tuple[str, dict[str, Any]]:
    """The name and the description of the geometry column; ("", {}) where there is none."""
    if not metadata or _GEO not in metadata:
        return "", {}
    try:
        geo = json.loads(metadata[_GEO])
        name = geo["primary_column"]
        column = geo["columns"][name]
        encoding = column["encoding"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unreadable("parquet_geo_broken") from error
    if encoding != "WKB":
        raise Unreadable("parquet_encoding", encoding=str(encoding)[:40])
    return str(name), column


def _crs(column: dict[str, Any]) -> str:
    """The declared system: left out means CRS84, null means unknown (GeoParquet 1.1)."""
    crs = column.get("crs") if "crs" in column else "OGC:CRS84"
    if crs is None:
        return ""
    if isinstance(crs, dict):
        said = crs.get("id")
        if isinstance(said, dict) and {"authority", "code"} <= set(said):
            return f"{said['authority']}:{said['code']}"
        return json.dumps(crs)
    return str(crs)


def _cell(value: Any) -> Cell:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        # NaN is how frames say that nothing is there; what has no end is refused with its row.
        if math.isnan(value):
            return None
        return str(value) if math.isinf(value) else value
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def read(path: Path) -> RawTable:
    """All rows of a file, counted from 1. Raises Unreadable."""
    pa, pq = _arrow()
    try:
        file = pq.ParquetFile(path)
        # A column that says one thing over and over takes no room: bytes bound nothing.
        if file.metadata.num_rows > MAX_ROWS:
            raise Unreadable("rows_too_many", count=file.metadata.num_rows, limit=MAX_ROWS)
        name, column = _geo(file.schema_arrow.metadata)
        metadata = file.schema_arrow.metadata or {}
        if any(map(property_marked, metadata.values())):
            raise Unreadable("classified")
        if name and name not in file.schema_arrow.names:
            raise Unreadable("parquet_geo_broken")
        return _table(pa, file, name, column)
    except pa.ArrowException as error:
        if isinstance(error, MemoryError):
            raise
        raise Unreadable("content_broken") from error


def _table(pa: Any, file: Any, geometry: str, column: dict[str, Any]) -> RawTable:
    schema = file.schema_arrow
    # Boxes of places (`bbox` in GeoParquet 1.1) repeat the geometry.
    boxes = {str(part[0]) for part in column.get("covering", {}).get("bbox", {}).values()}
    fields = [f for f in schema if f.name != geometry and f.name not in boxes]
    table = RawTable([], [], [], wkb=[] if geometry else None, crs=_crs(column) if geometry else "")
    for field in list(fields):
        if pa.types.is_binary(field.type) or pa.types.is_large_binary(field.type):
            table.note("warning", "column_binary", None, field.name, name=field.name)
            fields.remove(field)
    table.headers = [field.name for field in fields]
    if len(set(table.headers)) != len(table.headers):
        raise Unreadable("content_broken")
    wanted = [*table.headers, *([geometry] if geometry else [])]
    for batch in file.iter_batches(columns=wanted, use_threads=False):
        earn(len(table.rows), len(table.rows) + len(batch))
        columns = [[_cell(v) for v in batch.column(h).to_pylist()] for h in table.headers]
        table.rows.extend(map(list, zip(*columns, strict=True)) if columns else [[]] * len(batch))
        if table.wkb is not None:
            table.wkb.extend(batch.column(geometry).to_pylist())
    table.numbers = list(range(1, len(table.rows) + 1))
    _tell_edges(table, column)
    _tell_types(table, column)
    return table


def _tell_types(table: RawTable, column: dict[str, Any]) -> None:
    """Warn where the shapes are of other types than the file says of them."""
    said = column.get("geometry_types")
    if not table.wkb or not isinstance(said, list) or not said:
        return
    heads = {wkb[:_HEAD] for wkb in table.wkb if wkb is not None and len(wkb) >= _HEAD}
    held = {_type_of(head) for head in heads} - {""}
    named = {str(name).removesuffix(" Z") for name in said}
    if others := sorted(held - named):
        facts = {"said": ", ".join(sorted(named))[:80], "held": ", ".join(others)}
        table.note("warning", "parquet_types", None, "geometry", **facts)


def _type_of(head: bytes) -> str:
    """The type that the head of a WKB names, "" for one that no reader knows."""
    number = int.from_bytes(head[1:], "little" if head[0] == 1 else "big") & _WITHOUT_FLAGS
    return _TYPES.get(number % 1000, "")


def _tell_edges(table: RawTable, column: dict[str, Any]) -> None:
    """Warn where the sender means arcs between the vertices: we take straight lines."""
    edges = column.get("edges", "planar")
    if edges != "planar":
        table.note("warning", "parquet_edges", None, "geometry", edges=str(edges)[:20])
