"""KML to hand out: WGS 84 as the format prescribes, every field under its register name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from shapely.geometry import Polygon

from geo_service.errors import InputError
from geo_service.geometry.crs import read_crs
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Geometries
    from geo_service.services.interchange.fields import Row, Value

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TITLES = ("name", "number", "title", "id", "code")
"""What a placemark is called by, the first that it has."""


def refuse_plane(crs: str, name: str) -> None:
    """Refuse a system other than degrees for a format that knows no other. Raises InputError."""
    if not read_crs(crs).is_geographic:
        raise InputError("export_crs_fixed", crs=crs, format=name)


def write_kml(path: Path, layer: str, rows: Sequence[Row], shapes: Geometries, crs: str) -> None:
    """Write rows as placemarks. Raises InputError `export_crs_fixed`, OSError.

    CGCS2000 is taken as WGS 84, as on reading.
    """
    refuse_plane(crs, "KML")
    notice = message("import.notice")
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{_NAMESPACE}"><Document>\n')
        out.write(f"<name>{_text(layer)}</name>")
        out.write(f"<description>{_text(f'{notice.zh} / {notice.en}')}</description>\n")
        for row, shape in zip(rows, shapes, strict=True):
            out.write(_placemark(row, shape))
        out.write("</Document></kml>\n")


def _text(value: Value) -> str:
    text = str(value)
    if found := _NOT_IN_XML.search(text):
        # Left out or replaced, the text would be another one.
        raise OSError(f"U+{ord(found[0]):04X}: XML")
    return escape(text, {"\r": "&#13;"})


def _placemark(row: Row, shape: BaseGeometry | None) -> str:
    title = next((row[field] for field in _TITLES if row.get(field) is not None), "")
    fields = "".join(
        f"<Data name={quoteattr(name)}><value>{_text(value)}</value></Data>"
        for name, value in row.items()
        if value is not None
    )
    place = "" if shape is None else "".join(_geometry(shape))
    return (
        f"<Placemark><name>{_text(title)}</name>"
        f"<ExtendedData>{fields}</ExtendedData>{place}</Placemark>\n"
    )


def _coordinates(shape: BaseGeometry) -> str:
    points = " ".join(f"{x!r},{y!r}" for x, y in shape.coords)
    return f"<coordinates>{points}</coordinates>"


def _boundary(side: str, ring: BaseGeometry) -> str:
    tag = f"{side}BoundaryIs"
    return f"<{tag}><LinearRing>{_coordinates(ring)}</LinearRing></{tag}>"


def _geometry(shape: BaseGeometry) -> Iterator[str]:
    if hasattr(shape, "geoms"):
        yield "<MultiGeometry>"
        for part in shape.geoms:
            yield from _geometry(part)
        yield "</MultiGeometry>"
    elif isinstance(shape, Polygon) and not shape.is_empty:
        yield "<Polygon>"
        yield _boundary("outer", shape.exterior)
        yield from (_boundary("inner", ring) for ring in shape.interiors)
        yield "</Polygon>"
    else:
        yield f"<{shape.geom_type}>{_coordinates(shape)}</{shape.geom_type}>"
