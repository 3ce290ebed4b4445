"""`POST /api/v1/names/suggest`: the alternatives of the service."""

from __future__ import annotations

from datetime import date

import pytest

from geo_service.api.suggestions import SuggestionsBody
from geo_service.domain.place import FeatureType
from geo_service.rules.names import Standing
from geo_service.services.name_suggestions import suggest, suggestions_json
from geo_service.services.names import NameRequest, check_name

URL = "/api/v1/names/suggest"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", ["環海EE花園", "福安苑", ""])
def test_the_answer_is_the_one_of_the_service(client, services, name, lang):
    place = services.store.records("place-names")[0].geometry
    position = {"lon": place.x, "lat": place.y}
    body = {"name": name, "feature_type": "estate", "position": position, "limit": 5}
    answer = client.post(URL, json=body, params={"lang": lang})
    assert answer.status_code == 200
    request = NameRequest(
        name, FeatureType.ESTATE, Standing.PROPOSED, date(2026, 11, 23), (place.x, place.y)
    )
    verdict = check_name(request, services.city, services.store) if name else None
    found = suggest(request, verdict, services.city, services.store, limit=5)
    assert answer.json() == suggestions_json(found, lang)
    SuggestionsBody.model_validate(answer.json())


def test_alternatives_were_checked_with_the_same_facts(client):
    facts = {"road_class": "lane", "width_m": 8}
    body = {"name": "福安大道", "feature_type": "road", "facts": facts, "register": False}
    offered = client.post(URL, json=body).json()["suggestions"]
    assert offered[0]["name"] == "福安巷"
    assert {row["verdict"] for row in offered} == {"pass"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"feature_type": "road"}, "suggestions_nowhere"),
        ({"name": "EE路", "feature_type": "road", "limit": 0}, "body_invalid"),
        ({"name": "EE路", "feature_type": "road", "colour": "red"}, "body_invalid"),
        ({"name": "\u0007路", "feature_type": "road"}, "name_unreadable"),
    ],
)
def test_refusals_can_be_read(client, body, code):
    answer = client.post(URL, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
