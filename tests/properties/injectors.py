"""Ways to spoil a correct tiling, one fault at a time.

Written from the trade, not from the program: nothing of `geo_service.rules` is imported here.
Each says which rules must report the fault, which others may, and what the report must name.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry import LineString, MultiLineString, Point, Polygon
from tilings import Tiling

from geo_service.domain.boundary import NodeKind
from geo_service.domain.identity import DivisionCode

METRES = np.array([87_000.0, 111_000.0])
"""About one degree of longitude and latitude at 38.5°N, in metres."""
FORMER = {f"9901{n}": f"9901{n + 20}" for n in range(21, 29)}
"""Units of the invented city and the codes they had before."""
FACES = frozenset({"BD-POL-03"})
"""Sums up where the lines enclose other ground than the polygons."""
OFF_LINE = FACES | {"BD-POL-01"}
"""Who draws an edge or a line aside makes the two disagree."""


@dataclass(frozen=True)
class Fault:
    """A spoilt tiling. `names` are ids of which a required finding must name at least one."""

    tiling: Tiling
    required: frozenset[str]
    names: frozenset[str]
    place: tuple[float, float]
    also: frozenset[str] = frozenset()

    @property
    def allowed(self) -> frozenset[str]:
        return self.required | self.also


Injector = Callable[[Tiling, np.random.Generator], Fault]


def _pick(random: np.random.Generator, items):
    ordered = sorted(items)
    return ordered[random.integers(len(ordered))]


def _aside(start: np.ndarray, end: np.ndarray, metres: float) -> np.ndarray:
    """`metres` to the left of the direction from start to end, in degrees."""
    along = (end - start) * METRES
    left = np.array([-along[1], along[0]]) / np.hypot(*along)
    return left * metres / METRES


def _ring_with(ring: np.ndarray, at: int, points: list[np.ndarray]) -> Polygon:
    """The ring with points put in after position `at`."""
    return Polygon(np.vstack([ring[: at + 1], *points, ring[at + 1 :]]))


def _edge_of(ring: np.ndarray, start: np.ndarray, end: np.ndarray) -> tuple[int, np.ndarray]:
    """Where the ring runs from start to end or back, and the two points in its direction."""
    for i in range(len(ring) - 1):
        here = ring[i : i + 2]
        if np.array_equal(here, [start, end]) or np.array_equal(here, [end, start]):
            return i, here
    raise AssertionError("not an edge of the ring")


def _redraw(tiling: Tiling, random: np.random.Generator, metres: float):
    """One unit alone draws one step of a shared edge aside: + into itself, - into the other."""
    line = tiling.lines[_pick(random, tiling.lines)]
    points = np.array(line.geometry.coords)
    lengths = np.hypot(*(np.diff(points, axis=0) * METRES).T)
    step = int(lengths.argmax())
    unit = tiling.units[_pick(random, line.parties)]
    ring = np.array(unit.geometry.exterior.coords)
    at, (a, b) = _edge_of(ring, points[step], points[step + 1])
    middle = (a + b) / 2 + _aside(a, b, metres)
    spoilt = replace(unit, geometry=_ring_with(ring, at, [middle]))
    return tiling.with_unit(spoilt), frozenset(map(str, line.parties)), tuple((a + b) / 2)


def invalid_ring(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A needle without width, or a loop, at a vertex of one unit, into the unit itself."""
    unit = tiling.units[_pick(random, tiling.units)]
    ring = np.array(unit.geometry.exterior.coords)
    at = int(random.integers(len(ring) - 1))
    inside = np.array(unit.geometry.centroid.coords[0])
    tip = ring[at] + (inside - ring[at]) * random.uniform(0.05, 0.3)
    spoilt = replace(unit, geometry=_ring_with(ring, at, [tip, ring[at]]))
    # A needle is told as a needle too.
    return Fault(
        tiling.with_unit(spoilt),
        frozenset({"BD-TOP-01"}),
        frozenset({unit.id}),
        tuple((ring[at] + tip) / 2),
        frozenset({"BD-TOP-05"}),
    )


