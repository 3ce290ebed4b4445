"""Deny by default: every route says what it demands, and nobody unknown gets past it."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from geo_service.api import app as app_module
from geo_service.api.rights import demands_of, needs, open_to_all, require_demands, routes_of
from geo_service.domain.access import Right
from geo_service.errors import ConfigError

_OPEN = {"/healthz", "/sign-in", "/first-run", "/sign-in/oidc", "/sign-in/oidc/callback"}
"""Whether the service lives, and what makes somebody known."""


def _routes() -> list[object]:
    return [route for module in app_module._ROUTERS for route in routes_of(module.router)]


@pytest.mark.parametrize("route", _routes(), ids=lambda route: f"{route.path} {route.methods}")
def test_a_route_declares_exactly_one_right_or_is_open(route) -> None:
    (demand,) = demands_of(route)
    assert demand.everybody == (route.path in _OPEN)


def test_no_route_stands_beside_the_routers(services) -> None:
    app = app_module.create_app(services, services.settings)
    beside = [route for route in app.routes if not hasattr(route, "original_router")]
    assert {type(route).__name__ for route in beside} == {"Mount"}


@pytest.mark.parametrize("declared", [[], [needs(Right.NAME_CHECK), open_to_all]])
def test_a_router_whose_routes_declare_nothing_or_two_things_is_not_served(declared) -> None:
    inner, outer = APIRouter(), APIRouter()

    @inner.get("/anything", dependencies=declared)
    def anything() -> None: ...

    outer.include_router(inner)
    with pytest.raises(ConfigError) as refused:
        require_demands(outer)
    assert refused.value.code == "route_without_right"


@pytest.mark.parametrize("path", ["/", "/rules", "/boundaries", "/openapi.json"])
def test_somebody_from_elsewhere_behind_a_proxy_is_nobody(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200
    answer = client.get(path, headers={"x-forwarded-for": "10.1.2.3"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_health_tells_nobody_what_the_register_holds(client: TestClient) -> None:
    told = client.get("/healthz", headers={"x-forwarded-for": "10.1.2.3"}).json()
    assert told == {"status": "ok"}


def test_a_right_that_is_missing_is_named_with_the_roles_that_have_it(services) -> None:
    app: FastAPI = app_module.create_app(services, services.settings)

    @app.get("/manage", dependencies=[needs(Right.ACCOUNTS_MANAGE)])
    def manage() -> None: ...

    asker = TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 1))
    problem = asker.get("/manage", headers={"accept-language": "en"})
    assert problem.status_code == 403
    assert problem.json()["code"] == "right_missing"
    assert "administrator" in problem.json()["detail"]


def test_the_description_says_of_each_operation_what_it_demands(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    check, health = paths["/api/v1/names/check"]["post"], paths["/healthz"]["get"]
    assert check["x-right"] == "name.check"
    assert {"401", "403"} <= set(check["responses"])
    assert "401" not in health["responses"]
