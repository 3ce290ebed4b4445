"""What the description of the API says is what is answered: values, methods, links, statuses."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from geo_service.api.app import create_app

CHECK, ROAD = "/api/v1/names/check", {"name": "幸福路", "feature_type": "road"}


@pytest.fixture
def paths(client):
    return client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", CHECK, "POST"),
        ("PUT", "/api/v1/jobs/0f1e2d3c4b5a6978", "DELETE, GET"),
        ("DELETE", "/api/v1/names/checks", "GET, POST"),
        ("TRACE", "/ogc/collections", "GET, HEAD, OPTIONS"),
        ("POST", "/ogc/tileMatrixSets", "GET"),
        ("PATCH", "/healthz", "GET"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(client, method, path, allowed):
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_browser_is_told_the_methods_too(client):
    answer = client.delete("/rules", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ({"facts": {"sinuosity": True}}, "#/facts/sinuosity"),
        ({"facts": {"width_m": "30"}}, "#/facts/width_m"),
        ({"position": {"lon": True, "lat": 36}}, "#/position/lon"),
        ({"register": "yes"}, "#/register"),
        ({"register": 1}, "#/register"),
        ({"as_of": 0}, "#/as_of"),
        ({"as_of": "2026-01-01T00:00:00"}, "#/as_of"),
        ({"as_of": "1767225600"}, "#/as_of"),
        ({"known_at": 0.5}, "#/known_at"),
        ({"known_at": "1767225600"}, "#/known_at"),
    ],
)
def test_a_value_of_another_type_is_refused_and_not_read_as_one_of_ours(client, told, place):
    answer = client.post(CHECK, json={**ROAD, **told})
    assert (answer.status_code, answer.json()["code"]) == (422, "body_invalid")
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == place
    assert "写法" not in fault["detail"], "says what is expected"


def test_values_as_they_are_described_are_taken(client):
    facts = {"width_m": 30, "length_m": 1200.5}
    told = {"facts": facts, "as_of": "2026-01-01", "known_at": "2026-01-01T08:00:00+08:00"}
    answer = client.post(CHECK, json={**ROAD, **told, "register": False})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("query", ["known_at=0.5", "as_of=0", "as_of=2026-01-01T00:00:00"])
def test_a_number_is_no_moment_in_an_address_either(client, query):
    answer = client.get(f"/api/v1/register/counts?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "query_invalid")


def test_any_operation_may_refuse_an_unknown_parameter_and_says_so(client, paths):
    operations = [operation for methods in paths.values() for operation in methods.values()]
    assert all("400" in operation["responses"] for operation in operations)
    assert client.get("/healthz?colour=red").status_code == 400


def test_links_lead_to_operations_and_fill_parameters_that_these_have(paths):
    known = {o["operationId"]: (path, o) for path, ms in paths.items() for o in ms.values()}
    answers = [r for _, o in known.values() for r in o["responses"].values()]
    links = [link for answer in answers for link in answer.get("links", {}).values()]
    assert len(links) > 80
    for link in links:
        path, operation = known[link["operationId"]]
        given = set(link.get("parameters", {}))
        assert given <= {parameter["name"] for parameter in operation["parameters"]}
        needed = set(re.findall(r"{(\w+)}", path))
        assert needed <= given, link
        assert ("requestBody" in link) <= ("requestBody" in operation)


def test_every_job_that_is_accepted_leads_to_its_result(paths):
    accepted = [
        operation["responses"]["202"]
        for methods in paths.values()
        for operation in methods.values()
        if "202" in operation["responses"]
    ]
    assert len(accepted) >= 7
    for answer in accepted:
        assert any("result" in name for name in answer["links"])


def test_links_of_the_ogc_description_stay_in_it(client):
    told = client.get("/ogc/api").json()["paths"]
    operations = [operation for methods in told.values() for operation in methods.values()]
    known = {operation["operationId"] for operation in operations}
    answers = [answer for each in operations for answer in each["responses"].values()]
    targets = [name for answer in answers for name in answer.get("links", {})]
    assert len(targets) > 10
    assert set(targets) <= known


def test_a_question_too_long_for_an_address_is_refused_as_described(client):
    answer = client.get("/api/v1/reconcile", params={"queries": "a" * 8001})
    assert (answer.status_code, answer.json()["code"]) == (400, "query_invalid")


def test_where_nobody_need_sign_in_the_description_says_so(services, paths):
    assert {} in paths["/metrics"]["get"]["security"], "on this machine"
    reading, writing = paths["/ogc/collections"]["get"], paths["/api/v1/imports"]["post"]
    assert {} not in reading["security"]
    open_app = create_app(services, replace(services.settings, public_read=True))
    told = open_app.openapi()["paths"]
    assert {} in told["/ogc/collections"]["get"]["security"]
    assert told["/api/v1/imports"]["post"]["security"] == writing["security"]
