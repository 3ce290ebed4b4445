"""Two copies of one line laid beside each other: where they agree, by how much they differ.

Distances are taken in the city's Gauss–Krüger zone, chainages, lengths and areas on the ellipsoid.
Each copy is looked at from the other, at its vertices and in even steps between them, so that a
detour of either is seen. Nothing is moved or chosen: a constant shift is only estimated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import shapely
from shapely.geometry import LinearRing, LineString, Point, Polygon

from geo_service.geometry import crs
from geo_service.geometry.measure import areas_m2, distances_m, ellipsoid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Bools, Floats, Geometries, Ints

_STEPS = 2000
"""Even steps along one line at most: 50 m on the longest county lines, besides all vertices."""
_FRECHET_POINTS = 500
"""Discrete Fréchet is quadratic: longer stretches are thinned to so many points."""
_SAME_M = 0.001
"""Vertices within a millimetre are one: what is left of coordinates written to a text file."""
_SHIFT_POINTS = 500
"""Points of a line by which its shift is estimated."""
_GUESS_POINTS = 200
"""Points of a line by which the estimate begins."""
_ROUNDS = 30
"""Rounds in which a shift settles; few lines need ten."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Distances in metres, weighted by the ground length each sample stands for."""

    median_m: float
    p95_m: float
    max_m: float


@dataclass(frozen=True, slots=True)
class Span:
    """From and to, in metres of ground length from the start of a copy."""

    from_m: float
    to_m: float

    @property
    def length_m(self) -> float:
        """Ground length."""
        return self.to_m - self.from_m

    def meets(self, other: Span) -> bool:
        """Whether two spans of one copy have more than an end in common, or one lies in one."""
        return self.from_m <= other.to_m and other.from_m <= self.to_m


@dataclass(frozen=True, slots=True)
class Matched:
    """A stretch on which both copies run side by side, within the reach of each other.

    `frechet_m` is the discrete Fréchet distance of the two runs, right to the sampling step;
    `area_m2` the area between them. `geometry` is the run of copy A, EPSG:4490.
    """

    a: Span
    b: Span
    frechet_m: float
    area_m2: float
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Departure:
    """A stretch of one copy that leaves the other by more than the tolerance.

    `side` is the copy it was seen on, "a" or "b"; `own` its chainage there and `opposite` that of
    the nearest points of the other copy. Where `alone` is set the other copy has no counterpart.
    `geometry` is the stretch, EPSG:4490.
    """

    side: str
    own: Span
    opposite: Span
    largest_m: float
    alone: bool
    geometry: BaseGeometry


@dataclass(frozen=True, slots=True)
class Vertices:
    """The vertices of one copy.

    `equal` of `count` are vertices of the other copy as well; `lonely` are those that lie farther
    than the tolerance from the line of the other, EPSG:4490.
    """

    count: int
    equal: int
    lonely: Geometries


@dataclass(frozen=True, slots=True)
class Shift:
    """A movement of copy B that lays it best on copy A.

    In metres of grid easting and northing, and in degrees of longitude and latitude at the middle
    of the line; `bearing_deg` from true north, `distance_m` geodesic.
    """

    east_m: float
    north_m: float
    lon_deg: float
    lat_deg: float
    distance_m: float
    bearing_deg: float


