"""Distances of many places at once are those of each place alone."""

from __future__ import annotations

import pytest
import shapely

from geo_service.services.positions import box_about, distance_m, distances_from, gap_m, gaps_m

HERE = (120.38, 36.06)
SHAPES = [
    shapely.Point(120.4, 36.1),
    None,
    shapely.LineString([(120, 36), (120.5, 36.3)]),
    shapely.Point(),
    shapely.box(120.3, 36, 120.5, 36.2),
    shapely.MultiPoint([(121, 36), (120.39, 36.06)]),
]


def test_many_are_measured_as_one_by_one() -> None:
    found = distances_from(HERE, SHAPES)
    assert found == [pytest.approx(distance_m(HERE, shape)) for shape in SHAPES]
    assert [metres is None for metres in found] == [False, True, False, True, False, False]
    assert found[4] == 0


def test_without_a_position_or_places_nothing_is_measured() -> None:
    assert distances_from(None, SHAPES) == [None] * len(SHAPES)
    assert distances_from(HERE, []) == []


def test_from_a_line_many_are_measured_as_one_by_one() -> None:
    here = shapely.LineString([(120.3, 36.05), (120.36, 36.07)])
    assert gaps_m(here, SHAPES) == [pytest.approx(gap_m(here, shape)) for shape in SHAPES]
    assert gaps_m(here, [shapely.Point(120.36, 36.08)])[0] == pytest.approx(1110, rel=0.02)


def test_the_box_about_a_line_holds_what_is_within_reach_of_its_ends() -> None:
    west, south, east, north = box_about(shapely.LineString([(120, 36), (121, 37)]), 1000)
    for end, metres in (((west, 36), 1000), ((120, south), 1000), ((121, north), 1000)):
        line = shapely.LineString([(120, 36), (121, 37)])
        assert gap_m(line, shapely.Point(end)) == pytest.approx(metres, rel=0.25)
    assert (west, south) < (120, 36)
    assert (east, north) > (121, 37)
