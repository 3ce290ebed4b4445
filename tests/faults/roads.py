"""Bad files of roads, for the invented city 990100; each file from its name alone.

Imports nothing of the program under test.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import shapely

Writer = Callable[[Path], None]
FILES: dict[str, Writer] = {}

HEAD = "道路名称,道路等级,宽度,长度,几何,crs"
EAST = [[119.50, 38.5], [119.51, 38.5]]  # 872 m
NORTH = [[119.5, 38.5], [119.5, 38.51]]  # 1110 m


def _bytes(name: str, content: bytes | str) -> None:
    data = content.encode() if isinstance(content, str) else content
    _add(f"roads/{name}", lambda path: _put(path, data))


def _add(name: str, writer: Writer) -> None:
    assert name not in FILES, name
    FILES[name] = writer


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _table(*rows: str, head: str = HEAD) -> str:
    return "".join(f"{line}\n" for line in (head, *rows))


def _row(name: str = "甲路", width: str = "40", length: str = "872", line: Any = EAST) -> str:
    drawn = line if isinstance(line, str) else shapely.LineString(line).wkt
    return f'{name},支路,{width},{length},"{drawn}",EPSG:4490'


def _features(*features: tuple[dict[str, Any], dict[str, Any] | None]) -> str:
    listed = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    return json.dumps({"type": "FeatureCollection", "features": listed}, ensure_ascii=False)


def _tables() -> None:
    for name, row in {
        "width-nought": _row(width="0"),
        "width-kilometre": _row(width="400"),
        "width-negative": _row(width="-40"),
        "width-words": _row(width="四十"),
        "width-nan": _row(width="NaN"),
        "width-and-length-swapped": _row(width="872", length="40"),
        "length-differs": _row(length="1200"),
        "length-kilometres": _row(length="0.872"),
        "length-nought": _row(length="0"),
        "length-with-unit": _row(length="872米"),
        "name-blank": _row(name=""),
        "line-blank": _row(line=""),
        "line-of-one-place": _row(line="LINESTRING (119.5 38.5, 119.5 38.5)"),
        "line-swapped": _row(line="LINESTRING (38.5 119.5, 38.5 119.51)"),
        "line-elsewhere": _row(line="LINESTRING (104 30, 104.1 30)"),
        "line-arc": _row(line="CIRCULARSTRING (119.5 38.5, 119.505 38.505, 119.51 38.5)"),
        "line-area": _row(line="POLYGON ((119.5 38.5, 119.51 38.5, 119.51 38.51, 119.5 38.5))"),
        "line-metres": _row(line="LINESTRING (456000 4263000, 457000 4263000)"),
    }.items():
        _bytes(f"{name}.csv", _table(row))
    _bytes("twice.csv", _table(_row(), _row()))
    _bytes("stretches.csv", _table(_row(), _row(length="1110", line=NORTH)))
    _bytes("no-line.csv", _table("甲路,支路,40", head="道路名称,道路等级,宽度"))
    _bytes("points.csv", _table("甲路,119.5,38.5", head="道路名称,经度,纬度"))
    line = shapely.LineString(EAST).wkt
    _bytes("no-crs.csv", _table(f'甲路,"{line}"', head="道路名称,几何"))
    _bytes("no-name.csv", _table(f'支路,"{line}",EPSG:4490', head="道路等级,几何,crs"))
    _bytes("status.csv", _table(f'甲路,修建中,"{line}",EPSG:4490', head="路名,道路状态,几何,crs"))
    _bytes("code.csv", _table(f'甲路,990177,"{line}",EPSG:4490', head="路名,区划代码,几何,crs"))
    ids = "标识码,道路名称,几何,crs"
    north = shapely.LineString(NORTH).wkt
    rows = (f'甲-1,甲路,"{line}",EPSG:4490', f'甲\uff0d1,乙路,"{north}",EPSG:4490')
    _bytes("ids-alike.csv", _table(*rows, head=ids))
    rows = (f'1,甲路,"{line}",EPSG:4490', f'1,乙路,"{north}",EPSG:4490')
    _bytes("ids-repeated.csv", _table(*rows, head=ids))
    rows = (f'1,甲路,"{line}",EPSG:4490', f'2,乙路,"{line}",EPSG:4490')
    _bytes("one-line-two-names.csv", _table(*rows, head=ids))
    book, out = openpyxl.Workbook(), io.BytesIO()
    for cells in (["道路名称", "红线宽度"], ["甲路", 40]):
        book.active.append(cells)
    book.save(out)
    _bytes("no-line.xlsx", out.getvalue())


def _layers() -> None:
    point = {"type": "Point", "coordinates": EAST[0]}
    _bytes("point.geojson", _features(({"DLMC": "甲路"}, point)))
    _bytes("nothing-drawn.geojson", _features(({"DLMC": "甲路"}, None)))
    bare = {"type": "LineString", "coordinates": [[119.5, float("nan")], EAST[1]]}
    _bytes("nan.geojson", _features(({"DLMC": "甲路"}, bare)))

    def zone(path: Path) -> None:
        shape = shapely.LineString([(456000, 4263000), (456872, 4263000)])
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(np.array([shape], dtype=object)),
            field_data=[np.array(["甲路"], dtype=object)],
            fields=np.array(["DLMC"]),
            crs="EPSG:4547",
            geometry_type="LineString",
            driver="GPKG",
        )

    _add("roads/wrong-zone.gpkg", zone)


_tables()
_layers()
