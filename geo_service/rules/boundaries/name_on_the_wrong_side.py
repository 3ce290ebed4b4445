"""A name, address or point of interest is booked under another unit than it lies in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Evidence, Measure, Related, Severity
from geo_service.domain.identity import DivisionCode, DivisionLevel
from geo_service.domain.supporting.ground import PlacedName
from geo_service.domain.text import Text
from geo_service.geometry import crs
from geo_service.geometry.arrays import Floats, Geometries, Ints
from geo_service.geometry.track import Stations
from geo_service.rules.base import Basis, Quality, Rule
from geo_service.rules.boundaries import (
    BoundaryCase,
    BoundaryContext,
    line_related,
    unit_related,
)
from geo_service.rules.boundaries._drawing import beside, clean, drawing, flagged, said
from geo_service.rules.boundaries._ground import along_each, record_subject, shapes_of
from geo_service.rules.boundaries._layer import Layer
from geo_service.rules.boundaries._wording import chainage, length


@dataclass(frozen=True, slots=True)
class _Misplaced:
    """A name inside a unit although it is booked under another, `apart_m` from that one.

    `line` is the number of the line between the two, -1 where none is drawn; `chainage_m` and
    `offset_m` tell where beside it the name lies.
    """

    row: PlacedName
    unit: AdministrativeUnit
    booked: DivisionCode
    apart_m: float
    line: int
    chainage_m: float
    offset_m: float


def _check(case: BoundaryCase, context: BoundaryContext) -> Iterator[Evidence]:
    by_level: dict[DivisionLevel, list[PlacedName]] = defaultdict(list)
    for row in case.supporting.all(PlacedName):
        for level in {row.unit_code.level, row.unit_code.county.level}:
            by_level[level].append(row)
    for level, layer in case.layers.items():
        for found in _misplaced(case, context, layer, by_level[level]):
            if context.concerns(found.booked, found.unit.code):
                yield _evidence(case, context, found)


def _misplaced(
    case: BoundaryCase, context: BoundaryContext, layer: Layer, rows: list[PlacedName]
) -> Iterator[_Misplaced]:
    here = np.array([context.current(unit.code) for unit in layer.units])
    booked = np.array(_booked(context, layer, rows), dtype=here.dtype)
    places = shapes_of(rows)
    unit, name = shapely.STRtree(places).query(layer.solid, predicate="covers")
    elsewhere = here[unit] != booked[name]
    unit, name = unit[elsewhere], name[elsewhere]
    apart = _apart_m(layer, places[name], unit, booked[name], here)
    beyond = apart > context.line_tolerance_m
    unit, name, apart = unit[beyond], name[beyond], apart[beyond]
    codes = [DivisionCode(code) for code in booked[name].tolist()]
    between = _lines_between(case, context)
    pairs = (frozenset(pair) for pair in zip(here[unit].tolist(), codes, strict=True))
    lines = np.array([between.get(pair, -1) for pair in pairs], dtype=np.int64)
    at = _along(case, lines, places[name])
    for i in np.lexsort((unit, name)).tolist():
        row, holder = rows[name[i]], layer.units[unit[i]]
        beside_line = (int(lines[i]), float(at.chainage_m[i]), float(at.offset_m[i]))
        yield _Misplaced(row, holder, codes[i], float(apart[i]), *beside_line)


def _lines_between(
    case: BoundaryCase, context: BoundaryContext
) -> dict[frozenset[DivisionCode], int]:
    """The numbers of the lines that are drawn, by their sides as they are called today."""
    drawn = [i for i, plane in enumerate(case.plane_lines) if plane is not None]
    return {frozenset(map(context.current, case.lines[i].parties)): i for i in reversed(drawn)}


def _along(case: BoundaryCase, lines: Ints, places: Geometries) -> Stations:
    """Where along its line each place lies, 0 where there is no line."""
    chainage_m, offset_m = np.zeros(len(lines)), np.zeros(len(lines))
    there = lines >= 0
    points = shapely.get_coordinates(shapely.point_on_surface(places[there]))
    met = along_each(case, lines[there], points)
    chainage_m[there], offset_m[there] = met.chainage_m, met.offset_m
    return Stations(chainage_m, offset_m)


def _booked(context: BoundaryContext, layer: Layer, rows: list[PlacedName]) -> list[DivisionCode]:
    """The units that names are booked under, at the level of a layer, as they are called today."""
    level = layer.units[0].level
    today = {
        code: context.current(code if code.level is level else code.county)
        for code in {row.unit_code for row in rows}
    }
    return [today[row.unit_code] for row in rows]


def _apart_m(
    layer: Layer, places: Geometries, unit: Ints, booked: NDArray[np.str_], here: NDArray[np.str_]
) -> Floats:
    """How far places lie from the units they are booked under, else inside those they lie in."""
    plane = crs.to_plane(places, layer.plane_epsg)
    outlines = shapely.boundary(layer.plane)
    # Every outline is prepared once, however many names it has to do with.
    shapely.prepare(layer.plane)
    shapely.prepare(outlines)
    apart = np.asarray(shapely.distance(plane, outlines[unit]))
    for i, code in enumerate(here.tolist()):
        own = booked == code
        apart[own] = shapely.distance(layer.plane[i], plane[own])
    return apart


def _evidence(case: BoundaryCase, context: BoundaryContext, found: _Misplaced) -> Evidence:
    row, unit, limit = found.row, found.unit, context.line_tolerance_m
    other, away = case.unit_names.get(found.booked, str(found.booked)), length(found.apart_m)
    where, related = Text("", ""), [unit_related(unit), Related("unit", found.booked, other)]
    if found.line >= 0:
        line, place = case.lines[found.line], chainage(np.array([found.chainage_m]))
        where = Text(f"，对应{line.name}{place.zh}", f", beside {line.name} {place.en}")
        related.insert(0, line_related(line, round(abs(found.offset_m), 3)))
    return Evidence(
        message=Text(
            f"{row.name}记在{other}，位置在{unit.name}境内，越过 {away.zh}{where.zh}。",
            f"{row.name} is booked under {other} but lies in {unit.name}, {away.en} "
            f"beyond{where.en}.",
        ),
        key=str(unit.level),
        subject=record_subject(row, row.name),
        related=tuple(related),
        measure=Measure(round(found.apart_m, 3), limit, "m", f"0.2 mm × 1:{context.scale}"),
        geometry=row.geometry,
        suggestion=Text(
            "核对是所属单位登记错还是坐标错；确在界线另一侧的，由双方民政部门改正登记。",
            "Find out whether the unit or the coordinates are wrong; where it does lie across the "
            "line, both name authorities correct the entry.",
        ),
    )


_UNITS = {
    "甲区": "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))",
    "乙区": "POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))",
}
_LINES = {"乙区|甲区": "LINESTRING(1000 1000, 1000 0)"}


def _named(wkt: str, code: str, units: dict[str, str] = _UNITS) -> BoundaryCase:
    row = said(PlacedName, 1, wkt, name="示例村", unit_code=DivisionCode(code))
    return beside(drawing(units, _LINES), row)


RULE: Rule[BoundaryCase, BoundaryContext] = Rule(
    id="BD-GND-03",
    slug="name_on_the_wrong_side",
    version=1,
    title=Text("地名、地址记在界线另一侧", "Name or address booked across the line"),
    category="归属不符",
    quality=Quality.THEMATIC,
    basis=(
        Basis("B02", "2", Severity.ADVISED_AGAINST),
        Basis("ISO19157", "65", Severity.INFO),
    ),
    check=_check,
    examples=(
        flagged(
            _named("POINT(1080 400)", "990101"),
            Severity.ADVISED_AGAINST,
            Text("记在甲区，位置在乙区境内 80 米", "booked under 甲区, 80 m inside 乙区"),
        ),
        flagged(
            _named("POINT(900 400)", "990102003"),
            Severity.ADVISED_AGAINST,
            Text(
                "记在乙区的街道，位置在甲区", "booked under a street office of 乙区, lies in 甲区"
            ),
        ),
        flagged(
            _named("POINT(600 400)", "990121"),
            Severity.ADVISED_AGAINST,
            Text("记在没有给出面的庚县", "booked under 庚县, which was not drawn"),
        ),
        clean(
            _named("POINT(1001.5 400)", "990101"),
            Text("越过 1.5 米，在 2 米限差内", "1.5 m beyond, within the limit of 2 m"),
        ),
        clean(
            _named("LINESTRING(800 400, 1300 400)", "990101"),
            Text("道路穿过两区", "a road through both units"),
        ),
        clean(
            _named("POINT(500 500)", "990141", {"庚县": _UNITS["甲区"]}),
            Text("记在庚县的旧代码下", "booked under the former code of 庚县"),
        ),
    ),
    trap=Text(
        "门牌、兴趣点取自网络地图时位置整体偏移；飞地、驻外机构的注记会落在别的单位境内。",
        "Addresses and points of web maps are shifted as a whole; enclaves and offices away from "
        "home lie in another unit by right.",
    ),
    handling=Text(
        "与地名登记一并改正，旧值留存；属飞地的在登记中注明。",
        "Correct it together with the register of names and keep the old value; note an enclave "
        "as one.",
    ),
    needs=frozenset({"units", "placed-names"}),
)
