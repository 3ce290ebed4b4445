"""The thing to be named as it is drawn on a page: vertices as text in the address of the check."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.geometry.measure import areas_m2, lengths_m
from geo_service.messages import explain, message
from geo_service.services.drawn_feature import read_feature
from geo_service.store.disk import scratch

if TYPE_CHECKING:
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.text import Lang
    from geo_service.pages.upload import UploadedFile

MOST_VERTICES = 200
"""More would not fit into an address (`address_bytes`); ours."""
DECIMALS = 7
"""Places of a degree: about a centimetre."""
_LONGEST = 8192
_APART = re.compile(r"[\s,，;；]+")
_RING = 4


def read_drawn(text: str) -> BaseGeometry | Text | None:
    """The geometry of vertices `lon lat lon lat …` (EPSG:4490, degrees), or what is wrong.

    One vertex is a point, several are a line; a line that ends where it begins is an area. None
    where nothing is drawn.
    """
    words = [word for word in _APART.split(text[: _LONGEST + 1].strip()) if word]
    if not words:
        return None
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        return message("draw.fault_numbers")
    pairs = list(zip(numbers[::2], numbers[1::2], strict=False))
    if len(numbers) % 2 or not all(abs(x) <= 180 and abs(y) <= 90 for x, y in pairs):
        return message("draw.fault_numbers")
    if len(pairs) > MOST_VERTICES:
        return message("draw.fault_many", count=len(pairs), limit=MOST_VERTICES)
    return _shaped(pairs)


def _shaped(pairs: list[tuple[float, float]]) -> BaseGeometry | Text:
    if len(pairs) == 1:
        return shapely.Point(pairs[0])
    if len(set(pairs)) < 2:
        return message("draw.fault_length")
    if pairs[0] != pairs[-1] or len(pairs) < _RING:
        return shapely.LineString(pairs)
    area = shapely.Polygon(pairs)
    return area if area.is_valid and area.area else message("draw.fault_area")


def drawn_text(geometry: BaseGeometry) -> str:
    """The vertices of a geometry as `read_drawn` reads them.

    Raises InputError `drawing_not_plain` for one of several parts or with holes, and
    `drawing_too_long` for one of more vertices than an address holds.
    """
    whole = geometry
    if shapely.get_dimensions(geometry) == 1:
        whole = shapely.line_merge(geometry)
    parts = shapely.get_parts(whole)
    if len(parts) != 1 or (parts[0].geom_type == "Polygon" and len(parts[0].interiors)):
        raise InputError("drawing_not_plain", parts=len(parts))
    points = shapely.get_coordinates(parts[0])
    if len(points) > MOST_VERTICES:
        raise InputError("drawing_too_long", count=len(points), limit=MOST_VERTICES)
    return " ".join(f"{x:.{DECIMALS}f} {y:.{DECIMALS}f}" for x, y in points)


def shape_text(geometry: BaseGeometry, lang: Lang) -> str:
    """What was drawn in words: its kind, its vertices, and length or area on the ground."""
    dimension, count = int(shapely.get_dimensions(geometry)), shapely.get_num_coordinates(geometry)
    kind = message(f"draw.told_{('point', 'line', 'area')[dimension]}")
    measured = (0.0, lengths_m([geometry])[0], areas_m2([geometry])[0])[dimension]
    filled = kind.in_(lang).replace("{count}", str(count))
    return filled if not dimension else f"{filled} {measured:,.0f} {('', 'm', 'm²')[dimension]}"


def uploaded_text(
    file: UploadedFile | None, *, city: CityProfile, today: date, crs: str, lang: Lang
) -> str | Text:
    """The vertices of the one geometry of a file, or what is wrong with it."""
    if file is None or not file.content:
        return message("pages.fault_file")
    try:
        with scratch() as folder:
            source = Path(folder, file.name)
            source.write_bytes(file.content)
            read = read_feature(source, city=city, today=today, lang=lang, crs=crs.strip())
            return drawn_text(read)
    except InputError as error:
        return Text(explain(error, "zh"), explain(error, "en"))
