"""The Reconciliation Service API 0.2 against schemas written from its text."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from geo_service.domain.change import Change, Operation
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NamedPlace
from geo_service.domain.provenance import Force, Provenance

URL = "/api/v1/reconcile"
TEXT = {"type": "string"}
TERM = {
    "type": "object",
    "properties": {"id": TEXT, "name": TEXT},
    "required": ["id", "name"],
}
SERVICE = {
    "type": "object",
    "properties": {
        "service_url": {"type": "string", "pattern": "^https?://"},
        "service_path": {"type": "string", "pattern": "^/"},
    },
    "required": ["service_url", "service_path"],
}
MANIFEST = {
    "type": "object",
    "properties": {
        "versions": {"type": "array", "items": TEXT, "contains": {"const": "0.2"}},
        "name": TEXT,
        "identifierSpace": TEXT,
        "schemaSpace": TEXT,
        "defaultTypes": {"type": "array", "items": TERM},
        "view": {
            "type": "object",
            "properties": {"url": {"type": "string", "pattern": r"\{\{id\}\}"}},
            "required": ["url"],
        },
        "preview": {
            "type": "object",
            "properties": {
                "url": {"type": "string", "pattern": r"\{\{id\}\}"},
                "width": {"type": "integer"},
                "height": {"type": "integer"},
            },
            "required": ["url", "width", "height"],
        },
        "suggest": {"type": "object", "additionalProperties": SERVICE},
        "extend": {
            "type": "object",
            "properties": {"propose_properties": SERVICE, "property_settings": {"type": "array"}},
        },
    },
    "required": ["versions", "name", "identifierSpace", "schemaSpace"],
}
CANDIDATE = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "name": TEXT,
        "description": TEXT,
        "score": {"type": "number"},
        "match": {"type": "boolean"},
        "type": {"type": "array", "items": TERM},
        "features": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": TEXT, "value": {"type": ["number", "boolean"]}},
                "required": ["id", "value"],
            },
        },
    },
    "required": ["id", "name", "score"],
    "additionalProperties": False,
}
RESULTS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "properties": {"result": {"type": "array", "items": CANDIDATE}},
        "required": ["result"],
    },
}
SUGGESTED = {
    "type": "object",
    "properties": {
        "result": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": TEXT,
                    "name": TEXT,
                    "description": TEXT,
                    "notable": {"type": "array", "items": TERM},
                },
                "required": ["id", "name"],
            },
        }
    },
    "required": ["result"],
}
CELL = {
    "type": "array",
    "items": {
        "oneOf": [
            {"type": "object", "properties": {"str": TEXT}, "required": ["str"]},
            {"type": "object", "properties": {"date": TEXT}, "required": ["date"]},
            {"type": "object", "properties": {"float": {"type": "number"}}, "required": ["float"]},
        ]
    },
}
EXTENDED = {
    "type": "object",
    "properties": {
        "meta": {"type": "array", "items": TERM},
        "rows": {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": CELL},
        },
    },
    "required": ["meta", "rows"],
}


def place(key: str, name: str, kind=FeatureType.ROAD, unit="990101") -> NamedPlace:
    return NamedPlace(
        id=key,
        name=name,
        feature_type=kind,
        provenance=Provenance("示例数据", force=Force.SYNTHETIC),
        unit_code=DivisionCode(unit),
    )


PLACES = (
    place("P1", "幸福路"),
    place("P2", "兴福路"),
    place("P3", "幸福小区", FeatureType.ESTATE),
    place("P4", "双名路", unit="990101"),
    place("P5", "双名路", unit="990102"),
    place("P6", "海滨大道"),
)


@pytest.fixture
def client(fresh):
    services, client = fresh(False)
    with services.store.begin() as work:
        work.append(
            Change(operation=Operation.CREATE, record=each, actor="甲", reason="测试")
            for each in PLACES
        )
    return client


def fits(value, schema):
    Draft202012Validator(schema).validate(value)
    return value


def ask(client, **query):
    answer = client.post(URL, data={"queries": json.dumps({"q": query})})
    assert answer.status_code == 200, answer.text
    return fits(answer.json(), RESULTS)["q"]["result"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_manifest(client, lang) -> None:
    manifest = fits(client.get(URL, params={"lang": lang}).json(), MANIFEST)
    for part in manifest["suggest"].values():
        address = part["service_path"]
        fits(client.get(address, params={"prefix": "幸", "lang": lang}).json(), SUGGESTED)


def test_the_same_writing_comes_first_and_matches_where_it_stands_alone(client) -> None:
    first, second, *_ = ask(client, query="幸福路", type="road")
    assert (first["id"], first["score"], first["match"]) == ("P1", 100, True)
    assert (second["id"], second["match"]) == ("P2", False)
    assert 60 < second["score"] < 100
    assert first["type"][0]["id"] == "road"
    third = ask(client, query="幸福路")[1]
    assert (third["name"], third["match"]) == ("幸福小区", False), "the same specific, no match"


def test_two_of_one_name_match_neither_until_the_unit_is_told(client) -> None:
    both = ask(client, query="双名路")
    assert {each["id"] for each in both[:2]} == {"P4", "P5"}
    assert not any(each["match"] for each in both)
    (one, *_) = ask(client, query="双名路", properties=[{"pid": "unit_code", "v": "990102"}])
    assert (one["id"], one["match"]) == ("P5", True)


def test_a_type_narrows_and_a_limit_holds(client) -> None:
    found = ask(client, query="幸福小区", type="estate")
    assert {each["type"][0]["id"] for each in found} == {"estate"}
    assert len(ask(client, query="幸福路", limit=1)) == 1
    assert ask(client, query="") == []
    assert ask(client, query="龘" * 90) == []


def test_a_batch_of_many_by_address_and_by_form(client) -> None:
    queries = {f"q{n}": {"query": each.name} for n, each in enumerate(PLACES)}
    told = {"queries": json.dumps(queries)}
    by_form = fits(client.post(URL, data=told).json(), RESULTS)
    assert by_form == client.get(URL, params=told).json()
    assert set(by_form) == set(queries)


def test_more_is_told_of_known_names_and_nothing_of_unknown_ones(client) -> None:
    proposed = client.get(f"{URL}/extend/propose", params={"type": "road", "limit": 3}).json()
    assert len(proposed["properties"]) == 3
    asked = {"ids": ["P1", "none"], "properties": [{"id": "name"}, {"id": "unit_code"}]}
    told = fits(client.post(URL, data={"extend": json.dumps(asked)}).json(), EXTENDED)
    assert told["rows"]["P1"] == {"name": [{"str": "幸福路"}], "unit_code": [{"str": "990101"}]}
    assert told["rows"]["none"] == {"name": [], "unit_code": []}


def test_a_preview_is_plain_and_escaped(client) -> None:
    page = client.get(f"{URL}/preview", params={"id": "P1"})
    assert page.headers["content-type"].startswith("text/html")
    assert "<h1>幸福路</h1>" in page.text
    assert "script" not in page.text
    assert client.get(f"{URL}/preview", params={"id": "<none>"}).status_code == 404


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({"queries": "{"}, 400, "json_malformed"),
        ({"queries": "{}"}, 422, "body_invalid"),
        ({"queries": '{"q": {}}'}, 422, "body_invalid"),
        ({"queries": '{"q": {"query": "x", "more": 1}}'}, 422, "body_invalid"),
        ({"queries": '{"q": {"query": "x", "type": "planet"}}'}, 422, "reconcile_type_unknown"),
        (
            {"queries": '{"q": {"query": "x", "properties": [{"pid": "no", "v": 1}]}}'},
            422,
            "reconcile_property_unknown",
        ),
        (
            {"extend": '{"ids": [], "properties": [{"id": "no"}]}'},
            422,
            "reconcile_property_unknown",
        ),
        ({"other": "1"}, 422, "form_entry_unknown"),
        ({}, 422, "form_entry_unknown"),
    ],
)
def test_what_is_wrong_is_told_by_name(client, data, status, code) -> None:
    refused = client.post(URL, data=data)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_there_is_no_jsonp(client) -> None:
    refused = client.get(URL, params={"callback": "steal"})
    assert (refused.status_code, refused.json()["code"]) == (400, "parameter_unknown")
