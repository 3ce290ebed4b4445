"""Points referred to a line: chainage on the ellipsoid, offset and side."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.geometry.chainage import stations
from geo_service.geometry.measure import ellipsoid, lengths_m

PLANE = 4549
EAST = shapely.from_wkt("LINESTRING(120 38, 120.1 38, 120.2 38)")


def test_chainage_runs_from_start_to_end_and_left_is_positive():
    at = stations(EAST, np.array([[120.0, 38.0], [120.1, 38.001], [120.2, 37.999]]), PLANE)

    (whole,) = lengths_m([EAST])
    assert at.chainage_m == pytest.approx([0, whole / 2, whole], abs=0.2)
    assert at.offset_m == pytest.approx([0, 111.0, -111.0], abs=0.1)


def test_beyond_its_end_a_line_has_no_more_chainage():
    at = stations(EAST, np.array([[120.3, 38.0], [119.9, 38.0]]), PLANE)

    (whole,) = lengths_m([EAST])
    assert at.chainage_m == pytest.approx([whole, 0])
    assert (np.abs(at.offset_m) > 8000).all()


def test_the_gap_between_two_parts_counts_nothing():
    parts = shapely.from_wkt("MULTILINESTRING((120 38, 120.1 38), (120.2 38, 120.3 38))")

    at = stations(parts, np.array([[120.05, 38.0], [120.25, 38.0]]), PLANE)

    lengths = lengths_m(shapely.get_parts(parts))
    assert at.chainage_m == pytest.approx([lengths[0] / 2, lengths[0] + lengths[1] / 2], abs=0.5)


def test_a_last_vertex_drawn_twice_has_its_side_too():
    doubled = shapely.from_wkt("LINESTRING(120 38, 120.2 38, 120.2 38)")

    at = stations(doubled, np.array([[120.2, 38.001], [120.2, 37.999]]), PLANE)

    assert at.offset_m == pytest.approx([111.0, -111.0], abs=0.1)


@given(at=st.integers(0, 30), aside_m=st.floats(-50, 50), seed=st.integers(0, 1000))
@settings(deadline=None, derandomize=True, database=None, max_examples=60)
def test_a_point_set_out_from_a_vertex_is_found_again(at, aside_m, seed):
    random = np.random.default_rng(seed)
    xs = 119.6 + 0.01 * np.arange(31)
    points = np.column_stack([xs, 38.5 + random.uniform(-0.001, 0.001, 31)])
    line = shapely.LineString(points)
    lon, lat, _ = ellipsoid().fwd(*points[at], 0 if aside_m >= 0 else 180, abs(aside_m))

    here = stations(line, np.array([[lon, lat]]), PLANE)

    before = lengths_m([shapely.LineString(points[: at + 1])])[0] if at else 0.0
    assert here.chainage_m[0] == pytest.approx(before, abs=15)
    assert abs(here.offset_m[0]) <= abs(aside_m) + 1e-6
    if abs(aside_m) > 1:
        assert (here.offset_m[0] > 0) == (aside_m > 0)
