"""Periods: half-open spans of valid time, checked against the plain definition day by day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_service.domain.period import ALWAYS, Period
from geo_service.errors import InputError

EPOCH = date(2022, 4, 25)
DAYS = [EPOCH + timedelta(days=n) for n in range(12)]


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(st.none() | st.integers(0, 10))
    end = draw(st.none() | st.integers(1 if start is None else start + 1, 11))
    return Period(
        None if start is None else DAYS[start],
        None if end is None else DAYS[end],
    )


def days_of(period: Period) -> set[date]:
    before, after = DAYS[0] - timedelta(days=1), DAYS[-1] + timedelta(days=1)
    return {day for day in [before, *DAYS, after] if period.covers(day)}


@given(periods(), periods())
def test_two_periods_intersect_exactly_when_they_share_a_day(one: Period, other: Period) -> None:
    assert one.intersects(other) == bool(days_of(one) & days_of(other))


@given(periods(), periods())
def test_a_period_contains_another_exactly_when_no_day_lies_outside(
    one: Period, other: Period
) -> None:
    assert one.contains(other) == (days_of(other) <= days_of(one))


def test_a_law_and_its_successor_meet_without_gap_or_overlap() -> None:
    changed = date(2022, 5, 1)
    old, new = Period(date(1986, 1, 23), changed), Period(changed)
    assert old.covers(date(2022, 4, 30))
    assert not old.covers(changed)
    assert new.covers(changed)
    assert not old.intersects(new)


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        Period(date(2022, 5, 1), date(2022, 5, 1))
    assert refusal.value.code == "period_empty"


def test_always_covers_every_day() -> None:
    assert ALWAYS.covers(date.min)
    assert ALWAYS.covers(date.max)
