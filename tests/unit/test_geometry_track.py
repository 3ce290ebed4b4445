"""Lines and points referred to them: chainage on the ellipsoid, offset and side."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.geometry.measure import ellipsoid, lengths_m
from geo_service.geometry.track import Track

PLANE = 4549
EAST = shapely.from_wkt("LINESTRING(120 38, 120.1 38, 120.2 38)")


def test_chainage_runs_from_start_to_end_and_left_is_positive():
    at = Track.of(EAST, PLANE).refer(np.array([[120.0, 38.0], [120.1, 38.001], [120.2, 37.999]]))

    (whole,) = lengths_m([EAST])
    assert at.chainage_m == pytest.approx([0, whole / 2, whole], abs=0.2)
    assert at.offset_m == pytest.approx([0, 111.0, -111.0], abs=0.1)


def test_beyond_its_end_a_line_has_no_more_chainage():
    at = Track.of(EAST, PLANE).refer(np.array([[120.3, 38.0], [119.9, 38.0]]))

    (whole,) = lengths_m([EAST])
    assert at.chainage_m == pytest.approx([whole, 0])
    assert (np.abs(at.offset_m) > 8000).all()


def test_the_gap_between_two_parts_counts_nothing():
    parts = shapely.from_wkt("MULTILINESTRING((120 38, 120.1 38), (120.2 38, 120.3 38))")

    at = Track.of(parts, PLANE).refer(np.array([[120.05, 38.0], [120.25, 38.0]]))

    lengths = lengths_m(shapely.get_parts(parts))
    assert at.chainage_m == pytest.approx([lengths[0] / 2, lengths[0] + lengths[1] / 2], abs=0.5)


def test_a_last_vertex_drawn_twice_has_its_side_too():
    doubled = shapely.from_wkt("LINESTRING(120 38, 120.2 38, 120.2 38)")

    at = Track.of(doubled, PLANE).refer(np.array([[120.2, 38.001], [120.2, 37.999]]))

    assert at.offset_m == pytest.approx([111.0, -111.0], abs=0.1)


@given(at=st.integers(0, 30), aside_m=st.floats(-50, 50), seed=st.integers(0, 1000))
@settings(deadline=None, derandomize=True, database=None, max_examples=60)
def test_a_point_set_out_from_a_vertex_is_found_again(at, aside_m, seed):
    random = np.random.default_rng(seed)
    xs = 119.6 + 0.01 * np.arange(31)
    points = np.column_stack([xs, 38.5 + random.uniform(-0.001, 0.001, 31)])
    line = shapely.LineString(points)
    lon, lat, _ = ellipsoid().fwd(*points[at], 0 if aside_m >= 0 else 180, abs(aside_m))

    here = Track.of(line, PLANE).refer(np.array([[lon, lat]]))

    before = lengths_m([shapely.LineString(points[: at + 1])])[0] if at else 0.0
    assert here.chainage_m[0] == pytest.approx(before, abs=15)
    assert abs(here.offset_m[0]) <= abs(aside_m) + 1e-6
    if abs(aside_m) > 1:
        assert (here.offset_m[0] > 0) == (aside_m > 0)


def test_the_side_beside_a_sharp_turn_is_that_of_both_its_segments():
    hook = shapely.from_wkt("LINESTRING(120 38, 120.2 38, 120 38.01)")

    at = Track.of(hook, PLANE).refer(np.array([[120.21, 38.0], [120.21, 38.009]]))

    assert (at.offset_m < 0).all()


COURSE = np.array([[120.0, 38.0], [120.02, 38.01], [120.03, 38.0], [120.07, 38.02], [120.1, 38.01]])
"""From west to east, the third of its four segments by far the longest."""


@st.composite
def _cut(draw):
    """The course cut at some vertices, the parts shuffled and some of them turned."""
    at = draw(st.sets(st.integers(1, 3), min_size=1))
    bounds = [0, *sorted(at), 4]
    parts = [COURSE[one : other + 1] for one, other in pairwise(bounds)]
    turned = [part[::-1] if draw(st.booleans()) else part for part in parts]
    return shapely.MultiLineString(draw(st.permutations(turned)))


@given(line=_cut())
@settings(deadline=None, derandomize=True, database=None, max_examples=100)
def test_a_line_in_shuffled_and_turned_parts_has_the_chainage_of_the_merged_one(line):
    points = np.vstack((COURSE, COURSE + np.array([0, 0.001])))
    merged = Track.of(shapely.LineString(COURSE), PLANE)
    drawn = sum(
        length * (1 if part.coords[0][0] < part.coords[-1][0] else -1)
        for part, length in zip(line.geoms, lengths_m(line.geoms), strict=True)
    )

    track = Track.of(line, PLANE)

    here, whole = track.refer(points), merged.refer(points)
    expected = whole.chainage_m if drawn > 0 else merged.length_m - whole.chainage_m
    assert track.length_m == pytest.approx(merged.length_m)
    assert here.chainage_m == pytest.approx(expected, abs=1e-6)
    assert here.offset_m[5:] == pytest.approx(np.sign(drawn) * whole.offset_m[5:], abs=1e-6)


@given(order=st.permutations(range(4)), turned=st.lists(st.booleans(), min_size=4, max_size=4))
@settings(deadline=None, derandomize=True, database=None, max_examples=50)
def test_pieces_with_gaps_between_them_follow_each_other_along_the_line(order, turned):
    ends = np.array([[0.0, 1.0], [1.2, 2.0], [2.3, 9.0], [9.1, 9.5]]) / 100 + 120
    drawn = [[(lon, 38.0), (other, 38.0)] for lon, other in ends]
    turned[2] = False  # most of the length stays as it is drawn
    parts = [drawn[i][::-1] if turned[i] else drawn[i] for i in order]

    at = Track.of(shapely.MultiLineString(parts), PLANE).refer(
        np.array([[lon, 38.0] for lon in ends.ravel()])
    )

    lengths = np.cumsum(lengths_m([shapely.LineString(part) for part in drawn]))
    expected = [0, *np.repeat(lengths, 2)[:-1]]
    assert at.chainage_m == pytest.approx(expected, abs=0.01)


def test_parts_drawn_half_one_way_and_half_the_other_run_as_markers_are_numbered():
    from_the_west = [(120.0, 38.0), (120.1, 38.0)], [(120.2, 38.0), (120.1, 38.0)]
    from_the_north = [(120.0, 38.0), (120.0, 38.1)], [(120.0, 38.2), (120.0, 38.1)]

    for parts, first in ((from_the_west, (120.0, 38.0)), (from_the_north, (120.0, 38.2))):
        for given_parts in (parts, parts[::-1]):
            track = Track.of(shapely.MultiLineString(given_parts), PLANE)
            # The two halves of a meridian differ by some metres: the longer one decides there.
            assert tuple(track.points[0]) in (first, (120.0, 38.0))
            assert track.chainage[-1] == pytest.approx(track.length_m)


def test_a_line_around_an_exclave_keeps_its_sense_beside_other_pieces():
    ring = [(120.02, 38.0), (120.03, 38.01), (120.04, 38.0), (120.02, 38.0)]
    west, east = [(120.0, 38.0), (120.019, 38.0)], [(120.041, 38.0), (120.09, 38.0)]
    orders = ([west, ring, east], [east, ring, west], [ring, east, west])

    tracks = [Track.of(shapely.MultiLineString(parts), PLANE) for parts in orders]

    for track in tracks:
        assert track.points.tolist() == tracks[0].points.tolist()
        assert [list(point) for point in ring] == track.points[2:6].tolist()


def test_a_line_without_length_has_a_place_all_the_same():
    at = Track.of(shapely.from_wkt("LINESTRING(120 38, 120 38)"), PLANE).refer(
        np.array([[120.0, 38.001]])
    )

    assert at.chainage_m.tolist() == [0]
    assert abs(at.offset_m[0]) == pytest.approx(111.0, abs=0.1)


def test_parts_without_length_are_one_place():
    dots = shapely.from_wkt("MULTILINESTRING((120 38, 120 38), (120.1 38, 120.1 38))")

    assert Track.of(dots, PLANE).length_m == 0
