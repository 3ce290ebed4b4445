"""The second half of the fault corpus, written by somebody who had not seen the first.

Faults a hostile or a tired sender would think of, for the invented city 990100; each file from
its name alone. Imports nothing of the program under test.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import shapely

Writer = Callable[[Path], None]
FILES: dict[str, Writer] = {}

HEAD = "id,name,feature_type,lon,lat,unit_code,approved_on"
GOOD = ("1", "甲路", "road", "119.5", "38.5", "990101", "2020-01-02")
OTHER = ("2", "乙路", "road", "119.52", "38.52", "990101", "2020-01-02")
COLUMN = {name: at for at, name in enumerate(HEAD.split(","))}
SQUARE = [[119.6, 38.5], [119.7, 38.5], [119.7, 38.6], [119.6, 38.6], [119.6, 38.5]]


def _bytes(name: str, content: bytes | str) -> None:
    assert name not in FILES, name
    data = content.encode() if isinstance(content, str) else content
    FILES[name] = lambda path: _put(path, data)


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _row(row: tuple[str, ...] = GOOD, **changed: str) -> str:
    cells = list(row)
    for column, value in changed.items():
        cells[COLUMN[column]] = value
    return ",".join(cells)


def _table(*rows: str, head: str = HEAD) -> str:
    return "".join(f"{line}\n" for line in (head, *rows))


# --- text -----------------------------------------------------------------------------------

NAMES = {
    "direction": "甲\u202e路",
    "zero-width": "甲\u200b路",
    "joiner": "甲\u200d路",
    "mark-inside": "甲\ufeff路",
    "soft-hyphen": "甲\u00ad路",
    "bell": "甲\x07路",
    "next-line": "甲\x85路",
    "line-separator": "甲\u2028路",
    "escape": "甲\x1b[31m路",
    "isolate": "\u2067甲路\u2069",
    "invisible-times": "甲\u2062路",
    "mongolian": "甲\u180e路",
    "interlinear": "甲\ufff9路",
    "hangul-filler": "甲\u3164路",
    "braille-blank": "甲\u2800路",
    "joiner-mark": "甲\u034f路",
    "variation": "甲\ufe0f路",
    "ideographic-variation": "葛\U000e0100路",
    "tag": "甲\U000e0041路",
    "cyrillic": "甲\u0410路",
    "greek": "\u039f\u03a1路",
    "private": "甲\ue123路",
    "private-plane": "甲\U000f0001路",
    "no-character": "甲\uffff路",
    "unassigned": "甲\u0378路",
    "compatibility": "\uf9f4区路",
    "kangxi": "\u2f5f路",
    "radical": "\u2ec4路",
    "accent": "甲\u0301路",
    "emoji": "甲\U0001f3e0路",
    "kana": "\uff71路",
    "traditional": "東方紅路",
    "rare": "㐂路",
    "beyond-the-plane": "𠮷路",
    "described": "⿰氵路路",
    "geta": "〓路",
    "box": "□路",
    "digits": "12345",
    "stops": "。。",
    "long": "长" * 300,
    "markup": "<script>alert(1)</script>",
    "entity": "甲&amp;路",
    "percent": "%E7%94%B2路",
    "escaped": "\\u7532路",
    "star": "甲*路",
    "slash": "甲路/乙路",
    "composed": "[土+夼]路",
    "formula": "=1+1路",
    "at": "@SUM(1)路",
    "error": "#REF!",
    "not-available": "#N/A",
    "nothing": "无",
    "null": "NULL",
    "dashes": "——",
    "blank": "\u3000",
    "hidden-only": "\u200b",
    "total": "合计",
    "subtotal": "小计：2 条",
    "lost-twice": "锟斤拷路",
    "unset": "烫烫烫",
    "gbk-as-latin": "甲路".encode("gbk").decode("latin-1"),
    "utf8-as-latin": "甲路".encode().decode("latin-1"),
    "utf8-as-gbk": "人民路街".encode().decode("gb18030"),
    "utf8-as-gbk-cut": "人民路街".encode().decode("gb18030", "replace")[:-1],
}
CODES = {
    "eleven": "99010100100",
    "five": "99010",
    "lossy": "9.901E+11",
    "letter": "9901O1",
    "arabic": "\u0669\u0669\u0660\u0661\u0660\u0661",
    "superscript": "99010¹",
    "negative": "-990101",
    "abolished": "990141",
    "unknown": "990199",
    "elsewhere": "980101",
    "error": "#N/A",
    "formula": '"=""990101"""',
    "name": "甲区",
}
DAYS = {
    "february": "2020-02-30",
    "no-leap": "2019-02-29",
    "month": "2020-13-01",
    "june": "2020-06-31",
    "joined": "20200230",
    "nought": "0000-00-00",
    "chinese": "2020年2月30日",
    "spelt": "二〇二〇年二月三十日",
    "american": "01/02/2020",
    "short": "20-01-02",
    "republic": "民国109年1月2日",
    "reign": "康熙三十年",
    "serial": "43832",
    "lunar": "农历二〇二〇年正月初一",
    "about": "约2020年",
    "span": "2020-01-01至2020-02-01",
    "open": "待定",
    "future": "2999-01-01",
    "hashes": "########",
}
PLACES = {
    "swapped": ("38.5", "119.5"),
    "nought": ("0", "0"),
    "nan": ("NaN", "38.5"),
    "infinite": ("119.5", "-Infinity"),
    "huge": ("1e308", "38.5"),
    "overflow": ("1e400", "38.5"),
    "word": ("东经", "38.5"),
    "half": ("", "38.5"),
    "sixty-minutes": ("119°75′00″", "38°30′00″"),
    "joined": ("1193000", "383000"),
    "west": ("119.5W", "38.5N"),
    "negative": ("-119.5", "38.5"),
    "round-the-earth": ("479.5", "38.5"),
    "two-points": ("119.5.1", "38.5"),
    "two-numbers": ("119.5 119.6", "38.5"),
    "formula": ("=119+0.5", "38.5"),
    "underscore": ("1_19.5", "38.5"),
    "metres": ("456407.1", "4263204.2"),
    "metres-swapped": ("4263204.2", "456407.1"),
    "metres-prefixed": ("40456407.1", "4263204.2"),
    "mercator": ("13302679.8", "4650301.8"),
    "kilometres": ("456.407", "4263.204"),
    "arabic": ("\u0661\u0661\u0669.\u0665", "38.5"),
    "day": ("2020-01-19", "38.5"),
    "giant": ("9" * 5000, "38.5"),
}
IDS = {
    "same": ("A1", "A1"),
    "case": ("A1", "a1"),
    "width": ("A1", "\uff21\uff11"),
    "blank": ("A1", "A1\u3000"),
    "hidden": ("A1", "A\u200b1"),
    "decimal": ("1", "1.0"),
    "dash": ("A-1", "A–1"),
    "shortened": ("1.23E+17", "1.24E+17"),
    "same-place": ("1", "2"),
}


