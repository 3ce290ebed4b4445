"""One list of all that is wrong with a layer: kinds, parties, sizes, odd input, edits."""

import numpy as np
import pytest
import shapely

from geo_service.geometry.coverage import Coverage, length_beside_m
from geo_service.geometry.edges import edge_table, free_edges
from geo_service.geometry.inspection import Inspection, Kind, Width, inspected
from geo_service.services.benching.planted import planted
from geo_service.services.samples.synthetic import synthetic_layer

NEAR = Width(10.0)
METRE = 1 / 111_000


@pytest.fixture(scope="module")
def city() -> np.ndarray:
    return np.array([u.geometry for u in synthetic_layer(faults=False).units], dtype=object)


def troubles(polygons: np.ndarray):
    return Inspection(polygons).troubles(NEAR)


def kinds(polygons: np.ndarray) -> list[Kind]:
    return [trouble.kind for trouble in troubles(polygons)]


def boxes(*bounds: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([shapely.box(*(np.array(b) * 0.01 + (120, 36, 120, 36))) for b in bounds])


def test_a_correct_city_has_no_trouble(city):
    assert troubles(city) == ()


def test_every_planted_fault_is_reported_with_its_parties_and_a_size(city):
    parent = shapely.union_all(city)
    expected = {
        "gap_5m": Kind.HOLE,
        "gap_5cm": Kind.HOLE,
        "overlap_5m": Kind.OVERLAP,
        "overlap_5cm": Kind.OVERLAP,
        "extra_vertex": Kind.NARROW,
        "shifted_3m": Kind.OVERLAP,
        "hole_500m": Kind.HOLE,
        "strip_20m": Kind.UNCOVERED,
        "bow_tie": Kind.INVALID,
        "spike": Kind.INVALID,
        "duplicate": Kind.OVERLAP,
        "missing_unit": Kind.UNCOVERED,
    }
    seen = {}
    for fault in planted(city):
        looked = Inspection(fault.polygons)
        found = looked.troubles(NEAR) + looked.uncovered(parent)
        seen[fault.key] = expected[fault.key] in {t.kind for t in found}
        assert fault.parties <= {party for t in found for party in t.parties}, fault.key
        if fault.key != "extra_vertex":
            assert max(max(t.width_m, t.area_m2) for t in found) > 0.01, fault.key
    assert seen == dict.fromkeys(expected, True)


def test_troubles_are_the_same_in_any_order_of_the_units(city):
    random = np.random.default_rng(5)
    for fault in planted(city):
        order = random.permutation(len(fault.polygons))
        shuffled = troubles(fault.polygons[order])
        back = [
            (t.kind, tuple(sorted(int(order[i]) for i in t.parties)), round(t.area_m2, 3))
            for t in shuffled
        ]
        straight = [(t.kind, t.parties, round(t.area_m2, 3)) for t in troubles(fault.polygons)]
        assert sorted(back) == sorted(straight), fault.key


def test_an_edit_looked_at_again_gives_what_a_fresh_look_gives(city):
    whole = Inspection(city)
    for fault in planted(city):
        if len(fault.polygons) != len(city):
            continue
        (index,) = (i for i in range(len(city)) if fault.polygons[i] is not city[i])
        edited = whole.with_polygon(index, fault.polygons[index])
        assert edited.troubles(NEAR) == troubles(fault.polygons), fault.key
        assert edited.with_polygon(index, city[index]).troubles(NEAR) == ()


def test_free_edges_are_those_the_exact_table_leaves_unmatched(city):
    free = free_edges(city)
    table = edge_table(list(city))
    expected = table.coordinates(table.unmatched())

    assert {e.tobytes() for e in free.ends} == {e.tobytes() for e in expected}
    assert len(free.ends) == len(expected)


def test_overlaps_are_those_of_every_pair_laid_over_each_other():
    random = np.random.default_rng(1)
    for _ in range(20):
        low = random.integers(0, 20, (8, 2))
        polygons = boxes(*np.hstack((low, low + random.integers(1, 8, (8, 2)))))
        found = Coverage(polygons).overlaps
        pairs = {
            (i, j)
            for i in range(8)
            for j in range(i + 1, 8)
            if shapely.area(shapely.intersection(polygons[i], polygons[j])) > 1e-12
        }
        assert set(found.parties) == pairs


def test_a_whole_layer_drawn_twice_overlaps_pair_by_pair(city):
    found = Coverage(np.concatenate((city, city))).overlaps
    assert set(found.parties) == {(i, i + len(city)) for i in range(len(city))}


def test_a_vertex_on_one_side_only_is_told_from_a_shared_edge():
    plain, other = boxes((0, 0, 1, 1), (1, 0, 2, 1))
    more = shapely.Polygon(
        [(120.01, 36), (120.02, 36), (120.02, 36.01), (120.01, 36.01), (120.01, 36.004)]
    )

    assert kinds(np.array([plain, other])) == []
    assert kinds(np.array([plain, more])) == [Kind.NARROW]


def test_a_strip_open_at_both_ends_is_narrow_only_within_the_width_asked_for():
    gap = boxes((0, 0, 1, 1), (1 + 5 * METRE / 0.01, 0, 2, 1))
    (found,) = Inspection(gap).troubles(NEAR)

    assert (found.kind, found.parties) == (Kind.NARROW, (0, 1))
    assert found.width_m == pytest.approx(4.05, rel=0.02)
    assert Inspection(gap).troubles(Width(3.0)) == ()


def test_coasts_that_part_at_a_common_end_are_no_channel():
    near_the_end = (120.01002, 36.00005)  # 1.8 m off the other unit, 5.9 m from the common end
    wedge = shapely.Polygon([(120.01, 36), (120.02, 36), (120.02, 36.01), near_the_end])
    assert troubles(np.array([boxes((0, 0, 1, 1))[0], wedge])) == ()


def test_nothing_and_next_to_nothing():
    assert troubles(np.array([], dtype=object)) == ()
    assert troubles(np.array([shapely.Polygon(), boxes((0, 0, 1, 1))[0]])) == ()


def test_heights_do_not_hide_a_shared_edge():
    low, high = boxes((0, 0, 1, 1), (1, 0, 2, 1))
    assert troubles(np.array([shapely.force_3d(low, 5.0), shapely.force_3d(high, 9.0)])) == ()


def test_a_long_ring_is_inspected_like_a_short_one():
    turn = np.linspace(0, 2 * np.pi, 100_000, endpoint=False)
    ring = np.stack((120 + 0.1 * np.cos(turn), 36 + 0.1 * np.sin(turn)), axis=1)
    disc = shapely.Polygon(ring)
    around = shapely.Polygon([(119, 35), (121, 35), (121, 37), (119, 37)], [ring])
    short = np.delete(ring, 500, axis=0)

    assert troubles(np.array([disc, around])) == ()
    found = troubles(np.array([shapely.Polygon(short), around]))
    assert {t.kind for t in found} <= {Kind.HOLE, Kind.NARROW}
    assert {t.parties for t in found} == {(0, 1)}


def test_a_coordinate_that_is_no_number_makes_the_ring_unsound_and_spares_the_rest():
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon([(120.01, 36), (120.02, 36), (120.02, np.nan), (120.01, 36.01)])
    (found,) = troubles(np.array([boxes((0, 0, 1, 1))[0], broken]))

    assert (found.kind, found.parties) == (Kind.INVALID, (1,))
    assert np.isfinite([found.width_m, found.area_m2]).all()


def test_an_inspection_is_led_on_where_few_polygons_of_many_were_drawn_anew():
    layer = boxes(*((i % 15, i // 15, i % 15 + 1, i // 15 + 1) for i in range(150)))
    first = inspected(layer)
    first.troubles(NEAR)

    moved = layer.copy()
    moved[40] = shapely.transform(layer[40], lambda xy: xy + 20 * METRE)
    led_on = inspected(moved, first)
    assert led_on.troubles(NEAR) == troubles(moved) != ()
    assert inspected(layer, led_on).troubles(NEAR) == ()

    assert inspected(moved, led_on) is led_on
    many = np.array([shapely.transform(p, lambda xy: xy * (1, 1.0001)) for p in layer])
    for other in (many, layer[:-1]):
        assert inspected(other, first).troubles(NEAR) == troubles(other)


def test_a_line_as_well_as_an_area_may_be_what_another_runs_beside():
    line = shapely.LineString([(0, 0), (1000, 0)])
    bend = shapely.LineString([(0, 5), (400, 5), (500, 80), (600, 5), (1000, 5)])

    assert length_beside_m(line, [bend], 10, step_m=1) == pytest.approx(820, abs=4)
