"""Sound layers beside a correct tiling, and ways to spoil them, one fault at a time.

What other maps, offices and surveys say of the ground along the lines. Written from the trade, not
from the program: nothing of `geo_service.rules` is imported here. Each injector says which rule
must report the fault, which others may, what the report must name, and the place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
import shapely.affinity
import shapely.ops
from shapely.geometry import LineString, MultiPolygon, Point, Polygon
from tilings import INVENTED, Tiling

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.supporting import SupportingRecord
from geo_service.domain.supporting.ground import (
    BoundarySign,
    BuiltFeature,
    Coast,
    DetailedLine,
    Island,
    NamedRoad,
    OtherCopy,
    PlacedName,
    Project,
    TidalLand,
    WatchedFeature,
)

METRES = np.array([87_200.0, 111_000.0])
"""About one degree of longitude and latitude in the tiling, in metres."""
FIRST, LAST = date(2003, 5, 1), date(2023, 5, 1)
WEB = "示例网图"
NOISE_M = 0.1
"""How far a vertex of a sound copy lies from that of the line."""


@dataclass(frozen=True)
class Ground:
    """A tiling with the layers handed in beside it, rows by layer and id."""

    tiling: Tiling
    records: dict[str, SupportingRecord]

    def with_row(self, row: SupportingRecord) -> Ground:
        return replace(self, records={**self.records, f"{row.LAYER}:{row.id}": row})

    def without(self, row: SupportingRecord) -> Ground:
        kept = {k: v for k, v in self.records.items() if k != f"{row.LAYER}:{row.id}"}
        return replace(self, records=kept)


@dataclass(frozen=True)
class Fault:
    """Spoilt layers: the required rule must speak of `subject` at the place."""

    ground: Ground
    required: str
    subject: str
    place: tuple[float, float]
    also: frozenset[str] = frozenset()


Injector = Callable[[Ground, np.random.Generator], Fault]


@dataclass(frozen=True)
class Step:
    """The longest step of a line: metres along it and to its left, from its middle."""

    line: AdministrativeBoundary
    index: int
    start: np.ndarray
    end: np.ndarray

    @classmethod
    def of(cls, line: AdministrativeBoundary) -> Step:
        points = np.array(line.geometry.coords)
        at = int(np.hypot(*(np.diff(points, axis=0) * METRES).T).argmax())
        return cls(line, at, points[at], points[at + 1])

    @property
    def length_m(self) -> float:
        return float(np.hypot(*((self.end - self.start) * METRES)))

    def at(self, along_m: float, left_m: float) -> np.ndarray:
        way = (self.end - self.start) * METRES / self.length_m
        aside = np.array([-way[1], way[0]])
        return (self.start + self.end) / 2 + (way * along_m + aside * left_m) / METRES

    def box(self, west: float, south: float, east: float, north: float) -> Polygon:
        """A rectangle along the step: its ends along it, its sides to the left."""
        corners = ((west, south), (east, south), (east, north), (west, north))
        return Polygon([self.at(*corner) for corner in corners])

    def course(self, *places: tuple[float, float]) -> LineString:
        return LineString([self.at(*place) for place in places])

    def beside(self, *places: tuple[float, float]) -> LineString:
        """The whole line with its longest step led through places instead of straight on."""
        points = np.array(self.line.geometry.coords)
        between = [self.at(*place) for place in places]
        return LineString(np.vstack([points[: self.index + 1], *between, points[self.index + 1 :]]))


def build(tiling: Tiling, seed: int) -> Ground:
    """Layers without a fault, with what is almost one in most of them."""
    random = np.random.default_rng(seed)
    rows = [row for line in tiling.lines.values() for row in _beside(line, random)]
    for code, unit in tiling.units.items():
        middle = unit.geometry.representative_point()
        spot = shapely.affinity.scale(middle.buffer(0.0005), METRES[1] / METRES[0])
        rows += [
            _row(PlacedName, f"in-{code}", middle, name="示例村", unit_code=unit.code),
            _row(Island, f"in-{code}", spot, name="示例岛"),
            _row(TidalLand, f"in-{code}", spot, name="示例滩"),
        ]
    rows.append(_row(Coast, "rim", _rim(tiling)))
    return Ground(tiling, {f"{row.LAYER}:{row.id}": row for row in rows})


def _row(kind: type[SupportingRecord], key: str, geometry, **fields) -> SupportingRecord:
    return kind(id=key, provenance=INVENTED, geometry=geometry, **fields)


def _rim(tiling: Tiling) -> LineString:
    """The outline of the whole tiling, with the land on its left."""
    whole = shapely.union_all([unit.geometry for unit in tiling.units.values()])
    return LineString(shapely.orient_polygons(whole).exterior.coords)


def _shaken(line: AdministrativeBoundary, random: np.random.Generator, metres: float) -> LineString:
    points = np.array(line.geometry.coords)
    return LineString(points + random.uniform(-metres, metres, points.shape) / METRES / 1.5)


def _beside(line: AdministrativeBoundary, random: np.random.Generator) -> list[SupportingRecord]:
    code, step, both = line.code, Step.of(line), tuple(sorted(line.parties))
    turn = random.choice([-1, 1])

    def named(kind: type[SupportingRecord], geometry, *, key: str = code, **fields):
        return _row(kind, key, geometry, **fields)

    return [
        named(DetailedLine, _shaken(line, random, NOISE_M), line_code=code),
        named(OtherCopy, _shaken(line, random, 10 * NOISE_M), line_code=code, owner=WEB),
        named(
            WatchedFeature,
            _shaken(line, random, 2),
            key=f"{code}/1",
            name=f"河{code}",
            observed_on=FIRST,
        ),
        named(
            WatchedFeature,
            _shaken(line, random, 2),
            key=f"{code}/2",
            name=f"河{code}",
            observed_on=LAST,
        ),
        # A stream that only crosses the line may go where it likes.
        named(
            WatchedFeature,
            step.course((-30, -300), (-30, 300)),
            key=f"{code}/3",
            name=f"溪{code}",
            observed_on=FIRST,
        ),
        named(
            WatchedFeature,
            step.course((90, -300), (90, 300)),
            key=f"{code}/4",
            name=f"溪{code}",
            observed_on=LAST,
        ),
        named(BuiltFeature, step.box(-60, 0.3 * turn, -40, 20.3 * turn), name="示例楼"),
        named(
            BuiltFeature,
            step.box(-20, -10, 0, 10),
            key=f"{code}/r",
            name="跨界楼",
            register_no="示例",
        ),
        named(Project, step.course((0, -60), (10, 60)), name="示例管线", consents=both),
        named(NamedRoad, step.course((60, -90), (60, 0)), key=f"{code}/1", name=f"路{code}"),
        named(NamedRoad, step.course((60, 0), (63, 90)), key=f"{code}/2", name=f"路{code}"),
        named(NamedRoad, step.course((55, 5), (-5, 9)), key=f"{code}/3", name=f"支路{code}"),
        named(BoundarySign, Point(step.at(80, 20 * turn)), name="示例界牌", agreed_by=both),
        named(Island, step.box(-130, -40, -70, 40), key=f"on-{code}", name="分属两方的岛"),
    ]


def _line(ground: Ground, random: np.random.Generator) -> Step:
    codes = sorted(ground.tiling.lines)
    return Step.of(ground.tiling.lines[codes[random.integers(len(codes))]])


def _middle(step: Step) -> tuple[float, float]:
    return tuple(step.at(0, 0))


def _size(metres: float | None, random: np.random.Generator, low: float, high: float) -> float:
    return random.uniform(low, high) if metres is None else metres


def _side(random: np.random.Generator) -> int:
    return int(random.choice([-1, 1]))


def _left(step: Step, side: int):
    """The unit on the left (side 1) or on the right (side -1)."""
    return step.line.left_code if side > 0 else step.line.right_code


def off_detailed_map(
    ground: Ground, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """The detailed map bulges beside the line."""
    step, aside = _line(ground, random), _side(random) * _size(metres, random, 2.3, 20)
    bulge = step.beside((-60, 0), (0, aside), (60, 0))
    row = _row(DetailedLine, step.line.code, bulge, line_code=step.line.code)
    return Fault(ground.with_row(row), "BD-CMP-04", step.line.code, _middle(step))


def sheet_missing(ground: Ground, random: np.random.Generator) -> Fault:
    """The detailed map as given ends in the middle of the line."""
    step = _line(ground, random)
    points = np.array(step.line.geometry.coords)
    part = LineString(np.vstack([points[: step.index + 1], step.at(0, 0)]))
    row = _row(DetailedLine, step.line.code, part, line_code=step.line.code)
    return Fault(ground.with_row(row), "BD-CMP-04", step.line.code, _middle(step))


def other_copy_apart(
    ground: Ground, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """A web map bulges beside the line."""
    step, aside = _line(ground, random), _side(random) * _size(metres, random, 11.5, 100)
    bulge = step.beside((-80, 0), (0, aside), (80, 0))
    row = _row(OtherCopy, step.line.code, bulge, line_code=step.line.code, owner=WEB)
    return Fault(ground.with_row(row), "BD-CMP-05", step.line.code, _middle(step))


def river_moved(ground: Ground, random: np.random.Generator, metres: float | None = None) -> Fault:
    """A river that ran along the line has shifted its bed beside the longest step."""
    step, aside = _line(ground, random), _side(random) * _size(metres, random, 30, 250)
    reach = step.length_m * 0.3
    bed = step.beside((-reach - 20, 0), (-reach, aside), (reach, aside), (reach + 20, 0))
    code = step.line.code
    row = _row(WatchedFeature, f"{code}/2", bed, name=f"河{code}", observed_on=LAST)
    return Fault(ground.with_row(row), "BD-GND-01", code, _middle(step))


def house_across(ground: Ground, random: np.random.Generator, metres: float | None = None) -> Fault:
    """A house 20 m deep reaches across the line by so many metres."""
    step, side = _line(ground, random), _side(random)
    beyond = _size(metres, random, 1.15, 10)
    shape = step.box(20, -beyond * side, 45, (20 - beyond) * side)
    row = _row(BuiltFeature, "across", shape, name="示例楼")
    return Fault(ground.with_row(row), "BD-GND-02", "across", tuple(step.at(30, 0)))


def name_across(ground: Ground, random: np.random.Generator, metres: float | None = None) -> Fault:
    """A village is booked under the unit on the other side of the line."""
    step, side = _line(ground, random), _side(random)
    place = step.at(random.uniform(-80, 80), side * _size(metres, random, 2.3, 20))
    booked = _left(step, -side)
    row = _row(PlacedName, "across", Point(place), name="示例村", unit_code=booked)
    return Fault(ground.with_row(row), "BD-GND-03", "across", tuple(place))


def works_without_consent(
    ground: Ground, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """A site reaches across the line by so many metres; one unit, or both, did not consent."""
    step, side = _line(ground, random), _side(random)
    beyond = _size(metres, random, 2.3, 20)
    shape = step.box(20, -beyond * side, 80, 60 * side)
    consents = (_left(step, side),) if random.random() < 0.5 else ()
    row = _row(Project, "site", shape, name="示例工地", consents=consents)
    return Fault(ground.with_row(row), "BD-GND-04", "site", tuple(step.at(50, 0)))


def pipeline_without_consent(ground: Ground, random: np.random.Generator) -> Fault:
    step = _line(ground, random)
    course = step.course((-20, -60), (random.uniform(-40, 40), 60))
    consents = (_left(step, _side(random)),) if random.random() < 0.5 else ()
    row = _row(Project, "pipe", course, name="示例管线", consents=consents)
    return Fault(ground.with_row(row), "BD-GND-04", "pipe", _middle(step))


def road_renamed(ground: Ground, random: np.random.Generator) -> Fault:
    """A road bears another name beyond the line; its axis is drawn up to 20 m short of it."""
    step = _line(ground, random)
    code = step.line.code
    gap, bend = random.uniform(0, 20), random.uniform(-25, 25)
    course = step.course((60, gap), (60 + bend, gap + 70))
    row = _row(NamedRoad, f"{code}/2", course, name="样例路")
    return Fault(ground.with_row(row), "BD-GND-05", f"{code}/1", tuple(step.at(60, 0)))


def sign_of_one_side(
    ground: Ground, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """A sign by the line to which one side, or none, has agreed."""
    step, side = _line(ground, random), _side(random)
    place = step.at(random.uniform(-60, 60), side * _size(metres, random, 0, 90))
    agreed = (_left(step, side),) if random.random() < 0.5 else ()
    row = _row(BoundarySign, "one", Point(place), name="界牌", agreed_by=agreed)
    return Fault(ground.with_row(row), "BD-GND-06", "one", tuple(place))


def coast_along_line(
    ground: Ground, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """The coast as surveyed runs along so many metres of the line, in its middle."""
    line = _line(ground, random).line
    shape = LineString(np.array(line.geometry.coords) * METRES)
    half = _size(metres, random, 230, 800) / 2
    middle = shape.length / 2
    part = shapely.ops.substring(shape, middle - half, middle + half)
    shore = part.offset_curve(float(random.uniform(-5, 5)))
    row = _row(Coast, "along", LineString(np.array(shore.coords) / METRES))
    place = line.geometry.interpolate(0.5, normalized=True)
    return Fault(ground.with_row(row), "BD-SEA-02", line.code, (place.x, place.y))


def island_in_two_units(
    ground: Ground, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """Two islets under one name, one in each unit: the smaller so many metres of 100."""
    step, side = _line(ground, random), _side(random)
    small = _size(metres, random, 6.5, 100)
    islets = [
        step.box(-50, 100 * side, 50, 200 * side),
        step.box(-50, -100 * side, 50, -(100 + small) * side),
    ]
    row = _row(Island, "two", MultiPolygon(islets), name="示例岛")
    return Fault(ground.with_row(row), "BD-SEA-03", "two", _middle(step))


def island_of_nobody(ground: Ground, random: np.random.Generator) -> Fault:
    step = _shore(ground, random)
    shape = step.box(-30, -random.uniform(150, 900), 30, -100)
    row = _row(Island, "none", shape, name="示例岛")
    return Fault(ground.with_row(row), "BD-SEA-03", "none", tuple(step.at(0, -100)))


def land_won(ground: Ground, random: np.random.Generator, metres: float | None = None) -> Fault:
    """A hundred metres of new land, so many of them beyond the shore."""
    step = _shore(ground, random)
    beyond = _size(metres, random, 6, 100)
    row = _row(TidalLand, "won", step.box(-60, -beyond, 60, 100 - beyond), name="示例围垦区")
    return Fault(ground.with_row(row), "BD-SEA-04", "won", tuple(step.at(0, 0)))


def _shore(ground: Ground, random: np.random.Generator) -> Step:
    """A long step of the shore, with the land on its left."""
    rim = np.array(_rim(ground.tiling).coords)
    lengths = np.hypot(*(np.diff(rim, axis=0) * METRES).T)
    at = int(random.choice(np.flatnonzero(lengths > 0.7 * lengths.max())))
    any_line = next(iter(ground.tiling.lines.values()))
    return Step(any_line, 0, rim[at], rim[at + 1])


INJECTORS: tuple[Injector, ...] = (
    off_detailed_map,
    sheet_missing,
    other_copy_apart,
    river_moved,
    house_across,
    name_across,
    works_without_consent,
    pipeline_without_consent,
    road_renamed,
    sign_of_one_side,
    coast_along_line,
    island_in_two_units,
    island_of_nobody,
    land_won,
)

BY_SIZE: tuple[
    tuple[Callable[..., Fault], float, tuple[float, float], tuple[float, float]], ...
] = (
    (off_detailed_map, 2.0, (1.15, 10.0), (0.1, 0.85)),
    (other_copy_apart, 10.0, (1.15, 10.0), (0.1, 0.85)),
    (river_moved, 25.0, (1.15, 10.0), (0.1, 0.85)),
    (house_across, 1.0, (1.15, 10.0), (0.1, 0.85)),
    (name_across, 2.0, (1.15, 10.0), (0.1, 0.85)),
    (works_without_consent, 2.0, (1.15, 10.0), (0.1, 0.85)),
    # A line of the tiling is about a kilometre long. 25 m more lie near each end of the shore.
    (coast_along_line, 200.0, (1.15, 4.0), (0.1, 0.7)),
    (island_in_two_units, 100 * 0.05 / 0.95, (1.15, 10.0), (0.1, 0.85)),
    (land_won, 5.0, (1.15, 10.0), (0.1, 0.85)),
    # Nearer is graver: silence is right beyond the reach.
    (sign_of_one_side, 100.0, (0.0, 0.85), (1.15, 4.0)),
)
"""Injectors by size: the limit in metres, and the bands of it in which the fault is one or none."""
