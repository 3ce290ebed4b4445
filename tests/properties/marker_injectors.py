"""Sound markers on an invented line, and ways to spoil them, one fault at a time.

Written from the trade, not from the program: nothing of `geo_service.rules` is imported here.
Each injector says which rules must report the fault and which others may.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import shapely
from pyproj import Geod, Transformer
from shapely.geometry import LineString, Point, Polygon

from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.identity import DivisionCode, LineCode, MarkerNumber
from geo_service.domain.marker import (
    BoundaryMarker,
    MarkerDocument,
    MarkerEntry,
    MarkerKind,
    MarkerState,
    MarkerTally,
    ReferenceObject,
)
from geo_service.domain.provenance import Force, Provenance
from geo_service.domain.supporting import SupportingRecord
from geo_service.domain.supporting.fieldwork import DeviceMessage
from geo_service.domain.supporting.ground import HeightSample

INVENTED = Provenance("示例", force=Force.SYNTHETIC)
LEFT, RIGHT = DivisionCode("990101"), DivisionCode("990102")
ELSEWHERE = DivisionCode("990104")
CODE = LineCode.between(LEFT, RIGHT)
METRES = np.array([87_000.0, 111_000.0])
"""About one degree of longitude and latitude at 38.5°N, in metres."""
_GEOD = Geod(a=6378137.0, rf=298.257222101)
_PLANE = Transformer.from_crs(4490, 4549, always_xy=True)


@dataclass(frozen=True)
class Papers:
    """The papers on the markers of one line, with the line and the units on both sides.

    `layers` are heights of the ground and messages of the devices in the markers.
    """

    entries: tuple[MarkerEntry, ...]
    line: AdministrativeBoundary
    units: tuple[AdministrativeUnit, ...]
    tally: MarkerTally
    beside: tuple[AdministrativeBoundary, ...] = ()
    layers: tuple[SupportingRecord, ...] = ()

    @property
    def lines(self) -> tuple[AdministrativeBoundary, ...]:
        return (self.line, *self.beside)

    def of(self, document: MarkerDocument) -> list[int]:
        return [i for i, entry in enumerate(self.entries) if entry.document is document]

    def with_entry(self, i: int, **said) -> Papers:
        marker = {k: v for k, v in said.items() if hasattr(self.entries[i].marker, k)}
        beside = {k: v for k, v in said.items() if k not in marker}
        entry = self.entries[i]
        new = replace(entry, marker=replace(entry.marker, **marker), **beside)
        return replace(self, entries=(*self.entries[:i], new, *self.entries[i + 1 :]))

    def without(self, *numbers: str) -> Papers:
        kept = tuple(e for e in self.entries if e.marker.number not in numbers)
        return replace(self, entries=kept)


@dataclass(frozen=True)
class Fault:
    """Spoilt papers: the required rules must speak, naming `subject`; no rule outside `allowed`."""

    papers: Papers
    required: str
    subject: str
    also: frozenset[str] = frozenset()


def build(count: int, seed: int) -> Papers:
    """`count` serials on a wandering line from W to E; every third is a pair on two banks.

    Each stone stands in the register, the form (three objects) and the table, and was found intact.
    Every other one was repaired before that, with the side present that does not keep it.
    """
    random = np.random.default_rng(seed)
    xs = 119.6 + 0.01 * np.arange(count * 2 + 3)
    ys = 38.5 + random.uniform(-0.002, 0.002, len(xs))
    points = np.column_stack([xs, ys])
    line = AdministrativeBoundary(
        code=CODE,
        name="甲乙线",
        left_code=LEFT,
        right_code=RIGHT,
        provenance=INVENTED,
        geometry=LineString(points),
    )
    north = Polygon([*points.tolist(), (xs[-1], 38.7), (xs[0], 38.7)])
    south = Polygon([*points.tolist(), (xs[-1], 38.3), (xs[0], 38.3)])
    units = (_unit(LEFT, "甲区", north), _unit(RIGHT, "乙区", south))
    stones = [stone for n in range(1, count + 1) for stone in _stones(n, points, random)]
    entries = [entry for stone in stones for entry in _papers(stone, random)]
    pairs = count // 3
    tally = MarkerTally(
        line_code=CODE, singles=count - pairs, pairs=pairs, triples=0, stones=count + pairs
    )
    layers = [record for stone in stones for record in _beside(stone, random)]
    return Papers(tuple(entries), line, units, tally, layers=tuple(layers))


def _unit(code: DivisionCode, name: str, ground: Polygon) -> AdministrativeUnit:
    return AdministrativeUnit(code=code, name=name, provenance=INVENTED, geometry=ground)


def _stones(n: int, points: np.ndarray, random: np.random.Generator) -> list[BoundaryMarker]:
    here = points[2 * n]
    if n % 3:
        return [_stone(f"{n:03d}Q", MarkerKind.SINGLE, here, n)]
    bank = np.array([0.0, random.uniform(30, 120)]) / METRES
    return [
        _stone(f"{n:03d}A", MarkerKind.PAIRED, here + bank, n),
        _stone(f"{n:03d}B", MarkerKind.PAIRED, here - bank, n),
    ]


def _stone(number: str, kind: MarkerKind, place: np.ndarray, n: int) -> BoundaryMarker:
    return BoundaryMarker(
        number=MarkerNumber(number),
        line_code=CODE,
        kind=kind,
        provenance=INVENTED,
        position=Point(place),
        height_m=20.0 + n,
        material="石质",
        responsible_side=(LEFT, RIGHT)[n % 2],
    )


def _beside(stone: BoundaryMarker, random: np.random.Generator) -> list[SupportingRecord]:
    """The ground on two sides of a stone, and what its device sent in the last days."""
    ground = [
        HeightSample(
            id=f"H-{stone.number}-{n}",
            provenance=INVENTED,
            geometry=_aside(stone.position, east, 7.0),
            height_m=stone.height_m + random.uniform(-9, 9),
        )
        for n, east in enumerate((-15.0, 15.0))
    ]
    sent = [
        DeviceMessage(
            id=f"D-{stone.number}-{day}",
            provenance=INVENTED,
            line_code=CODE,
            marker=stone.number,
            sent_on=date(2025, 12, day),
            drift_m=random.uniform(0, 2.5),
            tilt_deg=random.uniform(-5, 5),
        )
        for day in (15, 30)
    ]
    return [*ground, *sent]


def _papers(stone: BoundaryMarker, random: np.random.Generator) -> list[MarkerEntry]:
    x, y = stone.position.x, stone.position.y
    easting, northing = _PLANE.transform(x, y)
    plane = (40e6 + round(easting, 2), round(northing, 2))
    found = replace(stone, position=Point(x + random.uniform(-5e-6, 5e-6), y))
    form = MarkerDocument.FORM
    return [
        MarkerEntry(marker=stone),
        MarkerEntry(marker=stone, document=form, faces=2, references=_objects(x, y, random)),
        MarkerEntry(marker=stone, document=MarkerDocument.TABLE, plane=plane),
        MarkerEntry(
            marker=found,
            document=MarkerDocument.INSPECTION,
            dated=date(2024, 5, 1),
            state=MarkerState.INTACT,
            repaired_on=date(2023, 9, 1) if stone.number.serial % 2 else None,
            witness_sides=(LEFT if stone.responsible_side == RIGHT else RIGHT,),
        ),
    ]


def _objects(x: float, y: float, random: np.random.Generator) -> tuple[ReferenceObject, ...]:
    first = random.uniform(0, 360)
    return tuple(
        _object(name, (x, y), first + 120 * turn, random.uniform(60, 300))
        for turn, name in enumerate(("水塔", "桥头", "公里碑"))
    )


def _object(
    name: str, marker: tuple[float, float], true_deg: float, distance_m: float
) -> ReferenceObject:
    """The grid azimuth is the true one less the convergence, found by a step north."""
    x, y, _ = _GEOD.fwd(*marker, true_deg, distance_m)
    here = np.array(_PLANE.transform(*marker))
    east, north = np.array(_PLANE.transform(x, y)) - here
    grid = np.degrees(np.arctan2(east, north)) % 360
    return ReferenceObject(
        name=name,
        azimuth_deg=round(float(grid) * 6) / 6,
        distance_m=round(distance_m, 1),
        position=Point(x, y),
    )


def _aside(point: Point, east_m: float, north_m: float) -> Point:
    return Point(np.array([point.x, point.y]) + np.array([east_m, north_m]) / METRES)


def _pick(random: np.random.Generator, items: list):
    return items[random.integers(len(items))]


def _singles(papers: Papers) -> list[str]:
    """Numbers of single markers that are neither first nor last."""
    numbers = [e.marker.number for e in papers.entries if e.document is MarkerDocument.REGISTER]
    return [number for number in numbers if number.endswith("Q")][1:-1]


def _move(papers: Papers, number: str, east_m: float, north_m: float) -> Papers:
    """All papers alike have the marker elsewhere; only its plane coordinates and objects go."""
    for i, entry in enumerate(papers.entries):
        if entry.marker.number == number:
            said = {"position": _aside(entry.marker.position, east_m, north_m)}
            if entry.plane is not None:
                said["plane"] = None
            if entry.references is not None:
                bare = tuple(replace(one, position=None) for one in entry.references)
                said["references"] = bare
            papers = papers.with_entry(i, **said)
    return papers


def off_the_line(papers: Papers, random: np.random.Generator, metres: float | None = None) -> Fault:
    number = _pick(random, _singles(papers))
    north = (metres or random.uniform(6, 60)) * random.choice([-1, 1])
    return Fault(_move(papers, number, 0, north), "MK-POS-01", number)


def one_bank(papers: Papers, random: np.random.Generator) -> Fault:
    """B stands on the bank of A."""
    number = _pick(random, [e.marker.number for e in papers.entries if e.marker.number[-1] == "B"])
    moved = _move(papers, number, 0, 250)
    return Fault(moved, "MK-POS-02", number, also=frozenset({"MK-POS-01"}))


def exchanged_numbers(papers: Papers, random: np.random.Generator) -> Fault:
    """Two markers that follow each other have changed numbers."""
    del random
    swap = {"001Q": "002Q", "002Q": "001Q"}
    for i, entry in enumerate(papers.entries):
        if entry.marker.number in swap:
            papers = papers.with_entry(i, number=MarkerNumber(swap[entry.marker.number]))
    return Fault(papers, "MK-NUM-01", "")


def lost_number(papers: Papers, random: np.random.Generator) -> Fault:
    number = _pick(random, _singles(papers))
    return Fault(
        papers.without(number), "MK-NUM-02", CODE, also=frozenset({"MK-NUM-04", "MK-POS-05"})
    )


def repeated_number(papers: Papers, random: np.random.Generator) -> Fault:
    """One paper gives a number twice."""
    i = _pick(random, papers.of(MarkerDocument.TABLE))
    entry = papers.entries[i]
    return Fault(
        replace(papers, entries=(*papers.entries, entry)), "MK-NUM-02", entry.marker.number
    )


def half_a_pair(papers: Papers, random: np.random.Generator) -> Fault:
    numbers = sorted({e.marker.number for e in papers.entries if e.marker.number[-1] in "AB"})
    lost = _pick(random, numbers)
    left = lost[:-1] + ("B" if lost[-1] == "A" else "A")
    return Fault(papers.without(lost), "MK-NUM-03", left, also=frozenset({"MK-NUM-04"}))


def wrong_count(papers: Papers, random: np.random.Generator) -> Fault:
    stated = papers.tally.stones + int(random.choice([-2, -1, 1, 2]))
    return Fault(replace(papers, tally=replace(papers.tally, stones=stated)), "MK-NUM-04", CODE)


def written_in_seconds(papers: Papers, random: np.random.Generator) -> Fault:
    """The map gives whole seconds of arc, or tenths of one."""
    step = _pick(random, [3600, 36000])
    read = tuple(
        MarkerEntry(
            marker=replace(entry.marker, position=_in_steps(entry.marker.position, step)),
            document=MarkerDocument.MAP,
        )
        for entry in papers.entries
        if entry.document is MarkerDocument.TABLE
    )
    spoilt = replace(papers, entries=(*papers.entries, *read))
    return Fault(spoilt, "MK-POS-08", CODE, also=frozenset({"MK-DOC-01"}))


def _in_steps(place: Point, step: int) -> Point:
    return Point(round(place.x * step) / step, round(place.y * step) / step)


def moved(papers: Papers, random: np.random.Generator, metres: float | None = None) -> Fault:
    i = _pick(random, papers.of(MarkerDocument.INSPECTION))
    marker = papers.entries[i].marker
    turn, far = random.uniform(0, 2 * np.pi), metres or random.uniform(4, 40)
    place = _aside(marker.position, far * np.cos(turn), far * np.sin(turn))
    return Fault(papers.with_entry(i, position=place), "MK-POS-03", marker.number)


def round_shifted(
    papers: Papers, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """A whole round in another system: all found off by some 100 m alike, none of them moved."""
    turn, far = random.uniform(0, 2 * np.pi), metres or random.uniform(20, 150)
    for i in papers.of(MarkerDocument.INSPECTION):
        place = _aside(papers.entries[i].marker.position, far * np.cos(turn), far * np.sin(turn))
        papers = papers.with_entry(i, position=place)
    return Fault(papers, "MK-POS-06", CODE)


def moved_in_a_shifted_round(papers: Papers, random: np.random.Generator) -> Fault:
    """One stone that was moved stands out of a round that is off as a whole."""
    shifted = round_shifted(papers, random).papers
    fault = moved(shifted, random, random.uniform(8, 60))
    return Fault(fault.papers, "MK-POS-03", fault.subject, also=frozenset({"MK-POS-06"}))


def found_broken(papers: Papers, random: np.random.Generator) -> Fault:
    i = _pick(random, papers.of(MarkerDocument.INSPECTION))
    states = [state for state in MarkerState if state is not MarkerState.INTACT]
    spoilt = papers.with_entry(i, state=_pick(random, states))
    return Fault(spoilt, "MK-STA-01", papers.entries[i].marker.number)


def repaired_alone(papers: Papers, random: np.random.Generator) -> Fault:
    """Nobody was there, or only the keeper, or a unit from elsewhere."""
    i = _pick(random, papers.of(MarkerDocument.INSPECTION))
    marker = papers.entries[i].marker
    witnesses = _pick(random, [(), (marker.responsible_side,), (ELSEWHERE,)])
    spoilt = papers.with_entry(i, repaired_on=date(2024, 6, 1), witness_sides=witnesses)
    return Fault(spoilt, "MK-STA-02", marker.number)


def repair_untold(papers: Papers, random: np.random.Generator) -> Fault:
    """A paper without a place for who was present."""
    i = _pick(random, papers.of(MarkerDocument.INSPECTION))
    spoilt = papers.with_entry(i, repaired_on=date(2024, 6, 1), witness_sides=None)
    return Fault(spoilt, "MK-STA-02", papers.entries[i].marker.number)


def kept_by_nobody(papers: Papers, random: np.random.Generator) -> Fault:
    number = _pick(random, _singles(papers))
    for i, entry in enumerate(papers.entries):
        if entry.marker.number == number:
            papers = papers.with_entry(i, responsible_side=None)
    return Fault(papers, "MK-STA-03", number)


def two_objects(papers: Papers, random: np.random.Generator) -> Fault:
    i = _pick(random, papers.of(MarkerDocument.FORM))
    entry = papers.entries[i]
    spoilt = papers.with_entry(i, references=entry.references[:2])
    return Fault(spoilt, "MK-REF-01", entry.marker.number)


def turned_object(papers: Papers, random: np.random.Generator) -> Fault:
    """An azimuth a few degrees off, or a distance a few per cent."""
    i = _pick(random, papers.of(MarkerDocument.FORM))
    entry = papers.entries[i]
    one, *others = entry.references
    if random.random() < 0.5:
        one = replace(one, azimuth_deg=(one.azimuth_deg + random.uniform(3, 20)) % 360)
    else:
        one = replace(one, distance_m=one.distance_m * random.uniform(1.1, 1.5))
    spoilt = papers.with_entry(i, references=(one, *others))
    return Fault(spoilt, "MK-REF-02", entry.marker.number)


def true_north(papers: Papers, random: np.random.Generator) -> Fault:
    """All forms give their azimuths from true north, a quarter of a degree off the grid here."""
    del random
    for i in papers.of(MarkerDocument.FORM):
        entry = papers.entries[i]
        turned = tuple(
            replace(one, azimuth_deg=round(_true_deg(entry, one) * 6) / 6 % 360)
            for one in entry.references
        )
        papers = papers.with_entry(i, references=turned)
    return Fault(papers, "MK-REF-04", CODE)


def _true_deg(entry: MarkerEntry, one: ReferenceObject) -> float:
    here, there = entry.marker.position, one.position
    return _GEOD.inv(here.x, here.y, there.x, there.y)[0] % 360


def objects_in_a_row(papers: Papers, random: np.random.Generator) -> Fault:
    i = _pick(random, papers.of(MarkerDocument.FORM))
    entry, place = papers.entries[i], papers.entries[i].marker.position
    first = random.uniform(0, 360)
    close = tuple(
        _object(name, (place.x, place.y), first + 15 * turn, random.uniform(60, 300))
        for turn, name in enumerate(("水塔", "桥头", "公里碑"))
    )
    return Fault(papers.with_entry(i, references=close), "MK-REF-03", entry.marker.number)


def slip_of_the_pen(papers: Papers, random: np.random.Generator) -> Fault:
    """A digit of the easting, or the two axes exchanged."""
    i = _pick(random, papers.of(MarkerDocument.TABLE))
    entry = papers.entries[i]
    easting, northing = entry.plane
    slipped = (easting + 10.0 ** random.integers(0, 4), northing)
    plane = slipped if random.random() < 0.7 else (northing, easting)
    return Fault(papers.with_entry(i, plane=plane), "MK-POS-04", entry.marker.number)


def other_height(papers: Papers, random: np.random.Generator, metres: float | None = None) -> Fault:
    i = _pick(random, papers.of(MarkerDocument.TABLE))
    marker = papers.entries[i].marker
    spoilt = papers.with_entry(i, height_m=marker.height_m + (metres or random.uniform(1, 20)))
    return Fault(spoilt, "MK-DOC-01", marker.number)


def other_datum(papers: Papers, random: np.random.Generator) -> Fault:
    """The table in heights of another datum, or above the ellipsoid."""
    bias = _pick(random, [-0.029, 0.029, 7.4])
    for i in papers.of(MarkerDocument.TABLE):
        height = round(papers.entries[i].marker.height_m + bias, 2)
        papers = papers.with_entry(i, height_m=height)
    return Fault(papers, "MK-DOC-02", CODE)


def height_slip(papers: Papers, random: np.random.Generator, metres: float | None = None) -> Fault:
    """All papers alike have a height that is far above or below the ground."""
    number = _pick(random, _singles(papers))
    off = (metres or random.uniform(30, 90)) * random.choice([-1, 1])
    for i, entry in enumerate(papers.entries):
        if entry.marker.number == number:
            papers = papers.with_entry(i, height_m=entry.marker.height_m + off)
    return Fault(papers, "MK-POS-07", number)


def _of_device(papers: Papers, number: str, **said) -> Papers:
    """The last message of a marker, changed."""
    layers = tuple(
        replace(one, **said) if one.id == f"D-{number}-30" else one for one in papers.layers
    )
    return replace(papers, layers=layers)


def device_silent(papers: Papers, random: np.random.Generator) -> Fault:
    """The last message is weeks old."""
    number = _pick(random, _singles(papers))
    spoilt = _of_device(papers, number, sent_on=date(2025, 12, int(random.integers(1, 20))))
    return Fault(spoilt, "MK-DEV-01", number)


def device_drift(papers: Papers, random: np.random.Generator) -> Fault:
    number = _pick(random, _singles(papers))
    said = (
        {"drift_m": random.uniform(3.5, 60)}
        if random.random() < 0.5
        else {"tilt_deg": random.uniform(16, 80) * random.choice([-1, 1])}
    )
    return Fault(_of_device(papers, number, **said), "MK-DEV-02", number)


def long_stretch(papers: Papers, random: np.random.Generator) -> Fault:
    """A line that runs on for long, with one more marker at its far end."""
    del random
    points = shapely.get_coordinates(papers.line.geometry)
    far = np.vstack([points, points[-1] + [0.25, 0.0], points[-1] + [0.3, 0.0]])
    line = replace(papers.line, geometry=LineString(far))
    last = max(e.marker.number.serial for e in papers.entries)
    stone = _stone(f"{last + 1:03d}Q", MarkerKind.SINGLE, far[-2], last + 1)
    tally = replace(papers.tally, singles=papers.tally.singles + 1, stones=papers.tally.stones + 1)
    return Fault(
        replace(
            papers, entries=(*papers.entries, MarkerEntry(marker=stone)), line=line, tally=tally
        ),
        "MK-POS-05",
        "",
    )


def within_tolerance(papers: Papers, random: np.random.Generator) -> Papers:
    """Everything a little off, by less than any limit: nothing of it is a fault."""
    number = _pick(random, _singles(papers))
    for i, entry in enumerate(papers.entries):
        if entry.marker.number != number:
            continue
        match entry.document:
            case MarkerDocument.INSPECTION:
                place = _aside(entry.marker.position, *random.uniform(-0.7, 0.7, 2))
                papers = papers.with_entry(i, position=place)
            case MarkerDocument.FORM:
                papers = papers.with_entry(i, references=_nudged(entry.references, random))
            case MarkerDocument.TABLE:
                plane = tuple(np.array(entry.plane) + random.uniform(-0.3, 0.3, 2))
                height = entry.marker.height_m + random.uniform(-0.15, 0.15)
                papers = papers.with_entry(i, plane=plane, height_m=height)
    return papers


def _nudged(
    objects: tuple[ReferenceObject, ...], random: np.random.Generator
) -> tuple[ReferenceObject, ...]:
    """Azimuths off by up to 4', distances by up to 0.4 m, beside the rounding they have."""
    return tuple(
        replace(
            one,
            azimuth_deg=(one.azimuth_deg + random.uniform(-4, 4) / 60) % 360,
            distance_m=one.distance_m + random.uniform(-0.4, 0.4),
        )
        for one in objects
    )


