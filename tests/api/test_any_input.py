"""Whatever is sent, the answer is a verdict or a refusal that says why, never a crash."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.api.app import create_app
from geo_service.domain.place import FeatureType

ANY_TEXT = st.text(max_size=120)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("name", "feature_type", "status", "as_of", "position", "unit_code", "register")
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def strict(services) -> TestClient:
    """A client that raises whatever the application does not catch itself."""
    return TestClient(
        create_app(services, services.settings),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
    )


@QUICK
@given(name=ANY_TEXT, kind=st.sampled_from(FeatureType), as_of=st.dates())
def test_any_name_on_any_day(strict, name, kind, as_of):
    body = {"name": name, "feature_type": kind, "as_of": as_of.isoformat()}
    answer = strict.post(
        "/api/v1/names/check",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code in (200, 422)
    assert answer.json()["verdict" if answer.status_code == 200 else "code"]


@QUICK
@given(body=st.dictionaries(st.sampled_from(FIELDS), ANY_JSON) | ANY_JSON)
def test_any_json_as_a_body(strict, body):
    answer = strict.post(
        "/api/v1/names/check",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )
    assert answer.status_code in (200, 400, 422)
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"


@QUICK
@given(content=st.binary(max_size=200))
def test_any_bytes_as_a_body(strict, content):
    answer = strict.post(
        "/api/v1/names/check", content=content, headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 422)
    assert answer.json()["code"]


@QUICK
@given(
    query=st.dictionaries(
        st.sampled_from(
            ("name", "type", "status", "as_of", "lon", "lat", "no_register", "lang", "page")
        ),
        ANY_TEXT,
    ),
    path=st.sampled_from(("/", "/boundaries", "/map/names", "/map/boundaries")),
)
def test_any_parameters_of_a_page(strict, path, query):
    answer = strict.get(path, params=query, headers={"accept": "text/html"})
    assert answer.status_code in (200, 400, 422)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