def _texts() -> None:
    for title, name in NAMES.items():
        _bytes(f"second/name-{title}.csv", _table(_row(name=name)))
    for title, code in CODES.items():
        _bytes(f"second/code-{title}.csv", _table(_row(unit_code=code)))
    for title, day in DAYS.items():
        _bytes(f"second/day-{title}.csv", _table(_row(approved_on=day)))
    for title, (lon, lat) in PLACES.items():
        _bytes(f"second/place-{title}.csv", _table(_row(), _row(OTHER, lon=lon, lat=lat)))
    for title, (one, other) in IDS.items():
        row = GOOD if title == "same-place" else OTHER
        _bytes(f"second/id-{title}.csv", _table(_row(id=one), _row(row, id=other)))


# --- bytes and tables -----------------------------------------------------------------------


def _tables() -> None:
    head, good = f"{HEAD}\n{_row()}\n".encode(), _row(OTHER, name="胶东路").encode("gbk")
    two = _table(_row(), _row(OTHER, name="胶东路"))
    _bytes("second/bytes-utf16-unmarked.csv", two.encode("utf-16-le"))
    _bytes("second/bytes-mixed.csv", head + good + b"\n")
    _bytes(
        "second/bytes-damaged-gbk.csv", two.encode("gbk").replace("东".encode("gbk"), b"\xff\xff")
    )
    _bytes("second/bytes-rare-gb18030.csv", _table(_row(name="𠮷甲路")).encode("gb18030"))
    _bytes("second/bytes-overlong.csv", two.encode().replace("甲".encode(), b"\xc0\xaf"))
    _bytes("second/bytes-surrogates.csv", two.encode().replace("甲".encode(), b"\xed\xa1\x82"))
    _bytes("second/bytes-noughts-behind.csv", two.encode() + b"\0" * 4096)
    _bytes(
        "second/bytes-korean.csv",
        _table(_row(name="갑로"), _row(OTHER, name="을")).encode("euc-kr"),
    )
    romanised = _table(f"{_row()},Ji\u0430 Lu", f"{_row(OTHER)},乙路", head=f"{HEAD},romanization")
    _bytes("second/table-romanised.csv", romanised)
    _bytes("second/table-unclosed.csv", _table(_row(name='"甲路'), _row(OTHER)))
    _bytes("second/table-quote.csv", _table(_row(name='甲"路')))
    _bytes("second/table-short-row.csv", _table(_row(), "2,乙路,road"))
    _bytes("second/table-shifted.csv", _table(_row(), "2,乙,路,road,119.5,38.5,990101,2020-01-02"))
    _bytes("second/table-half.csv", _table("1,甲路,119.5", head="id,name,lon"))
    _bytes("second/table-two-names.csv", _table(f"{_row()},丙路", head=f"{HEAD},name"))
    _bytes("second/table-header-again.csv", _table(_row(), HEAD, _row(OTHER)))
    _bytes("second/table-total.csv", _table(_row(), ",合计,,119.5,38.5,,"))
    _bytes("second/table-no-header.csv", _table(_row(OTHER), head=_row()))
    _bytes("second/table-wide-comma.csv", _table(_row()).replace(",", "，"))
    _bytes("second/table-columns.csv", _table("甲路" + "," * 2500, head="name" + ",x" * 2500))


