"""Lines of a CAD drawing (DXF as text): LINE, LWPOLYLINE and POLYLINE of the model space.

Read by ourselves: GDAL turns arcs into chords of its own choice without saying so, and its driver
would be a third one to trust. A drawing has no attributes: the layer names the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import shapely

from geo_service.services.interchange.readers.encodings import decode
from geo_service.services.interchange.readers.secrecy import is_mark
from geo_service.services.interchange.readers.table import RawTable, Unreadable

HEADERS = ["code", "layer", "handle"]
_BINARY = b"AutoCAD Binary DXF"
_CODE = re.compile(r"(?<![0-9])[0-9]{14}(?![0-9])")
_ESCAPED = re.compile(r"\\U\+([0-9A-Fa-f]{4})")
_CODE_PAGE = re.compile(rb"\$DWGCODEPAGE\s+3\s+(\S+)")
_VERSION = re.compile(rb"\$ACADVER\s+1\s+AC([0-9]+)")
_FIRST_IN_UTF8 = 1021  # AutoCAD 2007
_CURVED = frozenset({"ARC", "CIRCLE", "ELLIPSE", "SPLINE", "HELIX"})
_LINES = frozenset({"LINE", "LWPOLYLINE", "POLYLINE"})
_X, _Y, _Z, _X2, _Y2, _Z2 = 10, 20, 30, 11, 21, 31
_WRITTEN = frozenset({1, 2, 3, 8})
"""Group codes of texts, names and layers, where a mark of secrecy may stand."""
_ELEVATION, _BULGE, _FLAGS, _PAPER, _UPWARD = 38, 42, 70, 67, 230
_CLOSED, _FITTED = 1, 2 | 4 | 16 | 64
"""Flags of a polyline; one fitted to a curve or part of a mesh is no line of its vertices."""

Tag = tuple[int, str]


@dataclass(slots=True)
class _Entity:
    kind: str
    line: int
    tags: list[Tag] = field(default_factory=list)
    vertices: list[list[Tag]] = field(default_factory=list)

    def text(self, code: int) -> str:
        return next((value for of, value in self.tags if of == code), "")

    def number(self, code: int, default: float = 0.0) -> float:
        text = self.text(code)
        return _float(text, self.line) if text else default


def _float(text: str, line: int) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise Unreadable("dxf_broken", line) from error


def _text(content: bytes, asked: str) -> str:
    """The drawing as text: as asked, UTF-8 from AutoCAD 2007 on, else as the code page says."""
    if asked:
        return decode(content, asked)[0]
    version, page = _VERSION.search(content), _CODE_PAGE.search(content)
    if version and int(version[1]) >= _FIRST_IN_UTF8:
        return decode(content, "utf-8")[0]
    chinese = page is not None and page[1].decode("ascii", "replace").upper().endswith("936")
    return decode(content, "gb18030" if chinese else "")[0]


def _tags(text: str) -> Iterator[tuple[int, int, str]]:
    """Line number, group code and value of every pair of lines."""
    lines = text.splitlines()
    if len(lines) % 2 and not lines[-1].strip("\x1a \t"):
        lines.pop()
    for i in range(0, len(lines) - 1, 2):
        try:
            yield i + 1, int(lines[i]), lines[i + 1].strip()
        except ValueError as error:
            raise Unreadable("dxf_broken", i + 1) from error
    if len(lines) % 2:
        raise Unreadable("dxf_broken", len(lines))


def _entities(text: str) -> Iterator[_Entity]:
    """The entities of the section ENTITIES; vertices belong to the polyline before them."""
    section, at, current, last = "", "", None, None
    for line, code, value in _tags(text):
        if code == 0:
            at = value
            if value == "SECTION":
                section = ""
            elif value == "ENDSEC":
                section = "-"
            elif section == "ENTITIES":
                if value == "VERTEX" and current is not None:
                    last = []
                    current.vertices.append(last)
                    continue
                if current is not None:
                    yield current
                current = _Entity(value, line)
                last = current.tags
        elif code == 2 and at == "SECTION" and not section:
            section = value
        elif section == "ENTITIES" and last is not None:
            last.append((code, value))
    if not section:
        raise Unreadable("content_not_format", format="DXF")
    if at != "EOF":
        # What was drawn after the cut is missing, and nobody can tell how much.
        raise Unreadable("dxf_cut", row=len(text.splitlines()))
    if current is not None:
        yield current


def _pairs(tags: list[Tag], line: int) -> list[tuple[float, float]]:
    """Every x with the y that follows it."""
    result: list[tuple[float, float]] = []
    x: float | None = None
    for code, value in tags:
        if code == _X:
            x = _float(value, line)
        elif code == _Y and x is not None:
            result.append((x, _float(value, line)))
            x = None
    return result


def _points(entity: _Entity) -> list[tuple[float, float]]:
    if entity.kind == "LINE":
        ends = ((_X, _Y), (_X2, _Y2))
        points = [(entity.number(x), entity.number(y)) for x, y in ends]
    elif entity.kind == "LWPOLYLINE":
        points = _pairs(entity.tags, entity.line)
    else:
        points = [pair for tags in entity.vertices for pair in _pairs(tags, entity.line)]
    closed = entity.kind != "LINE" and int(entity.number(_FLAGS)) & _CLOSED
    if closed and points and points[0] != points[-1]:
        points.append(points[0])
    return points


def _is_bent(entity: _Entity) -> bool:
    """Whether it is an arc, a curve, or a polyline with an arc in it."""
    if entity.kind in _CURVED:
        return True
    if entity.kind == "POLYLINE" and int(entity.number(_FLAGS)) & _FITTED:
        return True
    tags = [*entity.tags, *(tag for vertex in entity.vertices for tag in vertex)]
    bulges = (value for code, value in tags if code == _BULGE)
    return any(_float(value, entity.line) != 0 for value in bulges)


def _has_height(entity: _Entity) -> bool:
    tags = [*entity.tags, *(tag for vertex in entity.vertices for tag in vertex)]
    heights = (value for code, value in tags if code in (_Z, _Z2, _ELEVATION))
    return any(_float(value, entity.line) != 0 for value in heights)


def _code_in(layer: str) -> str:
    """The line code in the name of a layer, "" where there is none, or more than one."""
    found = set(_CODE.findall(layer))
    return found.pop() if len(found) == 1 else ""


@dataclass(slots=True)
class _Drawn:
    """What the drawing holds of one line."""

    layer: str
    handles: list[str] = field(default_factory=list)
    pieces: list[list[tuple[float, float]]] = field(default_factory=list)

    @property
    def wkb(self) -> bytes | None:
        """One line, or one in several parts, in the order and direction of the drawing."""
        parts = [shapely.LineString(points) for points in self.pieces if len(points) > 1]
        if not parts:
            return None
        whole = parts[0] if len(parts) == 1 else shapely.MultiLineString(parts)
        return bytes(shapely.to_wkb(whole))


def _said(value: str) -> str:
    """A text with its escaped characters."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), value)


