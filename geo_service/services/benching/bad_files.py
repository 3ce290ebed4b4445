"""Large files of nonsense, near the limits of size, and what it costs to refuse them.

Each is made from a fixed seed, imported by the command into an empty store of the invented city,
and must be refused within half a minute of work, in less than two gibibytes.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from itertools import count, islice
from multiprocessing import get_context
from typing import TYPE_CHECKING

from geo_service.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

SEED = 20_261_128
_PLAIN, _PACKED = 49 << 20, 190 << 20
"""Bytes: a file may have 50 MB, what is packed in it 200 MB."""
_FULL_SHEET = 160_000
"""Rows of five cells, with which a workbook is as full as may be."""
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Bad:
    """A file: its name, the kind it is imported as, how it is written, words of the command."""

    name: str
    kind: str
    write: Callable[[Path], object]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cost:
    """What refusing a file took: seconds of the clock and of work (of all processes), memory."""

    name: str
    megabytes: float
    wall_s: float
    cpu_s: float
    peak_mb: int
    refused: bool
    codes: tuple[str, ...]


def _text(path: Path, head: str, parts: Iterable[str], end: str) -> None:
    """A head, as many parts as there is room for, and an end."""
    size = 0
    with path.open("w", encoding="utf-8") as out:
        out.write(head)
        for part in parts:
            size += len(part.encode())
            if size > _PLAIN:
                break
            out.write(part)
        out.write(end)


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TIES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
    'PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_TIES}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_TIES}"><sheets>'
    '<sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
    f'Id="r1" Type="{_TIES}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
_HEADS = "".join(
    f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("id", "name", "type", "lon", "lat")
)


def _book(path: Path, rows: Iterable[str], after: str = "") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in _PARTS.items():
            archive.writestr(name, content)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            size = 0
            head = f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1">{_HEADS}</row>'
            sheet.write(head.encode())
            for row in rows:
                size += len(row)
                if size > _PACKED:
                    break
                sheet.write(row.encode())
            sheet.write(f"</sheetData>{after}</worksheet>".encode())


def _rows(cell: Callable[[int], str], most: int) -> Iterator[str]:
    return (f'<row r="{i}">{cell(i)}</row>' for i in range(2, most))


def _many_rows(path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - nonsense, no secrets
    _book(path, _rows(lambda _: f"<c><v>{chance.random()}</v></c>" * 2, 1_000_000))


def _full_sheet(cell: str) -> Callable[[Path], None]:
    return lambda path: _book(path, _rows(lambda i: cell.format(i) * 5, _FULL_SHEET))


def _merged(path: Path) -> None:
    areas = "".join(
        f'<mergeCell ref="A{2 + i % 100}:A{199_000 - i % 777}"/>' for i in range(20_000)
    )
    rows = _rows(lambda i: f"<c><v>{i}</v></c>", 200_000)
    _book(path, rows, f"<mergeCells>{areas}</mergeCells>")


_KML = '<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
_KML_END = "</Document></kml>"


def _placemarks(path: Path) -> None:
    place = (
        "<Placemark><name>甲</name><Point><coordinates>119,x{}</coordinates></Point></Placemark>"
    )
    _text(path, _KML, (place.format(i) for i in count()), _KML_END)


def _deep(path: Path) -> None:
    _text(path, _KML, ("<Folder>" for _ in count()), "")


def _elements(path: Path) -> None:
    _text(path, _KML, ("<a/>" for _ in count()), _KML_END)


def _packed_kml(path: Path) -> None:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("doc.kml", "w") as out,
    ):
        out.write(_KML.encode())
        for i in range(1_700_000):
            place = f"<Placemark><name>甲{i}</name><Point><coordinates>1,{i}x</coordinates></Point>"
            out.write(f"{place}</Placemark>".encode())
        out.write(_KML_END.encode())


_DRAWING = "0\nSECTION\n2\nENTITIES\n"
_DRAWN = "0\nENDSEC\n0\nEOF\n"


def _vertices(path: Path) -> None:
    head = f"{_DRAWING}0\nLWPOLYLINE\n8\n99000001010102\n"
    points = (f"10\n{463_000 + i % 9000}\n20\n{4_229_000 + i * 7 % 9000}\n" for i in count())
    _text(path, head, points, _DRAWN)


def _curves(path: Path) -> None:
    _text(path, _DRAWING, ("0\nARC\n8\n99000001010102\n10\n1\n" for _ in count()), _DRAWN)


def _codes(path: Path) -> None:
    line = "0\nLINE\n8\n{}\n10\n463000\n20\n4229000\n11\n463001\n21\n4229000\n"
    _text(path, _DRAWING, (line.format(99_010_100_000_000 + i) for i in count()), _DRAWN)


_FEATURES = '{"type":"FeatureCollection","features":['
_UNIT = (
    '{"type":"Feature","properties":{"code":"990101","name":"甲区"},"geometry":{"type":"Polygon",'
)
_RING = f'{_FEATURES}{_UNIT}"coordinates":[[[119.5,38.5]'
_RING_END = ",[119.5,38.5]]]}}]}"


def _random_ring(path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - nonsense, no secrets
    places = (
        f",[{119.5 + chance.random() / 9:.7f},{38.5 + chance.random() / 9:.7f}]" for _ in count()
    )
    _text(path, _RING, places, _RING_END)


def _comb(path: Path) -> None:
    places = (
        f",[{119.5 + i % 2 / 10 + i / 1e8:.8f},{38.5 + i % 2 / 10 - i / 1e8:.8f}]" for i in count()
    )
    _text(path, _RING, places, _RING_END)


def _nested(path: Path) -> None:
    path.write_text(f"{_FEATURES}{'[' * (_PLAIN // 2)}{']' * (_PLAIN // 2 - 99)}", encoding="utf-8")


def _bad_features(path: Path) -> None:
    place = '"geometry":{"type":"Point","coordinates":["x"]}'
    bad = f',{{"type":"Feature","properties":{{"name":"甲"}},{place}}}'
    _text(path, f"{_FEATURES}1", (bad for _ in count()), "]}")


def _numbers(path: Path) -> None:
    _text(path, f"{_FEATURES}1", (",1" for _ in count()), "]}")


def _keys(path: Path) -> None:
    bad = ',{{"type":"Feature","properties":{{"k{}":1}},"geometry":null}}'
    _text(path, f"{_FEATURES}1", (bad.format(i) for i in count()), "]}")


def _table(row: str) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        rows = (row.format(i, i % 90 + 10) for i in islice(count(), 1_999_000))
        _text(path, "id,name,lon,lat,approved_on\n", rows, "")

    return write


def _noise(head: bytes) -> Callable[[Path], object]:
    chance = random.Random(SEED)  # noqa: S311 - nonsense, no secrets
    return lambda path: path.write_bytes(head + chance.randbytes(_PLAIN))


def _layer(path: Path, rows: int, driver: str) -> None:
    """Names without a name that is one, in the open sea or nowhere, approved on no day."""
    # numpy, shapely and GDAL only for those who write such files
    import numpy as np  # noqa: PLC0415
    import pyogrio.raw  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    number = np.arange(rows)
    columns = {
        "id": np.char.add("N-", (number % 1000).astype(str)),
        "name": np.char.add("%", number.astype(str)),
        "unit_code": np.full(rows, "9901"),
        "date": np.full(rows, "2023-02-30"),
    }
    spots = shapely.points(np.where(number % 2, 500.0, 130.0), np.full(rows, 10.0))
    words = {"driver": driver, "geometry_type": "Point", "crs": "EPSG:4490"}
    data = [values.astype(object) for values in columns.values()]
    pyogrio.raw.write(path, shapely.to_wkb(spots), data, list(columns), **words)


def _zipped(rows: int, driver: str, suffix: str, layers: int = 1) -> Callable[[Path], None]:
    """Layers of some format in one archive."""

    def write(path: Path) -> None:
        place = path.with_suffix(".made")
        place.mkdir()
        for number in range(layers):
            _layer(place / f"names{number}{suffix}", rows, driver)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for each in sorted(place.rglob("*")):
                archive.write(each, each.relative_to(place))
        shutil.rmtree(place)

    return write


def _bad_parquet(path: Path) -> None:
    """Nearly as many rows as are read, each nowhere."""
    import numpy as np  # noqa: PLC0415 - as above
    import shapely  # noqa: PLC0415

    from geo_service.services.interchange.parquet_files import write_parquet  # noqa: PLC0415

    rows = 1_900_000
    columns = {"id": np.arange(rows).astype(str), "name": np.full(rows, "%")}
    spots = np.asarray(shapely.points(np.full(rows, 500.0), np.full(rows, 10.0)))
    write_parquet(path, "names", columns, spots, "EPSG:4490")


_LINES = ("--crs", "EPSG:4549")
FILES = (
    Bad("rows.xlsx", "place-names", _many_rows),
    Bad("full.xlsx", "place-names", _full_sheet("<c><v>{}</v></c>")),
    Bad("formulas.xlsx", "place-names", _full_sheet("<c><f>A{}+1</f></c>")),
    Bad("errors.xlsx", "place-names", _full_sheet('<c t="e"><v>#REF!</v></c>')),
    Bad("merged.xlsx", "place-names", _merged),
    Bad("placemarks.kml", "place-names", _placemarks),
    Bad("deep.kml", "place-names", _deep),
    Bad("elements.kml", "place-names", _elements),
    Bad("packed.kmz", "place-names", _packed_kml),
    Bad("vertices.dxf", "boundary-lines", _vertices, _LINES),
    Bad("curves.dxf", "boundary-lines", _curves, _LINES),
    Bad("codes.dxf", "boundary-lines", _codes, _LINES),
    Bad("random-ring.geojson", "units", _random_ring),
    Bad("comb.geojson", "units", _comb),
    Bad("deep.geojson", "place-names", _nested),
    Bad("features.geojson", "place-names", _bad_features),
    Bad("numbers.geojson", "place-names", _numbers),
    Bad("keys.geojson", "place-names", _keys),
    Bad("words.csv", "place-names", _table("{0},甲,x,y,\n")),
    Bad("days.csv", "place-names", _table("{0},甲路,119.6,38.6,03/04/{1}\n")),
    Bad("commas.csv", "place-names", lambda path: path.write_bytes(b"," * _PLAIN)),
    Bad("names.gpkg", "place-names", lambda path: _layer(path, 400_000, "GPKG")),
    Bad("shapes.zip", "place-names", _zipped(500_000, "ESRI Shapefile", ".shp")),
    Bad("many-layers.zip", "place-names", _zipped(2_500, "ESRI Shapefile", ".shp", layers=190)),
    Bad("base.gdb.zip", "place-names", _zipped(1_900_000, "OpenFileGDB", ".gdb")),
    Bad("shapes.parquet", "place-names", _bad_parquet),
    Bad("noise.gpkg", "units", _noise(b"SQLite format 3\0")),
    Bad("noise.parquet", "units", _noise(b"PAR1")),
    Bad("noise.zip", "units", _noise(b"PK\x03\x04")),
)


def measure(bad: Bad, folder: Path) -> Cost:
    """Make a file in a folder, import it there, and take it away."""
    path, store, said = folder / bad.name, folder / "s.gpkg", folder / "said"
    # Written by a process of its own: what it took would count as the peak of those that follow.
    maker = get_context("fork").Process(target=bad.write, args=(path,))
    maker.start()
    maker.join()
    if not store.exists():
        open_store(f"gpkg:{store}", create=True).close()
    words = [
        "import",
        str(path),
        "--as",
        bad.kind,
        "--store",
        f"gpkg:{store}",
        "--json",
        *bad.words,
    ]
    start = time.monotonic()
    with said.open("wb") as out:
        run = subprocess.Popen([sys.executable, "-m", "geo_service", *words], stdout=out)  # noqa: S603
        _pid, status, used = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
    wall, size = time.monotonic() - start, path.stat().st_size / (1 << 20)
    path.unlink()
    report = json.loads(said.read_text(encoding="utf-8"))
    errors = {i["code"] for i in report["issues"] if i["severity"] == "error"}
    return Cost(
        name=bad.name,
        megabytes=size,
        wall_s=wall,
        cpu_s=used.ru_utime + used.ru_stime,
        peak_mb=used.ru_maxrss // _KIB,
        refused=run.returncode == 3 and bool(errors),
        codes=tuple(sorted(errors - {"more_of_the_same"})),
    )
