"""The examples of a rule on boundaries, drawn: what was handed in, and where the rule speaks.

Small pictures in SVG from the very geometry of the examples, in the plane of the city, north up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geo_service.geometry import crs
from geo_service.rules.engine import FAMILIES, findings_of, rules_of

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.text import Lang
    from geo_service.rules.base import Example, Rule

_WIDTH, _HEIGHT, _MARGIN = 280.0, 180.0, 16.0
_FLATTEST = 0.35
"""Height of a picture as a share of its width, at least: a line alone still has room for names."""
_SMALL_PX = 6.0
"""A finding smaller than this is ringed, or nobody would see it."""


_NAME_PX = 34.0, 12.0
"""Room of a name."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One thing to draw: its class in the style sheet, its geometry, its name."""

    look: str
    geometry: BaseGeometry | None
    name: str = ""


def example_drawings(rule_id: str, lang: Lang) -> tuple[str, ...]:
    """One SVG per example of a rule, "" where an example has no geometry; () for unknown rules."""
    for family in FAMILIES:
        for rule in rules_of(family):
            if rule.id == rule_id and family != "names":
                return tuple(_drawing(rule, example, lang) for example in rule.examples)
    return ()


def _drawing(rule: Rule[Any, Any], example: Example[Any], lang: Lang) -> str:
    case, context = example.subject, example.context
    found = findings_of(rule, case, context, as_of=example.on, jurisdiction=context.city.code)
    shapes = [*_given(case), *(Shape("found", f.geometry) for f in found if f.geometry)]
    if not any(_is_drawable(shape.geometry) for shape in shapes):
        return ""
    return svg_of(shapes, case.plane_epsg, example.why.in_(lang))


def _is_drawable(geometry: BaseGeometry | None) -> bool:
    drawable = geometry is not None and not geometry.is_empty
    return drawable and bool(np.isfinite(shapely.bounds(geometry)).all())


def _given(case: Any) -> Iterator[Shape]:
    """What an example hands in, from the ground up; families hold different things."""
    for unit in getattr(case, "units", ()):
        yield Shape("unit", unit.geometry, unit.name)
    for record in getattr(getattr(case, "supporting", None), "records", ()):
        yield Shape("beside", record.geometry, getattr(record, "name", ""))
    for feature in getattr(case, "features", ()):
        yield Shape("beside", feature.geometry, feature.name)
    for copies in getattr(case, "copies", ()):
        yield Shape("copy", copies.b.geometry)
        yield Shape("line", copies.a.geometry)
    one = getattr(case, "line", None)
    for line in (*getattr(case, "lines", ()), *([] if one is None else [one])):
        yield Shape("line", line.geometry)
    for node in getattr(case, "nodes", ()):
        yield Shape("node", node.position)
    for landmark in getattr(case, "landmarks", ()):
        yield Shape("landmark", landmark.position, landmark.name)
    yield from _stones(case)


def _stones(case: Any) -> Iterator[Shape]:
    """Every place that a paper gives a marker, named once."""
    told = [entry.marker for entry in getattr(case, "entries", ())]
    named: set[str] = set()
    for marker in told or list(getattr(case, "markers", ())):
        yield Shape("marker", marker.position, "" if marker.id in named else marker.number)
        named.add(marker.id)


@dataclass(frozen=True, slots=True)
class _Frame:
    """From metres in the plane to the picture."""

    west: float
    north: float
    scale: float
    width: float
    height: float

    def at(self, points: Any) -> Any:
        """Pixels of plane coordinates (n, 2); down is south."""
        shifted = (points - (self.west, self.north)) * (self.scale, -self.scale)
        return shifted + _MARGIN


def _frame(planes: Iterable[BaseGeometry]) -> _Frame:
    west, south, east, north = shapely.total_bounds(np.array(list(planes), dtype=object))
    room = _WIDTH - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN
    scale = min(room[0] / max(east - west, 1e-6), room[1] / max(north - south, 1e-6), 1e3)
    width = (east - west) * scale + 2 * _MARGIN
    height = max((north - south) * scale + 2 * _MARGIN, _FLATTEST * width)
    spare = (height - 2 * _MARGIN) / scale - (north - south)
    return _Frame(west, north + spare / 2, scale, max(width, 6 * _MARGIN), height)


def svg_of(shapes: list[Shape], plane_epsg: int, label: str) -> str:
    """Shapes (EPSG:4490) as a picture, the first lowest; empty ones are left out."""
    shapes = [shape for shape in shapes if _is_drawable(shape.geometry)]
    drawn = np.array([shape.geometry for shape in shapes], dtype=object)
    planes = crs.to_plane(drawn, plane_epsg)
    frame = _frame(planes)
    parts = [
        part
        for shape, plane in zip(shapes, planes, strict=True)
        for part in _parts(shape, plane, frame)
    ]
    names = _names(shapes, planes, frame)
    size = f'width="{frame.width:.0f}" height="{frame.height:.0f}"'
    box = f'viewBox="0 0 {frame.width:.0f} {frame.height:.0f}"'
    inside = "".join([*parts, *names])
    head = f'<svg class="example" role="img" aria-label="{escape(label)}" {size} {box}>'
    return f"{head}{inside}</svg>"


def _parts(shape: Shape, plane: BaseGeometry, frame: _Frame) -> Iterator[str]:
    for part in shapely.get_parts(plane):
        points = frame.at(shapely.get_coordinates(part))
        spread = np.ptp(points, axis=0).max(initial=0.0)
        if shapely.get_dimensions(part) == 0 or (shape.look == "found" and spread < _SMALL_PX):
            (x, y), radius = points.mean(axis=0), 8 if shape.look == "found" else 3.5
            yield f'<circle class="{shape.look}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>'
        else:
            rings = shapely.get_rings(part) if shapely.get_dimensions(part) == 2 else [part]
            way = "".join(_way(ring, frame) for ring in rings)
            solid = " solid" if shapely.get_dimensions(part) == 2 else ""
            yield f'<path class="{shape.look}{solid}" d="{way}"/>'


def _way(ring: BaseGeometry, frame: _Frame) -> str:
    points = frame.at(shapely.get_coordinates(ring))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points.tolist())


def _names(shapes: list[Shape], planes: Iterable[BaseGeometry], frame: _Frame) -> Iterator[str]:
    """The names, as far as they do not stand upon one another; numbers of markers come first."""
    taken: list[tuple[float, float]] = []
    named = sorted(zip(shapes, planes, strict=True), key=lambda pair: pair[0].look != "marker")
    for shape, plane in named:
        if not shape.name:
            continue
        ((x, y),) = frame.at(shapely.get_coordinates(shapely.point_on_surface(plane)))
        y -= 0 if shape.look == "unit" else 9
        if all(abs(x - left) > _NAME_PX[0] or abs(y - top) > _NAME_PX[1] for left, top in taken):
            taken.append((x, y))
            yield f'<text x="{x:.1f}" y="{y:.1f}">{escape(shape.name)}</text>'
