"""The application as a whole: guards, errors, headers, health and its own description."""

from __future__ import annotations

import re

import pytest
from fastapi.openapi.models import OpenAPI
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.errors import ConfigError
from geo_service.settings import Settings

WATCHED = ("/healthz", "/readyz", "/metrics")
CHECK = "/api/v1/names/check"


def test_health(client):
    assert client.get("/healthz").json() == {"status": "ok"}, "asked by anybody, tells no count"


@pytest.mark.parametrize("path", ["/nope", "/api/v1/nope", "/static/vendor/nope.js", "/healthz/"])
def test_an_unknown_path_is_a_404_problem(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:geo-service:problem:path_unknown"
    assert (problem["code"], problem["status"], problem["instance"]) == ("path_unknown", 404, path)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect"])
def test_there_are_no_pages_that_load_scripts_from_outside(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["../manifest.json", "%2e%2e/manifest.json", "..%2f..%2f..%2fpyproject.toml"]
)
def test_static_files_stay_in_their_folder(client, path):
    assert client.get(f"/static/vendor/{path}").status_code == 404


def test_a_wrong_method_is_a_405_problem(client):
    answer = client.get(CHECK)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "path", ["/healthz", "/api/v1/boundaries/findings", "/", "/boundaries", "/rules", "/map/names"]
)
def test_an_unknown_parameter_is_a_400_that_names_it(client, path):
    answer = client.get(path, params={"colour": "red"})
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_unknown")
    assert "colour" in answer.json()["detail"]


def test_refusals_speak_both_languages(client):
    said = {lang: client.get("/nope", params={"lang": lang}).json() for lang in ("zh", "en")}
    assert said["zh"]["title"] == "没有找到"
    assert said["en"]["title"] == "Not found"
    assert said["zh"]["code"] == said["en"]["code"]


@pytest.mark.parametrize(
    ("address", "host", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("127.0.0.1", "localhost", 200),
        ("::1", "[::1]:8000", 200),
        ("192.168.1.7", "127.0.0.1:8000", 403),
        ("203.0.113.9", "localhost", 403),
        ("not-an-address", "localhost", 403),
        ("127.0.0.1", "evil.example", 421),
        ("127.0.0.1", "127.0.0.1.evil.example", 421),
        ("127.0.0.1", "localhost.evil.example:8000", 421),
        ("127.0.0.1", "192.168.1.7:8000", 421),
    ],
)
@pytest.mark.parametrize("path", ["/", "/healthz", "/static/pages/site.css", "/openapi.json"])
def test_only_this_machine_may_ask(services, address, host, status, path):
    app = create_app(services, services.settings)
    visitor = TestClient(app, base_url="http://127.0.0.1:8000", client=(address, 40000))
    answer = visitor.get(path, headers={"host": host})
    assert answer.status_code == status
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.org", ""])  # noqa: S104
def test_an_application_for_others_is_not_made_without_sign_in_and_tls(services, host):
    with pytest.raises(ConfigError) as refused:
        create_app(services, Settings(host=host, auth=False))
    assert refused.value.code == "serve_not_loopback"
    with pytest.raises(ConfigError) as refused:
        create_app(services, Settings(host=host, auth=True))
    assert refused.value.code == "serve_in_the_clear"


def test_too_large_a_body_is_refused_declared_or_not(client):
    content = b'{"name": "' + b"x" * Settings().body_kb * 1000 + b'"}'
    declared = client.post(CHECK, content=content, headers={"content-type": "application/json"})
    assert (declared.status_code, declared.json()["code"]) == (413, "body_too_large")

    def parts():
        for start in range(0, len(content), 65536):
            yield content[start : start + 65536]

    streamed = client.post(CHECK, content=parts(), headers={"content-type": "application/json"})
    assert (streamed.status_code, streamed.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/", "/nope", "/healthz", "/static/pages/site.css"])
def test_every_answer_tells_the_browser_to_keep_to_this_server(client, path):
    headers = client.get(path).headers
    assert headers["content-security-policy"].startswith("default-src 'self';")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


def test_a_map_runs_its_own_scripts_and_no_other(client):
    policy = client.get("/map/boundaries").headers["content-security-policy"]
    scripts = re.search(r"script-src ([^;]*)", policy).group(1).split()
    assert scripts[0] == "'self'"
    assert scripts[1:], "its own scripts are known by their digests"
    assert all(re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", source) for source in scripts[1:])


def test_a_missing_store_is_a_503_with_its_reason(tmp_path):
    settings = Settings(city="990100", auth=False, store=f"gpkg:{tmp_path / 'missing.gpkg'}")
    app = create_app(compose.build(settings), settings)
    visitor = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1))
    assert visitor.get("/healthz").status_code == 200, "it is alive all the same"
    for path in ("/api/v1/boundaries/findings", "/boundaries"):
        answer = visitor.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "store_missing")
    without = visitor.post(
        CHECK, json={"name": "台湾路", "feature_type": "road", "register": False}
    )
    assert without.status_code == 200, "a check without the register needs no store"


def test_a_fault_of_the_program_tells_nothing_of_its_inside(client, monkeypatch):
    def broken(*_args):
        raise RuntimeError("password=secret")

    monkeypatch.setattr("geo_service.api.names.check_name", broken)
    answer = client.post(CHECK, json={"name": "台湾路", "feature_type": "road"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


def references(value):
    """All `$ref` values anywhere in a description."""
    if isinstance(value, dict):
        yield from (v for k, v in value.items() if k == "$ref")
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_description_is_valid_and_complete(client):
    schema = client.get("/openapi.json").json()
    OpenAPI.model_validate(schema)
    names = {f"/api/v1/names/{word}" for word in ("check", "check-batch", "search", "suggest")}
    assert set(schema["paths"]) >= {*names, "/api/v1/boundaries/findings", *WATCHED}
    for reference in references(schema):
        node = schema
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            errors = {k: v for k, v in operation["responses"].items() if k >= "400"}
            assert errors
            for answer in errors.values():
                assert list(answer["content"]) == ["application/problem+json"]
    assert not {"HTTPValidationError", "ValidationError"} & set(schema["components"]["schemas"])
