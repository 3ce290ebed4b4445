"""Proxies, TLS, duties that lie apart, and the accounts by command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from geo_service.api import serving
from geo_service.api.app import create_app
from geo_service.cli.options import actor
from geo_service.domain.duties import require_boundary_approval, require_other_approver
from geo_service.errors import ConfigError, Forbidden, InputError
from tests.access.conftest import Browser

OUTSIDE = "203.0.113.9"


def _app(services, **settings):
    return create_app(services, replace(services.settings, **settings))


def _ask(app, client, headers=None, path="/sign-in", base="http://names.example"):
    asked = Browser(app, base_url=base, client=(client, 1))
    return asked.get(path, headers={"accept": "text/html", **(headers or {})})


def test_somebody_elsewhere_asks_over_tls_only(services):
    app = _app(services)
    assert _ask(app, OUTSIDE).status_code == 403
    assert _ask(app, OUTSIDE, base="https://names.example").status_code == 200
    assert _ask(app, OUTSIDE, {"x-forwarded-proto": "https"}).status_code == 403


@pytest.mark.parametrize(("lang", "told"), [("zh", "请用 https 访问"), ("en", "Use https")])
def test_who_is_turned_away_at_the_gate_gets_a_page_or_a_problem(services, lang, told):
    app = _app(services)
    shown = _ask(app, OUTSIDE, path=f"/sign-in?lang={lang}")
    assert shown.status_code == 403
    assert shown.headers["content-type"].startswith("text/html")
    assert "tls_needed" in shown.text
    assert told in shown.text
    asked = _ask(app, OUTSIDE, {"accept": "*/*"}, path=f"/sign-in?lang={lang}")
    assert asked.headers["content-type"] == "application/problem+json"
    assert (asked.status_code, asked.json()["code"]) == (403, "tls_needed")
    assert _ask(app, OUTSIDE, path="/api/v1/jobs").json()["code"] == "tls_needed"


def test_a_declared_proxy_is_believed_and_nobody_else(services):
    app = _app(services, trusted_proxies="10.0.0.0/24, 192.0.2.7")
    told = {"x-forwarded-for": f"6.6.6.6, {OUTSIDE}, 10.0.0.8", "x-forwarded-proto": "https"}
    asked = Browser(app, base_url="http://names.example", client=("10.0.0.7", 1))
    answer = asked.post(
        "/sign-in",
        data={"name": "clerk-1", "password": "wrong"},
        headers={**told, "origin": "https://names.example"},
    )
    assert answer.status_code == 401
    assert services.office.events(limit=1)[0].address == OUTSIDE
    assert _ask(app, "10.0.9.9", told).status_code == 403


def test_a_proxy_that_names_nobody_asks_for_nobody_at_this_machine(services):
    app = _app(services, trusted_proxies="127.0.0.1")
    assert _ask(app, "127.0.0.1", path="/metrics").status_code in (303, 401, 403)


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "via", "x-real-ip"])
def test_a_proxy_on_this_machine_that_is_not_declared_is_told_so(services, name):
    """Else all its users were one address, and their cookies went without TLS."""
    refused = _ask(_app(services), "127.0.0.1", {name: OUTSIDE, "x-forwarded-proto": "https"})
    assert refused.status_code == 403
    assert "trusted_proxies" in refused.text


def test_the_server_below_believes_no_headers_of_proxies(services):
    """uvicorn would take the sender and the scheme from whoever is on this machine."""
    config = serving._config(_app(services), services.settings)
    assert not config.proxy_headers


def test_where_our_own_name_is_set_no_other_is_answered(services):
    app = _app(services, base_url="https://names.example")
    assert _ask(app, OUTSIDE, base="https://names.example").status_code == 200
    assert _ask(app, OUTSIDE, base="https://Names.Example:443").status_code == 200
    assert _ask(app, OUTSIDE, base="https://elsewhere.example").status_code == 421
    assert _ask(app, "127.0.0.1", base="http://127.0.0.1:8000", path="/healthz").status_code == 200
    assert _ask(app, "127.0.0.1", base="http://elsewhere.example").status_code == 421


@pytest.mark.parametrize("proxies", ["nonsense", "10.0.0.1/8", "10.0.0.0/99"])
def test_proxies_that_cannot_be_read_are_refused(services, proxies):
    with pytest.raises(ConfigError) as refused:
        _app(services, trusted_proxies=proxies)
    assert refused.value.code == "proxy_unreadable"


def test_others_are_served_with_sign_in_and_tls_or_a_proxy(services):
    with pytest.raises(ConfigError):
        _app(services, host="0.0.0.0", auth=False, trusted_proxies="10.0.0.1")  # noqa: S104
    with pytest.raises(ConfigError):
        _app(services, host="0.0.0.0")  # noqa: S104
    _app(services, host="0.0.0.0", trusted_proxies="10.0.0.1")  # noqa: S104
    _app(services, host="0.0.0.0", tls_certificate="c.pem", tls_key="k.pem")  # noqa: S104


@pytest.mark.parametrize("approver", ["clerk-1", " Clerk-1 ", ""])
def test_nobody_approves_his_own_draft(approver):
    with pytest.raises(Forbidden) as refused:
        require_other_approver("clerk-1", approver)
    assert refused.value.code == "own_draft"


def test_somebody_else_approves_a_draft_of_somebody_known():
    require_other_approver("clerk-1", "committee-1")
    with pytest.raises(Forbidden):
        require_other_approver("", "committee-1")


def test_a_boundary_version_takes_two_people_and_a_document():
    require_boundary_approval("officer-1", "officer-2", "示例文号")
    with pytest.raises(Forbidden) as refused:
        require_boundary_approval("officer-1", "OFFICER-1", "示例文号")
    assert refused.value.code == "second_person_needed"
    with pytest.raises(InputError) as missing:
        require_boundary_approval("officer-1", "officer-2", "  ")
    assert missing.value.code == "document_number_missing"


def _run(tmp_path, *words):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GEO_SERVICE_")}
    environment["GEO_SERVICE_ACCOUNTS"] = str(tmp_path / "accounts.sqlite")
    command = [sys.executable, "-m", "geo_service", "accounts", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.returncode, json.loads(done.stdout)


def test_accounts_are_managed_by_command(tmp_path):
    code, made = _run(tmp_path, "add", "chief", "--person", "某主任", "--role", "administrator")
    assert (code, len(made["password"])) == (0, 24)
    _, listed = _run(tmp_path, "list")
    assert [(a["name"], a["roles"], a["must_change"]) for a in listed] == [
        ("chief", ["administrator"], True)
    ]
    code, problem = _run(tmp_path, "disable", "chief")
    assert (code, problem["code"]) == (3, "last_administrator")
    _run(tmp_path, "add", "clerk", "--person", "某人", "--role", "clerk")
    code, problem = _run(tmp_path, "token", "clerk", "--title", "QGIS", "--right", "content.read")
    assert (code, problem["code"]) == (3, "token_beyond"), "the password is to be changed first"
    assert _run(tmp_path, "roles", "clerk", "--role", "viewer")[1]["roles"] == ["viewer"]
    _, events = _run(tmp_path, "log")
    assert [event["act"] for event in events] == ["roles_changed", "account_added", "account_added"]
    assert {event["actor"] for event in events} == {actor()}  # the prefix once
    assert (tmp_path / "accounts.sqlite").stat().st_mode & 0o077 == 0
