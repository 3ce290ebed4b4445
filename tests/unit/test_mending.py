"""Outlines and courses drawn anew: vertices taken over bit for bit, nothing guessed."""

from __future__ import annotations

import numpy as np
import shapely
from shapely import from_wkt
from shapely.geometry import MultiPolygon, Point, Polygon, box

from geo_service.geometry import crs
from geo_service.geometry.mending.change import only_in, shift_between
from geo_service.geometry.mending.courses import along_line
from geo_service.geometry.mending.line_ends import (
    crossing,
    end_extended,
    end_moved,
    end_trimmed,
    nearest_end,
    parts_joined,
    turned_about,
)
from geo_service.geometry.mending.neighbours import following, joined, yielded
from geo_service.geometry.mending.tangles import (
    drawn_once,
    split,
    untangled,
    without_vertices,
)

PLANE = 4549
ORIGIN = (500_000.0, 4_260_000.0)
NONE = np.empty((0, 2))


def at(wkt: str):
    """A drawing in metres of the plane, as EPSG:4490."""
    drawn = np.array([shapely.transform(from_wkt(wkt), lambda xy: xy + ORIGIN)], dtype=object)
    return crs.from_plane(drawn, PLANE)[0]


def xy(x: float, y: float) -> np.ndarray:
    return shapely.get_coordinates(at(f"POINT({x} {y})"))[0]


def same(one, other) -> bool:
    return bool(one.normalize().equals_exact(other.normalize(), 0))


def vertices(geometry) -> set[tuple[float, float]]:
    return set(map(tuple, shapely.get_coordinates(geometry).tolist()))


WEST = at("POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0))")
LINE = at("LINESTRING(1000 1000, 1000 0)")


def test_an_outline_takes_the_vertices_of_the_line_between_its_ends() -> None:
    bulging = at("POLYGON((0 0, 1000 0, 1040 300, 980 700, 1000 1000, 0 1000, 0 0))")
    bent = at("LINESTRING(1000 1000, 1010 600, 1000 0)")

    drawn = along_line(bulging, bent, PLANE, 1.0)

    assert vertices(drawn) == vertices(WEST) | vertices(bent)
    assert drawn.is_valid


def test_an_outline_on_the_line_comes_back_as_it_is() -> None:
    assert along_line(WEST, LINE, PLANE, 1.0) == WEST
    assert along_line(WEST, shapely.reverse(LINE), PLANE, 1.0) == WEST


def test_the_nearer_way_around_is_the_one_replaced() -> None:
    small = at("POLYGON((0 0, 40 0, 40 1000, 0 1000, 0 0))")
    eastern = at("LINESTRING(40 1000, 60 500, 40 0)")

    drawn = along_line(small, eastern, PLANE, 1.0)

    assert vertices(drawn) == vertices(small) | vertices(eastern)


def test_a_line_may_end_on_an_edge_of_the_outline() -> None:
    shore = at("POLYGON((0 0, 2000 0, 2000 1000, 0 1000, 0 0))")
    across = at("LINESTRING(500 1000, 600 500, 700 1000)")

    drawn = along_line(shore, across, PLANE, 1.0)

    assert vertices(across) <= vertices(drawn)


def test_a_line_that_ends_away_from_the_outline_is_not_followed() -> None:
    short = at("LINESTRING(995 1005, 1000 0)")

    assert along_line(WEST, short, PLANE, 1.0) is None


def test_a_closed_line_takes_the_place_of_the_ring_nearest_to_it() -> None:
    holed = at(
        "POLYGON((0 0, 1000 0, 1000 1000, 0 1000, 0 0),"
        " (400 400, 600 400, 600 600, 400 600, 400 400))"
    )
    around = at("LINESTRING(401 399, 601 399, 601 601, 399 601, 401 399)")

    drawn = along_line(holed, around, PLANE, 1.0)

    assert vertices(drawn) == vertices(WEST) | vertices(around)
    assert len(drawn.interiors) == 1


def test_one_outline_follows_the_other_between_shared_vertices() -> None:
    west = at("POLYGON((0 0, 1000 0, 1000 300, 1080 500, 1000 700, 1000 1000, 0 1000, 0 0))")
    east = at("POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 700, 1000 300, 1000 0))")
    place = [at("POINT(1030 500)")]

    yielding, claiming = following(west, east, place), following(east, west, place)

    assert vertices(yielding) <= vertices(WEST) | vertices(east)
    assert shapely.touches(yielding, east)
    assert shapely.touches(west, claiming)
    assert not shapely.equals(yielding, west)


