"""Areas joined and parted: edges kept bit for bit, no slivers, and what cannot be done is said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, box

from geo_service.errors import InputError
from geo_service.geometry.parting import joined, parted, with_vertices

GAP_M = 10.0
WEST, EAST = box(120, 36, 120.1, 36.1), box(120.1, 36, 120.2, 36.1)


def vertices(shape: Any) -> set[tuple[float, ...]]:
    return {tuple(place) for place in shapely.get_coordinates(shape).tolist()}


def refusal(act: Any, *words: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        act(*words)
    return caught.value


def test_areas_that_share_an_edge_become_one_with_the_vertices_they_had() -> None:
    whole = joined([WEST, EAST], GAP_M)
    assert whole.geom_type == "Polygon"
    assert whole.equals(box(120, 36, 120.2, 36.1))
    assert vertices(whole) <= vertices(WEST) | vertices(EAST)


def test_a_vertex_of_one_on_an_edge_of_the_other_leaves_no_sliver() -> None:
    # A slanted edge: the vertex in its middle is rounded and lies beside it by a nanometre.
    low, high = (120.1, 36.0), (120.13, 36.1)
    middle = (120.1 + 0.03 / 7, 36.0 + 0.1 / 7)
    west = shapely.Polygon([(120, 36), low, high, (120, 36.1)])
    east = shapely.Polygon([low, (120.3, 36), (120.3, 36.1), high, middle])
    whole = joined([west, east], GAP_M)
    assert (whole.geom_type, shapely.get_num_interior_rings(whole)) == ("Polygon", 0)
    assert middle not in vertices(whole)


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        (box(120.09999, 36, 120.2, 36.1), True),
        (box(120.10001, 36, 120.2, 36.1), False),
    ],
)
def test_an_overlap_or_a_narrow_gap_is_told_and_nothing_is_joined(
    other: Any, overlap: bool
) -> None:
    error = refusal(joined, [WEST, other], GAP_M)
    assert error.code == "areas_do_not_match"
    assert (float(str(error.context["overlap"])) > 0) is overlap
    assert float(str(error.context["lon"])) == pytest.approx(120.1, abs=1e-4)


def test_areas_that_lie_apart_make_one_of_several_parts() -> None:
    island = box(120.5, 36, 120.6, 36.1)
    assert joined([WEST, island], GAP_M).equals(shapely.MultiPolygon([WEST, island]))


def test_an_area_is_parted_by_a_line_and_joined_again() -> None:
    line = LineString([(119.9, 36.03), (120.05, 36.06), (120.3, 36.05)])
    left, right = parted(WEST, line)
    assert left.intersects(shapely.Point(120.05, 36.09))
    assert right.intersects(shapely.Point(120.05, 36.01))
    assert shapely.coverage_is_valid([left, right])
    assert vertices(WEST) <= vertices(left) | vertices(right)
    assert (120.05, 36.06) in vertices(left) & vertices(right)
    again = joined([left, right], GAP_M)
    assert (again.geom_type, again.symmetric_difference(WEST).area) == ("Polygon", 0)
    swapped = parted(WEST, shapely.reverse(line))
    assert (swapped.left.equals(right), swapped.right.equals(left)) == (True, True)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (LineString([(119.9, 36.05), (120.09, 36.05)]), "parting_line_stops_inside"),
        (LineString([(120.01, 36.05), (120.2, 36.05)]), "parting_line_stops_inside"),
        (LineString([(119.9, 36.2), (120.2, 36.2)]), "parting_line_misses"),
        (LineString([(120, 36), (120.1, 36)]), "parting_line_misses"),
        (LineString([(119.9, 36.02), (120.2, 36.02), (120.2, 36.08), (119.9, 36.08)]),
         "parting_line_cuts_many"),
        (shapely.MultiLineString([[(119.9, 36.05), (120, 36.05)], [(120.01, 36.05), (121, 36)]]),
         "parting_line_in_pieces"),
    ],
)  # fmt: skip
def test_a_line_that_does_not_part_the_area_is_refused(line: Any, code: str) -> None:
    assert refusal(parted, WEST, line).code == code


def test_how_far_short_a_line_stops_is_told_in_metres() -> None:
    error = refusal(parted, WEST, LineString([(119.9, 36.05), (120.09999, 36.05)]))
    assert float(str(error.context["metres"])) == pytest.approx(0.90, abs=0.01)


def test_an_area_with_a_part_that_the_line_does_not_cut_is_for_a_person() -> None:
    area = shapely.MultiPolygon([WEST, box(120.5, 36, 120.6, 36.1)])
    line = LineString([(119.9, 36.05), (120.2, 36.05)])
    assert refusal(parted, area, line).code == "parting_line_cuts_many"


def test_a_line_gets_a_vertex_where_a_place_stands_on_it_and_keeps_its_own() -> None:
    line = LineString([(120, 36), (120.1, 36), (120.1, 36.1)])
    places = np.array([(120.05, 36), (120.02, 36.0), (120.1, 36.05), (120, 36), (120.05, 36.001)])
    told = with_vertices(line, places)
    assert shapely.get_coordinates(told).tolist() == [
        [120, 36], [120.02, 36], [120.05, 36], [120.1, 36], [120.1, 36.05], [120.1, 36.1],
    ]  # fmt: skip
    assert with_vertices(line, np.array([(121.0, 36.0)])) is line
