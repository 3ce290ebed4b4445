"""Answers that are kept: the same words get the same answer, until the register moves."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.api.ogc import ready_answers
from geo_service.api.ogc.stamped import Stamped
from geo_service.compose import Services
from geo_service.domain.change import Operation
from geo_service.domain.provenance import Label
from geo_service.store.opening import open_store
from tests.ogc.conftest import NOW, change, client_of, place

ITEMS = "/ogc/collections/place-names/items"
QUESTIONS = (
    f"{ITEMS}?limit=5",
    f"{ITEMS}?bbox=119.5,38.5,119.6,38.6&lang=en",
    f"{ITEMS}?filter=name LIKE '甲1%25'",
    f"{ITEMS}/P-003?f=json",
    "/ogc/collections/units/items",
    "/ogc/collections/place-names/tiles/WebMercatorQuad/8/98/213",
    "/ogc/tiles/WebMercatorQuad/8/98/213",
)
_STAMP = re.compile(rb'"timeStamp":"[^"]*"')


def told(answer: Any) -> tuple[int, bytes, dict[str, str]]:
    """What an answer says, but for what is new in each: its moment and its number."""
    headers = {k: v for k, v in answer.headers.items() if k != "x-request-id"}
    return answer.status_code, _STAMP.sub(b"", answer.content), headers


class Counted:
    """Counts the answers that routes give."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = 0
        make = ready_answers.Lasting.__init__

        def counted(*words: Any) -> None:
            self.made += 1
            make(*words)

        monkeypatch.setattr(ready_answers.Lasting, "__init__", counted)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_asked_again_an_answer_is_the_same_and_not_made_anew(
    client: TestClient, counted: Counted, question: str, coding: str
) -> None:
    headers = {"accept-encoding": coding, "accept": f"*/*;q=0.{len(coding)}"}
    first, again = (client.get(question, headers=headers) for _ in range(2))
    assert first.status_code == 200
    assert told(first) == told(again)
    assert counted.made <= 1
    assert (
        client.get(question, headers=headers | {"accept-encoding": "identity"}).status_code == 200
    )


