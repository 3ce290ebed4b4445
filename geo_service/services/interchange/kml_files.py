"""KML to hand out: WGS 84 as the format prescribes, every field under its register name."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from shapely.geometry import Polygon

from geo_service.errors import InputError
from geo_service.geometry.crs import REGISTER_EPSG, is_equated, read_crs
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from geo_service.services.interchange.content import Content
    from geo_service.services.interchange.fields import Row, Value

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_SCHEMA = "register"
_TITLES = ("name", "number", "title", "id", "code")
"""What a placemark is called by, the first that it has."""


def refuse_other(crs: str, name: str) -> None:
    """Refuse a system for a format that knows WGS 84 alone, and CGCS2000 as its equal.

    Raises InputError `export_crs_fixed`.
    """
    own = read_crs(crs) == read_crs(REGISTER_EPSG)
    if not own and not (read_crs(crs).is_geographic and is_equated(crs)):
        raise InputError("export_crs_fixed", crs=crs, format=name)


def write_kml(path: Path, content: Content) -> None:
    """Write rows as placemarks in one folder. Raises InputError `export_crs_fixed`.

    CGCS2000 is taken as WGS 84, as on reading. Valid time stands in the fields, as the register
    has it, and as the TimeSpan that viewers go by.
    """
    refuse_other(content.crs, "KML")
    notice = message("import.notice")
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="{_NAMESPACE}"><Document>\n')
        out.write(f"<name>{_text(content.layer)}</name>")
        out.write(f"<description>{_text(f'{notice.zh} / {notice.en}')}</description>\n")
        out.write(_schema(content))
        out.write(f"<Folder><name>{_text(content.layer)}</name>\n")
        for row, shape in zip(content.rows, content.shapes, strict=True):
            out.write(_placemark(row, shape))
        out.write("</Folder></Document></kml>\n")


def _text(value: Value) -> str:
    return escape(str(value), {"\r": "&#13;"})


def _schema(content: Content) -> str:
    """Which fields there are, and what they hold: a code with a leading zero is no number."""
    fields = "".join(
        f'<SimpleField type="{_type(name, content.rows)}" name={quoteattr(name)}/>'
        for name in content.columns
    )
    return f'<Schema name="{_SCHEMA}" id="{_SCHEMA}">{fields}</Schema>\n'


def _type(name: str, rows: Sequence[Row]) -> str:
    values = [value for row in rows if (value := row.get(name)) is not None]
    numbers = bool(values) and all(isinstance(value, int | float) for value in values)
    return "double" if numbers else "string"


def _time(row: Row) -> str:
    ends = {"begin": row.get("valid_from"), "end": row.get("valid_to")}
    parts = "".join(f"<{tag}>{_text(day)}</{tag}>" for tag, day in ends.items() if day)
    return f"<TimeSpan>{parts}</TimeSpan>" if parts else ""


def _placemark(row: Row, shape: BaseGeometry | None) -> str:
    title = next((row[field] for field in _TITLES if row.get(field) is not None), "")
    fields = "".join(
        f"<SimpleData name={quoteattr(name)}>{_text(value)}</SimpleData>"
        for name, value in row.items()
        if value is not None
    )
    place = "" if shape is None else "".join(_geometry(shape))
    return (
        f"<Placemark><name>{_text(title)}</name>{_time(row)}"
        f'<ExtendedData><SchemaData schemaUrl="#{_SCHEMA}">{fields}</SchemaData></ExtendedData>'
        f"{place}</Placemark>\n"
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