def two_faced_junction(papers: Papers, random: np.random.Generator) -> Fault:
    """Two lines of a third unit end at a single stone that has two faces."""
    number = _pick(random, _singles(papers))
    entry = next(
        papers.entries[i]
        for i in papers.of(MarkerDocument.FORM)
        if papers.entries[i].marker.number == number
    )
    at, third = entry.marker.position, DivisionCode("990103")
    beside = tuple(
        replace(
            papers.line,
            code=LineCode.between(side, third),
            name=f"{side}-{third}",
            left_code=side,
            right_code=third,
            geometry=LineString([at, _aside(at, east_m, 900.0)]),
        )
        for side, east_m in ((LEFT, -400.0), (RIGHT, 400.0))
    )
    return Fault(replace(papers, beside=beside), "MK-NUM-05", number)


Injector = Callable[[Papers, np.random.Generator], Fault]
INJECTORS: tuple[Injector, ...] = (
    off_the_line,
    one_bank,
    exchanged_numbers,
    lost_number,
    repeated_number,
    half_a_pair,
    wrong_count,
    written_in_seconds,
    moved,
    round_shifted,
    moved_in_a_shifted_round,
    found_broken,
    repaired_alone,
    repair_untold,
    kept_by_nobody,
    two_objects,
    turned_object,
    true_north,
    objects_in_a_row,
    slip_of_the_pen,
    other_height,
    other_datum,
    height_slip,
    device_silent,
    device_drift,
    long_stretch,
    two_faced_junction,
)
