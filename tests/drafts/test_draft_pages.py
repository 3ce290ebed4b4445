"""The pages of drafts: proposed in a form, decided on by another, buttons by what one may do."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from geo_service.api import audience
from geo_service.api.app import create_app
from geo_service.domain.access import Asker
from geo_service.domain.change import RecordKind
from geo_service.services.drafts.reading import draft_of
from tests.drafts.conftest import CLERK, COMMITTEE, LINE, OFFICE, VIEWER

FORM = {"r_name": "青石大桥", "target": "P-1", "effective_on": "2026-12-01", "reason": "测试"}


@pytest.fixture
def as_who(file_services, monkeypatch):
    """`as_who(asker, method, path)` asks for somebody with a browser."""
    client = TestClient(
        create_app(file_services, file_services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        headers={"accept": "text/html"},
        follow_redirects=False,
        raise_server_exceptions=False,
    )

    def ask(who: Asker, method: str, path: str, **told):
        monkeypatch.setattr(audience, "demo_asker", lambda _audience: who)
        return client.request(method, path, **told)

    return ask


def acts(answer) -> set[str]:
    """The buttons of a page."""
    return set(re.findall(r'name="act" value="(\w+)"', answer.text))


@pytest.fixture
def made(as_who) -> str:
    answer = as_who(CLERK, "POST", "/drafts/new/place-names", data=FORM)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_change_is_proposed_from_the_record_and_approved_by_another(
    file_services, as_who, made
) -> None:
    record = as_who(CLERK, "GET", "/register/place-names/P-1").text
    assert "/drafts/new/place-names?target=P-1" in record
    assert "/drafts/new/" not in as_who(OFFICE, "GET", "/register/place-names/P-1").text
    shown = as_who(CLERK, "GET", made)
    assert acts(shown) == {"submit", "withdraw"}
    assert "青石大桥" in shown.text and "/map/draft/" in shown.text
    assert as_who(CLERK, "GET", f"/map{made.replace('drafts', 'draft')}/after").status_code == 200
    assert as_who(CLERK, "POST", made, data={"act": "submit", "version": "1"}).status_code == 303
    assert acts(as_who(CLERK, "GET", made)) == {"withdraw"}
    assert made in as_who(COMMITTEE, "GET", "/drafts").text
    assert acts(as_who(COMMITTEE, "GET", made)) == {"approve", "reject"}
    done = {"act": "approve", "version": "2", "document_no": "示例文1号", "reason": "同意"}
    assert as_who(COMMITTEE, "POST", made, data=done).status_code == 303
    closed = as_who(CLERK, "GET", f"{made}?lang=en")
    assert acts(closed) == set() and "approved" in closed.text
    assert draft_of(file_services.store, made.rpartition("/")[2]).draft.event


def test_ones_own_draft_is_refused_on_the_page_too(file_services, as_who) -> None:
    made = as_who(COMMITTEE, "POST", "/drafts/new/place-names", data=FORM).headers["location"]
    as_who(COMMITTEE, "POST", made, data={"act": "submit", "version": "1"})
    assert acts(as_who(COMMITTEE, "GET", made)) == {"withdraw"}
    forced = {"act": "approve", "version": "2", "document_no": "1"}
    refused = as_who(COMMITTEE, "POST", made, data=forced)
    assert (refused.status_code, "本人起草" in refused.text) == (403, True)
    assert file_services.store.version(RecordKind.PLACE_NAMES, "P-1") == 1


def test_a_refusal_keeps_what_was_typed_and_an_edit_shows_it(as_who, made) -> None:
    wrong = as_who(CLERK, "POST", "/drafts/new/place-names", data={**FORM, "r_unit_code": "甲"})
    assert wrong.status_code == 422
    assert "青石大桥" in wrong.text
    edit = as_who(CLERK, "GET", f"{made}/edit")
    assert 'value="青石大桥"' in edit.text
    again = {**FORM, "version": "1", "act": "rename", "r_name": "青石东桥"}
    assert as_who(CLERK, "POST", f"{made}/edit", data=again).status_code == 303
    stale = as_who(CLERK, "POST", f"{made}/edit", data={**again, "r_name": "青石西桥"})
    assert stale.status_code == 409
    assert "青石东桥" in as_who(CLERK, "GET", made).text


def test_who_does_not_work_on_drafts_is_told_so(as_who, made) -> None:
    page = as_who(VIEWER, "GET", "/drafts?lang=en")
    assert page.status_code == 200
    assert "No right to work on drafts" in page.text
    for path in (made, f"{made}/edit"):
        assert as_who(VIEWER, "GET", path).status_code == 404
    assert as_who(VIEWER, "GET", "/drafts/new/roads").status_code == 403
    assert as_who(OFFICE, "GET", made).status_code == 404


@pytest.mark.parametrize("word", ["units", "boundary-lines", "markers", "junctions"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_has_its_form(as_who, word, lang) -> None:
    page = as_who(OFFICE, "GET", f"/drafts/new/{word}?lang={lang}&target={LINE}")
    assert page.status_code == 200
    assert 'name="geometry"' in page.text