@dataclass(frozen=True, slots=True)
class CommonShift:
    """One shift for many lines, and the median distance of their own shifts from it.

    `in_degrees` tells that it is constant in degrees rather than in metres.
    """

    shift: Shift
    in_degrees: bool
    spread_m: float


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All that was measured between two copies of one line.

    `matched` and `departures` stand in the order of their chainage; `agreeing_m` is the length of
    copy A within the tolerance of copy B.
    """

    tolerance_m: float
    step_m: float
    length_a_m: float
    length_b_m: float
    a_to_b: Spread
    b_to_a: Spread
    agreeing_m: float
    matched: tuple[Matched, ...]
    departures: tuple[Departure, ...]
    vertices_a: Vertices
    vertices_b: Vertices
    shift: Shift

    @property
    def hausdorff_m(self) -> float:
        """The undirected Hausdorff distance; the directed ones are the maxima of the spreads."""
        return max(self.a_to_b.max_m, self.b_to_a.max_m)

    @property
    def matched_m(self) -> float:
        """Length of copy A that has a counterpart."""
        return sum(stretch.a.length_m for stretch in self.matched)

    @property
    def area_m2(self) -> float:
        """Area between the copies on all matched stretches."""
        return sum(stretch.area_m2 for stretch in self.matched)

    @property
    def frechet_m(self) -> float:
        """The largest Fréchet distance of a matched stretch, NaN where nothing matches."""
        return max((stretch.frechet_m for stretch in self.matched), default=math.nan)

    @property
    def area_limit_m2(self) -> float:
        """The area that a strip as wide as the tolerance would have on the matched stretches."""
        return self.matched_m * self.tolerance_m

    @property
    def within_tolerance(self) -> bool:
        """Whether the copies agree: in distance everywhere, and in the area between them."""
        return self.hausdorff_m <= self.tolerance_m and self.area_m2 <= self.area_limit_m2

    @property
    def edge_matched(self) -> bool:
        """Whether both copies have the same vertices."""
        return all(side.equal == side.count for side in (self.vertices_a, self.vertices_b))


def is_comparable(line: BaseGeometry | None) -> TypeGuard[BaseGeometry]:
    """Whether a geometry is a line with some length and finite coordinates."""
    if line is None or shapely.get_dimensions(line) != 1:
        return False
    points = shapely.get_coordinates(line)
    return bool(len(points) and np.isfinite(points).all() and np.ptp(points, axis=0).any())


def reconcile(
    a: BaseGeometry, b: BaseGeometry, *, plane_epsg: int, tolerance_m: float, reach_m: float
) -> Reconciliation:
    """Compare copy `b` of a line with copy `a`, both EPSG:4490 and `is_comparable`.

    Chainage runs from the start of `a` as it is drawn; `b` is read in the direction, and its parts
    in the order, in which it runs along `a`. Points farther apart than `reach_m`, and points
    beyond the end of the other copy, have no counterpart.
    """
    first, second = _Track.of(a, plane_epsg), _Track.of(b, plane_epsg)
    second = _run_along(second, first)
    there = _Sight.of(first, second, tolerance_m)
    back = _Sight.of(second, first, tolerance_m)
    return Reconciliation(
        tolerance_m=tolerance_m,
        step_m=there.step_m,
        length_a_m=first.length_m,
        length_b_m=second.length_m,
        a_to_b=there.spread(),
        b_to_a=back.spread(),
        agreeing_m=_agreeing_m(there),
        matched=tuple(_matched(there, reach_m)),
        departures=tuple(_departures(there, back, reach_m)),
        vertices_a=_vertices(first, second, tolerance_m),
        vertices_b=_vertices(second, first, tolerance_m),
        shift=_shift(first, second),
    )


def residual(
    a: BaseGeometry, b: BaseGeometry, common: CommonShift, *, plane_epsg: int
) -> tuple[Spread, Spread]:
    """Distances of A to B and of B to A that remain once B is moved by a shift, EPSG:4490."""
    shift = common.shift
    if common.in_degrees:
        b = shapely.transform(b, lambda points: points + np.array([shift.lon_deg, shift.lat_deg]))
    first, second = _Track.of(a, plane_epsg), _Track.of(b, plane_epsg)
    if not common.in_degrees:
        second = second.moved(np.array([shift.east_m, shift.north_m]))
    return _Sight.of(first, second, 0).spread(), _Sight.of(second, first, 0).spread()


# --- one copy --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Track:
    """The vertices of all parts of a line in a row.

    A place on it is a number: 3.25 lies a quarter of the way from vertex 3 to vertex 4. `plane`
    (n, 2) metres; `part` (n,) numbers the parts; `chainage` (n,) ground metres from the start,
    which stand still from the end of a part to the start of the next.
    """

    plane: Floats
    part: Ints
    chainage: Floats
    plane_epsg: int

    @classmethod
    def of(cls, line: BaseGeometry, plane_epsg: int) -> _Track:
        merged = shapely.line_merge(line) if line.geom_type == "MultiLineString" else line
        parts = shapely.get_parts(merged)
        points, part = shapely.get_coordinates(parts, return_index=True)
        drawn = np.ones(len(points), dtype=bool)
        drawn[1:] = (points[1:] != points[:-1]).any(axis=1) | (part[1:] != part[:-1])
        points, part = points[drawn], part[drawn]
        plane = shapely.get_coordinates(crs.to_plane(_points(points), plane_epsg))
        return cls(plane, part, _chainage(points, part), plane_epsg)

    def rearranged(self, order: Ints, part: Ints) -> _Track:
        """The same line with its vertices in another order."""
        points = _degrees(self.plane[order], self.plane_epsg)
        return _Track(self.plane[order], part, _chainage(points, part), self.plane_epsg)

    def moved(self, by: Floats) -> _Track:
        return replace(self, plane=self.plane + by)

    @property
    def length_m(self) -> float:
        return float(self.chainage[-1])

    @cached_property
    def starts(self) -> Ints:
        """The vertices from which a segment leaves."""
        return np.flatnonzero(self.part[1:] == self.part[:-1])

    @cached_property
    def tree(self) -> shapely.STRtree:
        ends = np.stack((self.plane[self.starts], self.plane[self.starts + 1]), axis=1)
        return shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object))

    def samples(self, step_m: float) -> Floats:
        """Places of all vertices and of even steps no longer than `step_m` between them."""
        lengths = self.chainage[self.starts + 1] - self.chainage[self.starts]
        pieces = np.maximum(np.ceil(lengths / step_m), 1).astype(np.int64)
        first = np.repeat(np.cumsum(pieces) - pieces, pieces)
        inside = (np.arange(pieces.sum()) - first) / np.repeat(pieces, pieces)
        last = np.flatnonzero(np.append(self.part[1:] != self.part[:-1], True))
        return np.sort(np.concatenate((np.repeat(self.starts, pieces) + inside, last)))

    def at(self, places: Floats) -> Floats:
        """Plane coordinates of places, shape (n, 2)."""
        whole = np.minimum(places.astype(np.int64), len(self.plane) - 1)
        following = np.minimum(whole + 1, len(self.plane) - 1)
        share = (places - whole)[:, None]
        return np.asarray(self.plane[whole] * (1 - share) + self.plane[following] * share)

    def chainage_at(self, places: Floats) -> Floats:
        return np.interp(places, np.arange(len(self.chainage)), self.chainage)

    def nearest(self, points: Floats) -> Floats:
        """The places nearest to points of shape (n, 2); the first of several equally near."""
        query, segment = self.tree.query_nearest(_points(points), all_matches=True)
        # Where two segments meet both are nearest: one answer, the same on every run.
        order = np.lexsort((segment, query))
        query, segment = query[order], segment[order]
        start = self.starts[segment[np.searchsorted(query, np.arange(len(points)))]]
        along = self.plane[start + 1] - self.plane[start]
        share = ((points - self.plane[start]) * along).sum(axis=1) / (along**2).sum(axis=1)
        return np.asarray(start + np.clip(share, 0.0, 1.0))

    def part_at(self, places: Floats) -> Ints:
        return self.part[np.minimum(places.astype(np.int64), len(self.part) - 1)]

    def rows_at(self, place: float) -> Ints:
        """The vertices of the part on which a place lies."""
        return np.flatnonzero(self.part == self.part_at(np.array([place]))[0])

    def overshoot(self, points: Floats, nearest: Floats) -> Floats:
        """By how many metres points lie beyond a free end of this line, 0 beside it. Shape (n,)."""
        result = np.zeros(len(points))
        numbers = np.unique(self.part)
        first = np.searchsorted(self.part, numbers)
        last = np.append(first[1:], len(self.part)) - 1
        is_open = (self.plane[first] != self.plane[last]).any(axis=1)
        for ends, before in ((first, first + 1), (last, last - 1)):
            outward = self.plane[ends] - self.plane[before]
            outward /= np.hypot(*outward.T)[:, None]
            here = np.isin(nearest, ends[is_open])
            which = np.searchsorted(ends, nearest[here].astype(np.int64))
            beyond = ((points[here] - self.plane[ends[which]]) * outward[which]).sum(axis=1)
            result[here] = np.maximum(beyond, 0.0)
        return result

    def between(self, start: float, end: float) -> Floats:
        """Plane vertices from one place to another, shape (n, 2)."""
        inside = np.arange(math.floor(start) + 1, math.ceil(end), dtype=np.float64)
        return self.at(np.concatenate(([start], inside, [end])))


def _chainage(points: Floats, part: Ints) -> Floats:
    metres = distances_m(points[:-1], points[1:])
    metres[part[1:] != part[:-1]] = 0.0
    return np.concatenate(([0.0], np.cumsum(metres)))


def _points(coordinates: Floats) -> Geometries:
    return np.asarray(shapely.points(coordinates), dtype=object)


def _degrees(plane: Floats, plane_epsg: int) -> Floats:
    return shapely.get_coordinates(crs.from_plane(_points(plane), plane_epsg))


def _run_along(track: _Track, guide: _Track) -> _Track:
    """The same line with its parts turned and ordered as they lie along another."""
    laid = track.moved(_first_guess(track, guide))
    numbers = np.unique(track.part)
    first = np.searchsorted(track.part, numbers)
    last = np.append(first[1:], len(track.part)) - 1
    begin, end = guide.nearest(laid.plane[first]), guide.nearest(laid.plane[last])
    rows = []
    for part in np.argsort(np.minimum(begin, end), kind="stable").tolist():
        own = np.arange(first[part], last[part] + 1)
        ring = guide.plane[guide.rows_at(begin[part])]
        if _closed(laid.plane[own]) and _closed(ring):
            rows.append(own[_ring_order(laid.plane[own], ring)])
        else:
            rows.append(own[::-1] if end[part] < begin[part] else own)
    part = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    return track.rearranged(np.concatenate(rows), part)


def _closed(points: Floats) -> bool:
    return len(points) > 3 and bool((points[0] == points[-1]).all())


def _ring_order(ring: Floats, guide: Floats) -> Ints:
    """The vertices of a ring in the sense of another and from where that one begins."""
    order = np.arange(len(ring) - 1)
    if shapely.is_ccw(LinearRing(ring)) != shapely.is_ccw(LinearRing(guide)):
        order = order[::-1]
    order = np.roll(order, -int(np.hypot(*(ring[order] - guide[0]).T).argmin()))
    return np.append(order, order[0])


# --- one copy seen from the other ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Sight:
    """Samples of one copy with the nearest places of the other; arrays of one length.

    `weight` is the ground length in metres that a sample stands for.
    """

    own: _Track
    other: _Track
    tolerance_m: float
    step_m: float
    places: Floats
    nearest: Floats
    distance: Floats
    chainage: Floats
    weight: Floats

    @classmethod
    def of(cls, own: _Track, other: _Track, tolerance_m: float) -> _Sight:
        step_m = max(tolerance_m, own.length_m / _STEPS)
        places = own.samples(step_m)
        points = own.at(places)
        nearest = other.nearest(points)
        distance = np.hypot(*(points - other.at(nearest)).T)
        chainage = own.chainage_at(places)
        halves = np.diff(chainage) / 2  # nothing between two parts: chainage stands still there
        weight = np.append(halves, 0.0) + np.insert(halves, 0, 0.0)
        return cls(own, other, tolerance_m, step_m, places, nearest, distance, chainage, weight)

    def spread(self) -> Spread:
        order = np.argsort(self.distance)
        share = np.cumsum(self.weight[order]) / self.weight.sum()
        at = np.minimum(np.searchsorted(share, (0.5, 0.95)), len(order) - 1)
        median, p95 = self.distance[order][at].tolist()
        return Spread(median, p95, float(self.distance.max()))

    def has_counterpart(self, reach_m: float) -> Bools:
        """Which samples lie beside the other copy: within reach, and not beyond its ends."""
        beyond = self.other.overshoot(self.own.at(self.places), self.nearest) > self.tolerance_m
        return (self.distance <= reach_m) & ~beyond

    def runs(self, chosen: Bools, *, also_other: bool = False) -> Iterator[slice]:
        """Unbroken runs of chosen samples within one part, of both copies with `also_other`."""
        part = self.own.part_at(self.places)
        broken = part[1:] != part[:-1]
        if also_other:
            opposite = self.other.part_at(self.nearest)
            broken |= opposite[1:] != opposite[:-1]
        joined = chosen[1:] & chosen[:-1] & ~broken
        first = np.flatnonzero(chosen & ~np.insert(joined, 0, False))
        last = np.flatnonzero(chosen & ~np.append(joined, False))
        for one, end in zip(first.tolist(), last.tolist(), strict=True):
            yield slice(one, end + 1)

    def span(self, start: float, end: float) -> Span:
        one, other = self.own.chainage_at(np.array([start, end])).tolist()
        return Span(one, other)

    def opposite(self, run: slice) -> Span:
        seen = self.other.chainage_at(self.nearest[run])
        return Span(float(seen.min()), float(seen.max()))


def _agreeing_m(sight: _Sight) -> float:
    near = sight.runs(sight.distance <= sight.tolerance_m)
    return math.fsum(sight.span(*_ends(sight, run)).length_m for run in near)


def _ends(sight: _Sight, run: slice) -> tuple[float, float]:
    """Where a run over or under the tolerance begins and ends, told between the samples."""
    return _edge(sight, run.start, run.start - 1), _edge(sight, run.stop - 1, run.stop)


def _edge(sight: _Sight, inside: int, outside: int) -> float:
    """Where a run ends on the way to the next sample: where the tolerance is passed, if it is.

    Half way where both are over it, and only one of them has a counterpart.
    """
    place = float(sight.places[inside])
    if not 0 <= outside < len(sight.places):
        return place
    pair = np.array([inside, outside])
    if np.ptp(sight.own.part_at(sight.places[pair])) > 0:
        return place
    one, other = (float(metres) for metres in sight.distance[pair] - sight.tolerance_m)
    share = one / (one - other) if (one > 0) != (other > 0) else 0.5
    return place + share * float(sight.places[outside] - place)


def _matched(sight: _Sight, reach_m: float) -> Iterator[Matched]:
    for run in sight.runs(sight.has_counterpart(reach_m), also_other=True):
        start, end = sight.places[run][[0, -1]].tolist()
        a, b = sight.span(start, end), sight.opposite(run)
        if min(a.length_m, b.length_m) <= _SAME_M:
            continue  # a run against a single point is no stretch
        seen = sight.nearest[run]
        one = sight.own.between(start, end)
        other = sight.other.plane[sight.other.rows_at(seen[0])]
        if not (_closed(one) and _closed(other)):
            other = sight.other.between(float(seen.min()), float(seen.max()))
        yield Matched(
            a=a,
            b=b,
            frechet_m=_frechet_m(one, other, sight.step_m),
            area_m2=_area_between_m2(one, other, sight.own.plane_epsg),
            geometry=_line(one, sight.own.plane_epsg),
        )


def _departures(there: _Sight, back: _Sight, reach_m: float) -> Iterator[Departure]:
    """Stretches seen on A, then those on B that no stretch of A faces."""
    from_a = list(_one_sided("a", there, reach_m))
    from_b = []
    for seen in _one_sided("b", back, reach_m):
        facing = [i for i, one in enumerate(from_a) if _face(one, seen)]
        if not facing:
            from_b.append(seen)
            continue
        farthest = max(facing, key=lambda i: from_a[i].largest_m)
        largest_m = max(from_a[farthest].largest_m, seen.largest_m)
        from_a[farthest] = replace(from_a[farthest], largest_m=largest_m)
    yield from from_a
    yield from from_b


def _face(one: Departure, other: Departure) -> bool:
    """Whether two stretches, one of each copy, are the same difference."""
    if one.alone or other.alone:
        return False
    return one.opposite.meets(other.own) or one.own.meets(other.opposite)


def _one_sided(side: str, sight: _Sight, reach_m: float) -> Iterator[Departure]:
    far = sight.distance > sight.tolerance_m
    lonely = ~sight.has_counterpart(reach_m)
    for chosen, alone in ((far & ~lonely, False), (far & lonely, True)):
        for run in sight.runs(chosen):
            start, end = _ends(sight, run)
            shape = _line(sight.own.between(start, end), sight.own.plane_epsg)
            largest_m = float(sight.distance[run].max())
            own = sight.span(start, end)
            yield Departure(side, own, sight.opposite(run), largest_m, alone, shape)


def _line(plane: Floats, plane_epsg: int) -> BaseGeometry:
    """A run as a line, or as a point where it has no length, EPSG:4490."""
    points = _degrees(plane, plane_epsg)
    drawn = np.insert((points[1:] != points[:-1]).any(axis=1), 0, True)
    points = points[drawn]
    return LineString(points) if len(points) > 1 else Point(points[0])


def _frechet_m(one: Floats, other: Floats, step_m: float) -> float:
    runs = (LineString(_thinned(one, step_m)), LineString(_thinned(other, step_m)))
    return float(shapely.frechet_distance(*runs))


def _thinned(points: Floats, step_m: float) -> Floats:
    """A run with even steps between its vertices, but no more points than can be afforded."""
    points = shapely.get_coordinates(shapely.segmentize(LineString(points), step_m))
    if len(points) <= _FRECHET_POINTS:
        return points
    return points[np.linspace(0, len(points) - 1, _FRECHET_POINTS).round().astype(np.int64)]


def _area_between_m2(one: Floats, other: Floats, plane_epsg: int) -> float:
    """The ground between two runs, closed by straight lines at both ends, or between two rings."""
    if _closed(one) and _closed(other):
        discs = shapely.make_valid([Polygon(one), Polygon(other)])
        between = shapely.symmetric_difference(*discs)
    else:
        ties = [np.stack((one[at], other[at])) for at in (0, -1)]
        noded = shapely.union_all([LineString(run) for run in (one, other, *ties)])
        between = shapely.polygonize([noded])
    faces = shapely.get_parts(between)
    return float(areas_m2(crs.from_plane(faces, plane_epsg)).sum())


def _vertices(own: _Track, other: _Track, tolerance_m: float) -> Vertices:
    points = np.unique(own.plane, axis=0)  # the end of a closed part is its start
    distance = np.hypot(*(points - other.at(other.nearest(points))).T)
    near, _ = shapely.STRtree(_points(other.plane)).query(
        _points(points), predicate="dwithin", distance=_SAME_M
    )
    lonely = _points(points[distance > tolerance_m])
    return Vertices(len(points), len(np.unique(near)), crs.from_plane(lonely, own.plane_epsg))


# --- one constant shift ----------------------------------------------------------------------


def _shift(a: _Track, b: _Track) -> Shift:
    """The movement of B that brings it nearest to A.

    Point-to-line iterative closest point with weights that fade with distance: along a straight
    stretch the points may slide, across it they may not.
    """
    by = _first_guess(b, a)
    points = _by_share(b, np.linspace(0, 1, _SHIFT_POINTS))
    best, best_by = math.inf, by
    for _ in range(_ROUNDS):
        off = a.at(a.nearest(points + by)) - (points + by)
        distance = np.hypot(*off.T)
        middle = float(np.median(distance))
        if middle < best:
            best, best_by = middle, by
        if middle < _SAME_M:
            break
        step = _step_towards(off, distance, middle)
        if np.hypot(*step) < _SAME_M:
            break
        by = by + step
    return _told(best_by, a)


def common_shift(shifts: Sequence[Shift], at: tuple[float, float]) -> CommonShift:
    """The shift that many lines have in common, and how far they depart from it.

    `at` is a place among the lines, longitude and latitude, where degrees are weighed as metres.
    A constant in degrees is one of another length in metres elsewhere: that of the two in which
    the lines agree better is told. At least one shift is needed.
    """
    metres = np.array([(shift.east_m, shift.north_m) for shift in shifts])
    degrees = np.array([(shift.lon_deg, shift.lat_deg) for shift in shifts])
    by_metres, by_degrees = np.median(metres, axis=0), np.median(degrees, axis=0)
    off_metres = np.hypot(*(metres - by_metres).T)
    off_degrees = distances_m(np.array(at) + degrees, np.array([at + by_degrees] * len(degrees)))
    bearing, _, distance = ellipsoid().inv(*at, *(np.array(at) + by_degrees))
    in_degrees = bool(np.median(off_degrees) < np.median(off_metres))
    return CommonShift(
        shift=Shift(
            east_m=float(by_metres[0]),
            north_m=float(by_metres[1]),
            lon_deg=float(by_degrees[0]),
            lat_deg=float(by_degrees[1]),
            distance_m=float(distance),
            bearing_deg=float(bearing) % 360,
        ),
        in_degrees=in_degrees,
        spread_m=float(np.median(off_degrees if in_degrees else off_metres)),
    )


def _step_towards(off: Floats, distance: Floats, middle: float) -> Floats:
    normal = off / np.maximum(distance, 1e-9)[:, None]
    weight = 1 / (1 + (distance / middle) ** 2)
    pull = (normal * weight[:, None]).T
    result, *_ = np.linalg.lstsq(pull @ normal, pull @ distance, rcond=1e-6)
    return np.asarray(result)


def _first_guess(b: _Track, a: _Track) -> Floats:
    """None at all, unless middle on middle or point by point along both lies nearer by far."""
    shares = np.linspace(0, 1, _GUESS_POINTS)
    along_a, along_b = _by_share(a, shares), _by_share(b, shares)
    none = np.zeros(2)
    guesses = [
        along_a.mean(axis=0) - along_b.mean(axis=0),
        np.median(along_a - along_b, axis=0),
        np.median(along_a - along_b[::-1], axis=0),
    ]
    best = min(guesses, key=lambda by: _middle_m(along_b + by, a))
    return best if 2 * _middle_m(along_b + best, a) < _middle_m(along_b, a) - _SAME_M else none


def _by_share(track: _Track, shares: Floats) -> Floats:
    chainage, first = np.unique(track.chainage, return_index=True)
    return track.at(np.interp(shares * track.length_m, chainage, first))


def _middle_m(points: Floats, a: _Track) -> float:
    return float(np.median(np.hypot(*(points - a.at(a.nearest(points))).T)))


def _told(by: Floats, a: _Track) -> Shift:
    to = _by_share(a, np.array([0.5]))
    (start,), (end,) = _degrees(to - by, a.plane_epsg), _degrees(to, a.plane_epsg)
    bearing, _, distance = ellipsoid().inv(*start, *end)
    east, north = by.tolist()
    lon, lat = (end - start).tolist()
    return Shift(east, north, lon, lat, float(distance), float(bearing) % 360)
