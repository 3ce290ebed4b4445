"""Two copies of one line, drawn by hand and at random: what is measured is what was drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geo_service.geometry import crs
from geo_service.geometry.measure import lengths_m
from geo_service.geometry.reconciliation import (
    Reconciliation,
    is_comparable,
    reconcile,
    residual,
)
from geo_service.geometry.shift import common_shift

ZONE = 4549
ORIGIN = np.array([500_000.0, 4_000_000.0])
STRAIGHT = "LINESTRING(0 0, 1000 0)"


def ground(wkt: str | BaseGeometry) -> BaseGeometry:
    """WKT in metres of the zone, as EPSG:4490; on the central meridian plane and ground agree."""
    drawn = shapely.from_wkt(wkt) if isinstance(wkt, str) else wkt
    placed = np.array([shapely.transform(drawn, lambda points: points + ORIGIN)], dtype=object)
    return crs.from_plane(placed, ZONE)[0]


def compare(
    a: str | BaseGeometry, b: str | BaseGeometry, *, tolerance_m: float = 2, reach_m: float = 500
) -> Reconciliation:
    return reconcile(
        ground(a), ground(b), plane_epsg=ZONE, tolerance_m=tolerance_m, reach_m=reach_m
    )


def near(metres: float) -> object:
    return pytest.approx(metres, abs=0.02)


def test_equal_copies_differ_in_nothing() -> None:
    found = compare("LINESTRING(0 0, 400 80, 1000 0)", "LINESTRING(0 0, 400 80, 1000 0)")

    assert found.hausdorff_m == near(0)
    assert found.frechet_m == near(0)
    assert found.area_m2 == near(0)
    assert found.departures == ()
    assert found.edge_matched
    assert found.matched_m == near(found.length_a_m)
    assert found.agreeing_m == near(found.length_a_m)
    assert (found.shift.east_m, found.shift.north_m) == (near(0), near(0))


def test_a_parallel_copy_is_off_by_its_distance_everywhere() -> None:
    found = compare(STRAIGHT, "LINESTRING(0 10, 1000 10)")

    for spread in (found.a_to_b, found.b_to_a):
        assert (spread.median_m, spread.p95_m, spread.max_m) == (near(10), near(10), near(10))
    (matched,) = found.matched
    assert matched.area_m2 == pytest.approx(10_000, rel=1e-3)
    assert matched.frechet_m == near(10)
    (departure,) = found.departures
    assert (departure.own.from_m, departure.own.to_m) == (near(0), near(1000))
    assert (departure.opposite.from_m, departure.opposite.to_m) == (near(0), near(1000))
    assert found.agreeing_m == 0
    assert found.shift.north_m == near(-10)
    assert found.shift.bearing_deg == pytest.approx(180, abs=0.1)


def test_a_bulge_is_told_with_its_chainage_on_both_copies() -> None:
    found = compare(STRAIGHT, "LINESTRING(0 0, 400 0, 500 20, 600 0, 1000 0)")

    (departure,) = found.departures
    # B passes 2 m from A ten metres beyond the foot of the bulge, seen square from A.
    assert departure.own.from_m == pytest.approx(410.2, abs=0.5)
    assert departure.own.to_m == pytest.approx(589.8, abs=0.5)
    assert departure.opposite.from_m == pytest.approx(412, abs=2)
    assert departure.largest_m == pytest.approx(20, abs=0.5)
    assert found.area_m2 == pytest.approx(2000, rel=1e-3)
    assert found.b_to_a.max_m == near(20)
    assert found.a_to_b.median_m == near(0)
    assert len(found.vertices_b.lonely) == 1
    assert (found.vertices_a.count, found.vertices_a.equal) == (2, 2)
    assert (found.vertices_b.count, found.vertices_b.equal) == (5, 2)


def test_a_detour_of_b_that_a_cannot_see_is_found_on_b() -> None:
    found = compare(STRAIGHT, "LINESTRING(0 0, 500 0, 500 300, 500.5 300, 500.5 0, 1000 0)")

    assert found.a_to_b.max_m < 1
    (departure,) = found.departures
    assert departure.side == "b"
    assert departure.largest_m == near(300)
    assert (departure.own.from_m, departure.own.to_m) == (
        pytest.approx(502, abs=1),
        pytest.approx(1098.5, abs=1),
    )


def test_what_one_copy_lacks_has_no_counterpart() -> None:
    found = compare(STRAIGHT, "LINESTRING(0 0, 800 0)")

    (departure,) = found.departures
    assert (departure.side, departure.alone) == ("a", True)
    assert departure.own.to_m - departure.own.from_m == pytest.approx(198, abs=0.5)
    assert departure.largest_m == near(200)
    assert found.matched_m == pytest.approx(800, abs=2)
    assert found.area_m2 == pytest.approx(0, abs=1)


def test_stretches_with_and_without_counterpart_follow_each_other_without_a_gap() -> None:
    found = compare("LINESTRING(0 10, 1000 10)", "LINESTRING(0 0, 800 0)")

    beside, alone = found.departures
    assert (beside.alone, alone.alone) == (False, True)
    assert beside.own.from_m == near(0)
    assert beside.own.to_m == alone.own.from_m == pytest.approx(802, abs=2)
    assert alone.own.to_m == near(1000)


def test_beyond_the_reach_nothing_is_matched() -> None:
    found = compare(STRAIGHT, "LINESTRING(0 600, 1000 600)")

    assert found.matched == ()
    assert math.isnan(found.frechet_m)
    assert all(departure.alone for departure in found.departures)
    assert found.shift.north_m == near(-600)


def test_the_direction_in_which_a_copy_is_drawn_is_no_difference() -> None:
    line = "LINESTRING(0 0, 300 100, 700 -50, 1000 0)"
    turned = "LINESTRING(1000 0, 700 -50, 300 100, 0 0)"

    found = compare(line, turned)

    assert found.hausdorff_m == near(0)
    assert found.frechet_m == near(0)
    assert found.edge_matched


def test_parts_are_laid_beside_each_other_whatever_their_order() -> None:
    found = compare(
        "MULTILINESTRING((0 0, 500 0), (700 0, 1000 0))",
        "MULTILINESTRING((1000 1, 700 1), (500 1, 0 1))",
    )

    assert [round(stretch.a.length_m) for stretch in found.matched] == [500, 300]
    assert found.length_a_m == near(800)
    assert found.area_m2 == pytest.approx(800, rel=1e-3)
    assert found.departures == ()


def test_closed_lines_have_no_ends_to_miss() -> None:
    ring = "LINESTRING(0 0, 100 0, 100 100, 0 100, 0 0)"
    begun_elsewhere = "LINESTRING(100 100, 100 0, 0 0, 0 100, 100 100)"

    found = compare(ring, begun_elsewhere)

    assert found.departures == ()
    assert found.edge_matched
    assert found.vertices_a.count == 4
    assert (found.area_m2, found.frechet_m) == (near(0), near(0))


def test_between_two_rings_lies_the_strip_and_not_what_both_enclose() -> None:
    found = compare(
        "LINESTRING(0 0, 100 0, 100 100, 0 100, 0 0)", "LINESTRING(99 1, 99 99, 1 99, 1 1, 99 1)"
    )

    assert found.matched_m == near(400)
    assert found.area_m2 == pytest.approx(100**2 - 98**2, rel=1e-2)
    assert found.a_to_b.max_m == near(math.sqrt(2))


@pytest.mark.parametrize(
    "line",
    [
        None,
        LineString(),
        shapely.from_wkt("POINT(1 2)"),
        shapely.from_wkt("LINESTRING(1 2, 1 2)"),
        LineString([(120, 36), (math.nan, 36.1), (120.2, 36.2)]),
        LineString([(120, 36), (math.inf, 36.1)]),
        shapely.box(120, 36, 121, 37),
    ],
    ids=["missing", "empty", "point", "no length", "NaN", "infinite", "polygon"],
)
def test_what_is_no_line_is_told_apart(line: BaseGeometry | None) -> None:
    assert not is_comparable(line)


def test_a_long_line_is_compared_whole() -> None:
    along = np.linspace(0, 100_000, 50_001)
    a = LineString(np.stack((along, 500 * np.sin(along / 900)), axis=1))
    b = shapely.transform(a, lambda points: points + np.array([0.0, 3.0]))

    found = compare(a, b)

    assert found.vertices_a.count == 50_001
    assert found.a_to_b.max_m == pytest.approx(3, abs=0.01)
    assert found.shift.north_m == pytest.approx(-3, abs=0.05)


# --- a constant shift ------------------------------------------------------------------------


@st.composite
def wandering(draw: st.DrawFn) -> LineString:
    """A line of 3 to 40 vertices that bends: only such a line fixes a shift on its own."""
    count = draw(st.integers(3, 40))
    seed = draw(st.integers(0, 2**32 - 1))
    steps = np.random.default_rng(seed).normal(size=(count, 2)) * 100 + (80, 0)
    return LineString(np.cumsum(steps, axis=0))


metres = st.floats(-20_000, 20_000, allow_nan=False)


@given(line=wandering(), east=metres, north=metres)
@settings(max_examples=60, deadline=None)
def test_a_constant_shift_is_recovered(line: LineString, east: float, north: float) -> None:
    moved = shapely.transform(line, lambda points: points + np.array([east, north]))

    found = compare(line, moved)
    common = common_shift([found.shift], (120.0, 36.0))

    assert math.hypot(found.shift.east_m + east, found.shift.north_m + north) < 0.5
    there, back = residual(ground(line), ground(moved), common, plane_epsg=ZONE)
    assert max(there.median_m, back.median_m) < 0.5


@given(line=wandering(), seed=st.integers(0, 2**32 - 1), size=st.floats(0.1, 50))
@settings(max_examples=60, deadline=None)
def test_the_distances_are_the_same_from_either_side(
    line: LineString, seed: int, size: float
) -> None:
    noise = np.random.default_rng(seed)
    other = shapely.transform(line, lambda points: points + noise.normal(size=points.shape) * size)

    one, turned = compare(line, other), compare(other, line)

    assert one.hausdorff_m == pytest.approx(turned.hausdorff_m, abs=1e-3)
    assert one.a_to_b.max_m == pytest.approx(turned.b_to_a.max_m, abs=1e-3)
    assert one.vertices_a.equal == turned.vertices_b.equal
    assert one.hausdorff_m <= math.sqrt(2) * size * 6


@given(line=wandering())
@settings(max_examples=40, deadline=None)
def test_a_line_agrees_with_itself_with_more_vertices(line: LineString) -> None:
    found = compare(line, shapely.segmentize(line, 20))

    assert found.hausdorff_m < 1e-3
    assert found.departures == ()
    assert found.length_a_m == pytest.approx(float(lengths_m([ground(line)])[0]))
    assert found.vertices_a.equal == found.vertices_a.count


@st.composite
def scribbles(draw: st.DrawFn) -> BaseGeometry:
    """Lines on a coarse grid: they cross, retrace and touch themselves, in up to three parts."""
    vertex = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
    parts = draw(st.lists(st.lists(vertex, min_size=2, max_size=6), min_size=1, max_size=3))
    return shapely.MultiLineString([np.array(part) * 50.0 for part in parts])


@given(a=scribbles(), b=scribbles())
@settings(max_examples=50, deadline=None)
def test_no_tangle_of_lines_breaks_the_comparison(a: BaseGeometry, b: BaseGeometry) -> None:
    assume(is_comparable(a) and is_comparable(b))

    found = compare(a, b, reach_m=120)

    assert math.isfinite(found.hausdorff_m + found.area_m2 + found.shift.distance_m)
    assert 0 <= found.agreeing_m <= found.length_a_m + 1e-6
    assert 0 <= found.matched_m <= found.length_a_m + 1e-6
    assert all(departure.own.length_m >= 0 for departure in found.departures)
    assert all(departure.largest_m > found.tolerance_m for departure in found.departures)
    assert (found.hausdorff_m <= found.tolerance_m) == (not found.departures)


def test_a_shift_constant_in_degrees_is_told_from_one_in_metres() -> None:
    wave = [(east, 700 * math.sin(east / 800)) for east in range(0, 9001, 90)]
    lines = [
        shapely.transform(LineString(wave), lambda p, n=north: p + np.array([0, n]))
        for north in (-80_000, 0, 80_000)
    ]
    in_degrees, in_metres = [], []
    for line in lines:
        a = ground(line)
        turned = shapely.transform(a, lambda points: points + np.array([0.2, 0.2]))
        found = reconcile(a, turned, plane_epsg=ZONE, tolerance_m=2, reach_m=500)
        in_degrees.append(found.shift)
        moved = shapely.transform(line, lambda points: points + np.array([18_000.0, 22_000.0]))
        in_metres.append(compare(line, moved).shift)

    degrees = common_shift(in_degrees, (120.0, 36.0))
    plane = common_shift(in_metres, (120.0, 36.0))

    assert degrees.in_degrees
    assert degrees.shift.lon_deg == pytest.approx(-0.2, abs=1e-4)
    assert degrees.spread_m < 5
    assert not plane.in_degrees
    assert plane.shift.east_m == pytest.approx(-18_000, abs=1)
    assert plane.spread_m < 1
