"""The guard at the door: what a window of coordinates says, and which transforms are refused."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo_service.errors import InputError
from geo_service.geometry import crs
from geo_service.geometry.crs import Diagnosis, Window, diagnose
from geo_service.geometry.measure import distances_m

EXTENT = (119.4, 35.5, 121.2, 37.2)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((119.51, 35.58, 121.07, 37.15), Diagnosis(Window.DEGREES, 4490, swapped=False)),
        ((35.58, 119.51, 37.15, 121.07), Diagnosis(Window.DEGREES, 4490, swapped=True)),
        ((455e3, 3937e3, 594e3, 4116e3), Diagnosis(Window.PLANE, 4549, swapped=False)),
        ((3937e3, 455e3, 4116e3, 594e3), Diagnosis(Window.PLANE, 4549, swapped=True)),
        ((40455e3, 3937e3, 40594e3, 4116e3), Diagnosis(Window.PLANE, 4528, swapped=False)),
        ((20724e3, 3937e3, 20865e3, 4116e3), Diagnosis(Window.PLANE, 4498, swapped=False)),
        ((21180e3, 3937e3, 21325e3, 4116e3), Diagnosis(Window.PLANE, 4499, swapped=False)),
        ((720e3, 3940e3, 870e3, 4110e3), Diagnosis(Window.PLANE, 4548, swapped=False)),
        ((13.30e6, 4.25e6, 13.48e6, 4.45e6), Diagnosis(Window.PLANE, 3857, swapped=False)),
        ((113.0, 22.0, 114.0, 23.0), Diagnosis(Window.DEGREES_ELSEWHERE, None, swapped=False)),
        ((1000.0, 1000.0, 5000.0, 5000.0), Diagnosis(Window.UNKNOWN, None, swapped=False)),
    ],
)
def test_a_window_is_told_by_where_the_city_lies(bounds, expected):
    assert diagnose(bounds, EXTENT, 4549) == expected


@pytest.mark.parametrize("declared", [4214, 4610, 2364, 2433, "EPSG:4555"])
def test_a_ballpark_transform_is_refused(declared):
    with pytest.raises(InputError) as caught:
        crs.transformer(declared)

    assert caught.value.code == "crs_ballpark"


def test_local_parameters_given_with_the_system_are_used():
    # The parameters are invented: what counts is that they are applied, and to their full size.
    zone = "+proj=tmerc +lat_0=0 +lon_0=120 +k=1 +x_0=500000 +y_0=0 +ellps=krass +units=m"
    place = np.array([shapely.Point(520_000, 4_000_000)], dtype=object)
    with pytest.raises(InputError, match="crs_ballpark"):
        crs.to_register(place, zone)
    (one,) = crs.to_register(place, f"{zone} +towgs84=0,0,0 +type=crs")
    (other,) = crs.to_register(place, f"{zone} +towgs84=100,0,0 +type=crs")
    moved = distances_m(np.array(one.coords), np.array(other.coords))[0]
    # 100 m along the X axis at 120°E 36°N: 87 m west and 29 m north.
    assert moved == pytest.approx(91.5, abs=1.0)


def test_wgs84_is_taken_as_equal_and_says_so():
    points = np.array([shapely.Point(120.123456, 36.1)], dtype=object)

    assert crs.is_equated("OGC:CRS84")
    assert crs.is_equated(32651)
    assert not crs.is_equated(4549)
    assert crs.to_register(points, 4326)[0].equals_exact(points[0], 1e-9)


def test_an_unreadable_system_is_refused():
    with pytest.raises(InputError) as caught:
        crs.transformer("北京54")

    assert caught.value.code == "crs_unreadable"


def test_the_zone_with_prefix_is_the_zone_without():
    plain = np.array([shapely.Point(537795, 3995721)], dtype=object)
    prefixed = np.array([shapely.Point(40537795, 3995721)], dtype=object)

    assert crs.to_register(plain, 4549)[0].equals_exact(crs.to_register(prefixed, 4528)[0], 1e-12)


def test_there_and_back_leaves_a_tenth_of_a_millimetre():
    line = np.array([shapely.LineString([(119.51, 35.58), (121.07, 37.15)]), None], dtype=object)

    back = crs.from_plane(crs.to_plane(line, 4549), 4549)

    assert back[1] is None
    assert back[0].equals_exact(line[0], 1e-9)


def test_packed_degrees_are_told_by_their_digits():
    true = np.random.default_rng(1).uniform((119.6, 38.2), (119.9, 38.6), (8, 2))
    degrees, rest = np.divmod(true, 1)
    minutes, share = np.divmod(rest * 60, 1)
    packed = degrees + minutes / 100 + np.round(share * 60, 2) / 10_000

    assert crs.is_packed_dms(packed)
    assert not crs.is_packed_dms(true)
    assert not crs.is_packed_dms(packed[:2])  # too few to be sure
    assert not crs.is_packed_dms(np.round(packed, 2))  # whole minutes might be hundredths


@given(st.integers(0, 10**6))
def test_random_degrees_are_hardly_ever_taken_for_packed(seed):
    points = np.random.default_rng(seed).uniform((119.4, 35.5), (121.2, 37.2), (12, 2))
    assert not crs.is_packed_dms(points)


def test_places_close_together_are_not_taken_for_packed():
    # A hamlet: every fraction lies between 0.3412 and 0.3438, or 0.1210 and 0.1240.
    places = np.random.default_rng(1).uniform((120.3412, 36.1210), (120.3438, 36.1240), (60, 2))
    assert not crs.is_packed_dms(np.round(places, 7))


def test_a_grid_that_repeats_its_last_digits_is_not_taken_for_packed():
    steps = np.arange(15) * 0.01
    grid = np.stack(np.meshgrid(120.1012 + steps, 36.2012 + steps), axis=-1).reshape(-1, 2)
    assert not crs.is_packed_dms(np.round(grid, 4))


@pytest.mark.parametrize(
    ("bounds", "writing"),
    [
        ((537.8, 3995.7, 543.6, 4009.6), crs.Writing.KILOMETRES),
        ((3995.7, 537.8, 4009.6, 543.6), crs.Writing.KILOMETRES),
        ((432_900.0, 129_900.0, 433_000.0, 130_000.0), crs.Writing.SECONDS),
        ((1_202_345.0, 361_234.0, 1_202_400.0, 361_300.0), crs.Writing.DIGITS),
        ((120.2, 36.1, 120.3, 36.2), None),
        ((12.0, 55.0, 12.5, 55.5), None),
    ],
)
def test_numbers_in_another_unit_are_told_by_where_the_city_lies(bounds, writing):
    assert crs.written_as(bounds, EXTENT, 4549) is writing


_ON_CITY = st.sampled_from(
    [
        *((120.4, 36.1), (36.1, 120.4), (499e3, 3996e3), (3996.0, 499.0), (-120.4, 36.1)),
        *((433_440.0, 129_960.0), (1_203_456.0, 360_102.0), (13.4e6, 4.3e6)),
    ]
)
_NEAR = st.tuples(_ON_CITY, st.floats(-0.5, 0.5)).map(lambda s: (s[0][0] + s[1], s[0][1] - s[1]))
_ANYWHERE = st.tuples(st.floats(), st.floats())


@given(st.lists(st.one_of(_ANYWHERE, _NEAR), min_size=1, max_size=5))
def test_what_is_known_at_once_to_lie_elsewhere_is_placed_nowhere(spots):
    bounds = np.array([(x, y, x, y) for x, y in spots])

    told = crs.may_be_on_city(bounds, EXTENT, 4549)

    for row, there in zip(bounds.tolist(), told.tolist(), strict=True):
        written = crs.written_as(tuple(row), EXTENT, 4549)
        assert there or not (diagnose(tuple(row), EXTENT, 4549).on_city or written)