def test_only_the_place_in_question_is_touched() -> None:
    west = at(
        "POLYGON((0 0, 1000 0, 1080 200, 1000 400, 1080 600, 1000 800, 1000 1000, 0 1000, 0 0))"
    )
    east = at("POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 800, 1000 400, 1000 0))")

    drawn = following(west, east, [at("POINT(1030 200)")])

    assert tuple(xy(1080, 600)) in vertices(drawn)
    assert tuple(xy(1080, 200)) not in vertices(drawn)


def test_nothing_is_followed_without_shared_vertices_on_both_sides() -> None:
    west = at("POLYGON((0 0, 1010 0, 1010 1000, 0 1000, 0 0))")
    east = at("POLYGON((1000 -5, 2000 0, 2000 1000, 1000 1005, 1000 -5))")

    assert following(west, east, [at("POINT(1005 500)")]) is None


def test_the_way_around_both_units_is_no_stretch_between_them() -> None:
    east = at("POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1000 0))")

    assert following(WEST, east, [at("POINT(500 500)")]) is None


def test_ground_joined_and_yielded_brings_no_vertex_nobody_drew() -> None:
    gap = at("POLYGON((1000 0, 1100 500, 1000 1000, 1000 0))")
    east = at("POLYGON((1000 0, 2000 0, 2000 1000, 1000 1000, 1100 500, 1000 0))")

    assert vertices(joined(WEST, gap, [WEST, east])) == vertices(WEST) | {tuple(xy(1100, 500))}
    inner = at("POLYGON((300 300, 400 300, 400 400, 300 300))")
    left = yielded(WEST, inner, [WEST, inner])
    assert vertices(left) == vertices(WEST) | vertices(inner)
    assert shapely.touches(left, inner)


def test_where_edges_cross_a_vertex_is_made_and_nowhere_else() -> None:
    east = at("POLYGON((900 -100, 2000 0, 2000 1100, 950 1100, 900 -100))")
    face = shapely.intersection(WEST, east)

    left = yielded(WEST, face, [WEST, east])

    made = vertices(left) - vertices(WEST) - vertices(east)
    assert len(made) == 2
    assert shapely.area(shapely.intersection(left, east)) < 1e-15


def test_a_bow_tie_may_be_two_vertices_in_the_wrong_order_or_two_parts() -> None:
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])

    (ordered,), (parts,) = untangled(bow_tie), split(bow_tie)

    assert shapely.equals(ordered, box(0, 0, 2, 2))
    assert vertices(ordered) == vertices(bow_tie)
    assert isinstance(parts, MultiPolygon)
    assert vertices(parts) - vertices(bow_tie) == {(1.0, 1.0)}


def test_spurs_of_any_length_are_taken_off_wherever_the_ring_begins() -> None:
    square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    spur = [(3.0, 3.0), (4.0, 5.0), (3.0, 3.0), (2.0, 2.0)]
    ring = square[:3] + spur + square[3:]
    for start in range(len(ring)):
        turned = ring[start:] + ring[:start]

        (reading,) = untangled(Polygon(turned))

        assert shapely.equals(reading, box(0, 0, 2, 2))
        assert shapely.get_num_coordinates(reading) == 5


def test_a_tangle_without_any_ground_has_no_sound_reading() -> None:
    flat = Polygon([(0, 0), (1, 1), (2, 2), (0, 0)])

    assert untangled(flat) == split(flat) == []


def test_of_two_vertices_in_one_place_the_junction_stays() -> None:
    doubled = at("POLYGON((0 0, 1000 0, 1000.004 0, 1000 1000, 0 1000, 0 0))")
    junction = xy(1000.004, 0)[None, :]

    plain, kept = drawn_once(doubled, 0.01, NONE, PLANE), drawn_once(doubled, 0.01, junction, PLANE)

    assert same(plain, WEST)
    assert tuple(junction[0]) in vertices(kept)
    assert tuple(xy(1000, 0)) not in vertices(kept)


def test_a_line_keeps_both_its_ends_when_its_doubled_vertices_go() -> None:
    line = at("LINESTRING(0 0, 0.004 0, 500 0, 500 0, 1000 0, 1000.003 0)")

    once = drawn_once(line, 0.01, NONE, PLANE)

    assert once == at("LINESTRING(0 0, 500 0, 1000.003 0)")


