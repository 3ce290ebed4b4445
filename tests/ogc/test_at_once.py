"""What is asked for the first time, but lies ready, is answered between two other requests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geo_service import cities
from geo_service.api.ogc import items
from geo_service.compose import Services
from geo_service.domain.access import Right, Role
from geo_service.services.serving import cache, selecting, snapshot
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS
from tests.ogc.conftest import change, client_of, place

ITEMS = "/ogc/collections/place-names/items"
UNITS = "/ogc/collections/units/items"
PLANE = cities.city("990100").plane_epsg
WARM = (f"{ITEMS}?bbox=119,38,120,39&limit=100", f"{UNITS}?bbox=119,38,120,39")
QUESTIONS = (
    f"{ITEMS}?bbox=119.5,38.5,119.6,38.6&limit=7",
    f"{ITEMS}?bbox=119.5,38.5,119.6,38.6&limit=3&offset=2&lang=en",
    f"{ITEMS}?bbox=38.5,119.5,38.6,119.6&bbox-crs=http://www.opengis.net/def/crs/EPSG/0/4490",
    f"{ITEMS}?bbox=179,38,119.6,39&limit=4",  # across the antimeridian
    f"{ITEMS}?bbox=10,10,11,11",
    f"{ITEMS}?limit=9&after=P-004",
    f"{UNITS}?bbox=119.45,38.45,119.55,38.55",  # crosses an edge: its outline is looked at
    f"{UNITS}?bbox=119.45,38.45,119.48,38.55",
    f"{ITEMS}/P-003",
    f"{ITEMS}/P-003?crs=http://www.opengis.net/def/crs/EPSG/0/4490&f=json",
)
_STAMP = re.compile(rb'"timeStamp":"[^"]*"')


class Threads:
    """Counts the answers that are made in a thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.used = 0
        send = items.run_in_threadpool

        async def counted(*words: Any) -> Any:
            self.used += 1
            return await send(*words)

        monkeypatch.setattr(items, "run_in_threadpool", counted)


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Threads:
    return Threads(monkeypatch)


@pytest.fixture
def warm(fresh: Callable[..., Services], threads: Threads) -> TestClient:
    client = client_of(fresh())
    for question in WARM:
        assert client.get(question).status_code == 200
    assert threads.used == len(WARM)
    threads.used = 0
    return client


