"""City profiles as data: every one loads, and a second city needs no code."""

from datetime import date
from itertools import pairwise

import pytest

from geo_service import cities
from geo_service.domain.identity import DivisionCode


@pytest.fixture(params=cities.city_codes())
def profile(request: pytest.FixtureRequest) -> cities.CityProfile:
    return cities.city(request.param)


def test_there_are_two_real_cities_and_one_invented() -> None:
    profiles = [cities.city(code) for code in cities.city_codes()]

    assert {p.code for p in profiles if not p.synthetic} == {"370200", "370600"}
    assert [p.code for p in profiles if p.synthetic] == ["990100"]


def test_periods_of_one_code_follow_each_other(profile: cities.CityProfile) -> None:
    for code in {row.code for row in profile.codes}:
        history = profile.code_history(code)

        for earlier, later in pairwise(history):
            assert earlier.period.end is not None
            assert later.period.start is not None
            assert earlier.period.end <= later.period.start


def test_a_code_that_ended_has_successors_and_one_in_force_has_none(
    profile: cities.CityProfile,
) -> None:
    for row in profile.codes:
        assert bool(row.successors) == (row.period.end is not None), row


def test_successors_within_the_city_take_over_on_the_day(profile: cities.CityProfile) -> None:
    known = {row.code for row in profile.codes}
    for row in profile.codes:
        for successor in set(row.successors) & known:
            assert row.period.end is not None
            days = [later.period for later in profile.code_history(successor)]
            assert any(period.covers(row.period.end) for period in days), row


def test_neighbours_are_named_and_not_own(profile: cities.CityProfile) -> None:
    assert set(profile.neighbours) == set(profile.neighbour_names)
    assert not any(code.is_within(profile.code) for code in profile.neighbours)


def test_built_up_areas_name_units_of_their_time(profile: cities.CityProfile) -> None:
    for area in profile.built_up_areas:
        day = area.period.start or date(2026, 1, 1)

        assert area.units <= {row.code for row in profile.units_in_force(day)}


@pytest.mark.parametrize(
    ("day", "count", "present", "absent"),
    [
        (date(1985, 1, 1), 12, {"370221", "370204", "370206"}, {"370212", "370213"}),
        (date(1991, 1, 1), 12, {"370212", "379006", "379013"}, {"370281", "370221"}),
        (date(1994, 4, 22), 12, {"370204", "370206"}, {"370213", "370214"}),
        (date(1994, 4, 23), 12, {"370213", "370214"}, {"370204", "370206"}),
        (date(2012, 11, 30), 12, {"370205", "370284"}, {"370215"}),
        (date(2012, 12, 1), 10, {"370203", "370211", "370282"}, {"370205", "370284"}),
        (date(2021, 1, 1), 10, {"370215"}, {"370282"}),
    ],
)
def test_units_of_qingdao_over_time(
    day: date, count: int, present: set[str], absent: set[str]
) -> None:
    in_force = {str(row.code) for row in cities.city("370200").units_in_force(day)}

    assert len(in_force) == count
    assert present <= in_force
    assert not absent & in_force


def test_qingdao_has_seven_districts_today() -> None:
    profile = cities.city("370200")

    assert len(profile.urban_districts(date(2026, 1, 1))) == 7


def test_a_city_under_the_province_is_no_district_though_its_code_ends_low() -> None:
    profile = cities.city("370200")

    assert DivisionCode("379006") in {r.code for r in profile.units_in_force(date(1991, 1, 1))}
    assert DivisionCode("379006") not in profile.urban_districts(date(1991, 1, 1))


def test_a_code_keeps_its_former_life_apart() -> None:
    former, present = cities.city("370200").code_history(DivisionCode("370203"))

    assert former.period.end == present.period.start == date(2012, 12, 1)
    assert former.successors == ("370203",)


def test_yantai_lost_changdao_to_penglai() -> None:
    profile = cities.city("370600")
    (county,) = profile.code_history(DivisionCode("370634"))

    assert county.period.end == date(2020, 6, 5)
    assert county.successors == ("370614",)
    assert len(profile.units_in_force(date(2026, 1, 1))) == 11