def read(path: Path, encoding: str) -> RawTable:
    """The lines of a drawing, one row to a line code. Raises Unreadable."""
    content = path.read_bytes()
    if content.startswith(_BINARY):
        raise Unreadable("dxf_binary")
    table = RawTable(HEADERS, [], [], wkb=[])
    lines: dict[str, _Drawn] = {}
    uncoded: dict[str, int] = {}
    ignored: dict[str, int] = {}
    text = _text(content, encoding)
    if any(code in _WRITTEN and is_mark(_said(value)) for _, code, value in _tags(text)):
        raise Unreadable("classified")
    for entity in _entities(text):
        layer = _said(entity.text(8))
        code = _code_in(layer)
        if entity.kind not in _LINES | _CURVED or entity.text(_PAPER) == "1":
            if entity.kind != "SEQEND":
                ignored[entity.kind] = ignored.get(entity.kind, 0) + 1
        elif not code:
            uncoded[layer] = uncoded.get(layer, 0) + 1
        else:
            _draw(lines.setdefault(code, _Drawn(layer)), entity, table)
    _tell(table, lines, uncoded, ignored)
    return table


def _draw(line: _Drawn, entity: _Entity, table: RawTable) -> None:
    handle = entity.text(5)
    where = {"layer": line.layer, "kind": entity.kind, "handle": handle, "line": entity.line}
    if _is_bent(entity):
        table.note("error", "dxf_curve", None, "geometry", **where)
        return
    if entity.number(_UPWARD, 1.0) != 1:
        table.note("error", "dxf_tilted", None, "geometry", **where)
        return
    if _has_height(entity) and not any(note.code == "heights_dropped" for note in table.notes):
        table.note("info", "heights_dropped", None, "geometry")
    line.handles.append(handle)
    line.pieces.append(_points(entity))


def _tell(
    table: RawTable, lines: dict[str, _Drawn], uncoded: dict[str, int], ignored: dict[str, int]
) -> None:
    if not lines:
        raise Unreadable("dxf_no_codes", layers=", ".join(sorted(uncoded)) or "-")
    for layer, count in uncoded.items():
        table.note("warning", "dxf_layer_without_code", None, "layer", layer=layer, count=count)
    table.note("warning", "dxf_bare")
    if ignored:
        kinds = ", ".join(f"{kind} × {count}" for kind, count in sorted(ignored.items()))
        table.note("info", "dxf_ignored", kinds=kinds)
    for number, (code, line) in enumerate(lines.items(), start=1):
        if len(line.pieces) > 1:
            table.note("info", "dxf_pieces_joined", number, "geometry", count=len(line.pieces))
        table.numbers.append(number)
        table.rows.append([code, line.layer, " ".join(line.handles)])
        assert table.wkb is not None  # noqa: S101 - made by `read` above
        table.wkb.append(line.wkb)
