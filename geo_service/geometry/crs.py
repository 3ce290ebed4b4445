"""Coordinate systems: the guard at the door, and the city's plane.

Everything inside is EPSG:4490. PROJ answers Beijing 54 and Xi'an 80 with a "ballpark" operation
that moves nothing and says so only on request: such a transform is refused here, since the error
is of the order of 100 m. WGS 84 is let through as equal to CGCS2000 (the two frames agree to a
few centimetres), which `is_equated` lets the caller say aloud.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from geo_service.errors import InputError
from geo_service.geometry.arrays import Bools, Floats, Geometries

REGISTER_EPSG = 4490
"""CGCS2000 longitude, latitude."""

Bounds = tuple[float, float, float, float]
"""Least first, least second, greatest first, greatest second coordinate, as written in the file."""

_WGS84_DATUMS = ("World Geodetic System 1984",)
_WEB_MERCATOR = 3857


_NAMES_A_FILE = re.compile(r"grids\s*=\s*(?!@null)|\+init\b|PARAMETERFILE", re.IGNORECASE)


def read_crs(declared: int | str) -> CRS:
    """A CRS from an EPSG number, "EPSG:…" or WKT. Raises InputError where PROJ cannot read it.

    One that names a file of this machine (a grid of shifts) is not read either.
    """
    try:
        if _NAMES_A_FILE.search(str(declared)):
            raise CRSError(str(declared))
        return CRS.from_user_input(declared)
    except CRSError as error:
        raise InputError("crs_unreadable", crs=str(declared)[:80]) from error


def name_of(declared: int | str) -> str:
    """A system as a file can name it, "EPSG:…".

    Raises InputError `crs_unreadable`, or `crs_unnamed` for one that has no such name.
    """
    named = read_crs(declared).to_authority(min_confidence=100)
    if named is None:
        raise InputError("crs_unnamed", crs=str(declared)[:80])
    return ":".join(named)


def is_equated(declared: int | str) -> bool:
    """Whether the system rests on WGS 84, which is taken as equal to CGCS2000.

    So does one that comes with local parameters of its own (`+towgs84`, a bound CRS): these lead
    to WGS 84.
    """
    system = read_crs(declared)
    hub = system.target_crs if system.is_bound else None
    datum = system.datum if hub is None else hub.datum
    return datum is not None and datum.name.startswith(_WGS84_DATUMS)


@lru_cache(maxsize=64)
def contradicts_its_name(declared: int | str) -> bool:
    """Whether a system is called as a known one but has another meridian, ellipsoid or unit.

    So texts of systems look that were edited by hand: whoever reads the name is misled.
    """
    system = read_crs(declared)
    if isinstance(declared, int) or system.is_bound:
        return False
    try:
        known = CRS.from_user_input(system.name)
    except CRSError:
        return False
    return not (known.equals(system, ignore_axis_order=True) or _nearly(known, system))


def _nearly(one: CRS, other: CRS) -> bool:
    """Whether two systems are one but for how precisely their numbers are written."""
    a, b = one.ellipsoid, other.ellipsoid
    if a is None or b is None or abs(a.semi_major_metre - b.semi_major_metre) > 1:
        return False
    return _parameters(one) == _parameters(other)


def _parameters(system: CRS) -> dict[int | str, float]:
    operation = system.coordinate_operation
    params = () if operation is None else operation.params
    return {str(p.name): round(float(p.value) * float(p.unit_conversion_factor), 6) for p in params}


@lru_cache(maxsize=64)
def transformer(declared: int | str) -> Transformer:
    """From a declared system to EPSG:4490, both in x, y order.

    Raises InputError `crs_unreadable`, or `crs_ballpark` where PROJ knows no real operation: the
    datum (Beijing 54, Xi'an 80 and others) then needs local parameters, given with the system as
    a PROJ string with `+towgs84` or as a bound CRS in WKT.
    """
    source, equated = read_crs(declared), is_equated(declared)
    # Parameters of its own lead a system to its hub, WGS 84, and no farther: PROJ drops them on
    # the way to any other datum.
    bound = source.is_bound and equated
    target = source.target_crs if bound else REGISTER_EPSG
    try:
        return Transformer.from_crs(source, target, always_xy=True, allow_ballpark=equated)
    except ProjError as error:
        raise InputError("crs_ballpark", crs=source.name) from error


@cache
def _to_plane(plane_epsg: int) -> Transformer:
    return Transformer.from_crs(REGISTER_EPSG, plane_epsg, always_xy=True, allow_ballpark=False)


def to_plane(geometries: Geometries, plane_epsg: int) -> Geometries:
    """Geometries of EPSG:4490 in a Gauss–Krüger zone of CGCS2000: easting, northing in metres."""
    return _moved(geometries, _to_plane(plane_epsg), "FORWARD")


def from_plane(geometries: Geometries, plane_epsg: int) -> Geometries:
    """The way back from `to_plane`."""
    return _moved(geometries, _to_plane(plane_epsg), "INVERSE")


def to_register(geometries: Geometries, declared: int | str) -> Geometries:
    """Geometries of a declared system in EPSG:4490. Raises InputError as `transformer` does."""
    return _moved(geometries, transformer(declared), "FORWARD")


def _moved(geometries: Geometries, by: Transformer, direction: str) -> Geometries:
    def move(points: Floats) -> Floats:
        return np.stack(by.transform(points[:, 0], points[:, 1], direction=direction), axis=1)

    result = shapely.transform(geometries, move)
    return np.asarray(result, dtype=object)


class Window(StrEnum):
    """What a window of coordinates looks like, judged by where the city lies."""

    DEGREES = "degrees"
    """Longitude, latitude on the city."""
    PLANE = "plane"
    """Metres of a Gauss–Krüger zone or of web Mercator on the city."""
    DEGREES_ELSEWHERE = "degrees-elsewhere"
    """Possible as longitude, latitude, but away from the city."""
    UNKNOWN = "unknown"
    """None of the systems known puts this on the city."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the numbers say of their system, whatever the file declares.

    `epsg` is the system that puts them on the city, None where none does; `swapped` says that it
    does so only with the two axes exchanged (Chinese X = north is the usual reason).
    """

    window: Window
    epsg: int | None
    swapped: bool

    @property
    def on_city(self) -> bool:
        """Whether some known system puts the numbers on the city."""
        return self.epsg is not None


def diagnose(bounds: Bounds, city_extent: Bounds, plane_epsg: int) -> Diagnosis:
    """The system in which the middle of `bounds` falls on the city.

    `city_extent` is west, south, east, north in degrees; `plane_epsg` the city's zone, which is
    preferred where two systems fit. Tried: degrees, the 3° and 6° zones around the city with and
    without prefix, web Mercator; each as written and with the axes exchanged.
    """
    first, second = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    for swapped in (False, True):
        x, y = (second, first) if swapped else (first, second)
        for epsg, window in _windows(city_extent, plane_epsg):
            if window[0] <= x <= window[2] and window[1] <= y <= window[3]:
                kind = Window.DEGREES if epsg == REGISTER_EPSG else Window.PLANE
                return Diagnosis(kind, epsg, swapped)
    degrees = abs(first) <= 180 and abs(second) <= 90
    return Diagnosis(Window.DEGREES_ELSEWHERE if degrees else Window.UNKNOWN, None, swapped=False)


class Writing(StrEnum):
    """How numbers are written that no system takes as they are."""

    KILOMETRES = "kilometres"
    """Plane coordinates in kilometres."""
    SECONDS = "seconds"
    """Longitude and latitude in seconds of arc."""
    NEGATIVE = "negative"
    """With the sign of the other half of the earth."""
    DIGITS = "digits"
    """Degrees, minutes and seconds as one row of digits: 1203456 is 120, 34 and 56."""


def written_as(bounds: Bounds, city_extent: Bounds, plane_epsg: int) -> Writing | None:
    """The writing under which `bounds` falls on the city, in either order of axes; else None."""
    for writing, read in _WRITINGS.items():
        if writing is Writing.NEGATIVE and min(bounds) >= 0:
            continue
        west, south, east, north = map(read, bounds)
        found = diagnose((west, south, east, north), city_extent, plane_epsg)
        plain = Window.PLANE if writing is Writing.KILOMETRES else Window.DEGREES
        if found.window is plain:
            return writing
    return None


def may_be_on_city(bounds: Floats, city_extent: Bounds, plane_epsg: int) -> Bools:
    """Which of many bounds (n, 4) `diagnose` or `written_as` may place on the city.

    Of the others it is known at once that they lie elsewhere.
    """
    found = np.zeros(len(bounds), dtype=bool)
    with np.errstate(over="ignore", invalid="ignore"):  # what is beyond all numbers is in no window
        for read in (lambda value: value, *_WRITINGS.values()):
            west, south, east, north = map(read, bounds.T)
            first, second = (west + east) / 2, (south + north) / 2
            for _, (left, low, right, high) in _windows(city_extent, plane_epsg):
                for x, y in ((first, second), (second, first)):
                    found |= (left <= x) & (x <= right) & (low <= y) & (y <= high)
    return found


def _from_digits(value: Any) -> Any:
    degrees, rest = divmod(value, 10_000)
    minutes, seconds = divmod(rest, 100)
    return degrees + minutes / 60 + seconds / 3600


_WRITINGS: dict[Writing, Callable[[Any], Any]] = {
    Writing.KILOMETRES: lambda value: value * 1000,
    Writing.NEGATIVE: abs,
    Writing.SECONDS: lambda value: value / 3600,
    Writing.DIGITS: _from_digits,
}
_LIMIT_DEG = 360.0
_LEAST_PACKED = 11
"""So many values, of which three in five would pass by chance each, leave no doubt."""


def is_packed_dms(points: Floats) -> bool:
    """Whether degrees (n, 2) are written as DDD.MMSS: minutes and seconds of all are below 60.

    They lie near the true place, so that nothing but their digits gives them away. Values of fewer
    than four decimals say nothing; of the others at least eleven are needed, each in a minute and
    at a second of its own: places close together share both, and all pass where one does.
    """
    if not (np.abs(points) <= _LIMIT_DEG).all():
        return False
    found = [_telling(np.unique(np.abs(axis))) for axis in points.T]
    return all(packed for packed, _ in found) and sum(count for _, count in found) >= _LEAST_PACKED


def _telling(values: Floats) -> tuple[bool, int]:
    """Whether values of one axis may be packed, and how many of them tell, independently."""
    hundredths = np.round((values - np.floor(values)) * 100, 8)
    minutes = np.floor(hundredths)
    seconds = np.round((hundredths - minutes) * 100, 6)
    telling = seconds % 10 != 0
    packed = (minutes < 60) & (seconds < 60)
    cells = np.unique((np.floor(values) * 100 + minutes)[telling])
    apart = np.unique(np.round(seconds[telling], 1))
    return bool(packed.all()), min(len(cells), len(apart))


@cache
def _windows(extent: Bounds, plane_epsg: int) -> tuple[tuple[int, Bounds], ...]:
    systems = dict.fromkeys((plane_epsg, *_zones_near(extent), _WEB_MERCATOR))
    return ((REGISTER_EPSG, extent), *((epsg, _extent_in(extent, epsg)) for epsg in systems))


def _extent_in(extent: Bounds, epsg: int) -> Bounds:
    # The frames behind these are CGCS2000 and WGS 84: a window of a city needs no better.
    by = Transformer.from_crs(REGISTER_EPSG, epsg, always_xy=True)
    west, south, east, north = by.transform_bounds(*extent)
    return west, south, east, north


def _zones_near(extent: Bounds) -> Iterator[int]:
    """CGCS2000 zones whose belt touches the extent or lies next to it, 3° before 6°.

    EPSG numbers them in rows: 3° prefixed 4513 (zone 25) on, 3° by meridian 4534 (75°E) on,
    6° prefixed 4491 (zone 13) on, 6° by meridian 4502 (75°E) on.
    """
    middle = (extent[0] + extent[2]) / 2
    nearest = round(middle / 3)
    for zone in (nearest, nearest - 1, nearest + 1):
        if 25 <= zone <= 45:
            yield 4513 + zone - 25
            yield 4534 + zone - 25
    for zone in dict.fromkeys(int((lon + step) // 6) + 1 for lon in extent[::2] for step in (0, 3)):
        if 13 <= zone <= 23:
            yield 4491 + zone - 13
            yield 4502 + zone - 13
