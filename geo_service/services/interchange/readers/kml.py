"""KML and KMZ (OGC 12-007): placemarks with their fields and places. Nothing linked is followed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from dataclasses import field as default_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely
from shapely.errors import ShapelyError

from geo_service.messages import message
from geo_service.services.interchange.readers.archive import (
    entry_name,
    open_archive,
    refuse_marked_members,
    unpack,
)
from geo_service.services.interchange.readers.markup import text_of, walk
from geo_service.services.interchange.readers.secrecy import is_mark
from geo_service.services.interchange.readers.table import RawTable, Unreadable

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

_SIMPLE = frozenset({"Point", "LineString", "LinearRing"})
_CONTAINERS = frozenset({"Polygon", "MultiGeometry"})
_UNREAD = frozenset({"Track", "MultiTrack", "Model"})
_MULTI: dict[str, Any] = {
    "Point": shapely.MultiPoint,
    "LineString": shapely.MultiLineString,
    "Polygon": shapely.MultiPolygon,
}
_MAIN = "doc.kml"
_SHOWN = 5
_LAYERS = frozenset({"Document", "Folder"})
_ASIDE = frozenset({"LookAt", "Camera", "author"})
"""How a placemark was looked at and by whom it was drawn: their times and names are not its own."""
_TIMES = frozenset({"begin", "end", "when"})
_PERIOD = frozenset({"valid_from", "valid_to"})
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(slots=True)
class _Place:
    """A geometry under way; the parts of a polygon are (is_outer, ring)."""

    kind: str
    parts: list[Any] = default_of(default_factory=list)
    points: list[tuple[float, ...]] = default_of(default_factory=list)
    outer: bool = False


@dataclass(slots=True)
class _Placemark:
    cells: dict[str, str] = default_of(default_factory=dict)
    name: str = ""
    times: dict[str, str] = default_of(default_factory=dict)
    """What its TimeSpan (begin, end) or TimeStamp (when) says."""
    shapes: list[BaseGeometry] = default_of(default_factory=list)
    drawn: bool = True
    """Whether all of its place can be read."""


def _points(text: str) -> list[tuple[float, ...]]:
    """Longitude, latitude and, where given, height. Raises ValueError."""
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    points = [tuple(float(number) for number in word.split(",")) for word in text.split()]
    if any(len(point) not in (2, 3) for point in points):
        raise ValueError(text)
    return points


def _ring(points: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    if len(points) < 4 or points[0] != points[-1]:
        raise ValueError("an open ring is closed by nobody but its maker")
    return points


def _built(place: _Place) -> BaseGeometry:
    """The geometry of an element. Raises ValueError or an error of shapely where it is none."""
    if place.kind == "Point":
        if len(place.points) != 1:
            raise ValueError(place.kind)
        return shapely.Point(place.points[0])
    if place.kind == "LineString":
        return shapely.LineString(place.points)
    if place.kind == "LinearRing":
        return shapely.LinearRing(_ring(place.points))
    if place.kind == "Polygon":
        outer = [ring for is_outer, ring in place.parts if is_outer]
        if len(outer) != 1:
            raise ValueError(place.kind)
        return shapely.Polygon(outer[0], [ring for is_outer, ring in place.parts if not is_outer])
    kinds = {part.geom_type for part in place.parts}
    make = _MULTI.get(kinds.pop()) if len(kinds) == 1 else None
    return make(place.parts) if make else shapely.GeometryCollection(place.parts)


class _Reader:
    def __init__(self, layer: str) -> None:
        self._layer, self.layers = layer, list[str]()
        self._containers: list[str] = []
        self.table = RawTable([], [], [], wkb=[], crs="OGC:CRS84")
        self._columns: dict[str, int] = {}
        self._mark: _Placemark | None = None
        self._places: list[_Place] = []
        self._field = ""
        self._outer = False
        self._aside = 0
        self._root = ""
        self.placed = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._root:
            self._root = tag
            if tag != "kml":
                raise Unreadable("content_not_format", format="KML")
        if tag == "Placemark":
            self._mark = _Placemark()
        elif tag in _LAYERS:
            self._containers.append("")
        elif tag == "NetworkLink":
            self.table.note("warning", "kml_link")
        elif self._mark is None:
            return
        elif tag in _ASIDE or self._aside:
            self._aside += 1
        elif tag in _SIMPLE | _CONTAINERS:
            self._places.append(_Place(tag, outer=self._outer))
        elif tag == "outerBoundaryIs":
            self._outer = True
        elif tag == "innerBoundaryIs":
            self._outer = False
        elif tag in _UNREAD:
            self._mark.drawn = False
        elif tag in ("Data", "SimpleData"):
            self._field = attributes.get("name", "")

    def end(self, tag: str, text: str) -> None:
        mark = self._mark
        if mark is None:
            self._outside(tag, text)
        elif self._aside:
            self._aside -= 1
        elif tag == "Placemark":
            if not self._layer or self._layer in self._containers:
                self._row(mark)
            self._mark, self._places, self._outer = None, [], False
        elif tag == "coordinates":
            self._coordinates(text, mark)
        elif tag in _SIMPLE | _CONTAINERS:
            self._close(mark)
        elif tag == "name":
            if mark.name:
                raise Unreadable("xml_repeated_field", len(self.table.rows) + 1, tag, name=tag)
            mark.name = text.strip()
        elif tag in _TIMES and text.strip():
            mark.times[tag] = text.strip()
        elif tag == "description" and text.strip():
            self._cell(mark, tag, text.strip())
        elif tag == "value" or (tag == "SimpleData" and self._field):
            self._cell(mark, self._field, text)

    def _outside(self, tag: str, text: str) -> None:
        """The end of an element that is part of no placemark."""
        if is_mark(text):
            raise Unreadable("classified")
        if tag == "name" and self._containers and not self._containers[-1]:
            self._containers[-1] = text.strip()
            self.layers.append(text.strip())
        elif tag in _LAYERS:
            self._containers.pop()

    def _time(self, mark: _Placemark) -> None:
        """Valid time where the span is in days and no field tells it; else it stays in words."""
        if not mark.times or _PERIOD & mark.cells.keys():
            return
        number = len(self.table.rows) + 1
        if "when" not in mark.times and all(map(_DAY.fullmatch, mark.times.values())):
            ends = (("valid_from", "begin"), ("valid_to", "end"))
            mark.cells |= {name: mark.times[tag] for name, tag in ends if tag in mark.times}
            return
        said = message("import.linked_when", text=" ".join(map("=".join, mark.times.items()))).zh
        note = mark.cells.get("note", "")
        mark.cells["note"] = f"{note}；{said}" if note else said
        self.table.note("warning", "said_in_note", number, "note", said=said)

    def _cell(self, mark: _Placemark, field: str, text: str) -> None:
        if field in mark.cells:
            raise Unreadable("xml_repeated_field", len(self.table.rows) + 1, field, name=field)
        mark.cells[field] = text

    def _coordinates(self, text: str, mark: _Placemark) -> None:
        try:
            points = _points(text)
            width = min(map(len, points), default=2)
            self._places[-1].points = [point[:width] for point in points]
        except (ValueError, IndexError):
            mark.drawn = False
            return
        if any(len(point) > width for point in points):
            self.table.note("info", "heights_dropped", len(self.table.rows) + 1, "geometry")

    def _close(self, mark: _Placemark) -> None:
        place = self._places.pop()
        try:
            built = _built(place)
        except (ValueError, TypeError, ShapelyError):
            mark.drawn = False
            return
        if not self._places:
            mark.shapes.append(built)
        elif self._places[-1].kind == "Polygon":
            self._places[-1].parts.append((place.outer, built))
        else:
            self._places[-1].parts.append(built)

    def _row(self, mark: _Placemark) -> None:
        table, number = self.table, len(self.table.rows) + 1
        if mark.name and "name" not in mark.cells:
            mark.cells["name"] = mark.name
        self._time(mark)
        for field in mark.cells:
            if field not in self._columns:
                self._columns[field] = len(table.headers)
                table.headers.append(field)
        row: list[Any] = [None] * len(table.headers)
        for field, text in mark.cells.items():
            row[self._columns[field]] = text
        self.placed |= bool(mark.shapes) or not mark.drawn
        readable = mark.drawn and len(mark.shapes) < 2
        if not readable:
            table.note("error", "geometry_unreadable", number, "geometry")
        table.rows.append(row)
        table.numbers.append(number)
        assert table.wkb is not None  # noqa: S101 - made above
        shape = mark.shapes[0] if readable and mark.shapes else None
        table.wkb.append(None if shape is None else bytes(shapely.to_wkb(shape)))


def read(path: Path, layer: str, encoding: str) -> RawTable:
    """The placemarks of a KML file, counted from 1; WGS 84, as the format prescribes.

    `layer` keeps to a folder or document of that name. Raises Unreadable.
    """
    reader = _Reader(layer)
    walk(text_of(path.read_bytes(), encoding), reader.start, reader.end)
    if layer and layer not in reader.layers:
        raise Unreadable("layer_unknown", layer=layer, layers=", ".join(reader.layers))
    table = reader.table
    table.layer = layer
    for row in table.rows:
        row.extend([None] * (len(table.headers) - len(row)))
    if not reader.placed:
        table.wkb = None  # the places may stand in columns, as in a table
    return table


def read_kmz(path: Path, layer: str, encoding: str) -> RawTable:
    """The KML of a KMZ: doc.kml, or the only one there is. Raises Unreadable."""
    archive = open_archive(path)
    refuse_marked_members(archive)
    names = {entry_name(entry): entry.filename for entry in archive.infolist()}
    found = [name for name in names if name.lower().endswith(".kml")]
    found = [name for name in found if name == _MAIN] or found
    if len(found) != 1:
        code = "layer_ambiguous" if found else "layer_missing"
        raise Unreadable(code, layers=", ".join(found))
    target = path.with_name("unpacked.kml")
    unpack(archive, {names[found[0]]: target})
    table = read(target, layer, encoding)
    if others := sorted(names.keys() - {found[0]}):
        table.note("info", "kmz_others", None, files=", ".join(others[:_SHOWN]), count=len(others))
    return table