def told(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
    return answer.status_code, _STAMP.sub(b"", answer.content), headers


@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_it_is_the_answer_of_a_thread_without_one(
    warm: TestClient, threads: Threads, monkeypatch: pytest.MonkeyPatch, coding: str
) -> None:
    headers = {"accept-encoding": coding}
    quick = [told(warm.get(question, headers=headers)) for question in QUESTIONS]
    assert threads.used == 0
    monkeypatch.setattr("geo_service.services.serving.cache.ReadyFeatures.mark_at_once", _untold)
    other = TestClient(warm.app, base_url=str(warm.base_url), client=("127.0.0.1", 1))
    monkeypatch.setattr("geo_service.api.ogc.ready_answers.Answers.find", _untold)
    slow = [told(other.get(question, headers=headers)) for question in QUESTIONS]
    assert threads.used == len(QUESTIONS)
    assert quick == slow


def _untold(*_asked: object) -> None:
    """As while somebody commits, and where nothing is kept."""


@pytest.mark.parametrize(
    "question",
    [
        f"{ITEMS}?bbox=119.5,38.5,119.6,38.6&f=html",
        f"{ITEMS}?filter=name LIKE '甲1%25'",
        f"{ITEMS}?datetime=2020-01-01",
        f"{ITEMS}?feature_type=road",
        f"{ITEMS}?crs=http://www.opengis.net/def/crs/EPSG/0/{PLANE}",  # none is written so yet
        f"{ITEMS}?bbox=119,38,120,39&as_of=2020-01-01",  # another view
        f"{ITEMS}/P-003?f=html",
    ],
)
def test_what_may_take_its_time_keeps_nobody_waiting(
    warm: TestClient, threads: Threads, question: str
) -> None:
    assert warm.get(question).status_code == 200
    assert threads.used == 1


def test_what_is_much_goes_to_a_thread(
    warm: TestClient, threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "QUICK_FEATURES", 5)
    warm.get(f"{ITEMS}?limit=6")
    assert threads.used == 1
    monkeypatch.setattr(items, "QUICK_BYTES", 500)
    warm.get(f"{ITEMS}?limit=5")
    assert threads.used == 2
    monkeypatch.setattr(selecting, "QUICK", 19)
    warm.get(f"{ITEMS}?bbox=119,38,121,39&limit=1")
    assert threads.used == 3
    warm.get(f"{ITEMS}?bbox=10,38,11,39&limit=1")
    assert threads.used == 3


def test_what_is_yet_to_be_written_goes_to_a_thread_unless_it_is_little(
    fresh: Callable[..., Services], threads: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(fresh())
    client.get(f"{ITEMS}?limit=1")
    client.get(f"{UNITS}?limit=1&f=html")
    threads.used = 0
    monkeypatch.setattr(snapshot, "QUICK_FEATURES", 4)
    client.get(f"{ITEMS}?limit=5")
    assert threads.used == 0  # the first is there
    client.get(f"{ITEMS}?limit=10")
    assert threads.used == 1
    monkeypatch.setattr(snapshot, "QUICK_CORNERS", 4)
    client.get(UNITS)
    assert threads.used == 2


def test_an_edit_is_seen_at_once(fresh: Callable[..., Services]) -> None:
    services = fresh()
    client = client_of(services)
    for number in range(21, 25):
        asked = f"{ITEMS}?bbox=119.5,38.5,120,39.{number}"
        client.get(f"{asked}&limit=1")
        with services.store.begin() as work:
            work.append([change(place(number, period=place(1).period))])
        assert client.get(f"{asked}&limit=2").json()["numberMatched"] == number


def test_views_that_are_asked_for_stay(
    fresh: Callable[..., Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those not asked for longest go, whenever they were made."""
    monkeypatch.setattr(cache, "MAX_FEATURES", 45)
    features, names = fresh().features, COLLECTIONS["place-names"]
    days = [View(date(2026, 1, day)) for day in (1, 2, 3)]
    first, second = (features.ready(names, day) for day in days[:2])
    assert len(first.snapshot) == 20
    assert features.ready(names, days[0]) is first
    features.ready(names, days[2])
    assert features.ready_at_once(names, days[0]) is first
    assert features.ready_at_once(names, days[1]) is None
    assert features.ready(names, days[1]) is not second
    assert features.ready_at_once(names, days[2]) is None  # the first was asked for after it


def test_another_coarseness_is_another_tag(fresh: Callable[..., Services]) -> None:
    """The register may be the same while what the public is shown of it is not."""
    services = fresh(public_read=True, public_decimals=3)
    asked = f"{ITEMS}?limit=2"
    tag = client_of(services).get(asked).headers["etag"]
    services.settings = replace(services.settings, public_decimals=4)
    again = client_of(services).get(asked, headers={"if-none-match": tag})
    assert (again.status_code, again.headers["etag"] == tag) == (200, False)


@pytest.mark.parametrize(
    "question",
    [f"{ITEMS}?nonsense=1", f"{ITEMS}?limit=0", f"{ITEMS}?bbox=1,2,3", f"{ITEMS}?f=xml", ITEMS],
)
def test_where_an_answer_was_given_before_a_refusal_is_told_as_ever(
    fresh: Callable[..., Services], question: str
) -> None:
    services = fresh()
    number = {"x-request-id": "a" * 8}  # stands in the refusal
    before = client_of(services).get(question, headers=number)
    client = client_of(services)
    assert client.get(f"{ITEMS}?limit=1").status_code == 200
    after = client.get(question, headers=number)
    assert told(after) == told(before)
    assert after.status_code == (200 if question == ITEMS else 400)
    assert (client.head(ITEMS).status_code, client.options(ITEMS).status_code) == (200, 204)


def test_where_somebody_was_answered_nobody_is_without_the_right(
    fresh: Callable[..., Services], tmp_path: Path
) -> None:
    services = fresh(accounts=str(tmp_path / "accounts.sqlite"))
    services.settings = replace(services.settings, auth=True)
    office = services.office
    office.accounts.add("clerk", "某人", [Role.CLERK], actor="test", password="heron 58 quayside")
    secret = office.tokens.make(
        office.accounts.get("clerk"), "甲", [Right.CONTENT_READ], 3, actor="test"
    )
    client = client_of(services)
    known = {"authorization": f"Bearer {secret}"}
    for limit in (1, 2, 3):
        assert client.get(f"{ITEMS}?limit={limit}", headers=known).status_code == 200
        assert client.get(f"{ITEMS}?limit={limit + 10}").status_code == 401
    office.tokens.revoke("clerk", 1, actor="test")
    assert client.get(f"{ITEMS}?limit=4", headers=known).status_code == 401