def test_named_vertices_are_left_out() -> None:
    needle = at("POLYGON((0 0, 1000 0, 1000 500, 1400 505, 1000 510, 1000 1000, 0 1000, 0 0))")

    assert tuple(xy(1400, 505)) not in vertices(without_vertices(needle, xy(1400, 505)[None, :]))
    assert without_vertices(WEST, xy(1400, 505)[None, :]) is None


def test_ends_move_go_on_and_are_trimmed_from_either_side() -> None:
    line = at("LINESTRING(0 0, 500 0, 1000 0)")
    to = xy(1000, 30)

    assert end_moved(line, xy(1000, 0), to) == at("LINESTRING(0 0, 500 0, 1000 30)")
    assert end_extended(line, xy(1000, 0), to) == at("LINESTRING(0 0, 500 0, 1000 0, 1000 30)")
    assert end_moved(line, xy(0, 0), xy(5, 5)) == at("LINESTRING(5 5, 500 0, 1000 0)")
    assert end_trimmed(line, xy(1000, 0), xy(993, 0), PLANE) == at("LINESTRING(0 0, 500 0, 993 0)")
    assert end_trimmed(line, xy(0, 0), xy(500, 0), PLANE) == at("LINESTRING(500 0, 1000 0)")


def test_a_part_is_found_by_its_end() -> None:
    line = at("MULTILINESTRING((0 0, 500 0), (510 0, 1000 0))")

    moved = end_moved(line, xy(1000, 0), xy(1000, 9))

    assert moved == at("MULTILINESTRING((0 0, 500 0), (510 0, 1000 9))")
    assert (nearest_end(line, xy(1100, 0), PLANE) == xy(1000, 0)).all()


def test_where_a_line_first_meets_another_near_its_end() -> None:
    line, other = at("LINESTRING(0 0, 1000 0)"), at("LINESTRING(990 -50, 990 50)")

    place = crossing(line, other, xy(1000, 0), PLANE)

    assert shapely.distance(at("POINT(990 0)"), Point(place)) < 1e-9
    assert crossing(line, at("LINESTRING(0 9, 1000 9)"), xy(1000, 0), PLANE) is None


def test_parts_that_follow_each_other_become_one_and_keep_their_vertices() -> None:
    touching = at("MULTILINESTRING((0 0, 500 0), (500 0, 1000 0))")
    apart = at("MULTILINESTRING((500.4 0, 1000 0), (0 0, 500 0))")
    against = at("MULTILINESTRING((0 0, 500 0), (1000 0, 500 0))")

    assert parts_joined(touching, xy(500, 0), 1.0, PLANE) == at("LINESTRING(0 0, 500 0, 1000 0)")
    assert vertices(parts_joined(apart, xy(500, 0), 1.0, PLANE)) == vertices(apart)
    assert parts_joined(against, xy(500, 0), 1.0, PLANE) is None


def test_turning_about_turns_every_part_and_their_order() -> None:
    line = at("MULTILINESTRING((0 0, 500 0), (510 0, 1000 0))")

    assert turned_about(line) == at("MULTILINESTRING((1000 0, 510 0), (500 0, 0 0))")


def test_a_shift_counts_vertices_and_the_farthest_move() -> None:
    before = at("POLYGON((0 0, 1000 0, 1030 500, 1030 500, 1000 1000, 0 1000, 0 0))")

    shift = shift_between(before, WEST, PLANE)

    assert (shift.added, shift.removed) == (0, 2)
    assert abs(shift.largest_m - 30) < 1e-3
    assert shift_between(WEST, WEST, PLANE).largest_m == 0


def test_an_outline_moves_though_its_vertices_stay() -> None:
    bow_tie = at("POLYGON((0 0, 1000 1000, 1000 0, 0 1000, 0 0))")

    shift = shift_between(bow_tie, WEST, PLANE)

    assert (shift.added, shift.removed) == (0, 0)
    assert abs(shift.largest_m - 500) < 5


def test_what_differs_is_told_step_by_step_whatever_the_direction() -> None:
    before = at("POLYGON((0 0, 1000 0, 1030 500, 1000 1000, 0 1000, 0 0))")

    assert vertices(only_in(before, shapely.reverse(WEST))) == vertices(
        at("LINESTRING(1000 0, 1030 500, 1000 1000)")
    )
    assert vertices(only_in(WEST, before)) == vertices(LINE)
    assert only_in(LINE, shapely.reverse(LINE)).is_empty