def overlap(tiling: Tiling, random: np.random.Generator) -> Fault:
    spoilt, parties, place = _redraw(tiling, random, -random.uniform(250, 400))
    # Near a junction the bulge may reach a third unit, and lie on it by a strip only.
    others = [unit.geometry for code, unit in spoilt.units.items() if code not in parties]
    reaches = any(spoilt.units[code].geometry.overlaps(o) for code in parties for o in others)
    also = OFF_LINE | {"BD-TOP-04"} if reaches else OFF_LINE
    return Fault(spoilt, frozenset({"BD-TOP-02"}), parties, place, also)


def unassigned_gap(tiling: Tiling, random: np.random.Generator) -> Fault:
    for _ in range(8):
        spoilt, parties, place = _redraw(tiling, random, random.uniform(250, 400))
        # Drawn in so far, a narrow unit may cross itself, which is another fault.
        if all(spoilt.units[code].geometry.is_valid for code in parties):
            break
    return Fault(spoilt, frozenset({"BD-TOP-03"}), parties, place, OFF_LINE)


def sliver(tiling: Tiling, random: np.random.Generator) -> Fault:
    metres = random.uniform(0.5, 8) * random.choice([-1, 1])
    spoilt, parties, place = _redraw(tiling, random, metres)
    return Fault(spoilt, frozenset({"BD-TOP-04"}), parties, place, OFF_LINE)


def _ends(tiling: Tiling, kind: NodeKind) -> list[tuple[str, str, bool]]:
    """Line, node at one of its ends, and whether the line starts there."""
    return sorted(
        (code, tiling.corner_nodes[corner], corner == course[0])
        for code, course in tiling.courses.items()
        for corner in (course[0], course[-1])
        if tiling.nodes[tiling.corner_nodes[corner]].kind is kind
    )


def _from_node(tiling: Tiling, code: str, starts: bool) -> np.ndarray:
    points = np.array(tiling.lines[code].geometry.coords)
    return points if starts else points[::-1]


def _with_course(tiling: Tiling, code: str, points: np.ndarray, starts: bool) -> Tiling:
    course = LineString(points if starts else points[::-1])
    return tiling.with_line(replace(tiling.lines[code], geometry=course))


def dangle(tiling: Tiling, random: np.random.Generator, metres: float | None = None) -> Fault:
    """A line that stops short: a little before the sea (`metres`), or far from its junction."""
    kind = NodeKind.SEA_END if metres or random.random() < 0.5 else NodeKind.TRIPOINT
    code, _, starts = _pick(random, _ends(tiling, kind))
    nearest = 3 if kind is NodeKind.SEA_END else 80
    short_m = metres or random.uniform(nearest, 200)
    points = _from_node(tiling, code, starts)
    step = np.hypot(*((points[1] - points[0]) * METRES))
    points[0] = points[0] + (points[1] - points[0]) * short_m / step
    spoilt = _with_course(tiling, code, points, starts)
    return Fault(spoilt, frozenset({"BD-NET-01"}), frozenset({code}), tuple(points[0]), FACES)


def crossing_without_node(tiling: Tiling, random: np.random.Generator) -> Fault:
    """Beside a junction an upright line strays across the level one and back."""
    found = []
    for code, node, starts in _ends(tiling, NodeKind.TRIPOINT):
        for other, other_node, other_starts in _ends(tiling, NodeKind.TRIPOINT):
            upright = tiling.courses[code][0][1] == tiling.courses[code][-1][1]
            level = tiling.courses[other][0][0] == tiling.courses[other][-1][0]
            if node == other_node and upright and level:
                found.append((code, starts, other, other_starts))
    code, starts, other, other_starts = _pick(random, found)
    points, way = _from_node(tiling, code, starts), _from_node(tiling, other, other_starts)
    across = way[0] + (way[1] - way[0]) * 0.6
    beyond = across + (across - points[1]) * 0.3
    strayed = np.vstack([points[:1], beyond, points[1:]])
    spoilt = _with_course(tiling, code, strayed, starts)
    # In a small tiling the stray is most of the line, which then has other units beside it.
    also = OFF_LINE | {"BD-POL-02"}
    return Fault(spoilt, frozenset({"BD-NET-02"}), frozenset({code, other}), tuple(across), also)


