"""After any row of edits a layer shows the troubles that a look from nothing shows."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from edits import EDITS, METRE
from tilings import build

from geo_service.geometry.inspection import Inspection, Width
from geo_service.services.samples.synthetic import synthetic_layer

WIDTHS = (Width(10.0), Width(300.0), Width(25.0, least_hole_m2=500.0, least_overlap_m2=2_000.0))
steady = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def assert_same(edited: Inspection) -> None:
    fresh = Inspection(edited.polygons)
    for part in ("ends", "owner", "row"):
        assert np.array_equal(getattr(edited.layer.rim, part), getattr(fresh.layer.rim, part)), part
    assert np.array_equal(edited.valid, fresh.valid)
    for kind in ("holes", "overlaps"):
        mine, other = getattr(edited.layer, kind), getattr(fresh.layer, kind)
        assert shapely.to_wkb(mine.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()
        assert mine.parties == other.parties
    for width in WIDTHS:
        assert edited.troubles(width) == fresh.troubles(width)


def random_edits(first: np.ndarray, seed: int, steps: int) -> None:
    """Every step redraws one polygon, or brings it back; several steps gather on a few."""
    random = np.random.default_rng(seed)
    some = random.choice(len(first), size=min(3, len(first)), replace=False)
    looked = Inspection(first)
    for width in WIDTHS:
        looked.troubles(width)
    for _ in range(steps):
        index = int(random.choice(some))
        now = looked.polygons[index]
        if now.is_empty or random.random() < 0.3:
            drawn = first[index]
        else:
            edit = EDITS[int(random.integers(len(EDITS)))]
            drawn = edit(now, random) or shapely.Polygon()
        looked = looked.with_polygon(index, drawn)
        assert_same(looked)


@given(
    rows=st.integers(1, 3),
    columns=st.integers(1, 3),
    bends=st.integers(0, 4),
    shape=st.integers(0, 10_000),
    seed=st.integers(0, 10_000),
)
@settings(steady, max_examples=120)
def test_a_row_of_edits_of_a_tiling(rows, columns, bends, shape, seed):
    tiling = build(rows, columns, bends, shape)
    polygons = np.array([unit.geometry for unit in tiling.units.values()], dtype=object)
    random_edits(polygons, seed, steps=6)


@given(seed=st.integers(0, 10_000))
@settings(steady, max_examples=10)
def test_a_row_of_edits_of_the_invented_city_with_its_faults(seed):
    polygons = np.array([u.geometry for u in synthetic_layer().units if u.geometry], dtype=object)
    random_edits(polygons, seed, steps=4)


def ring(*places: tuple[int, int]) -> shapely.Polygon:
    return shapely.Polygon(np.array(places) * 100 * METRE + (120, 36))


def around(west: int, south: int, east: int, north: int) -> shapely.Polygon:
    return ring((west, south), (east, south), (east, north), (west, north))


FAR = [
    # Four units around a lake with an island in it: the lake reaches far beyond each of them.
    ring((0, 0), (90, 0), (90, 10), (80, 10), (10, 10), (0, 10)),
    ring((0, 80), (10, 80), (80, 80), (90, 80), (90, 90), (0, 90)),
    around(0, 10, 10, 80),
    around(80, 10, 90, 80),
    around(30, 30, 40, 40),
    # One upon the island, one that touches the frame in a corner only, one far away.
    *(around(32, 32, 34, 34), around(90, 90, 99, 99), around(200, 0, 210, 10)),
]


@pytest.mark.parametrize("index", range(len(FAR)))
@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param(shapely.Polygon(), id="nothing"),
        pytest.param(around(0, 0, 90, 90), id="over-all"),
        pytest.param(around(50, 50, 60, 60), id="second-island"),
        pytest.param(around(10, 45, 80, 46), id="dam"),
        pytest.param(around(10, 45, 79, 46), id="mole"),
        pytest.param(around(88, 20, 95, 30), id="across-the-frame"),
        pytest.param(around(190, -10, 220, 20), id="over-the-far-one"),
        pytest.param(around(90, -20, 99, 0), id="corner-to-corner"),
        pytest.param(ring((0, 0), (90, 90), (90, 0), (0, 90)), id="bow-tie"),
        pytest.param(
            shapely.difference(around(-9, -9, 99, 99), around(1, 1, 89, 89)), id="frame-around"
        ),
    ],
)
def test_a_hole_that_reaches_far_beyond_the_edit(index, drawn):
    looked = Inspection(np.array(FAR, dtype=object))
    for width in WIDTHS:
        looked.troubles(width)
    edited = looked.with_polygon(index, drawn)
    assert_same(edited)
    assert_same(edited.with_polygon(index, FAR[index]))
