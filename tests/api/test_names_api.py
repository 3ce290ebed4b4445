"""`POST /api/v1/names/check`: the same verdict as the service, and refusals that can be read."""

from __future__ import annotations

import json
from datetime import date

import pytest

from geo_service.api.schemas import VerdictBody
from geo_service.domain.finding import Severity
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType
from geo_service.rules.names import Standing
from geo_service.services.finding_decisions import Signature, waive
from geo_service.services.name_states import follow
from geo_service.services.names import NameRequest, check_name
from geo_service.services.wire import verdict_json

URL = "/api/v1/names/check"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [("曼哈顿广场", "estate"), ("台湾路", "road"), ("玉皇庙村", "village"), ("EE新城", "estate")],
)
def test_the_answer_is_the_one_of_the_service(client, services, name, kind, lang):
    answer = client.post(URL, json={"name": name, "feature_type": kind}, params={"lang": lang})
    assert answer.status_code == 200
    request = NameRequest(name, FeatureType(kind), Standing.PROPOSED, date(2026, 11, 23))
    verdict = check_name(request, services.city, services.store)
    assert answer.json() == verdict_json(verdict, lang)
    VerdictBody.model_validate(answer.json())


def test_every_field_of_the_body_reaches_the_service(client, services):
    position = services.store.records("place-names")[0].geometry
    body = {
        "name": "幸福路",
        "feature_type": "road",
        "status": "existing",
        "as_of": "2021-06-01",
        "position": {"lon": position.x, "lat": position.y},
        "unit_code": "990101",
        "register": True,
    }
    request = NameRequest(
        "幸福路",
        FeatureType.ROAD,
        Standing.EXISTING,
        date(2021, 6, 1),
        (position.x, position.y),
        DivisionCode("990101"),
    )
    expected = verdict_json(check_name(request, services.city, services.store), "zh")
    assert client.post(URL, json=body).json() == expected


def test_without_the_register_nothing_is_near(client, services):
    name = services.store.records("place-names")[0].name
    body = {"name": name, "feature_type": "road"}
    assert client.post(URL, json=body).json()["near"]
    assert client.post(URL, json={**body, "register": False}).json()["near"] == []


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("", "zh"),
        ("en", "en"),
        ("en-GB,zh;q=0.8", "en"),
        ("en;q=0.3, zh-CN;q=0.9", "zh"),
        ("fr, de;q=0.5", "zh"),
        ("en;q=0", "zh"),
        ("en;q=nonsense", "zh"),
        (",;,;q=", "zh"),
    ],
)
def test_language_by_header(client, header, lang):
    body = {"name": "台湾路", "feature_type": "road"}
    spoken = client.post(URL, json=body, headers={"accept-language": header}).json()
    assert spoken == client.post(URL, json=body, params={"lang": lang}).json()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"feature_type": "road"}, "#/name"),
        ({"name": "", "feature_type": "road"}, "#/name"),
        ({"name": "路" * 2000, "feature_type": "road"}, "#/name"),
        ({"name": 5, "feature_type": "road"}, "#/name"),
        ({"name": "幸福路"}, "#/feature_type"),
        ({"name": "幸福路", "feature_type": "street"}, "#/feature_type"),
        ({"name": "幸福路", "feature_type": "road", "status": "x"}, "#/status"),
        ({"name": "幸福路", "feature_type": "road", "as_of": "2024-13-01"}, "#/as_of"),
        ({"name": "幸福路", "feature_type": "road", "as_of": "yesterday"}, "#/as_of"),
        ({"name": "幸福路", "feature_type": "road", "colour": 1}, "#/colour"),
        ({"name": "幸福路", "feature_type": "road", "position": [1, 2]}, "#/position"),
        (
            {"name": "幸福路", "feature_type": "road", "position": {"lon": 36, "lat": 120}},
            "#/position/lat",
        ),
        ({"name": "幸福路", "feature_type": "road", "position": {"lon": 36}}, "#/position/lat"),
        ({"name": "幸福路", "feature_type": "road", "register": "perhaps"}, "#/register"),
        ([], "#"),
        ("幸福路", "#"),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_wrong_field_is_pointed_at_in_both_languages(client, body, pointer, lang):
    answer = client.post(URL, json=body, params={"lang": lang})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "body_invalid"
    assert pointer in [error["pointer"] for error in problem["errors"]]
    assert all(error["detail"] for error in problem["errors"])
    assert "路路路" not in answer.text, "what was sent is not echoed"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"nul", b'{"name": "\xff"}', b"[" * 100_000, b'{"name": NaN, "feature_type": 1}'],
)
def test_broken_json_is_a_refusal_and_never_a_crash(client, content):
    answer = client.post(URL, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("json_malformed", "body_invalid", "request_refused")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "   ", "feature_type": "road"}, "name_empty"),
        ({"name": "幸福\u0007路", "feature_type": "road"}, "name_unreadable"),
        (
            {"name": "幸福路", "feature_type": "road", "unit_code": "37O2O2"},
            "division_code_malformed",
        ),
    ],
)
def test_refusals_of_the_service_keep_their_code(client, body, code):
    answer = client.post(URL, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_lone_surrogate_is_refused(client):
    content = json.dumps({"name": "幸福\ud800路", "feature_type": "road"}).encode()
    answer = client.post(URL, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_coordinates_that_are_no_numbers_are_refused(client):
    for value in ("NaN", "Infinity", "1e999"):
        position = f'{{"lon": {value}, "lat": 36}}'
        content = f'{{"name": "幸福路", "feature_type": "road", "position": {position}}}'
        answer = client.post(
            URL, content=content.encode(), headers={"content-type": "application/json"}
        )
        assert answer.status_code in (400, 422)


def test_facts_of_size_travel_with_the_name_and_impossible_ones_are_refused(client):
    body = {"name": "云霄路", "feature_type": "road", "register": False}
    told = {"width_m": 30.0, "road_class": "lane"}
    assert client.post(URL, json={**body, "facts": told}).status_code == 200
    for wrong in ({"width_m": -1}, {"width": 3}, {"road_class": "alley"}):
        answer = client.post(URL, json={**body, "facts": wrong})
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_finding_that_was_waived_says_so_and_the_verdict_stays(fresh):
    services, client = fresh(True)
    name = services.store.records("place-names")[0].name
    body = {"name": name, "feature_type": "road"}
    before = client.post(URL, json=body).json()
    today = services.today()
    request = NameRequest(name, FeatureType.ROAD, Standing.PROPOSED, today)
    verdict = check_name(request, services.city, services.store)
    asked = (verdict, request, services.city, services.store)
    follow(*asked, restricted=False, actor="test", today=today)
    waivable = next(f for f in verdict.findings if f.severity is not Severity.PROHIBITED)
    by = Signature(signer="张三", reason="相距较远", actor="test")
    waive(services.store, waivable.fingerprint, by, today=today)
    after = client.post(URL, json=body).json()
    states = {f["fingerprint"]: f["state"] for f in after["findings"]}
    assert states.pop(waivable.fingerprint) == "waived"
    assert set(states.values()) <= {"open"}
    assert after["verdict"] == before["verdict"]
