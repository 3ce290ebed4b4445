"""A file held against what the register has of the same ground: how far it lies off, and how.

Control are objects of the same id, and of other kinds that must lie upon each other: markers on
their line, lines on the outlines of their sides, units on the lines around them. Distances are
metres in the city's plane. Nothing is moved: the shifts that obfuscated coordinates (GCJ-02,
BD-09) show are tried on the register's side, forward.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.change import Record, RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.marker import BoundaryMarker
from geo_service.errors import NotFound
from geo_service.geometry.crs import to_plane
from geo_service.geometry.obfuscation import shifts_of
from geo_service.services.interchange.fields import geometry_of

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.geometry.arrays import Floats, Geometries
    from geo_service.services.interchange.reading import ReadResult
    from geo_service.store.protocol import Store

ENOUGH = 200
"""Objects compared: what is wrong with a whole layer shows in any of them."""
_POINTS = 40
"""Points of an object that are measured."""
_LEAST = 3
"""Fewer points lie off by chance."""
_NEAR = 0.25
"""A shift explains a layer when it leaves less than this share of the distances."""
_MOST = 0.75
"""As many of the points a shift must explain: half of them may lie along its own direction."""


@dataclass(frozen=True, slots=True)
class Control:
    """Pairs of points and of curves they must lie on, in the city's plane.

    `ours` tells for each whether the points are the register's; `word` names what was compared.
    """

    word: str
    points: tuple[Floats, ...]
    curves: Geometries
    ours: tuple[bool, ...]

    def distances_m(self, east_m: float = 0.0, north_m: float = 0.0) -> list[float]:
        """How far each point lies off, with the register's side moved by a shift."""
        by = np.array([east_m, north_m])
        result: list[float] = []
        for points, curve, ours in zip(self.points, self.curves, self.ours, strict=True):
            # Moving the points by a shift is moving the curve by its opposite.
            moved = shapely.points(points + by if ours else points - by)
            result += shapely.distance(moved, curve).tolist()
        return result


def controls(store: Store, read: ReadResult, city: CityProfile) -> tuple[Control, ...]:
    """What the register has to hold a legal layer against; nothing where it has nothing."""
    records = [r for r in read.records[:ENOUGH] if geometry_of(r) is not None]
    found = [("same", True, _same(store, read.kind, records))]
    match read.kind:
        case RecordKind.MARKERS:
            found.append(("lines", False, _lines_of(store, records)))
        case RecordKind.BOUNDARY_LINES:
            found.append(("outlines", False, _outlines_of(store, records)))
            found.append(("markers", True, _markers_of(store, records)))
        case RecordKind.UNITS:
            found.append(("around", True, _around(store, records)))
    made = (_control(word, list(pairs), city, ours=ours) for word, ours, pairs in found)
    return tuple(control for control in made if control is not None)


_Pair = tuple[Record, Record]
"""A record of the file, and one of the register."""


def _same(store: Store, kind: RecordKind, records: Iterable[Record]) -> Iterator[_Pair]:
    for record in records:
        known = _get(store, kind, record.id)
        if known is not None:
            yield record, known


def _get(store: Store, kind: RecordKind, record_id: str) -> Record | None:
    try:
        return store.get(kind, record_id)
    except NotFound:
        return None


def _lines_of(store: Store, records: Iterable[Record]) -> Iterator[_Pair]:
    known: dict[str, Record | None] = {}
    for record in records:
        if isinstance(record, BoundaryMarker):
            code = str(record.line_code)
            if code not in known:
                known[code] = _get(store, RecordKind.BOUNDARY_LINES, code)
            if (line := known[code]) is not None:
                yield record, line


def _outlines_of(store: Store, records: Iterable[Record]) -> Iterator[_Pair]:
    for record in records:
        if isinstance(record, AdministrativeBoundary):
            for side in (record.left_code, record.right_code):
                unit = _get(store, RecordKind.UNITS, str(side))
                if unit is not None:
                    yield record, unit


def _markers_of(store: Store, records: Iterable[Record]) -> Iterator[_Pair]:
    lines = {r.code: r for r in records if isinstance(r, AdministrativeBoundary)}
    for marker in store.records(RecordKind.MARKERS) if lines else ():
        if isinstance(marker, BoundaryMarker) and marker.line_code in lines:
            yield lines[marker.line_code], marker


def _around(store: Store, records: Iterable[Record]) -> Iterator[_Pair]:
    units = {r.code: r for r in records if isinstance(r, AdministrativeUnit)}
    for line in store.records(RecordKind.BOUNDARY_LINES) if units else ():
        if isinstance(line, AdministrativeBoundary):
            for side in (line.left_code, line.right_code):
                if side in units:
                    yield units[side], line


def _control(word: str, pairs: list[_Pair], city: CityProfile, *, ours: bool) -> Control | None:
    """The pairs in the plane: `ours` says that the register's objects give the points."""
    placed = [
        (mine, theirs)
        for record, known in pairs[:ENOUGH]
        if (mine := geometry_of(record)) is not None and (theirs := geometry_of(known)) is not None
    ]
    if not placed:
        return None
    of_file = to_plane(np.array([mine for mine, _ in placed], dtype=object), city.plane_epsg)
    of_store = to_plane(np.array([theirs for _, theirs in placed], dtype=object), city.plane_epsg)
    given, onto = (of_store, of_file) if ours else (of_file, of_store)
    return Control(
        word=word,
        points=tuple(_sample(shape) for shape in given),
        curves=np.array([_curve(shape) for shape in onto], dtype=object),
        ours=(ours,) * len(placed),
    )


def _sample(shape: shapely.Geometry) -> Floats:
    """Vertices of a shape, evenly chosen."""
    points = shapely.get_coordinates(shape)
    chosen = np.unique(np.linspace(0, len(points) - 1, min(len(points), _POINTS)).astype(int))
    return np.asarray(points[chosen], dtype=float)


def _curve(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.boundary(shape) if shapely.get_dimensions(shape) == 2 else shape


def obfuscated_like(control: Control, city: CityProfile) -> str:
    """The obfuscated system whose shift explains how the file lies off, "" where none does."""
    off = control.distances_m()
    if len(off) < _LEAST:
        return ""
    for shift in shifts_of(city):
        left = (control.distances_m(e, n) for e, n in shift.vectors())
        best = min(float(np.quantile(distances, _MOST)) for distances in left)
        if best <= shift.margin_m and best < _NEAR * median(off):
            return shift.system
    return ""
