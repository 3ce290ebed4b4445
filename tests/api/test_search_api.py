"""`GET /api/v1/names/search`: the answer of the service, and refusals that can be read."""

from __future__ import annotations

from datetime import date

import pytest

from geo_service.api.schemas import SearchBody
from geo_service.domain.identity import DivisionCode
from geo_service.services.search import SearchRequest, search, search_json

URL = "/api/v1/names/search"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_answer_is_the_one_of_the_service(client, services, lang):
    name = services.store.records("place-names")[0].name
    asked = {"q": name[:2], "near": "119,36.5", "unit": "990100", "limit": 5, "offset": 1}
    answer = client.get(URL, params={**asked, "as_of": "2024-06-01", "lang": lang})
    assert answer.status_code == 200
    request = SearchRequest(
        name[:2], date(2024, 6, 1), (119.0, 36.5), DivisionCode("990100"), limit=5, offset=1
    )
    page = search(request, services.name_index, services.store)
    assert answer.json() == search_json(page, lang)
    SearchBody.model_validate(answer.json())


def test_a_name_of_the_register_is_found_first(client, services):
    place = services.store.records("place-names")[0]
    [first, *_rest] = client.get(URL, params={"q": place.name}).json()["hits"]
    assert first["name"] == place.name
    assert first["match"] == "same"


def test_nothing_found_is_an_answer(client):
    answer = client.get(URL, params={"q": "査無此名者也"})
    assert answer.status_code == 200
    assert answer.json()["total"] == 0
    assert answer.json()["hits"] == []


def test_an_empty_register_is_an_answer(fresh):
    _services, client = fresh(False)
    assert client.get(URL, params={"q": "路"}).json()["hits"] == []


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "search_empty"),
        ({"q": "路", "near": "here"}, 422, "parameter_unreadable"),
        ({"q": "路", "near": "36.0,120.0"}, 422, "position_impossible"),
        ({"q": "路", "unit": "37"}, 422, "division_code_malformed"),
        ({"q": "路" * 101}, 422, "name_too_long"),
        ({"q": "路", "name": "路"}, 400, "parameter_unknown"),
    ],
)
def test_what_cannot_be_asked_is_refused(client, asked, status, code):
    answer = client.get(URL, params=asked)
    assert answer.json()["code"] == code
    assert answer.status_code == status


@pytest.mark.parametrize("asked", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"as_of": "x"}])
def test_parameters_out_of_range_are_refused(client, asked):
    answer = client.get(URL, params={"q": "路", **asked})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")
