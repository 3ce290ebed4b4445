"""Lines drawn at random, told in words, and made to lie in one way.

Stands apart from the program: nothing here comes from its rules or from what it writes. A world is
a line with two or three markers, landmarks at its turns and features along some legs; a teller puts
it into words in one of many ways; each contradiction changes one thing, in the words or in a layer,
and names the rules of which one must speak.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random

import numpy as np
from pyproj import Geod, Transformer
from shapely.geometry import LineString, Point

from geo_service.domain.alignment import FollowedFeature, Landmark
from geo_service.domain.boundary import AdministrativeBoundary
from geo_service.domain.identity import DivisionCode, MarkerNumber
from geo_service.domain.marker import BoundaryMarker, MarkerKind
from geo_service.domain.provenance import Force, Provenance

PLANE_EPSG = 4549
WINDS = [
    *("北", "北偏东北", "东北", "东偏东北", "东", "东偏东南", "东南", "南偏东南"),
    *("南", "南偏西南", "西南", "西偏西南", "西", "西偏西北", "西北", "北偏西北"),
]
_RIVERS = ("清水河", "乌石河", "柳溪", "石岭干渠")
_ROADS = ("石岭公路", "青石铁路", "柳河大道", "红石土路")
_CARDINAL = {"北": (0, 1), "东": (1, 0), "南": (0, -1), "西": (-1, 0)}
_INVENTED = Provenance("示例", force=Force.SYNTHETIC)
_BACK = Transformer.from_crs(PLANE_EPSG, 4490, always_xy=True)
_GEOD = Geod(a=6378137.0, rf=298.257222101)
_ORIGIN = (500_000.0, 4_260_000.0)
_CODE = "990101-990102"


@dataclass(frozen=True)
class Told:
    """One leg: its corners in the plane and what the words will say of it."""

    points: tuple[tuple[float, float], ...]
    wind: str
    roughly: bool
    to: str = ""
    via: str = ""
    feature: str = ""
    part: str = ""
    sense: str = ""
    cross: str = ""
    length_m: float | None = None
    about: bool = False


@dataclass(frozen=True)
class World:
    """A line in words and in layers; `ends` are the markers at the ends of each segment."""

    segments: tuple[tuple[Told, ...], ...]
    ends: tuple[tuple[int, int], ...]
    lengths_km: tuple[float | None, ...]
    markers: dict[int, tuple[float, float]]
    landmarks: dict[str, tuple[float, float]]
    features: dict[str, tuple[tuple[float, float], ...]]
    renamed: dict[str, str] = field(default_factory=dict)
    text: str = ""


def _degrees(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    xs, ys = _BACK.transform(*np.array(points).T)
    return list(zip(xs.tolist(), ys.tolist(), strict=True))


def _length(points: tuple[tuple[float, float], ...]) -> float:
    lon, lat = np.array(_degrees(points)).T
    return float(_GEOD.line_length(lon, lat))


def _wind(points: tuple[tuple[float, float], ...]) -> tuple[str, float]:
    """The word for the chord from true north, and how far from the middle of its sector."""
    (a, b), (c, d) = (p for p in (_degrees(points)[0], _degrees(points)[-1]))
    azimuth = _GEOD.inv(a, b, c, d)[0] % 360
    number = round(azimuth / 22.5) % 16
    off = abs((azimuth - number * 22.5 + 180) % 360 - 180)
    return WINDS[number], off


def _leg_points(
    random: Random, start: tuple[float, float], bearing: float, length: float
) -> tuple[tuple[float, float], ...]:
    ahead = (math.sin(math.radians(bearing)), math.cos(math.radians(bearing)))
    steps = random.randint(2, 6)
    points = [start]
    for step in range(1, steps + 1):
        along = length * step / steps
        aside = 0.0 if step == steps else random.uniform(-3, 3)
        points.append(
            (
                start[0] + ahead[0] * along + ahead[1] * aside,
                start[1] + ahead[1] * along - ahead[0] * aside,
            )
        )
    return tuple(points)


def world(random: Random) -> World:
    """A consistent world, its text not yet told."""
    place, bearing = _ORIGIN, random.uniform(0, 360)
    heights = iter(random.sample(range(120, 990), 40))
    segments, ends, lengths = [], [], []
    markers = {1: place}
    landmarks: dict[str, tuple[float, float]] = {}
    features: dict[str, tuple[tuple[float, float], ...]] = {}
    names = {"river": list(_RIVERS), "road": list(_ROADS)}
    count = random.choice((1, 1, 2))
    for number in range(1, count + 1):
        legs: list[Told] = []
        for _ in range(random.randint(2, 5)):
            sector = round(bearing / 22.5) * 22.5
            points = _leg_points(
                random, place, sector + random.uniform(-6, 6), random.uniform(350, 1800)
            )
            place = points[-1]
            legs.append(
                _told(
                    random,
                    points,
                    next(heights),
                    landmarks=landmarks,
                    features=features,
                    names=names,
                )
            )
            bearing = sector + random.choice((-1, 1)) * random.choice((45, 67.5, 90))
        legs[-1] = replace(legs[-1], to="")
        segments.append(tuple(legs))
        ends.append((number, number + 1))
        markers[number + 1] = place
        whole = sum(_length(leg.points) for leg in legs) / 1000
        lengths.append(round(whole, 3) if random.random() < 0.7 else None)
    return World(tuple(segments), tuple(ends), tuple(lengths), markers, landmarks, features)


def _told(
    random: Random,
    points: tuple[tuple[float, float], ...],
    height: int,
    *,
    landmarks: dict[str, tuple[float, float]],
    features: dict[str, tuple[tuple[float, float], ...]],
    names: dict[str, list[str]],
) -> Told:
    wind, _ = _wind(points)
    leg = Told(points, wind, random.random() < 0.25)
    if random.random() < 0.85:
        name = f"{height}{random.choice(('米高地', '高程点', '米洼地'))}"
        landmarks[name] = points[-1]
        leg = replace(leg, to=name)
    if random.random() < 0.3 and len(points) > 3:
        name = f"{random.choice('石红青柳')}{random.choice('岭崖滩')}{height}号铁塔"
        landmarks[name] = points[len(points) // 2]
        leg = replace(leg, via=name)
    if random.random() < 0.5:
        leg = _following(random, leg, features, names)
    if random.random() < 0.4:
        exact = _length(points)
        about = random.random() < 0.4
        metres = round(exact * random.uniform(0.95, 1.05), -1) if about else round(exact)
        leg = replace(leg, length_m=metres, about=about)
    return leg


def _following(
    random: Random,
    leg: Told,
    features: dict[str, tuple[tuple[float, float], ...]],
    names: dict[str, list[str]],
) -> Told:
    """The leg beside a river or a road, some metres off; its side and sense told or not."""
    kind = random.choice(("river", "road"))
    if not names[kind]:
        return leg
    name = names[kind].pop()
    (x0, y0), (x1, y1) = leg.points[0], leg.points[-1]
    length = math.hypot(x1 - x0, y1 - y0)
    ahead = ((x1 - x0) / length, (y1 - y0) / length)
    side = random.choice((-1, 1))  # 1: the feature lies to the right, the leg to its left
    off = random.uniform(8, 15)
    right = (ahead[1] * side * off, -ahead[0] * side * off)
    line = (
        (x0 - 40 * ahead[0] + right[0], y0 - 40 * ahead[1] + right[1]),
        (x1 + 40 * ahead[0] + right[0], y1 + 40 * ahead[1] + right[1]),
    )
    down = random.random() < 0.5
    features[name] = line if down or kind == "road" else line[::-1]
    if kind == "river":
        bank = "左岸" if (side == 1) == down else "右岸"
        part = random.choice((bank, bank, ""))
        sense = random.choice(("down" if down else "up", ""))
        return replace(leg, feature=name, part=part, sense=sense)
    towards = max(
        _CARDINAL, key=lambda w: -(_CARDINAL[w][0] * right[0] + _CARDINAL[w][1] * right[1])
    )
    return replace(
        leg, feature=name, part=random.choice((f"{towards}侧", f"{towards}侧路基外缘", ""))
    )


_UP = ("溯流而上", "逆流而上")
_DOWN = ("顺流而下", "顺流")


def tell(random: Random, given: World) -> World:
    """The world with its text, in one of many ways of saying it."""
    style = random.choice(("E2", "E3", "E6", "title"))
    said = [
        _segment(random, style, legs, ends, length)
        for legs, ends, length in zip(given.segments, given.ends, given.lengths_km, strict=True)
    ]
    return replace(given, text="".join(said))


def _segment(
    random: Random,
    style: str,
    legs: tuple[Told, ...],
    ends: tuple[int, int],
    length: float | None,
) -> str:
    start, end = (f"{number}号界桩" for number in ends)
    opening = {
        "E2": f"从{start}起，",
        "E3": f"界线从{start}起，",
        "E6": f"由{start}起，",
        "title": f"{start}至{end}：",
    }[style]
    course = "，".join(
        _leg(random, leg, number, end if leg is legs[-1] else "") for number, leg in enumerate(legs)
    )
    stated = ""
    if length is not None:
        stated = random.choice((f"该段界线长度为{length:.3f}千米。", f"界线全长{length:.3f}公里。"))
    return f"{opening}{course}{random.choice(('止', '')) if style == 'E2' else ''}。{stated}"


def _leg(random: Random, leg: Told, number: int, end: str) -> str:
    roughly = random.choice(("大体", "大致")) if leg.roughly else ""
    turn = "" if number == 0 else random.choice(("转", "折", "再", "然后", "后"))
    heading = f"{turn}{roughly}{random.choice(('向', '往', '向'))}{leg.wind}"
    heading += random.choice(("", "", "方向"))
    parts = [heading]
    if leg.feature:
        sense = {"up": random.choice(_UP), "down": random.choice(_DOWN), "": ""}[leg.sense]
        parts.append(f"沿{leg.feature}{leg.part}{sense}")
        if not turn.startswith(("转", "折")) and random.random() < 0.4:
            parts = [f"{turn}沿{leg.feature}{leg.part}{roughly}向{leg.wind}{sense}"]
    if leg.cross:
        parts.append(f"{random.choice(('跨', '穿过', '跨越'))}{leg.cross}")
    if leg.via:
        parts.append(f"经{leg.via}")
    if leg.length_m is not None:
        amount = f"{leg.length_m:.0f}米"
        if leg.length_m >= 1000 and random.random() < 0.5:
            amount = f"{leg.length_m / 1000:.3f}公里"
        parts.append(f"行{'约' if leg.about else ''}{amount}")
    to = end or leg.to
    if to:
        parts.append(f"{random.choice(('至', '到'))}{to}")
    return "，".join(parts)


Change = Callable[[Random, World], World | None]


def _with_leg(given: World, segment: int, number: int, leg: Told) -> World:
    legs = list(given.segments[segment])
    legs[number] = leg
    segments = list(given.segments)
    segments[segment] = tuple(legs)
    return replace(given, segments=tuple(segments))


def _pick(
    random: Random, given: World, wanted: Callable[[Told], bool]
) -> tuple[int, int, Told] | None:
    found = [
        (i, j, leg)
        for i, legs in enumerate(given.segments)
        for j, leg in enumerate(legs)
        if wanted(leg)
    ]
    return random.choice(found) if found else None


def _changed(wanted: Callable[[Told], bool], change: Callable[[Random, Told], Told]) -> Change:
    def apply(random: Random, given: World) -> World | None:
        found = _pick(random, given, wanted)
        if found is None:
            return None
        segment, number, leg = found
        return _with_leg(given, segment, number, change(random, leg))

    return apply


def _wrong_wind(random: Random, leg: Told) -> Told:
    number = WINDS.index(leg.wind) + random.choice((-1, 1)) * random.randint(2, 8)
    return replace(leg, wind=WINDS[number % 16])


def _next_wind(random: Random, leg: Told) -> Told:
    return replace(leg, wind=WINDS[(WINDS.index(leg.wind) + random.choice((-1, 1))) % 16])


def _wrong_wind_between(random: Random, given: World) -> World | None:
    """A leg that ends nowhere in particular, with another leg after it."""
    found = [
        (i, j)
        for i, legs in enumerate(given.segments)
        for j, leg in enumerate(legs[:-1])
        if not leg.to
    ]
    if not found:
        return None
    segment, number = random.choice(found)
    leg = given.segments[segment][number]
    return _with_leg(given, segment, number, _wrong_wind(random, leg))


def _swapped(random: Random, given: World) -> World:
    number = random.randrange(len(given.ends))
    ends = list(given.ends)
    ends[number] = ends[number][::-1]
    return replace(given, ends=tuple(ends))


def _unknown_marker(random: Random, given: World) -> World:
    ends = list(given.ends)
    ends[-1] = (ends[-1][0], random.randint(20, 99))
    return replace(given, ends=tuple(ends))


def _chain(random: Random, given: World) -> World | None:
    if len(given.ends) < 2:
        return None
    (first, second) = given.ends[:2]
    return replace(given, ends=((first[0], second[1]), second))


def _stated_length(random: Random, given: World) -> World:
    number = random.randrange(len(given.segments))
    exact = sum(_length(leg.points) for leg in given.segments[number]) / 1000
    lengths = list(given.lengths_km)
    lengths[number] = round(exact * random.choice((0.9, 0.95, 1.04, 1.1, 1.3)), 3)
    return replace(given, lengths_km=tuple(lengths))


def _located(leg: Told) -> bool:
    return bool(leg.to)


def _leg_length(random: Random, given: World) -> World | None:
    """A leg whose both ends are named: the first of a segment, ending on a landmark."""
    found = [i for i, legs in enumerate(given.segments) if legs[0].to]
    if not found:
        return None
    segment = random.choice(found)
    leg = given.segments[segment][0]
    length = round(_length(leg.points) * random.choice((0.8, 1.06, 1.2)))
    return _with_leg(given, segment, 0, replace(leg, length_m=length, about=False))


def _no_landmark(random: Random, given: World) -> World | None:
    if len(given.landmarks) < 2:
        return None
    gone = random.choice(sorted(given.landmarks))
    if not _pick(random, given, lambda leg: gone in (leg.to, leg.via)):
        return None
    return replace(given, landmarks={k: v for k, v in given.landmarks.items() if k != gone})


def _moved_landmark(random: Random, given: World) -> World | None:
    found = _pick(random, given, lambda leg: bool(leg.via))
    if found is None:
        return None
    leg = found[2]
    (x0, y0), (x1, y1) = leg.points[0], leg.points[-1]
    length, off = math.hypot(x1 - x0, y1 - y0), random.choice((-1, 1)) * random.uniform(90, 250)
    x, y = given.landmarks[leg.via]
    place = (x + (y1 - y0) / length * off, y - (x1 - x0) / length * off)
    return replace(given, landmarks={**given.landmarks, leg.via: place})


def _moved_feature(random: Random, given: World) -> World | None:
    found = _pick(random, given, lambda leg: bool(leg.feature and leg.to))
    if found is None or found[1] > 0:
        return None
    leg = found[2]
    (x0, y0), (x1, y1) = leg.points[0], leg.points[-1]
    length, off = math.hypot(x1 - x0, y1 - y0), random.choice((-1, 1)) * random.uniform(60, 300)
    moved = tuple(
        (x + (y1 - y0) / length * off, y - (x1 - x0) / length * off)
        for x, y in given.features[leg.feature]
    )
    return replace(given, features={**given.features, leg.feature: moved})


def _renamed(random: Random, given: World) -> World | None:
    found = _pick(random, given, lambda leg: bool(leg.via))
    return None if found is None else replace(given, renamed={found[2].via: "新塔"})


def _false_crossing(random: Random, given: World) -> World | None:
    found = [i for i, legs in enumerate(given.segments) if legs[0].to]
    if not found:
        return None
    segment = random.choice(found)
    x, y = given.segments[segment][0].points[0]
    away = ((x + 40_000, y + 40_000), (x + 41_000, y + 40_500))
    changed = _with_leg(given, segment, 0, replace(given.segments[segment][0], cross="黑石铁路"))
    return replace(changed, features={**given.features, "黑石铁路": away})


_OTHER = {"左岸": "右岸", "右岸": "左岸", "北": "南", "南": "北", "东": "西", "西": "东"}


def _first_located(leg_wanted: Callable[[Told], bool]) -> Callable[[Random, World], int | None]:
    def find(random: Random, given: World) -> int | None:
        fit = [i for i, legs in enumerate(given.segments) if legs[0].to and leg_wanted(legs[0])]
        return random.choice(fit) if fit else None

    return find


def _wrong_side(random: Random, given: World) -> World | None:
    segment = _first_located(lambda leg: bool(leg.part))(random, given)
    if segment is None:
        return None
    leg = given.segments[segment][0]
    other = _OTHER.get(leg.part) or _OTHER[leg.part[0]] + leg.part[1:]
    return _with_leg(given, segment, 0, replace(leg, part=other))


def _wrong_sense(random: Random, given: World) -> World | None:
    segment = _first_located(lambda leg: bool(leg.sense))(random, given)
    if segment is None:
        return None
    leg = given.segments[segment][0]
    other = {"up": "down", "down": "up"}[leg.sense]
    return _with_leg(given, segment, 0, replace(leg, sense=other))


CONTRADICTIONS: dict[str, tuple[Change, frozenset[str]]] = {
    "wrong wind, the end of the leg named": (
        _changed(_located, _wrong_wind),
        frozenset({"DS-DIR-01"}),
    ),
    "wind of the next sector, not 大体": (
        _changed(lambda leg: bool(leg.to) and not leg.roughly, _next_wind),
        frozenset({"DS-DIR-01"}),
    ),
    "wrong wind, the turn has no landmark": (
        _wrong_wind_between,
        frozenset({"DS-DIR-01"}),
    ),
    "markers of a segment exchanged": (_swapped, frozenset({"DS-CHN-01"})),
    "marker that the table does not hold": (_unknown_marker, frozenset({"DS-NODE-01"})),
    "segments that do not join": (_chain, frozenset({"DS-CHN-01"})),
    "stated length of a segment": (_stated_length, frozenset({"DS-LEN-01"})),
    "stated length of a leg": (_leg_length, frozenset({"DS-LEN-01"})),
    "landmark not on file": (_no_landmark, frozenset({"DS-LMK-01"})),
    "landmark 90–250 m off the line": (_moved_landmark, frozenset({"DS-LMK-01"})),
    "feature 60–300 m away": (_moved_feature, frozenset({"DS-FTR-01"})),
    "crossing that is not there": (_false_crossing, frozenset({"DS-FTR-01"})),
    "upstream for downstream": (_wrong_sense, frozenset({"DS-FLOW-01"})),
    "wrong bank or side": (_wrong_side, frozenset({"DS-SIDE-01"})),
    "landmark renamed": (_renamed, frozenset({"DS-NAM-01"})),
}

_EVERY_CLAUSE = frozenset(
    f"DS-{rule}-01" for rule in ("DIR", "FLOW", "FTR", "LEN", "LMK", "NODE", "SIDE", "TURN")
)
ALSO: dict[str, frozenset[str]] = {
    # The segment is then told over other ground, or the other way: none of its clauses holds.
    "markers of a segment exchanged": _EVERY_CLAUSE,
    "segments that do not join": _EVERY_CLAUSE,
    # A feature may go to the other side of the line when it goes away.
    "feature 60–300 m away": frozenset({"DS-SIDE-01"}),
}
"""Rules that may speak beside the one that must."""


def seeded(kind: str, seed: int) -> World:
    """A world told with one contradiction of a kind; the same for the same seed."""
    random = Random(f"{kind}/{seed}")  # noqa: S311 - a reproducible draw, no secret
    change, _ = CONTRADICTIONS[kind]
    while True:
        changed = change(random, world(random))
        if changed is not None:
            return tell(random, changed)


def consistent(seed: int) -> World:
    """A world told as it is."""
    random = Random(f"consistent/{seed}")  # noqa: S311 - a reproducible draw, no secret
    return tell(random, world(random))


@dataclass(frozen=True)
class Layers:
    """A world as the records of the program."""

    line: AdministrativeBoundary
    markers: tuple[BoundaryMarker, ...]
    landmarks: tuple[Landmark, ...]
    features: tuple[FollowedFeature, ...]


def layers(given: World) -> Layers:
    """The records of a world, EPSG:4490."""
    points = [given.segments[0][0].points[0]]
    for legs in given.segments:
        for leg in legs:
            points.extend(leg.points[1:])
    line = AdministrativeBoundary(
        code=_CODE,
        name="甲乙线",
        left_code=DivisionCode("990101"),
        right_code=DivisionCode("990102"),
        provenance=_INVENTED,
        geometry=LineString(_degrees(tuple(points))),
    )
    return Layers(
        line,
        tuple(
            BoundaryMarker(
                number=MarkerNumber(f"{number:03d}Q"),
                line_code=_CODE,
                kind=MarkerKind.SINGLE,
                provenance=_INVENTED,
                position=Point(_degrees((place,))[0]),
            )
            for number, place in given.markers.items()
        ),
        tuple(
            Landmark(name, Point(_degrees((place,))[0]), given.renamed.get(name, ""))
            for name, place in given.landmarks.items()
        ),
        tuple(
            FollowedFeature(name, LineString(_degrees(line)))
            for name, line in given.features.items()
        ),
    )
