"""Distances of many places at once are those of each place alone."""

from __future__ import annotations

import pytest
import shapely

from geo_service.services.positions import distance_m, distances_from

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
