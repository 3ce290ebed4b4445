"""Where a thing lies and what is near it, as a small picture for paper: SVG, north up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.provenance import Force
from geo_service.geometry.measure import distances_m
from geo_service.maps.example_drawing import Shape, svg_of
from geo_service.maps.ground import Ground
from geo_service.maps.shapes import drawable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.domain.place import NamedPlace
    from geo_service.maps.ground import BoundaryLayers

_AIR = 0.35
_LEAST_DEG = 0.01
"""A picture is about a kilometre wide at least: ours."""


@dataclass(frozen=True, slots=True)
class SiteDrawing:
    """The picture, how wide the ground on it is, where it is from, and whether that is invented.

    `beyond` are the numbers of markers that have a position and lie outside of it.
    """

    svg: str
    width_m: float
    sources: tuple[str, ...]
    invented: bool
    beyond: tuple[str, ...]


def site_drawing(
    proposed: BaseGeometry | None,
    near: Sequence[NamedPlace | None],
    case: BoundaryLayers,
    city: CityProfile,
    label: str,
    *,
    stones: Sequence[BoundaryMarker] = (),
) -> SiteDrawing | None:
    """The thing itself, numbered near places, markers and the units around; None without a place.

    Near places bear the number they have in `near`, from 1; None is one that is not there. Markers
    bear their own; one far away does not make the picture wider. Geometry is EPSG:4490. Units
    beyond the city and its neighbours are not drawn.
    """
    placed = [(n, one) for n, one in enumerate(near, 1) if one and drawable(one.geometry)]
    shown = [place.geometry for _, place in placed]
    things = [g for g in (proposed, *shown) if g is not None]
    if proposed is None or not things:
        return None
    box = _box(things)
    standing = [stone for stone in stones if drawable(stone.position)]
    inside = [stone for stone in standing if shapely.covers(box, stone.position)]
    units = [u for u in Ground(case, city).units if shapely.intersects(box, u.geometry)]
    shapes = [
        *(Shape("unit", shapely.intersection(box, _sound(u.geometry)), u.name) for u in units),
        *(Shape("landmark", place.geometry, str(n)) for n, place in placed if place.geometry),
        Shape("found", proposed),
        *(Shape("marker", stone.position, str(stone.number)) for stone in inside),
    ]
    west, south, east, north = box.bounds
    middle = (south + north) / 2
    width = distances_m(np.array([[west, middle]]), np.array([[east, middle]]))
    provenances = [
        *(u.provenance for u in units),
        *(place.provenance for _, place in placed),
        *(stone.provenance for stone in inside),
    ]
    return SiteDrawing(
        svg_of(shapes, city.plane_epsg, label),
        float(width[0]),
        _sources(p.source for p in provenances),
        any(p.force is Force.SYNTHETIC for p in provenances),
        tuple(str(stone.number) for stone in standing if not shapely.covers(box, stone.position)),
    )


def _sources(named: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({source for source in named if source}))


def _sound(geometry: BaseGeometry | None) -> BaseGeometry | None:
    """What can be cut; a broken outline is left to the findings on it."""
    return geometry if geometry is not None and geometry.is_valid else None


def _box(things: Sequence[BaseGeometry]) -> BaseGeometry:
    west, south, east, north = map(float, shapely.total_bounds(np.array(things, dtype=object)))
    air = max(_AIR * max(east - west, north - south), _LEAST_DEG)
    box: BaseGeometry = shapely.box(west - air, south - air, east + air, north + air)
    return box
