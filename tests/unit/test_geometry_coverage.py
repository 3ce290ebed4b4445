"""Faces with two owners or none, at widths from millimetres to the whole line."""

import numpy as np
import pytest
import shapely

from geo_service.geometry import coverage
from geo_service.geometry.edges import edge_table

CELL = 0.01


def polygons(*wkts: str) -> np.ndarray:
    shapes = shapely.transform(shapely.from_wkt(list(wkts)), lambda xy: xy * CELL + (120, 36))
    return np.array(shapes, dtype=object)


WEST = "POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))"
EAST = "POLYGON((1 0, 2 0, 2 1, 1 1, 1 0))"


def test_units_that_share_an_edge_neither_overlap_nor_leave_a_hole():
    pair = polygons(WEST, EAST)

    assert len(coverage.Coverage(pair).overlaps.geometry) == 0
    assert len(coverage.Coverage(pair).holes.geometry) == 0


@pytest.mark.parametrize("depth", [1e-6, 1e-4, 0.05, 0.4])
def test_a_gap_of_any_width_is_seen_even_along_a_whole_line(depth):
    pulled = f"POLYGON((1 0, 2 0, 2 1, 1 1, {1 + depth} 0.5, 1 0))"
    faces = coverage.Coverage(polygons(WEST, pulled)).holes

    assert len(faces.geometry) == 1
    assert faces.parties == ((0, 1),)
    assert faces.area_m2[0] == pytest.approx(depth / 2 * 902 * 1110, rel=0.01)


@pytest.mark.parametrize("depth", [1e-6, 0.05, 0.4])
def test_an_overlap_of_any_width_names_its_two_owners(depth):
    pushed = f"POLYGON((1 0, 2 0, 2 1, 1 1, {1 - depth} 0.5, 1 0))"
    faces = coverage.Coverage(polygons(WEST, pushed)).overlaps

    assert faces.parties == ((0, 1),)
    assert faces.area_m2[0] == pytest.approx(depth / 2 * 902 * 1110, rel=0.01)


def test_one_unit_inside_or_upon_another_is_an_overlap():
    inner = "POLYGON((0.2 0.2, 0.4 0.2, 0.4 0.4, 0.2 0.4, 0.2 0.2))"

    assert coverage.Coverage(polygons(WEST, inner)).overlaps.parties == ((0, 1),)
    assert coverage.Coverage(polygons(WEST, WEST)).overlaps.parties == ((0, 1),)


def test_an_enclave_that_is_a_unit_is_no_hole_and_a_moat_around_it_is():
    ring = "POLYGON((0 0, 9 0, 9 9, 0 9, 0 0), (3 3, 3 6, 6 6, 6 3, 3 3))"
    full, island = "POLYGON((3 3, 6 3, 6 6, 3 6, 3 3))", "POLYGON((4 4, 5 4, 5 5, 4 5, 4 4))"

    assert len(coverage.Coverage(polygons(ring, full)).holes.geometry) == 0
    moat = coverage.Coverage(polygons(ring, island)).holes
    assert moat.parties == ((0, 1),)
    assert shapely.area(moat.geometry[0]) == pytest.approx(8 * CELL**2)


def test_what_a_parent_lacks_is_told_apart_from_enclosed_holes():
    parent = polygons("POLYGON((0 0, 3 0, 3 1, 0 1, 0 0))")[0]
    pulled = "POLYGON((1 0, 2 0, 2 1, 1 1, 1.2 0.5, 1 0))"
    pair = polygons(WEST, pulled)
    holes = coverage.Coverage(pair).holes

    missing = coverage.uncovered(parent, pair, holes)

    assert shapely.area(missing.geometry).sum() == pytest.approx(CELL**2)
    assert len(holes.geometry) == 1


def test_slivers_are_small_and_thin():
    strip = "POLYGON((0.99 0, 1.5 0, 1.5 0.1, 0.99 0.1, 0.99 0))"  # 9 m by 111 m
    square = "POLYGON((0.9 0.5, 1.5 0.5, 1.5 0.6, 0.9 0.6, 0.9 0.5))"  # 90 m by 111 m
    faces = coverage.Coverage(polygons(WEST, strip, square)).overlaps

    assert faces.slivers(10_000, 0.3).tolist() == [True, False]
    assert faces.slivers(100, 0.3).tolist() == [False, False]


def test_shared_lengths_are_those_of_the_common_edges_only():
    table = edge_table(list(polygons(WEST, EAST, "POLYGON((5 5, 6 5, 6 6, 5 5))")))
    shared = coverage.shared_lengths_m(table, 3)

    assert np.count_nonzero(shared) == 1
    assert shared[0, 1] == pytest.approx(1110, rel=0.01)
    assert len(table.unmatched()) == 4 + 4 + 3 - 2


def test_units_drawn_twice_share_nothing():
    assert coverage.shared_lengths_m(edge_table(list(polygons(WEST, WEST))), 2).sum() == 0


def test_missing_geometry_has_no_edges_and_keeps_the_others_in_place():
    west, east = polygons(WEST, EAST)
    table = edge_table([None, west, None, east])

    assert set(table.owner.tolist()) == {1, 3}


def test_a_line_is_beside_an_area_for_as_long_as_it_runs_there():
    area = shapely.box(0, 0, 100, 100)
    line = shapely.LineString([(0, 110), (1000, 110)])
    other = shapely.box(50, 100, 100, 200)

    assert coverage.length_beside_m(line, [area], 10, step_m=1) == pytest.approx(100, abs=2)
    assert coverage.length_beside_m(line, [area, other], 10, step_m=1) == pytest.approx(60, abs=2)
    assert coverage.length_beside_m(line, [area], 9, step_m=1) == 0