# --- GeoJSON --------------------------------------------------------------------------------


def _polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": rings}


def _square(west: float, south: float, width: float) -> list[list[float]]:
    return shapely.get_coordinates(shapely.box(west, south, west + width, south + width)).tolist()


SHAPES: dict[str, Any] = {
    "unclosed": _polygon(SQUARE[:-1]),
    "flat": _polygon([[119.6, 38.5], [119.7, 38.5], [119.8, 38.5], [119.6, 38.5]]),
    "holes-cross": _polygon(SQUARE, _square(119.62, 38.52, 0.04), _square(119.64, 38.54, 0.04)),
    "hole-is-ring": _polygon(SQUARE, SQUARE),
    "twice": {"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]},
    "no-rings": _polygon(),
    "null": None,
    "collection": {"type": "GeometryCollection", "geometries": [_polygon(SQUARE)]},
    "curve": {"type": "CurvePolygon", "coordinates": [SQUARE]},
    "lower-case": {"type": "polygon", "coordinates": [SQUARE]},
    "texts": _polygon([[str(x), str(y)] for x, y in SQUARE]),
    "one-number": _polygon([SQUARE[0], [119.7], *SQUARE[2:]]),
    "scalar": {"type": "Polygon", "coordinates": 5},
    "nested": {"type": "Polygon", "coordinates": [[SQUARE]]},
    "date-line": _polygon([[179, 38], [-179, 38], [-179, 39], [179, 39], [179, 38]]),
    "whole-earth": _polygon([[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]),
    "far-vertex": _polygon([SQUARE[0], [105.0, 30.0], *SQUARE[2:]]),
    "elsewhere": _polygon(_square(105.5, 30.5, 0.1)),
    "overlapping": _polygon(_square(119.55, 38.5, 0.1)),
}


def _collection(*features: Any, **members: Any) -> str:
    whole = {"type": "FeatureCollection", **members, "features": list(features)}
    return json.dumps(whole, ensure_ascii=False)


def _unit(geometry: Any, **properties: Any) -> dict[str, Any]:
    said = {"code": "990102", "name": "乙区", **properties}
    return {"type": "Feature", "properties": said, "geometry": geometry}


def _features() -> None:
    first = _unit(_polygon(_square(119.5, 38.5, 0.1)), code="990101", name="甲区")
    for title, shape in SHAPES.items():
        _bytes(f"second/shape-{title}.geojson", _collection(first, _unit(shape)))
    whole = _collection(first, _unit(_polygon(SQUARE)))
    for title, (old, new) in {
        "nan": ("119.7", "NaN"),
        "overflow": ("119.7", "1e400"),
        "thousands-of-digits": ("119.7", "9" * 6000),
        "key-twice": ('"name": "乙区"', '"name": "丙区", "name": "乙区"'),
        "half-pair": ("乙区", "\\ud842区"),
        "nought": ("乙区", "乙\\u0000区"),
        "deep": ('"乙区"', "[" * 5000 + "]" * 5000),
    }.items():
        _bytes(f"second/json-{title}.geojson", whole.replace(old, new))
    _bytes("second/json-lines.geojson", f"{json.dumps(first)}\n{json.dumps(first)}\n")
    _bytes("second/json-comment.geojson", f"/* x */{whole}")
    _bytes("second/json-cut.geojson", whole[:-60])
    for title, said in {
        "code-fraction": {"code": 990102.5},
        "code-absent": {"code": None},
        "name-list": {"name": ["乙区", "丙区"]},
        "name-object": {"name": {"zh": "乙区"}},
        "name-of-another": {"name": "庚县"},
        "name-again": {"name": "甲区"},
        "ends-first": {"valid_from": "2020-01-01", "valid_to": "2019-01-01"},
        "level": {"level": "星球"},
    }.items():
        _bytes(f"second/unit-{title}.geojson", _collection(first, _unit(_polygon(SQUARE), **said)))
    for title, crs in {
        "other-datum": {"type": "name", "properties": {"name": "EPSG:4610"}},
        "metres": {"type": "name", "properties": {"name": "EPSG:4549"}},
        "link": {"type": "link", "properties": {"href": "http://127.0.0.1:9/crs.wkt"}},
        "text": "EPSG:4549",
    }.items():
        _bytes(f"second/crs-{title}.geojson", _collection(first, crs=crs))
    line = [[119.7, 38.5], [119.8, 38.6], [119.8, 38.5], [119.7, 38.6]]
    for title, coordinates, said in (
        ("crossed", line, {}),
        ("point", [line[0], line[0]], {}),
        ("one-side", line[:2], {"left_code": "990102", "right_code": "990102"}),
        ("negative-length", line[:2], {"length_km": -5}),
        ("length-in-metres", line[:2], {"length_km": 14120}),
    ):
        sides = {"left_code": "990102", "right_code": "990103", **said}
        geometry = {"type": "LineString", "coordinates": coordinates}
        feature = {"type": "Feature", "properties": sides, "geometry": geometry}
        _bytes(f"second/line-{title}.geojson", _collection(feature))


# --- workbooks ------------------------------------------------------------------------------


def _book(change: Callable[[Any], None], row: tuple[Any, ...] = OTHER) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for cells in (HEAD.split(","), GOOD, row):
        book.active.append(cells)
    change(book.active)
    book.save(out)
    return out.getvalue()


def _part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            data = old.read(entry)
            new.writestr(entry, change(data) if entry == name else data)
    return out.getvalue()


def _books() -> None:
    sheet, plain = "xl/worksheets/sheet1.xml", _book(lambda _: None)

    def hide_row(active: Any) -> None:
        active.row_dimensions[3].hidden = True

    def hide_column(active: Any) -> None:
        active.column_dimensions["D"].hidden = True

    def merge(active: Any) -> None:
        active.merge_cells("F2:F3")

    def formula(active: Any) -> None:
        active["D3"] = "=D2+0.02"

    _bytes("second/book-hidden-row.xlsx", _book(hide_row))
    _bytes("second/book-hidden-column.xlsx", _book(hide_column))
    _bytes("second/book-formula.xlsx", _book(formula))
    merged = _part(
        _book(merge), sheet, lambda d: d.replace(b'</row><row r="3"', b'</row><row r="3"')
    )
    _bytes("second/book-merged.xlsx", merged)

    def strike(active: Any) -> None:
        active["B3"].font = openpyxl.styles.Font(strike=True)

    _bytes("second/book-struck.xlsx", _book(strike))
    early = {"leap": dt.datetime(1900, 2, 28), "century": dt.datetime(1899, 5, 1)}  # noqa: DTZ001
    for title, day in early.items():
        _bytes(f"second/book-day-{title}.xlsx", _book(lambda _: None, (*OTHER[:6], day)))
    long_id = _book(lambda _: None, (99010112345678901, *OTHER[1:]))
    _bytes("second/book-id-long.xlsx", long_id)
    numbers = _book(lambda _: None, (*OTHER[:3], 119.52, *OTHER[4:]))
    nan = _part(numbers, sheet, lambda d: re.sub(rb'(<c r="D3"[^>]*><v>)119.52', rb"\1NaN", d))
    _bytes("second/book-no-number.xlsx", nan)
    for title, value in {"number": 315, "truth": True}.items():
        row = (*OTHER[:1], value, *OTHER[2:])
        _bytes(f"second/book-name-{title}.xlsx", _book(lambda _: None, row))
    lied = _part(
        plain, sheet, lambda d: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:G2"', d)
    )
    beyond = b'<row r="9"><c r="B9"><v>5</v></c></row></sheetData>'
    _bytes(
        "second/book-extent.xlsx", _part(lied, sheet, lambda d: d.replace(b"</sheetData>", beyond))
    )
    far = b'<row r="99999999999"><c><v>1</v></c></row></sheetData>'
    _bytes(
        "second/book-row-far.xlsx", _part(plain, sheet, lambda d: d.replace(b"</sheetData>", far))
    )
    for title, change in {
        "late": lambda d: b"<!--" + b"x" * 9000 + b"--><!DOCTYPE x [<!ENTITY e 'y'>]>" + d,
        "utf16": lambda d: ("<!DOCTYPE x [<!ENTITY e 'y'>]>" + d.decode()).encode("utf-16"),
    }.items():
        _bytes(f"second/book-doctype-{title}.xlsx", _part(plain, sheet, change))


# --- sidecars, GeoPackage, KML --------------------------------------------------------------


def _write(path: Path, **options: Any) -> None:
    shapes = [shapely.Polygon(_square(119.5, 38.5, 0.1)), shapely.Polygon(SQUARE)]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=[np.array(v, dtype=object) for v in (["990101", "990102"], ["甲区", "乙区"])],
        fields=np.array(["code", "name"]),
        geometry_type="Polygon",
        crs="EPSG:4490",
        **options,
    )


def _shapefile(name: str, change: Callable[[dict[str, bytes]], None]) -> None:
    def write(path: Path) -> None:
        with TemporaryDirectory() as folder:
            _write(Path(folder) / "in.shp", driver="ESRI Shapefile", encoding="UTF-8")
            parts = {part.suffix: part.read_bytes() for part in Path(folder).iterdir()}
        change(parts)
        for suffix, content in parts.items():
            path.with_suffix(suffix).write_bytes(content)

    FILES[name] = write


def _sidecars() -> None:
    def deleted(parts: dict[str, bytes]) -> None:
        start = struct.unpack("<H", parts[".dbf"][8:10])[0]
        parts[".dbf"] = parts[".dbf"][:start] + b"*" + parts[".dbf"][start + 1 :]

    def swapped(parts: dict[str, bytes]) -> None:
        index = parts[".shx"]
        parts[".shx"] = index[:100] + index[108:116] + index[100:108]

    def damaged(parts: dict[str, bytes]) -> None:
        parts[".dbf"] = parts[".dbf"].replace("乙区".encode(), b"\xe4\xb9\xff\xe5\x8c\xba")

    _shapefile("second/part-deleted.shp", deleted)
    _shapefile("second/part-index-swapped.shp", swapped)
    _shapefile("second/part-damaged.shp", damaged)
    _shapefile("second/part-declared-latin.shp", lambda p: p.update({".cpg": b"ISO-8859-1"}))
    _shapefile(
        "second/part-other-ellipsoid.shp", lambda p: p.update(_changed(p, "6378137.0", "6378245.0"))
    )

    def linked(path: Path) -> None:
        _write(path, driver="ESRI Shapefile", encoding="UTF-8")
        path.with_suffix(".cpg").unlink()
        path.with_suffix(".cpg").symlink_to("/etc/hostname")

    FILES["second/part-link.shp"] = linked


def _changed(parts: dict[str, bytes], old: str, new: str) -> dict[str, bytes]:
    return {".prj": parts[".prj"].replace(old.encode(), new.encode())}


STATEMENTS = {
    "view": "CREATE VIEW v AS SELECT fid, geom, code, name FROM units;"
    "UPDATE gpkg_contents SET table_name = 'v';"
    "UPDATE gpkg_geometry_columns SET table_name = 'v'",
    "contents-differ": "UPDATE gpkg_contents SET srs_id = 4326",
    "number-differs": "UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 4610 "
    "WHERE srs_id = 4490",
    "undefined": "UPDATE gpkg_contents SET srs_id = -1;"
    "UPDATE gpkg_geometry_columns SET srs_id = -1",
    "bytes": "UPDATE units SET name = CAST(x'D2D2C7F8' AS TEXT) WHERE fid = 2",
    "no-rows": "DELETE FROM units",
    "nought": "UPDATE units SET name = '乙' || char(0) || '区' WHERE fid = 2",
}


def _packed() -> None:
    """A shapefile beside sixty megabytes of nothing."""

    def write(path: Path) -> None:
        with (
            TemporaryDirectory() as folder,
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out,
        ):
            _write(Path(folder) / "in.shp", driver="ESRI Shapefile", encoding="UTF-8")
            for part in sorted(Path(folder).iterdir()):
                out.write(part, part.name)
            out.writestr("in.sbn", bytes(60_000_000))

    FILES["second/archive-ratio.zip"] = write


def _packages() -> None:
    for title, statements in STATEMENTS.items():

        def write(path: Path, statements: str = statements) -> None:
            _write(path, driver="GPKG", layer="units", layer_options={"SPATIAL_INDEX": "NO"})
            with sqlite3.connect(path) as connection:
                connection.executescript(statements)
            connection.close()

        FILES[f"second/package-{title}.gpkg"] = write


def _marked() -> None:
    point = "<Point><coordinates>119.5,38.5</coordinates></Point>"
    head = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    for title, inside in {
        "two-names": f"<name>甲路</name><name>乙路</name>{point}",
        "bold": f"<name><![CDATA[<b>甲路</b>]]></name>{point}",
        "two-places": f"<name>甲路</name>{point}{point}",
        "direction": f"<name>甲&#x202E;路</name>{point}",
        "no-name": point,
    }.items():
        text = f"{head}<Placemark>{inside}</Placemark></Document></kml>"
        _bytes(f"second/mark-{title}.kml", text)


def _third() -> None:
    """What a third writer found who had seen neither half."""
    _bytes("second/name-broken.csv", _table(_row(), _row(OTHER, name='"乙\n路"')))
    head = HEAD.replace("name", "标准名称,名称")
    rows = ("1,甲路,甲路" + _row()[4:], "2,乙大道,乙路" + _row(OTHER)[4:])
    _bytes("second/two-names.csv", _table(*rows, head=head))
    east = [[round(x + 0.1001, 4), y] for x, y in SQUARE]
    shapes = [{"type": "Polygon", "coordinates": [ring]} for ring in (SQUARE, east)]
    known = [{"code": "990101", "name": "甲区"}, {"code": "990102", "name": "乙区"}]
    features = [
        {"type": "Feature", "properties": told, "geometry": shape}
        for told, shape in zip(known, shapes, strict=True)
    ]
    layer = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    _bytes("second/narrow-gap.geojson", layer)
    drawing = (
        "0 SECTION 2 ENTITIES 0 LINE 8 99000001010102 10 463000 20 4229000 11 464000 21 4230000"
    )
    _bytes("second/cut.dxf", "".join(f"{word}\n" for word in drawing.split()))
    FILES["second/archive-renamed.zip"] = lambda p: _pack(p, "inner.dat", b"PK\x03\x04" * 9)


def _doubts() -> None:
    """What was answered doubtfully: days of programs, other lengths, letters and encodings."""
    for title, day in {"placeholder": "0001-01-01", "epoch": "1970-01-01"}.items():
        _bytes(f"second/day-{title}.csv", _table(_row(), _row(OTHER, approved_on=day)))
    _bytes("second/day-before-gregorian.csv", _table(_row(), _row(OTHER, approved_on="1402-03-04")))
    line = [[119.5, 38.5], [119.52, 38.52]]
    sides = {"code": "99000001010102", "left_code": "990101", "right_code": "990102"}
    for title, length in {"long": 500, "short": 0.2}.items():
        geometry = {"type": "LineString", "coordinates": line}
        told = {**sides, "length_km": length}
        feature = {"type": "Feature", "properties": told, "geometry": geometry}
        _bytes(f"second/line-told-{title}.geojson", _collection(feature))
    korean = [_row(name=name) for name in ("갑로", "을로", "병로", "정로", "무로쨌")]
    _bytes("second/bytes-korean-word.csv", _table(*korean).encode("euc-kr"))
    for title, row_id in {
        "cyrillic": "\u0410-1",
        "greek": "\u0391-1",
        "styled": "\U0001d400-1",
    }.items():
        _bytes(f"second/id-{title}.csv", _table(_row(), _row(OTHER, id=row_id)))
    _bytes("second/id-broken.csv", _table(_row(), _row(OTHER, id='"A\n1"')))
    for title, code in {"cyrillic": "99010\u0417", "roman": "99010\u2160"}.items():
        _bytes(f"second/code-{title}.csv", _table(_row(unit_code=code)))
    _shapefile("second/part-declared-big5.shp", lambda p: p.update(_chinese(p, b"BIG5")))
    _shapefile("second/part-damaged-undeclared.shp", _damage)
    place = "<Placemark><name>甲区大道</name></Placemark>"
    big5 = f'<?xml version="1.0" encoding="Big5"?><kml>{place}</kml>'
    _bytes("second/mark-declared-big5.kml", big5.encode("gbk"))
    _bytes("second/bytes-utf7.kml", big5.replace("Big5", "UTF-7").encode("utf-7"))

    def linked(path: Path) -> None:
        _put(path.with_name("elsewhere.csv"), _table(_row()).encode())
        path.symlink_to("elsewhere.csv")

    FILES["second/linked.csv"] = linked


def _chinese(parts: dict[str, bytes], declared: bytes) -> dict[str, bytes]:
    """The same text in GBK, said to be in another encoding."""
    found = parts[".dbf"]
    for word in ("甲区", "乙区"):
        found = found.replace(word.encode(), word.encode("gbk").ljust(6))
    return {".dbf": found, ".cpg": declared}


def _damage(parts: dict[str, bytes]) -> None:
    """One text cut within a character, and nothing said of the encoding."""
    parts[".dbf"] = parts[".dbf"].replace("乙区".encode(), b"\xe4\xb9\xff\xe5\x8c\xba")
    del parts[".cpg"]


def _pack(path: Path, name: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        _write(Path(folder) / "l.shp", driver="ESRI Shapefile", encoding="UTF-8")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                archive.write(part, part.name)
            archive.writestr(name, content)


for _make in (
    _texts,
    _tables,
    _features,
    _books,
    _sidecars,
    _packed,
    _packages,
    _marked,
    _third,
    _doubts,
):
    _make()
