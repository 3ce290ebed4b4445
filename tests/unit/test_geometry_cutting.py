"""What lines cut things into: pieces on the right side, of the right size."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geo_service.geometry import crs
from geo_service.geometry.beside import Walk, as_one, in_plane
from geo_service.geometry.cutting import cut, met

EPSG = 4549
EAST, NORTH = 500_000.0, 4_262_000.0


def at(*wkt: str) -> np.ndarray:
    """Drawings in metres of the plane as EPSG:4490."""
    plane = shapely.transform(shapely.from_wkt(list(wkt)), lambda p: p + np.array([EAST, NORTH]))
    return crs.from_plane(np.asarray(plane, dtype=object), EPSG)


def pieces(things: np.ndarray, lines: np.ndarray) -> list[tuple[int, int, bool, int, int]]:
    """Thing, line, side, reach and area of every piece, whole metres."""
    got = cut(things, lines, EPSG)
    columns = (got.thing, got.line, got.is_left, got.reach_m.round(), got.area_m2.round(-1))
    return sorted(tuple(map(int, row)) for row in zip(*columns, strict=True))


def test_a_house_across_a_line_falls_into_its_two_sides() -> None:
    lines = at("LINESTRING(0 0, 1000 0)")
    houses = at(
        "POLYGON((100 -10, 200 -10, 200 40, 100 40, 100 -10))",
        "POLYGON((300 5, 400 5, 400 40, 300 40, 300 5))",
    )
    assert pieces(houses, lines) == [(0, 0, 0, 10, 1000), (0, 0, 1, 40, 4000)]


def test_a_wall_on_the_line_or_a_line_that_ends_inside_parts_nothing() -> None:
    lines = at("LINESTRING(0 0, 1000 0)", "LINESTRING(500 500, 500 100)")
    things = at(
        "POLYGON((100 0, 200 0, 200 40, 100 40, 100 0))",
        "POLYGON((450 60, 550 60, 550 200, 450 200, 450 60))",
    )
    parted = [row[0] for row in pieces(things, lines)]
    assert len(set(parted)) == len(parted)


def test_a_yard_inside_a_block_is_no_piece_of_it() -> None:
    lines = at("LINESTRING(0 0, 1000 0)")
    block = at(
        "POLYGON((100 -50, 200 -50, 200 50, 100 50, 100 -50), "
        "(120 -20, 180 -20, 180 20, 120 20, 120 -20))"
    )
    assert pieces(block, lines) == [(0, 0, 0, 50, 3800), (0, 0, 1, 50, 3800)]


def test_at_a_junction_every_piece_looks_to_its_own_line() -> None:
    lines = at("LINESTRING(0 0, -1000 0)", "LINESTRING(0 0, 800 600)", "LINESTRING(0 0, 800 -600)")
    house = at("POLYGON((-30 -40, 50 -40, 50 40, -30 40, -30 -40))")
    got = cut(house, lines, EPSG)
    assert len(got.thing) == 3
    assert got.area_m2.sum() == pytest.approx(80 * 80, rel=1e-3)


def test_a_corner_cut_off_between_two_bends_belongs_to_its_side() -> None:
    lines = at("LINESTRING(0 0, 500 0, 540 50, 580 0, 1000 0)")
    roof = at("POLYGON((480 20, 600 20, 600 90, 480 90, 480 20))")
    sides = {row[2]: row[4] for row in pieces(roof, lines)}
    assert sides[0] == pytest.approx(48 * 30 / 2, rel=0.02)


def test_a_pipe_is_cut_where_it_crosses_and_has_no_area() -> None:
    lines = at("LINESTRING(0 0, 1000 0)")
    pipe = at("LINESTRING(100 -50, 200 70, 300 -30)")
    assert pieces(pipe, lines) == [(0, 0, 0, 30, 0), (0, 0, 0, 50, 0), (0, 0, 1, 70, 0)]


def test_beside_a_sharp_bend_the_side_is_that_of_the_piece() -> None:
    lines = at("LINESTRING(0 0, 500 0, 0 100)")
    house = at("POLYGON((480 -60, 600 -60, 600 80, 480 80, 480 -60))")
    sides = {row[2]: row[4] for row in pieces(house, lines)}
    assert sides[1] < 100  # the wedge within the bend
    assert sides[0] > 16_000


def test_what_no_line_meets_has_no_pieces() -> None:
    nothing = cut(at("POINT(0 0)")[:0], at("LINESTRING(0 0, 1 1)"), EPSG)
    assert len(nothing.thing) == 0
    thing, line = met(at("POLYGON((0 5, 9 5, 9 9, 0 5))"), at("LINESTRING(0 0, 9 0)"))
    assert len(thing) == len(line) == 0


def test_stretches_beside_a_shore_end_where_it_leaves() -> None:
    (line,) = at("LINESTRING(0 0, 2000 0)")
    shore = in_plane(at("LINESTRING(500 10, 1200 10, 1200 900)"), EPSG)
    walk = Walk.along(line, EPSG, 5)
    near = walk.long_runs(walk.near(shore, 25), 200)
    (stretch,) = walk.stretches(near)
    assert (stretch.from_m, stretch.to_m) == pytest.approx((477, 1223), abs=6)
    assert as_one([stretch]).length > 0
    assert 20 < walk.farthest_m(shore, near) <= 25


def test_a_run_does_not_go_on_over_the_gap_between_two_parts() -> None:
    (line,) = at("MULTILINESTRING((0 0, 150 0), (400 0, 550 0))")
    shore = in_plane(at("LINESTRING(0 5, 550 5)"), EPSG)
    walk = Walk.along(line, EPSG, 5)
    near = walk.near(shore, 25)
    assert near.all()
    assert not walk.long_runs(near, 200).any()
    assert [round(one.length_m) for one in walk.stretches(near)] == [150, 150]
