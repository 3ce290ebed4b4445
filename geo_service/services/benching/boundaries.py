"""What the inspection of unit polygons costs and finds, beside the usual tools, in one run."""

from __future__ import annotations

import math
import platform
import resource
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service import __version__, cities
from geo_service.geometry.arrays import Floats, Geometries
from geo_service.geometry.edges import free_edges
from geo_service.geometry.inspection import Inspection, Trouble, Width
from geo_service.rules.boundaries import BoundaryCase, BoundaryRecord
from geo_service.services.benching.counties import Counties, counties, thinned, tiles
from geo_service.services.benching.coverage_peers import Peer, peers
from geo_service.services.benching.peers import now_ms
from geo_service.services.benching.planted import planted
from geo_service.services.boundaries import check_boundaries
from geo_service.services.recheck import reviewed
from geo_service.services.samples.synthetic import (
    AS_OF,
    SYNTHETIC_CITY,
    SyntheticLayer,
    synthetic_layer,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.services.wire import Json

NARROWER_THAN_M = 10.0
"""The width of the gap test in these measurements."""
_WIDTH = Width(NARROWER_THAN_M)

Told = Callable[[str], None]
"""Told the key of each step (`bench.step_…`) when it begins."""


@dataclass(frozen=True, slots=True)
class CityReport:
    """The invented city: all rules on its records, its polygons alone, and again after one edit.

    CPU milliseconds, p50; `edit_ms` is the polygons alone after one edit, `recheck_ms` all rules
    after a unit and one of its lines were drawn anew. `edit_equal` and `recheck_equal` tell whether
    the findings are those of a check from nothing.
    """

    units: int
    vertices: int
    rules_ms: float
    inspection_ms: float
    recheck_ms: float
    recheck_equal: bool
    edit_ms: float
    edit_equal: bool


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One planted fault: what we say of it, and which of the peers notice anything at all.

    `found` pairs a kind with how often; `named` whether the planted parties are named; `width_m`
    and `area_m2` of the largest trouble; `noticed` in the order of the peers, None where a peer
    failed on it.
    """

    key: str
    found: tuple[tuple[str, int], ...]
    named: bool
    width_m: float
    area_m2: float
    noticed: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class NationReport:
    """The national county set: ours and one bare GEOS call in turn, CPU milliseconds each.

    `troubles` are kind, names of the parties, width and area; `free_share` is the share of the
    edges that went to geometry; `edit_ms` one vertex moved and the whole set looked at again, and
    `city_ms` one real city with all that touch it, both p50.
    """

    units: int
    vertices: int
    free_share: float
    ours_ms: tuple[float, ...]
    geos_ms: tuple[float, ...]
    troubles: tuple[tuple[str, str, float, float], ...]
    edit_ms: float
    edit_equal: bool
    city_units: int
    city_vertices: int
    city_ms: float

    @property
    def ratio(self) -> float:
        """Median of the quotients, each of two calls one after the other."""
        return float(np.median(np.array(self.geos_ms) / np.array(self.ours_ms)))


@dataclass(frozen=True, slots=True)
class GrowthRow:
    """One size of the tiled set."""

    units: int
    vertices: int
    ours_ms: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class BoundaryBench:
    """All that was measured. `nation` is None where the outlines are not installed."""

    city: CityReport
    peers: tuple[str, ...]
    faults: tuple[FaultRow, ...]
    nation: NationReport | None
    growth: tuple[GrowthRow, ...]

    @property
    def exponent(self) -> float:
        """Slope of the time over the vertices, both in logarithms; NaN below two sizes."""
        if len(self.growth) < 2:
            return math.nan
        sizes = np.log([row.vertices for row in self.growth])
        return float(np.polyfit(sizes, np.log([row.ours_ms for row in self.growth]), 1)[0])


def measure(
    city_code: str, calls: int, copies: Sequence[int], *, national: bool, told: Told
) -> BoundaryBench:
    """Measure the invented city, the planted faults and, where installed, the national set.

    `city_code` is the real city measured from that set. `copies` are the tilings for the growth,
    of the thinned national set or else of the invented city.
    """
    layer = synthetic_layer(faults=False)
    own = np.array([unit.geometry for unit in layer.units], dtype=object)
    told("city")
    city = _city(layer, own, calls)
    told("faults")
    others = peers(own)
    faults = _fault_rows(own, others)
    told("nation")
    installed = counties() if national else None
    nation = None if installed is None else _nation(installed, city_code, min(calls, 5))
    told("growth")
    base = own
    if installed is not None and copies:
        base = thinned(installed.polygons)
    growth = tuple(_growth(base, number) for number in copies)
    return BoundaryBench(city, tuple(peer.title for peer in others), faults, nation, growth)


def _city(layer: SyntheticLayer, own: Geometries, calls: int) -> CityReport:
    profile = cities.city(SYNTHETIC_CITY)

    def checked() -> None:
        # A fresh case each time: it keeps what it has worked out.
        case = BoundaryCase(layer.units, layer.lines, layer.nodes, profile.plane_epsg)
        check_boundaries(case, profile, AS_OF)

    return CityReport(
        len(own),
        _vertices(own),
        _p50(checked, calls),
        _p50(lambda: _inspected(own), calls),
        *_recheck(layer, profile, calls),
        *_edit(own, calls),
    )


def _recheck(layer: SyntheticLayer, profile: CityProfile, calls: int) -> tuple[float, bool]:
    """A line and one of its units without a vertex each: CPU milliseconds, and if equal."""
    case = BoundaryCase(layer.units, layer.lines, layer.nodes, profile.plane_epsg)
    line = next(line for line in layer.lines if line.is_internal)
    unit = next(unit for unit in layer.units if unit.code == line.left_code)
    changed: list[BoundaryRecord] = [
        replace(line, geometry=shapely.LineString(_without_vertex(line.geometry))),
        replace(unit, geometry=shapely.Polygon(_without_vertex(unit.geometry))),
    ]
    whole = reviewed(case, profile, AS_OF)
    spent = _p50(lambda: whole.with_changes(changed), calls)
    edited = whole.with_changes(changed)
    now = edited.case
    fresh = BoundaryCase(now.units, now.lines, now.nodes, now.plane_epsg)
    return spent, edited.report == check_boundaries(fresh, profile, AS_OF)


def _without_vertex(shape: BaseGeometry | None) -> Floats:
    course = shapely.get_coordinates(shape)
    return np.delete(course, len(course) // 2, axis=0)


def _inspected(polygons: Geometries) -> tuple[Trouble, ...]:
    return Inspection(polygons).troubles(_WIDTH)


def _vertices(polygons: Geometries) -> int:
    return int(shapely.get_num_coordinates(polygons).sum())


def _spent_ms(work: Callable[[], object]) -> float:
    start = now_ms()
    work()
    return now_ms() - start


def _p50(work: Callable[[], object], calls: int) -> float:
    work()
    return float(np.median([_spent_ms(work) for _ in range(calls)]))


def _fault_rows(polygons: Geometries, others: Sequence[Peer]) -> tuple[FaultRow, ...]:
    parent = shapely.union_all(polygons)
    rows = []
    for fault in planted(polygons):
        looked = Inspection(fault.polygons)
        troubles = looked.troubles(_WIDTH) + looked.uncovered(parent)
        kinds = [trouble.kind.value for trouble in troubles]
        parties = {party for trouble in troubles for party in trouble.parties}
        rows.append(
            FaultRow(
                fault.key,
                tuple((kind, kinds.count(kind)) for kind in dict.fromkeys(kinds)),
                fault.parties <= parties,
                max((trouble.width_m for trouble in troubles), default=0.0),
                max((trouble.area_m2 for trouble in troubles), default=0.0),
                tuple(peer.notices(fault.polygons) for peer in others),
            )
        )
    return tuple(rows)


def _nation(nation: Counties, city: str, calls: int) -> NationReport:
    polygons = nation.polygons
    troubles = _inspected(polygons)  # the first call of each also warms the memory
    shapely.coverage_invalid_edges(polygons)
    ours, geos = [], []
    for _ in range(calls):
        ours.append(_spent_ms(lambda: _inspected(polygons)))
        geos.append(_spent_ms(lambda: shapely.coverage_invalid_edges(polygons)))
    vertices, near = _vertices(polygons), nation.city(city)
    edit_ms, edit_equal = _edit(polygons, calls)
    return NationReport(
        len(polygons),
        vertices,
        len(free_edges(polygons).row) / vertices,
        tuple(ours),
        tuple(geos),
        tuple(
            (t.kind.value, "–".join(nation.names[i] for i in t.parties), t.width_m, t.area_m2)
            for t in troubles
        ),
        edit_ms,
        edit_equal,
        len(near),
        _vertices(near),
        _p50(lambda: _inspected(near), calls),
    )


def _edit(polygons: Geometries, calls: int) -> tuple[float, bool]:
    """One polygon pulled in by a vertex: CPU milliseconds, and whether a fresh look agrees."""
    whole = Inspection(polygons)
    index = int(shapely.get_num_coordinates(polygons).argmax())
    part, *rest = sorted(shapely.get_parts(polygons[index]), key=shapely.area, reverse=True)
    ring = np.delete(shapely.get_coordinates(shapely.get_exterior_ring(part)), 1, axis=0)
    holes = shapely.get_rings(part)[1:].tolist()
    drawn = shapely.MultiPolygon([shapely.Polygon(ring, holes), *rest])
    spoilt = polygons.copy()
    spoilt[index] = drawn
    whole.troubles(_WIDTH)
    spent = _p50(lambda: whole.with_polygon(index, drawn).troubles(_WIDTH), calls)
    return spent, whole.with_polygon(index, drawn).troubles(_WIDTH) == _inspected(spoilt)


def _growth(base: Geometries, copies: int) -> GrowthRow:
    polygons = tiles(base, copies)
    spent = min(_spent_ms(lambda: _inspected(polygons)) for _ in range(3))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return GrowthRow(len(polygons), _vertices(polygons), spent, peak_mb)


def bench_json(report: BoundaryBench) -> Json:
    """The figures as a JSON-ready value, with the machine they were measured on."""
    nation = None
    if report.nation is not None:
        nation = {**asdict(report.nation), "ratio": round(report.nation.ratio, 2)}
    return {
        "program": __version__,
        "python": platform.python_version(),
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "numpy": np.__version__,
        "machine": platform.machine(),
        "narrower_than_m": NARROWER_THAN_M,
        "city": asdict(report.city),
        "peers": list(report.peers),
        "faults": [asdict(row) for row in report.faults],
        "nation": nation,
        "growth": [asdict(row) for row in report.growth],
        "exponent": None if math.isnan(report.exponent) else round(report.exponent, 3),
    }
