"""Moments at the ends of the calendar, asked for on every way to the register."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from geo_service.domain.clock import in_utc
from geo_service.store.log import stamp

BEFORE_ALL, AFTER_ALL = "0001-01-01T00:00:00%2B08:00", "9999-12-31T23:59:59-08:00"
PLACES = "/ogc/collections/place-names/items"


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))), "0001-01-01T00:00:00.000Z"),
        (
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-8))),
            "9999-12-31T23:59:59.999Z",
        ),
        (datetime(300, 5, 1, tzinfo=UTC), "0300-05-01T00:00:00.000Z"),
    ],
)
def test_stamps_sort_like_their_moments(moment: datetime, told: str) -> None:
    assert stamp(moment) == told
    assert stamp(moment) == stamp(in_utc(moment))


@pytest.mark.parametrize("moment", [BEFORE_ALL, "0300-01-01T00:00:00Z"])
def test_before_the_first_entry_nothing_was_known(client, moment: str) -> None:
    assert client.get(f"{PLACES}?known_at={moment}").json()["numberMatched"] == 0
    counted = client.get(f"/api/v1/register/counts?known_at={moment}").json()["counts"]
    assert set(counted.values()) == {0}
    listed = client.get(f"/api/v1/register/place-names?known_at={moment}").json()
    assert (listed["records"], listed["next_cursor"]) == ([], None)
    assert client.get(f"/api/v1/findings?known_at={moment}").json()["total"] == 0
    assert client.get(f"/api/v1/names/search?q=路&known_at={moment}").json()["hits"] == []


def test_at_the_end_of_time_all_is_known(client) -> None:
    now = client.get(PLACES).json()["numberMatched"]
    assert client.get(f"{PLACES}?known_at={AFTER_ALL}").json()["numberMatched"] == now
    first = client.get(f"/api/v1/register/place-names?known_at={AFTER_ALL}&limit=1").json()
    more = {"known_at": "9999-12-31T23:59:59-08:00", "limit": 1, "cursor": first["next_cursor"]}
    second = client.get("/api/v1/register/place-names", params=more)
    assert second.status_code == 200
    assert second.json()["records"][0]["id"] != first["records"][0]["id"]
