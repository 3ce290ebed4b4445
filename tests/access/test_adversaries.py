"""What somebody who means harm may try at any door: each is refused, at every route there is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from geo_service.api import app as app_module
from geo_service.api.app import create_app
from geo_service.api.rights import routes_of
from geo_service.domain.access import Right
from tests.access.conftest import PASSWORD, Browser

PAGE = {"accept": "text/html"}
EVIL = "evil.example"
SAFE = {"GET", "HEAD", "OPTIONS"}
DOORS = sorted(
    (method, route.path)
    for module in app_module._ROUTERS
    for route in routes_of(module.router)
    for method in route.methods
    if method not in SAFE
)
OPEN = {"/sign-in", "/first-run"}
"""Doors before which nobody has a session whose field could be asked for."""


def test_no_door_that_changes_anything_opens_without_the_field_of_the_session(browser):
    """Every one of them, by a form, by JSON and by a file, and by a page of another site."""
    assert len(DOORS) > 50
    asked = browser("clerk-1")
    sent = (
        {"data": {"a": "b"}},
        {"json": {"a": "b"}},
        {"files": {"file": ("a.csv", b"a,b")}},
        {"content": b"csrf=" + b"x" * 43, "headers": {"content-type": "text/plain"}},
    )
    opened = []
    for method, template in DOORS:
        path = re.sub(r"\{[^}]*\}", "1", template)
        for body in sent:
            answer = asked.request(method, path, follow_redirects=False, **body)
            if (answer.status_code, "csrf_failed" in answer.text) != (403, True):
                opened.append((method, path, sorted(body), answer.status_code))
        token = {"x-csrf-token": "x" * 43, "origin": f"https://{EVIL}"}
        answer = asked.request(method, path, headers=token, follow_redirects=False)
        if (answer.status_code, "foreign_request" in answer.text) != (403, True):
            opened.append((method, path, "foreign", answer.status_code))
    assert opened == []


def test_nobody_unknown_changes_anything_by_any_door(browser, services):
    asked, mark = browser(), services.store.log_mark()
    for method, template in DOORS:
        if template in OPEN:
            continue
        path = re.sub(r"\{[^}]*\}", "1", template)
        answer = asked.request(method, path, json={}, follow_redirects=False)
        assert answer.status_code == 401, (method, path)
    assert services.store.log_mark() == mark


@pytest.mark.parametrize(
    ("proxies", "told", "secure"),
    [
        ("10.0.0.7", {"x-forwarded-proto": "https"}, True),
        ("10.0.0.7", {"x-forwarded-proto": "HTTPS "}, None),
        ("10.0.0.7", {"x-forwarded-proto": "https, http"}, None),
        ("10.0.0.7", {}, None),
        ("10.0.0.8", {"x-forwarded-proto": "https"}, None),
        ("", {"x-forwarded-proto": "https"}, None),
    ],
)
def test_a_cookie_is_given_only_over_tls_that_a_declared_proxy_vouches_for(
    services, proxies, told, secure
):
    app = create_app(services, replace(services.settings, trusted_proxies=proxies))
    asked = Browser(app, base_url="http://names.example", client=("10.0.0.7", 1))
    told = {"x-forwarded-for": "203.0.113.9", **told}
    answer = asked.post(
        "/sign-in",
        data={"name": "clerk-1", "password": PASSWORD, "next": "/"},
        headers={**PAGE, **told},
        follow_redirects=False,
    )
    if secure is None:
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
        assert asked.get("/healthz", headers=told).status_code == (200 if "7" in proxies else 403)
        return
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-session=")
    for flag in ("secure", "httponly", "samesite=lax", "path=/"):
        assert flag in cookie.lower()
    assert "domain" not in cookie.lower()


@pytest.mark.parametrize("name", ["host", "x-forwarded-host", "x-original-url", "x-rewrite-url"])
def test_no_answer_repeats_a_host_that_was_made_up_for_others(browser, name):
    """An answer that is kept and given to others must not lead them elsewhere."""
    paths = ("/ogc", "/ogc/collections", "/ogc/collections/units/items?limit=1", "/openapi.json")
    evil, other = browser("clerk-1"), browser("clerk-1")
    for path in paths * 2:
        evil.get(path, headers={name: EVIL, "accept": "application/json"})
    for path in paths:
        answer = other.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 200
        assert EVIL not in answer.text
        assert EVIL not in str(answer.headers)


CLIMBS = (
    "../../../../etc/passwd",
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "..%5c..%5c..%5cetc%5cpasswd",
    "..%252f..%252fetc%252fpasswd",
    "....//....//etc/passwd",
    "%2fetc%2fpasswd",
    "..%00/etc/passwd",
    "..;/..;/etc/passwd",
    "../accounts.sqlite",
    "..%2f..%2f..%2faccounts.sqlite",
)


def test_no_address_climbs_out_of_where_files_lie(browser, services):
    asked = browser("boundary-office-1")
    job = _job_of(asked)
    places = (
        "/static/", "/static/pages/", "/static/vendor/", f"/api/v1/jobs/{job}/files/",
        f"/imports/{job}/", "/api/v1/uploads/", "/rules/", "/ogc/collections/", "/ogc/tiles/",
        "/register/place-names/P-1/files/", "/maps/",
    )  # fmt: skip
    leaked = []
    for place in places:
        for climb in CLIMBS:
            answer = asked.get(place + climb, headers=PAGE, follow_redirects=False)
            told = answer.content
            if answer.status_code >= 500 or b"root:" in told or b"SQLite format" in told:
                leaked.append((place + climb, answer.status_code))
            if answer.status_code == 200 and b"<!DOCTYPE" not in told:
                leaked.append((place + climb, answer.status_code))
    assert leaked == []


def _job_of(asked: Browser) -> str:
    """A job that has ended, with files that may be fetched."""
    body = {"kind": "place-names", "format": "csv"}
    answer = asked.post("/api/v1/exports", json=body, headers={"x-csrf-token": asked.csrf()})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize(
    "name", ["../../x.csv", "..\\..\\x.csv", "/etc/x.csv", "a\r\nSet-Cookie: x.csv"]
)
def test_the_name_of_an_upload_is_no_path_and_no_header(browser, services, name):
    asked = browser("clerk-1")
    token = services.office.tokens.make(
        services.office.accounts.get("clerk-1"), "x", [Right.IMPORT_RUN], 1, actor="clerk-1"
    )
    headers = {"authorization": f"Bearer {token}"}
    file = {"file": (name, "名称\n甲路\n".encode())}
    answer = asked.post("/api/v1/uploads", files=file, headers=headers)
    assert answer.status_code in (201, 422)
    if answer.status_code == 201:
        assert not {"/", "\\", "\r", "\n"} & set(answer.json()["name"])
        assert re.fullmatch(r"[0-9a-f]{64}\.csv", answer.json()["id"])


def test_a_demo_answers_to_names_of_this_machine_alone(services):
    """Else a page elsewhere could read it: a name of its own that leads here (DNS rebinding)."""
    app = create_app(services, replace(services.settings, auth=False))
    for base, status in (
        ("http://127.0.0.1:8000", 200),
        ("http://localhost:8000", 200),
        (f"http://{EVIL}:8000", 421),
    ):
        asked = Browser(app, base_url=base, client=("127.0.0.1", 1))
        assert asked.get("/rules", headers=PAGE).status_code == status, base
