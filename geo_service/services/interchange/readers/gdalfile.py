"""GeoPackage and Shapefile through GDAL, reduced to the two drivers."""

from __future__ import annotations

import math
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from geo_service.errors import InputError
from geo_service.geometry.crs import contradicts_its_name
from geo_service.services.interchange.readers.archive import (
    entry_name,
    open_archive,
    refuse_marked_members,
    unpack,
)
from geo_service.services.interchange.readers.drivers import gdal
from geo_service.services.interchange.readers.encodings import (
    Encoding,
    damaged,
    detect,
    named,
    refuse_doubtful,
    tell_encoding,
)
from geo_service.services.interchange.readers.gpkgsystem import check_system
from geo_service.services.interchange.readers.gpkgtexts import refuse_broken_texts
from geo_service.services.interchange.readers.secrecy import is_mark, markup_marked, named_secret
from geo_service.services.interchange.readers.shapeindex import check_parts, deleted_rows
from geo_service.services.interchange.readers.table import Cell, RawTable, Unreadable

_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shx", ".dbf")
_LDID_OFFSET, _LDID_GBK = 29, 0x4D
_RTREE = "using rtree"
ARCS = ("CIRCULARSTRING", "COMPOUNDCURVE", "CURVEPOLYGON", "MULTICURVE", "MULTISURFACE")
"""Geometry types with arcs (ISO/IEC 13249-3), which GDAL hands over as chords of its own choice."""

_LATIN = "latin-1"
_LONGEST_PRJ = 1 << 16


def _cell(value: Any) -> Cell:
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and math.isnan(value):
        return None  # GDAL's way of saying NULL in a numeric column
    if isinstance(value, float) and math.isinf(value):
        return str(value)  # as text, so that it is refused with row and field
    return value if isinstance(value, str | int | float | bool) else None


def _open(path: Path, **options: Any) -> tuple[dict[str, Any], Any, list[Any]]:
    driver = gdal()
    from pyogrio.errors import CRSError  # noqa: PLC0415 - never before the drivers are chosen

    try:
        meta, _, geometry, fields = driver.read(path, datetime_as_string=True, **options)
    except CRSError as error:
        # What stands there is not repeated: it may be the content of some other file.
        raise Unreadable("crs_unreadable", field="crs", crs="?") from error
    return meta, geometry, fields


def table_of(
    meta: dict[str, Any], geometry: Any, fields: list[Any], headers: list[str]
) -> RawTable:
    """Rows from what GDAL read, counted from 1."""
    count = len(fields[0]) if fields else (0 if geometry is None else len(geometry))
    rows = [[_cell(column[i]) for column in fields] for i in range(count)]
    wkb = None if geometry is None else [None if g is None else bytes(g) for g in geometry]
    return RawTable(headers, list(range(1, count + 1)), rows, wkb=wkb, crs=meta["crs"] or "")


# --- GeoPackage -----------------------------------------------------------------------------


def _sql(path: Path, statement: str) -> list[list[Cell]]:
    _, _, fields = _open(path, sql=statement, read_geometry=False)
    return [[_cell(value) for value in row] for row in zip(*fields, strict=True)]


def _layer(path: Path, wanted: str) -> str:
    rows = _sql(path, "SELECT table_name, data_type, identifier, description FROM gpkg_contents")
    titles = (str(title) for name, _, title, _ in rows for title in (name, title))
    if any(map(named_secret, titles)) or any(map(is_mark, chain.from_iterable(rows))):
        raise Unreadable("classified")
    _refuse_marked_metadata(path)
    names = [str(row[0]) for row in rows if row[1] in ("features", "attributes")]
    if wanted:
        if wanted not in names:
            raise Unreadable("layer_unknown", layer=wanted, layers=", ".join(names))
        return wanted
    if len(names) != 1:
        code = "layer_missing" if not names else "layer_ambiguous"
        raise Unreadable(code, layers=", ".join(names))
    return names[0]


def _refuse_marked_metadata(path: Path) -> None:
    """What is written about a GeoPackage inside it (clause 2.4, gpkg_metadata) may be a mark."""
    there = "SELECT name FROM sqlite_master WHERE name = 'gpkg_metadata'"
    rows = _sql(path, "SELECT metadata FROM gpkg_metadata") if _sql(path, there) else []
    if any(markup_marked(str(text).encode()) for (text,) in rows):
        raise Unreadable("classified")


