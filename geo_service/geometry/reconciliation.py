"""Two copies of one line laid beside each other: where they agree, by how much they differ.

Distances are taken in the city's Gauss–Krüger zone, chainages, lengths and areas on the ellipsoid.
Each copy is looked at from the other, at its vertices and in even steps between them, so that a
detour of either is seen. Nothing is moved or chosen: a constant shift is only estimated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from geo_service.geometry import crs
from geo_service.geometry.measure import areas_m2
from geo_service.geometry.shift import CommonShift, Shift, run_along, shift_between
from geo_service.geometry.track import SAME_M, Track, as_points, is_closed, to_degrees

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shapely.geometry.base import BaseGeometry

    from geo_service.geometry.arrays import Bools, Floats, Geometries

_STEPS = 2000
"""Even steps along one line at most: 50 m on the longest county lines, besides all vertices."""
_FRECHET_POINTS = 500
"""Discrete Fréchet is quadratic: longer stretches are thinned to so many points."""


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
    return bool(np.isfinite(points).all() and shapely.length(line) > 0)


def reconcile(
    a: BaseGeometry, b: BaseGeometry, *, plane_epsg: int, tolerance_m: float, reach_m: float
) -> Reconciliation:
    """Compare copy `b` of a line with copy `a`, both EPSG:4490 and `is_comparable`.

    Chainage is that of `track` on `a`; `b` is read in the direction, and its parts
    in the order, in which it runs along `a`. Points farther apart than `reach_m`, and points
    beyond the end of the other copy, have no counterpart.
    """
    first, second = Track.of(a, plane_epsg), Track.of(b, plane_epsg)
    second = run_along(second, first)
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
        shift=shift_between(first, second),
    )


def residual(
    a: BaseGeometry, b: BaseGeometry, common: CommonShift, *, plane_epsg: int
) -> tuple[Spread, Spread]:
    """Distances of A to B and of B to A that remain once B is moved by a shift, EPSG:4490."""
    shift = common.shift
    if common.in_degrees:
        b = shapely.transform(b, lambda points: points + np.array([shift.lon_deg, shift.lat_deg]))
    first, second = Track.of(a, plane_epsg), Track.of(b, plane_epsg)
    if not common.in_degrees:
        second = second.moved(np.array([shift.east_m, shift.north_m]))
    return _Sight.of(first, second, 0).spread(), _Sight.of(second, first, 0).spread()


# --- one copy seen from the other ------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Sight:
    """Samples of one copy with the nearest places of the other; arrays of one length.

    `weight` is the ground length in metres that a sample stands for.
    """

    own: Track
    other: Track
    tolerance_m: float
    step_m: float
    places: Floats
    nearest: Floats
    distance: Floats
    chainage: Floats
    weight: Floats

    @classmethod
    def of(cls, own: Track, other: Track, tolerance_m: float) -> _Sight:
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
        if min(a.length_m, b.length_m) <= SAME_M:
            continue  # a run against a single point is no stretch
        seen = sight.nearest[run]
        one = sight.own.between(start, end)
        other = sight.other.plane[sight.other.rows_at(seen[0])]
        if not (is_closed(one) and is_closed(other)):
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
    points = to_degrees(plane, plane_epsg)
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
    if is_closed(one) and is_closed(other):
        discs = shapely.make_valid([Polygon(one), Polygon(other)])
        between = shapely.symmetric_difference(*discs)
    else:
        ties = [np.stack((one[at], other[at])) for at in (0, -1)]
        noded = shapely.union_all([LineString(run) for run in (one, other, *ties)])
        between = shapely.polygonize([noded])
    faces = shapely.get_parts(between)
    return float(areas_m2(crs.from_plane(faces, plane_epsg)).sum())


def _vertices(own: Track, other: Track, tolerance_m: float) -> Vertices:
    points = np.unique(own.plane, axis=0)  # the end of a closed part is its start
    distance = np.hypot(*(points - other.at(other.nearest(points))).T)
    near, _ = shapely.STRtree(as_points(other.plane)).query(
        as_points(points), predicate="dwithin", distance=SAME_M
    )
    lonely = as_points(points[distance > tolerance_m])
    return Vertices(len(points), len(np.unique(near)), crs.from_plane(lonely, own.plane_epsg))
