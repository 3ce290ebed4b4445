"""Builds the fault corpus: bad files of every kind, each from its name and a fixed seed alone.

`FILES` maps the name of a file to what writes it; `expected.csv` beside this script says what must
become of it. Imports nothing of the program under test.
"""

from __future__ import annotations

import io
import json
import random
import sqlite3
import stat
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import openpyxl
import pyogrio.raw
import shapely

SEED = 20261128
NOISE = random.Random(SEED).randbytes(8192)  # noqa: S311 - noise, no secret
Writer = Callable[[Path], None]
FILES: dict[str, Writer] = {}

HEAD = ["id", "name", "type", "lon", "lat", "unit_code", "approved_on"]
GOOD = ["1", "甲路", "道路", "120.32", "36.06", "370202", "2020-02-28"]
UNIT = {"code": "370202", "name": "市南区"}
SQUARE = shapely.box(120.3, 36.1, 120.4, 36.2)
POINT = shapely.Point(120.3, 36.1)
LINE = shapely.LineString([(530000, 3990000), (540000, 4000000)])
LINE_CODE = "37020002020203"
TABLE = "".join(",".join(row) + "\n" for row in (HEAD, GOOD))


def _add(name: str, writer: Writer) -> None:
    assert name not in FILES, name
    FILES[name] = writer


def _bytes(name: str, content: bytes) -> None:
    _add(name, lambda path: _put(path, content))


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


# --- makers of whole files ------------------------------------------------------------------


def _csv(rows: list[list[str]]) -> bytes:
    return "".join(",".join(row) + "\r\n" for row in rows).encode()


def _sheet(rows: list[list[str]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return out.getvalue()


def _features(features: list[tuple[dict[str, Any], Any]], **members: Any) -> bytes:
    return json.dumps(
        {
            "type": "FeatureCollection",
            **members,
            "features": [
                {"type": "Feature", "properties": properties, "geometry": geometry}
                for properties, geometry in features
            ],
        },
        ensure_ascii=False,
    ).encode()


def _kml(*placemarks: str, head: str = "") -> bytes:
    body = "".join(f"<Placemark>{mark}</Placemark>" for mark in placemarks)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}'
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{body}</Document></kml>'
    ).encode()


def _data(values: dict[str, str]) -> str:
    fields = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in values.items())
    return f"<ExtendedData>{fields}</ExtendedData>"


def _layer(
    path: Path,
    shape: Any,
    values: dict[str, str],
    *,
    crs: str | None = "EPSG:4490",
    layer: str | None = None,
    append: bool = False,
) -> None:
    driver = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".gdb": "OpenFileGDB"}[path.suffix]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([shape], dtype=object)),
        field_data=[np.array([value], dtype=object) for value in values.values()],
        fields=np.array(list(values)),
        crs=crs,
        geometry_type=shape.geom_type,
        driver=driver,
        layer=layer,
        append=append,
        encoding="UTF-8" if driver == "ESRI Shapefile" else None,
    )


