"""Faces of a network of lines, and whose they are."""

import numpy as np
import pytest
import shapely

from geo_service.geometry.derivation import NOBODY, Network, faces_of

COAST = "LINEARRING(0 0, 3000 0, 3000 1000, 0 1000, 0 0)"


def network(*rows: tuple[str, int, int], coast: str = COAST, on_land: int = NOBODY) -> Network:
    """Lines as WKT with their left and right units; the coast runs with the land on its left."""
    told = [(*row, False) for row in rows] + ([(coast, on_land, NOBODY, True)] if coast else [])
    wkt, left, right, is_coast = zip(*told, strict=True)
    lines = shapely.from_wkt(list(wkt))
    return Network(np.array(lines, dtype=object), *map(np.array, (left, right, is_coast)))


WEST_LINE = ("LINESTRING(1000 1000, 1000 0)", 2, 1)
EAST_LINE = ("LINESTRING(2000 0, 2000 1000)", 2, 3)


def areas(faces) -> dict[int, float]:
    return {unit: faces.of(unit).area for unit in sorted(set(faces.owner.tolist()))}


def test_three_units_between_two_lines_and_the_coast():
    found = faces_of(network(WEST_LINE, EAST_LINE), 0.0)

    assert areas(found) == {1: 1e6, 2: 1e6, 3: 1e6}


def test_an_end_that_falls_short_is_led_on_within_reach_only():
    short = ("LINESTRING(1000 970, 1000 0)", 2, 1)

    assert areas(faces_of(network(short, EAST_LINE), 50.0)) == {1: 1e6, 2: 1e6, 3: 1e6}
    # Beyond it the ground of two units stays one, and most of its outline is that of unit 2.
    assert areas(faces_of(network(short, EAST_LINE), 20.0)) == {2: 2e6, 3: 1e6}


def test_lines_that_cross_the_coast_or_each_other_are_cut_there():
    beyond = ("LINESTRING(1000 1200, 1000 -300)", 2, 1)
    stray = ("LINESTRING(2000 0, 900 500, 2000 1000)", 2, 3)
    found = faces_of(network(beyond, stray), 0.0)

    assert sum(areas(found).values()) == pytest.approx(3e6)
    assert found.of(1).area == pytest.approx(1e6, rel=0.02)


def test_the_coast_says_whose_an_island_is_and_is_overruled_by_lines():
    island = "LINEARRING(5000 0, 5100 0, 5100 100, 5000 100, 5000 0)"
    alone = faces_of(network(coast=island, on_land=7), 0.0)
    assert areas(alone) == {7: 10_000.0}

    mainland = faces_of(network(WEST_LINE, EAST_LINE, on_land=7), 0.0)
    assert areas(mainland) == {1: 1e6, 2: 1e6, 3: 1e6}


def test_a_unit_around_another():
    ring = ("LINEARRING(100 100, 200 100, 200 200, 100 200, 100 100)", 2, 1)
    whole = "LINEARRING(0 0, 1000 0, 1000 1000, 0 1000, 0 0)"
    found = faces_of(network(ring, coast=whole), 0.0)

    assert areas(found) == {1: 990_000.0, 2: 10_000.0}
    assert len(shapely.get_rings(found.of(1))) == 2


def test_lines_that_close_nothing_and_no_lines_at_all():
    assert len(faces_of(network(WEST_LINE, coast=""), 10.0).owner) == 0
    nothing = Network(*(np.empty(0, dtype=kind) for kind in (object, int, int, bool)))
    assert len(faces_of(nothing, 10.0).owner) == 0
    assert faces_of(nothing, 10.0).of(1).is_empty


def test_the_order_of_the_lines_changes_nothing():
    straight = faces_of(network(WEST_LINE, EAST_LINE), 1.0)
    turned = faces_of(network(EAST_LINE, WEST_LINE), 1.0)
    for unit in (1, 2, 3):
        assert straight.of(unit).equals(turned.of(unit))
