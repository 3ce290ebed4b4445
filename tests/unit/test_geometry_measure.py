"""Sizes on the ellipsoid, against figures known from elsewhere."""

import math

import numpy as np
import pytest
import shapely

from geo_service.geometry import tolerance
from geo_service.geometry.measure import areas_m2, distances_m, lengths_m, thickness


def test_one_minute_along_the_equator_is_a_known_length():
    metres = distances_m(np.array([[120.0, 0.0]]), np.array([[120 + 1 / 60, 0.0]]))

    assert metres[0] == pytest.approx(2 * math.pi * 6378137 / 360 / 60, abs=1e-4)


def test_the_quarter_meridian_of_cgcs2000():
    metres = distances_m(np.array([[120.0, 0.0]]), np.array([[120.0, 90.0]]))

    assert metres[0] == pytest.approx(10_001_965.729, abs=0.01)


def test_a_degree_cell_has_the_area_between_its_parallels():
    # Authalic zone between 0° and 1°, 1° wide, on the ellipsoid (closed formula).
    squared = 2 / 298.257222101 - 298.257222101**-2
    e, sine = math.sqrt(squared), math.sin(math.radians(1))
    zone = sine / (1 - squared * sine**2) + math.atanh(e * sine) / e
    minor_squared = 6378137.0**2 * (1 - squared)
    expected = math.radians(1) * minor_squared / 2 * zone
    # The northern edge follows the parallel only when it is drawn in short steps.
    cell = shapely.segmentize(shapely.box(120, 0, 121, 1), 0.001)

    assert areas_m2([cell])[0] == pytest.approx(expected, rel=1e-7)


def test_a_hole_is_taken_off_and_parts_are_summed():
    shell = shapely.box(120, 36, 120.1, 36.1)
    hole = shapely.box(120.04, 36.04, 120.06, 36.06)
    apart = shapely.box(121, 36, 121.1, 36.1)
    whole, gone, other = areas_m2([shell, hole, apart])

    holed = shapely.difference(shell, hole)
    both = shapely.multipolygons([holed, apart])
    assert areas_m2([holed])[0] == pytest.approx(whole - gone)
    assert areas_m2([both])[0] == pytest.approx(whole - gone + other)


def test_the_length_of_a_polygon_is_that_of_all_its_rings():
    holed = shapely.from_wkt(
        "POLYGON((120 36, 121 36, 121 37, 120 36),"
        " (120.7 36.3, 120.8 36.3, 120.8 36.4, 120.7 36.3))"
    )
    rings = shapely.get_rings(holed)

    assert lengths_m([holed])[0] == pytest.approx(lengths_m(rings).sum())


def test_lines_of_several_parts_do_not_count_the_jump_between_them():
    parts = shapely.from_wkt("MULTILINESTRING((120 36, 120 36.1), (121 36, 121 36.1))")
    one = shapely.from_wkt("LINESTRING(120 36, 120 36.1)")

    assert lengths_m([parts, one]) == pytest.approx([2 * lengths_m([one])[0], lengths_m([one])[0]])


def test_thickness_is_one_for_a_disc_and_small_for_a_strip():
    disc = shapely.Point(0, 0).buffer(1, quad_segs=256)
    strip = shapely.box(0, 0, 1000, 1)
    shapes = np.array([disc, strip])

    assert thickness(shapely.area(shapes), shapely.length(shapes)) == pytest.approx(
        [1, 4 * math.pi * 1000 / 2002**2], rel=1e-4
    )


def test_tolerances_follow_the_scale():
    assert tolerance.point_tolerance_m(10_000) == pytest.approx(1)
    assert tolerance.line_tolerance_m(10_000) == pytest.approx(2)
    assert tolerance.point_tolerance_m(50_000) == pytest.approx(5)