def test_a_kept_answer_is_sent_to_those_alone_who_have_it_not(client: TestClient) -> None:
    answer = client.get(QUESTIONS[0])
    same = client.get(QUESTIONS[0], headers={"if-none-match": answer.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == answer.headers["etag"]
    assert client.get(QUESTIONS[0], headers={"if-none-match": '"x"'}).status_code == 200


@pytest.mark.parametrize("packed", [True, False])
def test_the_moment_in_an_answer_is_that_of_its_sending(
    monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    text = Stamped(b'","rest":"' + b"x" * 70_000 + b'"}', b'{"timeStamp":"')
    sizes = set()
    for moment in (b"2026-11-23T06:00:00Z", b"2026-11-23T06:00:01Z"):
        monkeypatch.setattr("geo_service.api.ogc.stamped._now", lambda moment=moment: moment)
        sent = (text.gzipped() if packed else text).sent()
        plain = gzip.decompress(sent) if packed else sent
        assert plain == b'{"timeStamp":"' + moment + text.rest
        if packed:  # one file, not several in a row: some clients read no more than the first
            reading = zlib.decompressobj(31)
            assert reading.decompress(sent) == plain
            assert (reading.eof, reading.unused_data) == (True, b"")
        sizes.add(len(sent))
    assert len(sizes) == 1


def test_an_edit_by_another_process_is_seen_by_the_next_request(
    fresh: Callable[..., Services],
) -> None:
    services = fresh()
    client = client_of(services)
    questions = [ITEMS + "?limit=100", f"{ITEMS}/P-003", QUESTIONS[5]]
    before = [told(client.get(question)) for question in questions]
    other = open_store(services.settings.store)
    edited = place(3, name="乙3路")
    with other.begin() as work:
        work.append([change(edited, Operation.CORRECT, 1)])
    after = [told(client.get(question)) for question in questions]
    other.close()
    assert all(old != new for old, new in zip(before, after, strict=True))
    assert "乙3路".encode() in after[0][1]
    assert "乙3路".encode() in after[1][1]
    with other_writer(services) as work:
        work.append([change(place(22, name="丙路"))])
    assert "丙路".encode() in client.get(questions[0]).content


def other_writer(services: Services) -> Any:
    return open_store(services.settings.store).begin()


def test_while_somebody_writes_kept_answers_go_out_as_the_register_stands(
    fresh: Callable[..., Services],
) -> None:
    services = fresh()
    client = client_of(services)
    before = client.get(ITEMS).json()["numberMatched"]
    with other_writer(services) as work:
        work.append([change(place(21))])
        assert client.get(ITEMS).json()["numberMatched"] == before
    assert client.get(ITEMS).json()["numberMatched"] == before + 1


def test_an_answer_of_yesterday_is_not_given_today(fresh: Callable[..., Services]) -> None:
    services = fresh()
    client = client_of(services)
    before = client.get(ITEMS).json()["numberMatched"]
    services.clock = lambda: NOW + timedelta(days=365 * 20)  # some names have ended by then
    assert client.get(ITEMS).json()["numberMatched"] < before


def test_the_public_is_never_given_what_was_kept_for_an_officer(
    fresh: Callable[..., Services], tmp_path: Any
) -> None:
    settings = fresh().settings
    settings = replace(
        settings, auth=True, public_read=True, accounts=str(tmp_path / "accounts.sqlite")
    )
    services = compose.build(settings, clock=lambda: NOW)
    account = services.office.accounts
    account.add("clerk", "某人", ["clerk"], actor="test", password="kelp harbour 71 lantern")
    asker = account.find("clerk")
    assert asker is not None
    token = services.office.tokens.make(asker, "全部", {"content.read"}, 30, actor="test")
    client = TestClient(
        create_app(services, settings), base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1)
    )
    officer = {"authorization": f"Bearer {token}"}
    for _ in range(2):
        whole = client.get(ITEMS + "?limit=100", headers=officer).json()
        public = client.get(ITEMS + "?limit=100").json()
        labels = {feature["properties"]["label"] for feature in public["features"]}
        assert labels == {Label.PUBLIC}
        assert whole["numberMatched"] > public["numberMatched"]
        assert client.get(f"{ITEMS}/P-002", headers=officer).status_code == 200
        assert client.get(f"{ITEMS}/P-002").status_code == 404
    services.office.accounts.disable("clerk", actor="test")
    assert client.get(f"{ITEMS}/P-002", headers=officer).status_code in (401, 403)
    services.close()


def test_kept_answers_take_no_more_room_than_they_may(
    fresh: Callable[..., Services], monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    monkeypatch.setattr(ready_answers, "MAX_BYTES", 20_000)
    client = client_of(fresh())
    for limit in (1, 2, 3, 4, 5, 6, 7, 8, 9, 8, 9):
        assert client.get(f"{ITEMS}?limit={limit}").json()["numberReturned"] == limit
    assert 9 <= counted.made <= 11
    made = counted.made
    client.get(f"{ITEMS}?limit=9")
    assert counted.made == made
    client.get(f"{ITEMS}?limit=1")
    assert counted.made == made + 1


def test_a_long_question_takes_its_own_room(
    fresh: Callable[..., Services], monkeypatch: pytest.MonkeyPatch, counted: Counted
) -> None:
    """A header may be thirty times as long as the answer that is kept under it."""
    monkeypatch.setattr(ready_answers, "MAX_BYTES", 20_000)
    client = client_of(fresh())
    long = [{"accept": f"application/json, text/{letter * 12_000}"} for letter in "ab"]
    for headers in (*long, long[0]):
        assert client.get(f"{ITEMS}?limit=1", headers=headers).status_code == 200
    assert counted.made == 3


def test_a_request_answered_from_what_is_kept_is_counted_by_its_route(
    fresh: Callable[..., Services],
) -> None:
    client = client_of(fresh())
    for _ in range(3):
        client.get(ITEMS)
    counted = 'route="/ogc/collections/{collectionId}/items",status="200"} 3.0'
    assert counted in client.get("/metrics").text
