"""Esri File Geodatabase, folder or ZIP, through the one driver of GDAL that reads it."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from geo_service.services.interchange.readers.archive import (
    entry_name,
    open_archive,
    refuse_marked_members,
    unpack,
)
from geo_service.services.interchange.readers.drivers import gdal
from geo_service.services.interchange.readers.gdalfile import ARCS, table_of
from geo_service.services.interchange.readers.secrecy import named_secret
from geo_service.services.interchange.readers.table import RawTable, Unreadable

DRIVER = frozenset({"OpenFileGDB"})
SUFFIX = ".gdb"
_CATALOGUE = "a00000001.gdbtable"
"""The table of tables; every geodatabase has it under this name."""


def is_packed(path: Path) -> bool:
    """Whether a ZIP archive holds a geodatabase. Raises Unreadable for a harmful archive."""
    with open_archive(path) as archive:
        return bool(_folders([entry_name(entry) for entry in archive.infolist()]))


def _folders(names: list[str]) -> list[str]:
    paths = [PurePosixPath(name.replace("\\", "/")) for name in names]
    return sorted({str(p.parent) for p in paths if p.name.lower() == _CATALOGUE})


def read_packed(path: Path, layer: str) -> RawTable:
    """The geodatabase in a ZIP archive, unpacked beside it. Raises Unreadable."""
    with open_archive(path) as archive:
        names = {entry_name(e): e.filename for e in archive.infolist() if not e.is_dir()}
        refuse_marked_members(archive)
        folders = _folders(list(names))
        if len(folders) != 1:
            raise Unreadable("layer_ambiguous", layers=", ".join(folders))
        target = path.with_name("unpacked.gdb")
        target.mkdir()
        parts = {name: PurePosixPath(name.replace("\\", "/")) for name in names}
        wanted = {
            names[name]: target / part.name.lower()
            for name, part in parts.items()
            if str(part.parent) == folders[0]
        }
        unpack(archive, wanted)
    return read(target, layer)


def read(path: Path, layer: str) -> RawTable:
    """One layer of a geodatabase. Raises Unreadable.

    Curves are refused in their row. The format knows no difference between a geometry and one in
    several parts: what has one part is read as that.
    """
    if not (path / _CATALOGUE).is_file():
        raise Unreadable("content_not_format", format="File Geodatabase")
    raw = gdal(DRIVER)
    name = _layer(path, layer)
    meta, _, geometry, fields = raw.read(path, layer=name, datetime_as_string=True)
    table = table_of(meta, geometry, fields, [str(header) for header in meta["fields"]])
    table.layer = name
    _refuse_arcs(raw, path, table)
    if table.wkb is not None:
        table.wkb = _single(table.wkb)
    return table


def _layer(path: Path, wanted: str) -> str:
    import pyogrio  # noqa: PLC0415 - after the drivers were cut down

    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if any(named_secret(name) for name in names):
        raise Unreadable("classified")
    if wanted and wanted not in names:
        raise Unreadable("layer_unknown", layer=wanted, layers=", ".join(names))
    if not wanted and len(names) != 1:
        code = "layer_missing" if not names else "layer_ambiguous"
        raise Unreadable(code, layers=", ".join(names))
    return wanted or names[0]


def _refuse_arcs(raw: Any, path: Path, table: RawTable) -> None:
    if table.wkb is None:
        return
    options = {"columns": [], "read_geometry": False, "return_fids": True}
    where = " OR ".join(f"OGR_GEOMETRY = '{kind}'" for kind in ARCS)
    curved = set(raw.read(path, layer=table.layer, where=where, **options)[1].tolist())
    fids = raw.read(path, layer=table.layer, **options)[1].tolist() if curved else []
    for i, fid in enumerate(fids):
        if fid in curved:
            table.note("error", "geometry_unreadable", table.numbers[i], "geometry")
            table.wkb[i] = None


def _single(wkb: list[bytes | None]) -> list[bytes | None]:
    import numpy as np  # noqa: PLC0415
    import shapely  # noqa: PLC0415

    shapes = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore")
    alone = (shapely.get_num_geometries(shapes) == 1) & (shapely.get_type_id(shapes) >= 4)
    parts = shapely.to_wkb(shapely.get_geometry(shapes[alone], 0))
    for i, part in zip(np.flatnonzero(alone), parts, strict=True):
        wkb[i] = bytes(part)
    return wkb