def _parts(shape: Any, values: dict[str, str], crs: str = "EPSG:4490") -> dict[str, bytes]:
    """A shapefile's parts by suffix."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "in.shp"
        _layer(path, shape, values, crs=crs)
        return {part.suffix: part.read_bytes() for part in path.parent.iterdir()}


def _shapefile(name: str, change: Callable[[dict[str, bytes]], None], **options: Any) -> None:
    def write(path: Path) -> None:
        parts = _parts(options.get("shape", POINT), options.get("values", {"name": "甲路"}))
        change(parts)
        for suffix, content in parts.items():
            path.with_suffix(suffix).write_bytes(content)

    _add(name, write)


def _archive(entries: list[tuple[zipfile.ZipInfo | str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry, content in entries:
            archive.writestr(entry, content)
    return out.getvalue()


def _entry(name: str, kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, (kind | 0o644) << 16
    return entry


# --- encodings ------------------------------------------------------------------------------


def _encodings() -> None:
    text = TABLE + "2,乙村,村,120.33,36.07,370202,\n"
    _bytes("encodings/big5.csv", text.replace("村", "鎮").encode("big5", "ignore"))
    _bytes("encodings/cut.csv", TABLE.encode() + "2,乙".encode()[:-1] + b",,,,,\n")
    _bytes("encodings/binary.csv", TABLE.encode() + b"\xff\xfe\xfd\xfc,,,,,,\n")
    noise = bytes(byte | 0x80 for byte in NOISE[:400])
    _bytes("encodings/noise.csv", TABLE.encode() + noise + b"\n")
    _bytes("encodings/nul.csv", TABLE.encode() + b"2,\0\0,,,,,\n")
    _bytes("encodings/utf16-odd.csv", text.encode("utf-16")[:-1])
    _bytes("encodings/utf32.csv", text.encode("utf-32-le"))
    _bytes("encodings/shift-jis.csv", "name\nひらがな路カタカナ\n".encode("shift_jis"))
    scrambled = "青岛路".encode().decode("gb18030", "replace").rstrip("\ufffd")
    _bytes("encodings/scrambled.csv", f"name\n{scrambled}\n".encode())
    _bytes("encodings/question-marks.csv", "name\n中?????路\n".encode())
    _bytes("encodings/replaced.csv", "name\n中\ufffd路\n".encode())
    _bytes("encodings/guessed.csv", text.encode("gb18030"))
    _bytes(
        "encodings/half-pair.geojson",
        _features([({"name": "甲路"}, None)]).replace("甲".encode(), b"\\ud800"),
    )
    _bytes(
        "encodings/latin.geojson",
        _features([({"name": "é路"}, None)]).replace("路".encode(), b"\xe8"),
    )
    _bytes("encodings/declared-wrong.kml", _kml("<name>甲路</name>").replace(b"UTF-8", b"US-ASCII"))
    _bytes("encodings/unknown.kml", _kml("<name>甲路</name>").replace(b"UTF-8", b"klingon"))
    _bytes("encodings/gbk-said-utf8.kml", _kml("<name>甲路</name>").decode().encode("gbk"))


# --- sidecars -------------------------------------------------------------------------------


def _sidecars() -> None:
    for part in (".shx", ".dbf"):
        _shapefile(
            f"sidecars/without-{part[1:]}.shp", lambda parts, part=part: parts.pop(part) and None
        )
    _shapefile(
        "sidecars/cpg-wrong.shp",
        lambda p: p.update({".cpg": b"GBK"}),
        values={"name": "甲乙云宁路"},
    )
    _shapefile("sidecars/cpg-unknown.shp", lambda p: p.update({".cpg": b"KLINGON"}))
    _shapefile(
        "sidecars/prj-broken.shp",
        lambda p: p.update({".prj": b"GEOGCS[broken"}),
        shape=SQUARE,
        values=UNIT,
    )
    _shapefile("sidecars/dbf-cut.shp", lambda p: p.update({".dbf": p[".dbf"][:20]}))
    _shapefile("sidecars/shp-cut.shp", lambda p: p.update({".shp": p[".shp"][:60]}))
    _shapefile("sidecars/shp-empty.shp", lambda p: p.update({".shp": b""}))
    _shapefile(
        "sidecars/shx-of-another.shp",
        lambda p: p.update({".shx": p[".shx"][:100] + struct.pack(">ii", 999999, 10)}),
    )
    _shapefile(
        "sidecars/dbf-of-another.shp",
        lambda p: p.update({".dbf": p[".dbf"][:4] + b"\x09" + p[".dbf"][5:]}),
    )
    _shapefile("sidecars/shp-is-dbf.shp", lambda p: p.update({".shp": p[".dbf"]}))


# --- coordinate systems ---------------------------------------------------------------------


def _systems() -> None:
    square = shapely.geometry.mapping(SQUARE)
    for name, crs in {
        "wrong-zone": "EPSG:4547",
        "prefix-not-written": "EPSG:4528",
        "xian-80": "EPSG:2364",
        "degrees-declared": "EPSG:4490",
    }.items():
        _add(
            f"crs/{name}.gpkg",
            lambda path, crs=crs: _layer(path, LINE, {"code": LINE_CODE}, crs=crs),
        )
    for name, crs in {"metres": "EPSG:4549", "nonsense": "ABC", "number": "EPSG:1"}.items():
        said = {"type": "name", "properties": {"name": crs}}
        _bytes(f"crs/{name}.geojson", _features([(UNIT, square)], crs=said))
    _bytes("crs/null.geojson", _features([(UNIT, square)], crs=None))
    _shapefile("crs/without-prj.shp", lambda p: p.pop(".prj") and None, shape=SQUARE, values=UNIT)
    _bytes(
        "crs/markers-undeclared.csv",
        f"number,line_code,lon,lat\n001Q,{LINE_CODE},120.3,36.1\n".encode(),
    )
    _bytes("crs/axes-swapped.csv", b"name,type,lon,lat\na\xe8\xb7\xaf,road,36.06,120.32\n")


# --- geometry, the same faults in every format ----------------------------------------------

GEOMETRIES: dict[str, Any] = {
    "bow-tie": shapely.Polygon([(120.3, 36.1), (120.4, 36.2), (120.4, 36.1), (120.3, 36.2)]),
    "spike": shapely.Polygon(
        [(120.3, 36.1), (120.4, 36.1), (120.4, 36.2), (120.4, 36.1), (120.35, 36.2)]
    ),
    "hole-outside": shapely.Polygon(
        SQUARE.exterior, [shapely.box(120.42, 36.1, 120.44, 36.12).exterior]
    ),
    "swapped": shapely.transform(SQUARE, lambda xy: xy[:, ::-1]),
    "elsewhere": shapely.transform(SQUARE, lambda xy: xy - [20, 0]),
    "point": POINT,
    "line": shapely.LineString([(120.3, 36.1), (120.4, 36.2)]),
}


def _drawn(shape: Any) -> str:
    """KML of one geometry."""

    def points(ring: Any) -> str:
        said = " ".join(f"{x!r},{y!r}" for x, y in ring.coords)
        return f"<coordinates>{said}</coordinates>"

    if shape.geom_type != "Polygon":
        return f"<{shape.geom_type}>{points(shape)}</{shape.geom_type}>"
    inner = "".join(
        f"<innerBoundaryIs><LinearRing>{points(ring)}</LinearRing></innerBoundaryIs>"
        for ring in shape.interiors
    )
    outer = f"<outerBoundaryIs><LinearRing>{points(shape.exterior)}</LinearRing></outerBoundaryIs>"
    return f"<Polygon>{outer}{inner}</Polygon>"


def _geometries() -> None:
    for name, shape in GEOMETRIES.items():
        _bytes(f"geometry/{name}.geojson", _features([(UNIT, shapely.geometry.mapping(shape))]))
        _bytes(f"geometry/{name}.kml", _kml(_data(UNIT) + _drawn(shape)))
        _add(f"geometry/{name}.gpkg", lambda path, shape=shape: _layer(path, shape, UNIT))
    polygon: dict[str, Any] = {"type": "Polygon"}
    ring = [list(point) for point in SQUARE.exterior.coords]
    for name, geometry in {
        "none": None,
        "empty": {**polygon, "coordinates": []},
        "open": {**polygon, "coordinates": [ring[:-1]]},
        "text": {**polygon, "coordinates": "120 36"},
        "no-type": {"coordinates": [ring]},
        "nan": {**polygon, "coordinates": [[[float("nan"), 36.1], *ring[1:]]]},
        "infinite": {**polygon, "coordinates": [[[float("inf"), 36.1], *ring[1:]]]},
    }.items():
        _bytes(f"geometry/{name}.geojson", _features([(UNIT, geometry)]))
    open_ring = _drawn(SQUARE).replace("120.4,36.1 ", "", 1)
    for name, drawn in {
        "none": "",
        "open": open_ring,
        "text": "<Point><coordinates>东经</coordinates></Point>",
        "one-number": "<Point><coordinates>120.3</coordinates></Point>",
        "two": _drawn(SQUARE) * 2,
        "track": '<Track xmlns="http://www.google.com/kml/ext/2.2"><coord>120 36 0</coord></Track>',
        "no-outer": "<Polygon></Polygon>",
    }.items():
        _bytes(f"geometry/{name}.kml", _kml(_data(UNIT) + drawn))
    arc = "CURVEPOLYGON(CIRCULARSTRING(120.1 36,120.2 36.1,120.3 36,120.2 35.9,120.1 36))"
    _bytes("geometry/arc.csv", f'code,name,wkt\n370202,市南区,"{arc}"\n'.encode())
    _bytes("geometry/wkt-broken.csv", 'code,name,wkt\n370202,市南区,"POLYGON((1 2"\n'.encode())


# --- names and cells, the same faults in every table ----------------------------------------

CELLS: dict[str, dict[str, str]] = {
    "swapped": {"lon": "36.06", "lat": "120.32"},
    "metres": {"lon": "540000", "lat": "3990000"},
    "words": {"lon": "约一百二"},
    "half": {"lat": ""},
    "code-short": {"unit_code": "37020"},
    "day-30-february": {"approved_on": "2023-02-30"},
    "day-american": {"approved_on": "03/04/2021"},
    "day-era": {"approved_on": "民国二十年"},
    "day-year-only": {"approved_on": "1985"},
    "type-unknown": {"type": "xyz"},
    "name-missing": {"name": ""},
    "name-lost": {"name": "中?????路"},
}


def _cells() -> None:
    for name, changed in CELLS.items():
        rows = [GOOD, [changed.get(h, v) for h, v in zip(HEAD, GOOD, strict=True)]]
        rows[1][0] = "2"
        _bytes(f"tables/{name}.csv", _csv([HEAD, *rows]))
        _bytes(f"tables/{name}.xlsx", _sheet([HEAD, *rows]))
        marks = [_data({h: v for h, v in zip(HEAD, row, strict=True) if v}) for row in rows]
        _bytes(f"names/{name}.kml", _kml(*marks))
    _bytes("tables/ragged.csv", TABLE.encode() + b"2,a,road,1,2,3,4,5,6\n")
    _bytes("tables/repeated-id.csv", _csv([HEAD, GOOD, [*GOOD[:1], "乙路", *GOOD[2:]]]))
    _bytes("tables/no-name-column.csv", b"lon,lat\n120.3,36.1\n")
    _bytes("tables/open-quote.csv", TABLE.encode() + b'2,"abc\n')
    _bytes("tables/only-header.csv", TABLE.encode().splitlines()[0])
    _bytes("tables/blank.csv", b"\n\n\n")
    _bytes("tables/empty.csv", b"")


# --- archives -------------------------------------------------------------------------------


def _archives() -> None:
    def pack(name: str, make: Callable[[list[tuple[Any, bytes]]], list[tuple[Any, bytes]]]) -> None:
        def write(path: Path) -> None:
            parts = _parts(POINT, {"name": "甲路"})
            path.write_bytes(_archive(make([(f"in{s}", content) for s, content in parts.items()])))

        _add(f"archives/{name}", write)

    pack("climbs.zip", lambda e: [*e, ("../../etc/x", b"x")])
    pack("root.zip", lambda e: [*e, ("/etc/x", b"x")])
    pack("drive.zip", lambda e: [*e, ("C:\\x", b"x")])
    pack("backslash-climbs.zip", lambda e: [*e, ("..\\x", b"x")])
    pack("link.zip", lambda e: [*e, (_entry("l", stat.S_IFLNK), b"/etc/passwd")])
    pack("device.zip", lambda e: [*e, (_entry("d", stat.S_IFCHR), b"")])
    pack("pipe.zip", lambda e: [*e, (_entry("p", stat.S_IFIFO), b"")])
    pack("nested.zip", lambda e: [*e, ("more.zip", b"x")])
    pack("nested-kmz.zip", lambda e: [*e, ("more.kmz", b"x")])
    pack("nested-tar.zip", lambda e: [*e, ("more.tar", b"x")])
    pack(
        "nested-renamed.zip",
        lambda e: [("in.shp", _archive([("a", b"b")])), *[x for x in e if x[0] != "in.shp"]],
    )
    pack("many.zip", lambda e: [*e, *((f"{i}.txt", b"") for i in range(1001))])
    pack("bomb.zip", lambda e: [*e, ("big", bytes(201 << 20))])
    pack("repeated-case.zip", lambda e: [*e, ("IN.SHP", b"x")])
    pack("without-layer.zip", lambda _: [("a.txt", b"x")])
    pack("without-dbf.zip", lambda e: [x for x in e if x[0] != "in.dbf"])
    pack("two-layers.zip", lambda e: [*e, *((f"other{n[2:]}", c) for n, c in e)])
    pack("secret.zip", lambda e: [*e, ("机密.txt", b"x")])
    whole = _archive([("doc.kml", _kml("<name>甲路</name>"))])
    _bytes("archives/cut.zip", whole[: len(whole) // 2])
    _bytes("archives/cut.kmz", whole[: len(whole) // 2])
    _bytes("archives/without-kml.kmz", _archive([("a.png", b"x")]))
    _bytes("archives/two-kml.kmz", _archive([("a.kml", b"x"), ("b.kml", b"x")]))
    _bytes("archives/climbs.kmz", _archive([("../doc.kml", b"x")]))
    _bytes("archives/bomb.kmz", _archive([("doc.kml", bytes(201 << 20))]))
    encrypted = bytearray(whole)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        encrypted[encrypted.index(mark) + offset] |= 1
    _bytes("archives/encrypted.kmz", bytes(encrypted))
    liar = bytearray(whole)
    liar[liar.index(b"PK\x03\x04") + 14] ^= 0xFF
    liar[liar.index(b"PK\x01\x02") + 16] ^= 0xFF
    _bytes("archives/checksum.kmz", bytes(liar))


# --- XML ------------------------------------------------------------------------------------


def _xml() -> None:
    mark = "<name>甲路</name>"
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    for name, head in {
        "doctype": "<!DOCTYPE kml>",
        "laughs": f'<!DOCTYPE kml [<!ENTITY l0 "ha">{laughs}]>',
        "reads-a-file": '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "reads-the-net": '<!DOCTYPE kml SYSTEM "http://127.0.0.1:9/x.dtd">',
        "parameter": '<!DOCTYPE kml [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    }.items():
        _bytes(f"xml/{name}.kml", _kml(mark, head=head))
    whole = _kml(mark)
    _bytes("xml/cut.kml", whole[:-10])
    _bytes("xml/unmatched.kml", whole.replace(b"</name>", b"</title>"))
    _bytes("xml/control.kml", whole.replace("甲".encode(), b"\x01"))
    _bytes("xml/entity-unknown.kml", whole.replace("甲".encode(), b"&nbsp;"))
    _bytes("xml/two-roots.kml", whole + b"<a/>")
    _bytes("xml/deep.kml", _kml("<a>" * 100 + "</a>" * 100))
    _bytes("xml/gpx.kml", b'<gpx version="1.1"><wpt lat="36" lon="120"/></gpx>')
    _bytes("xml/html.kml", b"<html><body>404</body></html>")
    _bytes("xml/no-placemarks.kml", _kml())
    _bytes("xml/field-twice.kml", _kml(_data({"name": "甲路"}) * 2))
    _bytes("xml/prefix-unknown.kml", _kml("<gx:Track/>"))
    link = "<name>甲路</name></Placemark><NetworkLink><Link><href>http://127.0.0.1:9/</href></Link></NetworkLink><Placemark><name>乙路</name>"
    _bytes("xml/link.kml", _kml(link))
    _bytes(
        "xml/secret.kml",
        _kml(mark).replace(b"<Document>", "<Document><name>机密★10年</name>".encode()),
    )


# --- office files ---------------------------------------------------------------------------


def _office() -> None:
    def edited(name: str, part: str, change: Callable[[bytes], bytes]) -> None:
        with zipfile.ZipFile(io.BytesIO(_sheet([HEAD, GOOD]))) as book:
            parts = [
                (n, change(book.read(n)) if n == part else book.read(n)) for n in book.namelist()
            ]
        _bytes(f"office/{name}.xlsx", _archive(list(parts)))

    sheet = "xl/worksheets/sheet1.xml"
    edited("doctype", sheet, lambda c: b'<!DOCTYPE x [<!ENTITY a "b">]>' + c)
    edited("cut-sheet", sheet, lambda c: c[: len(c) // 2])
    edited("no-workbook", "xl/workbook.xml", lambda _: b"")
    _bytes("office/html.xlsx", b"<html><table><tr><td>name</td></tr></table></html>")
    _bytes("office/old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512))
    _bytes(
        "office/word.xlsx",
        _archive([("word/document.xml", b"<a/>"), ("[Content_Types].xml", b"<a/>")]),
    )
    whole = _sheet([HEAD, GOOD])
    _bytes("office/cut.xlsx", whole[: len(whole) // 2])
    _bytes("office/empty.xlsx", _sheet([]))
    _bytes("office/bomb.xlsx", _archive([("xl/worksheets/sheet1.xml", bytes(201 << 20))]))
    _bytes("office/climbs.xlsx", _archive([("../x", b"x")]))
    _bytes("office/title-rows.xlsx", _sheet([["地名登记表"], HEAD, GOOD]))
    _bytes("office/secret.xlsx", _sheet([[*HEAD, "密级"], [*GOOD, "机密"]]))


# --- GeoPackage -----------------------------------------------------------------------------


def _geopackages() -> None:
    def broken(name: str, *statements: str) -> None:
        def write(path: Path) -> None:
            _layer(path, SQUARE, UNIT, layer="units")
            with sqlite3.connect(path) as db:
                for function in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):
                    db.create_function(f"ST_{function}", 1, lambda _: 1)
                for statement in statements:
                    db.execute(statement)
            db.close()

        _add(f"geopackage/{name}.gpkg", write)

    def bytewise(name: str, change: Callable[[bytes], bytes]) -> None:
        def write(path: Path) -> None:
            _layer(path, SQUARE, UNIT, layer="units")
            path.write_bytes(change(path.read_bytes()))

        _add(f"geopackage/{name}.gpkg", write)

    broken("no-contents", "DROP TABLE gpkg_contents")
    broken("no-geometry-columns", "DROP TABLE gpkg_geometry_columns")
    broken("no-srs", "DROP TABLE gpkg_spatial_ref_sys")
    broken("contents-empty", "DELETE FROM gpkg_contents")
    broken(
        "layer-gone",
        "PRAGMA writable_schema = ON",
        "DELETE FROM sqlite_master WHERE tbl_name LIKE '%units%'",
    )
    broken("blob-noise", "UPDATE units SET geom = x'0102030405'")
    broken("secret", "UPDATE gpkg_contents SET description = '机密'")
    bytewise("cut", lambda c: c[: len(c) // 2])
    bytewise("header-only", lambda c: c[:100])
    bytewise("first-page-noise", lambda c: c[:100] + NOISE[:3996] + c[4096:])
    bytewise("no-magic", lambda c: b"X" + c[1:])
    _bytes("geopackage/noise.gpkg", b"SQLite format 3\0" + NOISE[:5000])

    def lost(path: Path) -> None:
        _layer(path, POINT, {"name": "甲路", "type": "道路"}, layer="units")
        with sqlite3.connect(path) as db:
            for function in ("IsEmpty", "MinX", "MaxX", "MinY", "MaxY"):
                db.create_function(f"ST_{function}", 1, lambda _: 1)
            db.execute("UPDATE units SET geom = x'0102030405'")
        db.close()

    _add("geopackage/place-blob-noise.gpkg", lost)

    def two(path: Path) -> None:
        _layer(path, SQUARE, UNIT, layer="a")
        _layer(path, SQUARE, UNIT, layer="b", append=True)

    _add("geopackage/two-layers.gpkg", two)

    def plain(path: Path) -> None:
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE t (a TEXT)")
        db.close()

    _add("geopackage/plain-sqlite.gpkg", plain)


# --- tricks on drivers ----------------------------------------------------------------------


def _tricks() -> None:
    vrt = (
        b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource>'
        b"</OGRVRTLayer></OGRVRTDataSource>"
    )
    for suffix in (
        "geojson",
        "jsonld",
        "gpkg",
        "shp",
        "zip",
        "xlsx",
        "kml",
        "kmz",
        "parquet",
        "dxf",
    ):
        _bytes(f"drivers/vrt.{suffix}", vrt)
    _bytes(
        "drivers/wfs.geojson", b"<OGRWFSDataSource><URL>http://127.0.0.1:9</URL></OGRWFSDataSource>"
    )
    _bytes("drivers/topology.geojson", b'{"type": "Topology", "objects": {}}')
    _bytes("drivers/esri.geojson", b'{"geometryType": "esriGeometryPoint", "features": []}')
    _bytes("drivers/deep.geojson", b"[" * 5000)
    _bytes("drivers/twice.geojson", b'{"type": "x", "type": "y"}')
    _bytes("drivers/cut.geojson", b'{"type": "FeatureCollection", "features": [')
    _bytes("drivers/file.gdb", b"x")
    _add("drivers/empty.gdb", lambda path: path.mkdir())

    def catalogue(path: Path) -> None:
        path.mkdir()
        (path / "a00000001.gdbtable").write_bytes(NOISE[:4096])

    _add("drivers/noise-folder.gdb", catalogue)

    def cut(path: Path) -> None:
        _layer(path, SQUARE, UNIT, layer="units")
        for part in path.glob("*.gdbtable"):
            part.write_bytes(part.read_bytes()[:64])

    _add("drivers/cut-folder.gdb", cut)
    _bytes("drivers/reach.gpkg", b"GPKG:/etc/passwd")
    _bytes("drivers/parquet-noise.parquet", b"PAR1" + NOISE[:500] + b"PAR1")
    _bytes("drivers/shell.sh", b"#!/bin/sh\n")
    _bytes("drivers/tab.tab", b"!table\n")
    _bytes("drivers/绝密.csv", TABLE.encode())


for family in (
    _encodings,
    _sidecars,
    _systems,
    _geometries,
    _cells,
    _archives,
    _xml,
    _office,
    _geopackages,
    _tricks,
):
    family()


def build(name: str, folder: Path) -> Path:
    """Write one file of the corpus; returns where it stands."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    FILES[name](path)
    return path


if __name__ == "__main__":
    for title in FILES:
        build(title, Path(sys.argv[1]))