def read_geopackage(path: Path, layer: str) -> RawTable:
    """One layer of a GeoPackage. Raises Unreadable.

    The schema is looked at first: a virtual table may reach for other files when it is read.
    """
    if _sql(path, "PRAGMA quick_check") != [["ok"]]:
        raise Unreadable("content_broken")
    for _, statement in _sql(path, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"):
        text = " ".join(str(statement).lower().split())
        if text.startswith("create virtual table") and _RTREE not in text:
            raise Unreadable("gpkg_virtual_table")
    name = _layer(path, layer)
    if [name] in _sql(path, "SELECT name FROM sqlite_master WHERE type = 'view'"):
        # What a view does when it is read is up to whoever wrote it: run for ever, for one.
        raise Unreadable("gpkg_view", layer=name)
    refuse_broken_texts(path, name)
    meta, geometry, fields = _open(path, layer=name)
    table = table_of(meta, geometry, fields, [str(header) for header in meta["fields"]])
    table.layer = name
    check_system(partial(_sql, path), table)
    _refuse_arcs(path, table)
    return table


def _refuse_arcs(path: Path, table: RawTable) -> None:
    """Rows drawn with arcs are refused: how far chords may stand off is not ours to decide."""
    if table.wkb is None:
        return
    rows = _sql(path, "SELECT table_name, column_name FROM gpkg_geometry_columns")
    column = next(str(column) for name, column in rows if name == table.layer)
    quoted = '"' + column.replace('"', '""') + '"'
    _refuse_lost(path, table, quoted)
    curved = set(_fids(path, table.layer, f"ST_GeometryType({quoted}) IN {ARCS}"))
    for i, fid in enumerate(_fids(path, table.layer) if curved else ()):
        if fid in curved:
            table.note("error", "geometry_unreadable", table.numbers[i], "geometry")
            table.wkb[i] = None


def _refuse_lost(path: Path, table: RawTable, quoted: str) -> None:
    """Geometry that stands in the file but that GDAL hands over as none: never a row without."""
    assert table.wkb is not None  # noqa: S101 - asked by the caller
    if None not in table.wkb:
        return
    written = set(_fids(path, table.layer, f"{quoted} IS NOT NULL"))
    for i, fid in enumerate(_fids(path, table.layer)):
        if table.wkb[i] is None and fid in written:
            table.note("error", "geometry_unreadable", table.numbers[i], "geometry")


def _fids(path: Path, layer: str, where: str | None = None) -> list[int]:
    """The feature ids of a layer, or those of the rows that fulfil a condition, in its order."""
    options = {"columns": [], "read_geometry": False, "return_fids": True}
    fids: list[int] = gdal().read(path, layer=layer, where=where, **options)[1].tolist()
    return fids


# --- Shapefile ------------------------------------------------------------------------------


def _declared(path: Path) -> str:
    cpg = path.with_suffix(".cpg")
    if cpg.is_file() and (text := cpg.read_bytes()[:64].decode("ascii", "replace").strip()):
        return text
    with path.with_suffix(".dbf").open("rb") as file:
        head = file.read(_LDID_OFFSET + 1)
    return "GBK" if head[_LDID_OFFSET:] == bytes((_LDID_GBK,)) else ""


def _texts(headers: list[str], fields: list[Any]) -> list[bytes]:
    values = (v for column in fields if column.dtype == object for v in column)
    return [text.encode(_LATIN) for text in chain(headers, values) if isinstance(text, str)]


def _found(texts: list[bytes]) -> Encoding:
    """The encoding that the texts were found to be in. Raises Unreadable.

    Of damaged text the nearest one: cell by cell it is told which name or value does not fit.
    """
    try:
        return detect(texts)
    except Unreadable as refusal:
        codec = "utf-8" if refusal.values.get("encoding") == "utf-8" else "gb18030"
        if refusal.code != "text_undecodable" or _fits(b"\n".join(texts), codec):
            raise
        return Encoding(codec)


def _encoding(path: Path, asked: str, texts: list[bytes]) -> Encoding:
    """What the text is written in: as asked, as declared, else found out."""
    if asked:
        return Encoding(named(asked))
    declared = _declared(path)
    if not declared:
        return _found(texts)
    codec = named(declared)
    content = b"\n".join(texts)
    foreign = sum(byte > 0x7F for byte in content)
    if codec != "utf-8" and foreign >= 9 and _fits(content, "utf-8"):
        # Nine bytes of Chinese that happen to be sound UTF-8 are UTF-8.
        raise Unreadable("encoding_declared_wrong", declared=declared, better="UTF-8")
    if not _fits(content, codec) and not damaged(content, codec):
        if _fits(content, "gb18030"):
            raise Unreadable("encoding_declared_wrong", declared=declared, better="GB18030")
        return Encoding(codec)  # it fits no other: each damaged text is named
    refuse_doubtful(content, declared)
    return Encoding(codec)


def _fits(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(table: RawTable, codec: str) -> None:
    """Replace byte-wise text by real text; what does not fit is named by row and field."""
    headers = []
    for header in table.headers:
        try:
            headers.append(header.encode(_LATIN).decode(codec))
        except UnicodeDecodeError:
            whole = header.encode(_LATIN).decode(codec, "ignore")
            table.note("error", "field_name_cut", field=whole)
            headers.append(f"{whole}…")
    table.headers = headers
    for number, row in zip(table.numbers, table.rows, strict=True):
        for i, value in enumerate(row):
            if isinstance(value, str) and not value.isascii():
                row[i] = _decoded_cell(table, value, codec, number, headers[i])


def _decoded_cell(table: RawTable, value: str, codec: str, number: int, field: str) -> str:
    content = value.encode(_LATIN)
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        where = content[error.start : error.start + 4].hex(" ")
        table.note("error", "text_undecodable", number, field, encoding=codec, bytes=where)
        return ""


def read_shapefile(path: Path, encoding: str) -> RawTable:
    """A shapefile. GDAL hands the text over byte for byte; we decode it strictly ourselves.

    Raises Unreadable.
    """
    for suffix in _NEEDED:
        if not path.with_suffix(suffix).is_file():
            raise Unreadable("shapefile_part_missing", part=suffix)
    check_parts(path)
    meta, geometry, fields = _open(path, encoding="ISO-8859-1")
    headers = [str(header) for header in meta["fields"]]
    chosen = _encoding(path, encoding, _texts(headers, fields))
    table = table_of(meta, geometry, fields, headers)
    table.crs = _declared_crs(path) or table.crs
    _number_kept(table, path)
    _decoded(table, chosen.codec)
    table.encoding = chosen.codec
    tell_encoding(table, chosen)
    return table


def _declared_crs(path: Path) -> str:
    """The .prj as it is written where it has other parameters than its name stands for.

    GDAL goes by the name alone. "" where the two agree, or nothing can be read.
    """
    prj = path.with_suffix(".prj")
    text = prj.read_bytes()[:_LONGEST_PRJ].decode("utf-8", "replace") if prj.is_file() else ""
    try:
        return text if text and contradicts_its_name(text) else ""
    except InputError:
        return ""


def _number_kept(table: RawTable, path: Path) -> None:
    """Warn of rows marked as deleted, and count the others as the sender's program does."""
    deleted = deleted_rows(path.with_suffix(".dbf"))
    for row in deleted:
        table.note("warning", "row_deleted", row)
    if deleted:
        kept = sorted(set(range(1, len(table.rows) + len(deleted) + 1)) - set(deleted))
        table.numbers = kept[: len(table.rows)]


def read_zip(path: Path, layer: str, encoding: str) -> RawTable:
    """The shapefile in a ZIP archive, unpacked beside it. Raises Unreadable."""
    archive = open_archive(path)
    refuse_marked_members(archive)
    by_stem: dict[str, dict[str, str]] = {}
    for entry in archive.infolist():
        name = Path(entry_name(entry).replace("\\", "/"))
        if name.suffix.lower() in _PARTS and "__MACOSX" not in name.parts:
            by_stem.setdefault(str(name.with_suffix("")), {})[name.suffix.lower()] = entry.filename
    stems = [stem for stem, parts in by_stem.items() if ".shp" in parts]
    if layer:
        stems = [stem for stem in stems if Path(stem).name == layer]
    if len(stems) != 1:
        names = ", ".join(Path(stem).name for stem in by_stem)
        raise Unreadable("layer_ambiguous" if stems else "archive_without_shapefile", layers=names)
    parts = by_stem[stems[0]]
    unpack(archive, {name: path.with_name(f"unpacked{suffix}") for suffix, name in parts.items()})
    table = read_shapefile(path.with_name("unpacked.shp"), encoding)
    table.layer = Path(stems[0]).name
    return table