def line_missing(tiling: Tiling, random: np.random.Generator) -> Fault:
    line = tiling.lines[_pick(random, tiling.lines)]
    left = {code: kept for code, kept in tiling.lines.items() if code != line.code}
    return Fault(
        replace(tiling, lines=left),
        frozenset({"BD-NET-03"}),
        frozenset(map(str, line.parties)),
        line.geometry.coords[0],
    )


def tripoint_mismatch(
    tiling: Tiling, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """One end beside its junction, or the junction beside the three ends."""
    code, node_id, starts = _pick(random, _ends(tiling, NodeKind.TRIPOINT))
    points, node = _from_node(tiling, code, starts), tiling.nodes[node_id]
    place = tuple(points[0])
    aside = (metres or random.uniform(2, 40)) * random.choice([-1, 1])
    moved = points[0] + _aside(points[0], points[1], aside)
    if random.random() < 0.5:
        points[0] = moved
        spoilt = _with_course(tiling, code, points, starts)
    else:
        spoilt = tiling.with_node(replace(node, position=Point(moved)))
    # The end may come to lie on, or run over, one of the other two lines.
    also = OFF_LINE | {"BD-NET-02", "BD-NET-07"}
    return Fault(spoilt, frozenset({"BD-NET-04"}), frozenset({node_id}), place, also)


def unit_code_not_in_force(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A unit, or one side of a line, under the code it had before."""
    code = _pick(random, set(FORMER) & set(tiling.units))
    former = DivisionCode(FORMER[code])
    unit = tiling.units[code]
    place = unit.geometry.centroid.coords[0]
    if random.random() < 0.5:
        units = {key: kept for key, kept in tiling.units.items() if key != code}
        units[former] = replace(unit, code=former)
        spoilt, named = replace(tiling, units=units), str(former)
    else:
        line = tiling.lines[
            _pick(random, [k for k, v in tiling.lines.items() if code in v.parties])
        ]
        side = "left_code" if line.left_code == code else "right_code"
        spoilt, named = tiling.with_line(replace(line, **{side: former})), line.code
        place = line.geometry.coords[0]
    return Fault(spoilt, frozenset({"BD-COD-01"}), frozenset({named}), place)


def code_prefix(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A unit under a code of nowhere near, alike in unit, lines and nodes."""
    old, new = _pick(random, tiling.units), DivisionCode("980101")

    def named(code: DivisionCode) -> DivisionCode:
        return new if code == old else code

    unit = tiling.units[old]
    units = {named(DivisionCode(k)): v for k, v in tiling.units.items()}
    lines = {
        k: replace(v, left_code=named(v.left_code), right_code=named(v.right_code))
        for k, v in tiling.lines.items()
    }
    nodes = {k: replace(v, units=tuple(map(named, v.units))) for k, v in tiling.nodes.items()}
    spoilt = replace(
        tiling, units={**units, new: replace(unit, code=new)}, lines=lines, nodes=nodes
    )
    place = unit.geometry.centroid.coords[0]
    return Fault(spoilt, frozenset({"BD-COD-02"}), frozenset({str(new)}), place)


def _middle_step(line) -> tuple[np.ndarray, int]:
    """The points of a line, and where its longest step begins."""
    points = np.array(line.geometry.coords)
    return points, int(np.hypot(*(np.diff(points, axis=0) * METRES).T).argmax())


def duplicate_line(tiling: Tiling, random: np.random.Generator) -> Fault:
    """One line twice, exactly or a little aside, under two codes."""
    line = tiling.lines[_pick(random, tiling.lines)]
    points, at = _middle_step(line)
    copy = np.insert(points, at + 1, points[at : at + 2].mean(axis=0), axis=0)
    copy[at + 1] += _aside(points[at], points[at + 1], random.uniform(0, 45))
    twin = replace(line, code=f"{line.code}-2", geometry=LineString(copy))
    also = frozenset({"BD-NET-02"}) | OFF_LINE
    place = tuple(points[at])
    return Fault(
        tiling.with_line(twin), frozenset({"BD-NET-05"}), frozenset({line.code}), place, also
    )


def line_self_crossing(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A loop of 20 to 120 m in the middle of the longest step of a line."""
    line = tiling.lines[_pick(random, tiling.lines)]
    points, at = _middle_step(line)
    start, end = points[at], points[at + 1]
    size = random.uniform(20, 120)
    left = _aside(start, end, size)
    ahead = _aside(np.zeros(2), left, -size)
    middle = (start + end) / 2
    loop = [middle + ahead, middle + ahead + left, middle + ahead / 2 + left]
    loop.append(middle + ahead / 2 - left)
    course = np.vstack([points[: at + 1], middle, *loop, points[at + 1 :]])
    spoilt = tiling.with_line(replace(line, geometry=LineString(course)))
    also = OFF_LINE | {"BD-TOP-05"}
    return Fault(spoilt, frozenset({"BD-NET-06"}), frozenset({line.code}), tuple(middle), also)


def overshoot(tiling: Tiling, random: np.random.Generator, metres: float | None = None) -> Fault:
    """A line that goes on a few metres past its sea end."""
    code, _, starts = _pick(random, _ends(tiling, NodeKind.SEA_END))
    points = _from_node(tiling, code, starts)
    step = np.hypot(*((points[1] - points[0]) * METRES))
    beyond = points[0] - (points[1] - points[0]) * (metres or random.uniform(1.5, 9)) / step
    spoilt = _with_course(tiling, code, np.vstack([beyond, points]), starts)
    also = frozenset({"BD-NET-01"})
    return Fault(spoilt, frozenset({"BD-NET-07"}), frozenset({code}), tuple(beyond), also)


def line_direction(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A line turned about together with its sides."""
    line = tiling.lines[_pick(random, tiling.lines)]
    course = LineString(np.array(line.geometry.coords)[::-1])
    turned = replace(line, left_code=line.right_code, right_code=line.left_code, geometry=course)
    place = course.coords[0]
    return Fault(tiling.with_line(turned), frozenset({"BD-NET-08"}), frozenset({line.code}), place)


def pseudo_node(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A line in two parts."""
    line = tiling.lines[_pick(random, tiling.lines)]
    points, at = _middle_step(line)
    middle = points[at : at + 2].mean(axis=0)
    parts = [np.vstack([points[: at + 1], middle]), np.vstack([middle, points[at + 1 :]])]
    spoilt = tiling.with_line(replace(line, geometry=MultiLineString(parts)))
    return Fault(spoilt, frozenset({"BD-NET-09"}), frozenset({line.code}), tuple(middle))


def node_units(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A junction with one of the units around it forgotten, or a sea end called a junction."""
    kind = NodeKind.TRIPOINT if random.random() < 0.5 else NodeKind.SEA_END
    node = tiling.nodes[_pick(random, [k for k, n in tiling.nodes.items() if n.kind is kind])]
    if kind is NodeKind.TRIPOINT:
        spoilt = replace(node, units=node.units[:-1])
    else:
        spoilt = replace(node, kind=NodeKind.TRIPOINT)
    return Fault(
        tiling.with_node(spoilt),
        frozenset({"BD-NET-11"}),
        frozenset({node.id}),
        node.position.coords[0],
    )


def polygon_off_line(
    tiling: Tiling, random: np.random.Generator, metres: float | None = None
) -> Fault:
    """Both units draw one step of their edge aside alike; the line stays where it was."""
    line = tiling.lines[_pick(random, tiling.lines)]
    points, at = _middle_step(line)
    start, end = points[at], points[at + 1]
    apex = (start + end) / 2 + _aside(start, end, metres or random.uniform(8, 200))
    spoilt = tiling
    for code in line.parties:
        unit = tiling.units[code]
        ring = np.array(unit.geometry.exterior.coords)
        where, _ = _edge_of(ring, start, end)
        spoilt = spoilt.with_unit(replace(unit, geometry=_ring_with(ring, where, [apex])))
    names = frozenset(map(str, line.parties))
    place = tuple((start + end) / 2)
    return Fault(spoilt, frozenset({"BD-POL-01"}), names, place, FACES)


def side_codes(tiling: Tiling, random: np.random.Generator) -> Fault:
    """The sides of a line exchanged, its course as it was."""
    line = tiling.lines[_pick(random, tiling.lines)]
    turned = replace(line, left_code=line.right_code, right_code=line.left_code)
    place = line.geometry.coords[0]
    return Fault(tiling.with_line(turned), frozenset({"BD-POL-02"}), frozenset({line.code}), place)


def name_of_code(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A unit under its own code with the name of another."""
    unit = tiling.units[_pick(random, tiling.units)]
    other = tiling.units[_pick(random, set(tiling.units) - {unit.id})]
    place = unit.geometry.centroid.coords[0]
    return Fault(
        tiling.with_unit(replace(unit, name=other.name)),
        frozenset({"BD-COD-03"}),
        frozenset({unit.id}),
        place,
    )


def degenerate_vertex(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A vertex of a unit or a line taken twice."""
    if random.random() < 0.5:
        line = tiling.lines[_pick(random, tiling.lines)]
        points, at = _middle_step(line)
        doubled = LineString(np.insert(points, at, points[at], axis=0))
        spoilt, named, place = tiling.with_line(replace(line, geometry=doubled)), line.code, at
    else:
        unit = tiling.units[_pick(random, tiling.units)]
        points = np.array(unit.geometry.exterior.coords)
        place = int(random.integers(len(points) - 1))
        ring = _ring_with(points, place, [points[place]])
        spoilt, named = tiling.with_unit(replace(unit, geometry=ring)), unit.id
    names = frozenset({named})
    return Fault(spoilt, frozenset({"BD-TOP-05"}), names, tuple(points[place]))


def rounded_coordinates(tiling: Tiling, random: np.random.Generator) -> Fault:
    """Everything written with five decimals of a degree, so that it still holds together."""
    del random

    def rounded(shape):
        return shapely.transform(shape, lambda places: np.round(places, 5))

    spoilt = replace(
        tiling,
        units={k: replace(u, geometry=rounded(u.geometry)) for k, u in tiling.units.items()},
        lines={k: replace(x, geometry=rounded(x.geometry)) for k, x in tiling.lines.items()},
        nodes={k: replace(n, position=rounded(n.position)) for k, n in tiling.nodes.items()},
    )
    place = next(iter(spoilt.lines.values())).geometry.coords[0]
    return Fault(spoilt, frozenset({"BD-CRS-01"}), frozenset({"units", "lines"}), place)


def generalised_line(tiling: Tiling, random: np.random.Generator) -> Fault:
    """A line of known length with a vertex every hundred metres or so and no more."""
    line = max(tiling.lines.values(), key=lambda one: one.geometry.length)
    points = np.array(line.geometry.coords)
    whole = float(np.hypot(*(np.diff(points, axis=0) * METRES).T).sum())
    course = _stepped(points, min(random.uniform(65, 150), whole / 15))
    told = replace(line, geometry=course, length_km=_km(course))
    place = course.coords[len(course.coords) // 2]
    return Fault(tiling.with_line(told), frozenset({"BD-CRS-02"}), frozenset({line.id}), place)


def _stepped(points: np.ndarray, metres: float) -> LineString:
    """The same course with vertices put in along each straight stretch."""
    pieces = [points[:1]]
    for start, end in itertools.pairwise(points):
        count = max(round(float(np.hypot(*((end - start) * METRES))) / metres), 1)
        share = np.linspace(0, 1, count + 1)[1:, None]
        pieces.append(start + (end - start) * share)
    return LineString(np.vstack(pieces))


def _km(course: LineString) -> float:
    return Geod(a=6378137.0, rf=298.257222101).geometry_length(course) / 1000


INJECTORS: tuple[Injector, ...] = (
    invalid_ring,
    overlap,
    unassigned_gap,
    sliver,
    dangle,
    crossing_without_node,
    line_missing,
    tripoint_mismatch,
    unit_code_not_in_force,
    code_prefix,
    duplicate_line,
    line_self_crossing,
    overshoot,
    line_direction,
    pseudo_node,
    node_units,
    polygon_off_line,
    side_codes,
    name_of_code,
    degenerate_vertex,
    rounded_coordinates,
    generalised_line,
)
