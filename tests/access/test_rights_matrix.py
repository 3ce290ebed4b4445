"""Every role at every route, by session and by token: allowed or refused as the table says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from geo_service import compose
from geo_service.api import app as app_module
from geo_service.api.app import create_app
from geo_service.api.rights import demands_of, routes_of
from geo_service.domain.access import NOBODY, Manner, Right, Role
from geo_service.services.access.accounts import Account
from geo_service.services.access.matrix import matrix
from geo_service.services.access.tokens import NEVER_OF_TOKENS
from geo_service.settings import Settings
from geo_service.store.opening import open_store
from tests.access.conftest import PASSWORD, Browser

_DENIED = {401, 403}
_ROUTES = [
    (method, route)
    for module in app_module._ROUTERS
    for route in routes_of(module.router)
    for method in sorted(route.methods)
]
_ASKERS = ["nobody", *(f"{role} {manner}" for role in Role for manner in ("session", "token"))]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("matrix")
    settings = Settings(
        city="990100",
        auth=True,
        store=f"gpkg:{folder / 'register.gpkg'}",
        accounts=str(folder / "accounts.sqlite"),
        jobs=str(folder / "jobs"),
        kept_checks=str(folder / "kept-checks.sqlite"),
        rate_per_s=0,
        log_requests=False,
        session_hours=168,
    )
    open_store(settings.store, create=True).close()
    services = compose.build(settings, clock=lambda: datetime(2026, 11, 23, 6, tzinfo=UTC))
    app = create_app(services, settings)
    known = {"nobody": (Browser(app, base_url="https://127.0.0.1", client=("10.0.0.5", 1)), {})}
    for role in Role:
        services.office.accounts.add(role.value, "某人", [role], actor="test", password=PASSWORD)
        account = services.office.accounts.get(role.value)
        secret = services.office.sessions.begin(account, "127.0.0.1", "test", "sign_in")
        browser = Browser(app, base_url="https://127.0.0.1", client=("10.0.0.5", 1))
        browser.cookies.set("__Host-session", secret)
        session, _ = services.office.sessions.find(secret)
        known[f"{role} session"] = (browser, {"x-csrf-token": session.csrf})
        known[f"{role} token"] = (known["nobody"][0], _bearer(services, account))
    yield services, known
    services.close()


def _bearer(services, account: Account) -> dict[str, str]:
    scope = account.asker(Manner.TOKEN).rights - NEVER_OF_TOKENS
    if not scope:
        return {}
    token = services.office.tokens.make(account, "全部", scope, 30, actor="test")
    return {"authorization": f"Bearer {token}"}


def _expected(asker: str, route) -> str:
    (demand,) = demands_of(route)
    if demand.everybody:
        return "allowed"
    if asker == "nobody":
        return "401"
    role, manner = asker.rsplit(" ", 1)
    held = matrix().rights[Role(role)]
    if manner == "token":
        held -= NEVER_OF_TOKENS
        if not held:
            return "401"
    return "allowed" if not demand.rights or held & {*demand.rights} else "403"


def _told(answer) -> str:
    if answer.status_code == 401:
        return "401"
    # An answer to HEAD says no more than its status.
    refused = answer.status_code == 403
    return (
        "403" if refused and (not answer.content or "right_missing" in answer.text) else "allowed"
    )


@pytest.mark.parametrize("asker", _ASKERS)
def test_a_role_enters_where_the_table_lets_it(made, asker):
    browser, headers = made[1][asker]
    wrong = []
    for method, route in _ROUTES:
        if route.path == "/sign-out":
            continue  # it would end the session; it demands no right
        path = re.sub(r"\{[^}]*\}", "1", route.path)
        answer = browser.request(method, path, headers=headers, follow_redirects=False)
        if (told := _told(answer)) != (expected := _expected(asker, route)):
            if "sign-in" in path and told == "401":
                continue  # a sign-in that failed says so
            wrong.append((method, path, told, expected, answer.status_code))
    assert not wrong


def test_the_table_of_cells_is_whole():
    cells = len(_ROUTES) * len(_ASKERS)
    assert cells > 300
    assert {right for _, route in _ROUTES for right in demands_of(route)[0].rights} >= {
        Right.CONTENT_READ,
        Right.NAME_CHECK,
        Right.ACCOUNTS_MANAGE,
        Right.AUDIT_READ,
    }


def test_nobody_reads_what_is_public_only_where_the_setting_opens_it(made):
    services = made[0]
    app = create_app(services, replace(services.settings, public_read=True))
    asker = Browser(app, base_url="https://127.0.0.1", client=("10.0.0.5", 1))
    opened = {
        route.path
        for method, route in _ROUTES
        if method == "GET"
        and not demands_of(route)[0].everybody
        and asker.get(re.sub(r"\{[^}]*\}", "1", route.path)).status_code not in _DENIED
    }
    assert opened == {
        route.path for method, route in _ROUTES if method == "GET" and demands_of(route)[0].public
    }
    assert not NOBODY.rights
