"""Who may see what: nobody but this machine is told of markers, papers or positions."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from shapely.geometry import Point
from starlette.requests import HTTPConnection

from geo_service import compose, settings
from geo_service.api import app as app_module
from geo_service.api.app import create_app
from geo_service.api.audience import audience_of
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.provenance import Label
from geo_service.services.samples.loading import load_sample
from geo_service.settings import Settings
from geo_service.store.opening import open_store

FINDINGS = "/api/v1/boundaries/findings"
LINES = RecordKind.BOUNDARY_LINES
AGREEMENT = "示例协议7788号"


def _client(made: compose.Services, audience: Label) -> TestClient:
    config = replace(made.settings, audience=audience)
    return TestClient(
        create_app(made, config),
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 50000),
        headers={"accept-language": "zh-CN"},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The invented city, units and lines labelled public, with markers moved off their lines.

    Every line has an agreement, whose length is not that of the line.
    """
    store = f"gpkg:{tmp_path_factory.mktemp('public') / 'register.gpkg'}"
    config = Settings(city="990100", auth=False, store=store)
    open_store(config.store, create=True).close()
    services = compose.build(config)
    load_sample(services.store, services.city)
    with services.store.begin() as work:
        work.append(_changes(services))
    yield services
    services.close()


def _changes(services):
    for kind in (RecordKind.UNITS, LINES, RecordKind.BOUNDARY_NODES):
        for record in services.store.records(kind):
            told = {"agreement_no": AGREEMENT, "length_km": 1.0} if kind is LINES else {}
            yield _changed(replace(record, provenance=_public(record), **told))
    markers = [m for m in services.store.records(RecordKind.MARKERS) if m.kind == "single"]
    for marker in markers[:5]:
        place = Point(marker.position.x + 0.003123, marker.position.y + 0.004321)
        yield _changed(replace(marker, position=place, provenance=_public(marker)))


def _public(record):
    return replace(record.provenance, label=Label.PUBLIC)


def _changed(record):
    return Change(
        operation=Operation.CORRECT, record=record, actor="test", reason="test", expected_version=1
    )


@pytest.fixture(scope="module")
def secrets(made):
    """Every coordinate of every marker, to four decimals as any text would begin it."""
    places = [marker.position for marker in made.store.records(RecordKind.MARKERS)]
    return {f"{int(value * 10_000) / 10_000:.4f}" for p in places for value in (p.x, p.y)}


def _addresses() -> list[str]:
    """Every address of the service that can be asked for without knowing a name or an id."""
    asked = {
        route.path
        for module in app_module._ROUTERS
        for route in module.router.routes
        if "GET" in route.methods and "{" not in route.path
    }
    beside = {f"{path}?data=example" for path in asked if path.endswith("/boundaries")}
    return sorted(asked | beside | {f"{FINDINGS}?limit=1000", f"{FINDINGS}?format=geojson"})


def test_this_machine_is_told_where_the_markers_stand(made, secrets):
    body = _client(made, Label.INTERNAL).get(FINDINGS, params={"limit": 1000}).json()

    marker = [f for f in body["findings"] if f["rule_id"] == "MK-POS-01"]
    assert marker
    assert any(secret in json.dumps(marker) for secret in secrets)
    assert "BD-AGR-01" in {f["rule_id"] for f in body["findings"]}


def test_no_public_answer_holds_a_coordinate_of_a_marker_or_an_agreement(made, secrets):
    client = _client(made, Label.PUBLIC)
    answered = 0
    for path in _addresses():
        answer = client.get(path)
        answered += answer.is_success
        leaked = [secret for secret in {*secrets, "7788"} if secret in answer.text]
        assert not leaked, (path, leaked)
    assert answered > 5


def test_a_public_answer_has_findings_on_public_records_without_positions(made):
    body = _client(made, Label.PUBLIC).get(FINDINGS, params={"limit": 1000}).json()

    assert body["findings"]
    assert {f["rule_id"][:3] for f in body["findings"]} == {"BD-"}
    assert {f["geometry"] for f in body["findings"]} == {None}
    assert sum(body["severities"].values()) == body["matched"]
    whole = _client(made, Label.INTERNAL).get(FINDINGS, params={"limit": 1000}).json()
    assert str(whole["matched"] - body["matched"]) not in body["notice"]
    assert body["counts"]["units"] == whole["counts"]["units"]


def test_records_are_internal_until_they_are_labelled_public(made, tmp_path):
    config = Settings(city="990100", auth=False, store=f"gpkg:{tmp_path / 'register.gpkg'}")
    open_store(config.store, create=True).close()
    unlabelled = compose.build(config)
    load_sample(unlabelled.store, unlabelled.city)

    assert _client(unlabelled, Label.PUBLIC).get(FINDINGS).json()["findings"] == []
    unlabelled.close()


@pytest.mark.parametrize("path", ["/map/boundaries", "/map/names?name=甲路", "/map/search?q=甲"])
def test_a_map_is_not_for_the_public(made, path):
    assert _client(made, Label.PUBLIC).get(path).status_code == 403
    assert _client(made, Label.INTERNAL).get(path).status_code == 200


@pytest.mark.parametrize(
    ("client", "headers", "expected"),
    [
        ("127.0.0.1", {}, Label.INTERNAL),
        ("::1", {}, Label.INTERNAL),
        ("10.1.2.3", {}, Label.PUBLIC),
        ("127.0.0.1", {"x-forwarded-for": "10.1.2.3"}, Label.PUBLIC),
        ("127.0.0.1", {"forwarded": "for=10.1.2.3"}, Label.PUBLIC),
    ],
)
def test_anybody_else_is_the_public(made, client, headers, expected):
    scope = {
        "type": "http",
        "client": (client, 1),
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "app": create_app(made, made.settings),
    }
    assert audience_of(HTTPConnection(scope)) is expected


def test_the_setting_is_internal_or_public():
    assert settings.load({}).audience is Label.INTERNAL
    assert settings.load({"GEO_SERVICE_AUDIENCE": "public"}).audience is Label.PUBLIC
