"""Signing in: what it takes, how long it lasts, and what a guesser meets."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from geo_service.domain.access import Right, Role
from geo_service.services.access import throttle

PASSWORD = "kelp harbour 71 lantern"

PAGE = {"accept": "text/html"}


def cookie_of(answer) -> str:
    return answer.headers["set-cookie"]


def test_a_page_leads_to_the_form_and_back(browser):
    asked = browser()
    led = asked.get("/names/search?q=甲", headers=PAGE, follow_redirects=False)
    assert led.status_code == 303
    assert led.headers["location"] == "/sign-in?next=%2Fnames%2Fsearch%3Fq%3D%25E7%2594%25B2"
    form = asked.get(led.headers["location"], headers=PAGE)
    assert 'value="/names/search?q=%E7%94%B2"' in form.text
    entered = asked.sign_in("clerk-1", next="/names/search?q=%E7%94%B2")
    assert entered.headers["location"] == "/names/search?q=%E7%94%B2"
    assert asked.get("/names/search?q=甲", headers=PAGE).status_code == 200


@pytest.mark.parametrize(("lang", "other"), [("zh", "en"), ("en", "zh")])
def test_the_language_of_a_refused_form_is_switched_without_losing_the_way(browser, lang, other):
    asked, there = browser(), "/names/search?q=%E7%94%B2&mode=x"
    entries = {"name": "clerk-1", "password": "wrong", "next": there}
    refused = asked.post(f"/sign-in?lang={lang}", data=entries, headers=PAGE)
    assert refused.status_code == 401
    switch = unescape(re.search(r'class="switch" href="([^"]+)"', refused.text)[1])
    form = asked.get(switch, headers=PAGE)
    assert form.status_code == 200
    assert f'lang="{"zh-CN" if other == "zh" else "en"}"' in form.text.partition("<head>")[0]
    assert unescape(re.search(r'name="next" value="([^"]*)"', form.text)[1]) == there


def test_the_switch_of_a_refused_form_leads_nowhere_else(browser):
    entries = {"name": "clerk-1", "password": "wrong", "next": "//elsewhere.example/"}
    refused = browser().post("/sign-in", data=entries, headers=PAGE)
    assert re.search(r'class="switch" href="([^"]+)"', refused.text)[1] == "/sign-in?lang=en"


def test_a_program_is_told_to_sign_in_and_htmx_to_go_there(browser):
    assert browser().get("/api/v1/names/search?q=甲").status_code == 401
    part = browser().get("/overview/findings", headers={**PAGE, "hx-request": "true"})
    assert (part.status_code, part.headers["hx-redirect"]) == (401, "/sign-in")


def test_the_cookie_is_for_the_server_alone(browser):
    plain = cookie_of(browser().sign_in("clerk-1")).lower()
    assert plain.startswith("session=")
    assert "httponly" in plain
    assert "samesite=lax" in plain
    assert "path=/" in plain
    assert "max-age" not in plain
    tls = cookie_of(browser(base="https://127.0.0.1:8000").sign_in("clerk-1"))
    assert tls.startswith("__Host-session=")
    assert "secure" in tls.lower()


def test_over_tls_no_cookie_of_a_plain_page_is_taken(browser):
    plain = browser("clerk-1")
    tls = browser(base="https://127.0.0.1:8000")
    tls.cookies.set("session", plain.cookies["session"])
    assert tls.get("/api/v1/names/search?q=甲").status_code == 401


def test_names_are_taken_in_any_case(browser):
    assert browser().sign_in(" Clerk-1 ").status_code == 303


@pytest.mark.parametrize("name", ["clerk-1", "nobody-at-all"])
def test_wrong_names_and_passwords_are_refused_alike(browser, name):
    answer = browser().sign_in(name, "not the password")
    assert answer.status_code == 401
    assert "账号或口令不对" in answer.text
    assert "set-cookie" not in answer.headers


def test_a_password_typed_where_the_name_belongs_is_kept_nowhere(browser, services, settings):
    asked, typed = browser(), "Grey Heron 58 Quayside"
    for _ in range(2):
        assert asked.sign_in(typed, "x").status_code == 401
    assert asked.sign_in("Another one 77", "x").status_code == 401
    assert asked.sign_in("clerk-1", "x").status_code == 401
    known, other, again, first = (event.account for event in services.office.events(limit=4))
    assert known == "clerk-1"
    assert again == first != other, "that the same was typed again is seen"
    assert first.startswith("?")
    services.office.close()
    kept = Path(settings.accounts).read_bytes().lower()
    assert b"quayside" not in kept
    assert b"another one" not in kept


def test_an_unknown_name_is_locked_as_a_known_one_is(browser):
    asked = browser()
    for _ in range(throttle.FREE["account"]):
        assert asked.sign_in("nobody-at-all", "wrong").status_code == 401
    assert asked.sign_in("nobody-at-all", "wrong").status_code == 429


def test_an_unknown_name_costs_a_hash_as_a_known_one_does(browser, monkeypatch):
    from geo_service.services.access import passwords

    verified = []
    hasher = passwords._hasher

    class Counting:
        def hash(self, password):
            return hasher.hash(password)

        def verify(self, kept, password):
            verified.append(kept)
            return hasher.verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counting())
    browser().sign_in("nobody-at-all", "not the password")
    browser().sign_in("clerk-1", "not the password")
    assert len(verified) == 2


def test_a_new_sign_in_is_a_new_session_and_ends_the_one_before(browser, services):
    asked = browser("clerk-1")
    first = asked.cookies["session"]
    again = asked.form("/sign-in", name="clerk-1", password=PASSWORD, next="/")
    assert again.status_code == 303
    assert asked.cookies["session"] != first
    assert services.office.sessions.find(first) is None


def test_a_session_that_was_planted_is_not_taken_over(browser, services):
    asked = browser()
    asked.cookies.set("session", "planted-by-somebody-else")
    asked.sign_in("clerk-1")
    assert services.office.sessions.find("planted-by-somebody-else") is None


def test_ids_of_sessions_are_kept_as_digests(browser, services, settings):
    asked = browser("clerk-1")
    services.office.close()
    kept = Path(settings.accounts).read_bytes()
    assert asked.cookies["session"].encode() not in kept
    assert PASSWORD.encode() not in kept


def test_a_session_ends_when_nothing_is_asked_for_a_while(browser, clock, settings):
    asked = browser("clerk-1")
    for _ in range(5):
        clock.move(minutes=settings.session_idle_min - 1)
        assert asked.get("/", headers=PAGE, follow_redirects=False).status_code == 200
    clock.move(minutes=settings.session_idle_min + 1)
    assert asked.get("/", headers=PAGE, follow_redirects=False).status_code == 303


def test_a_session_ends_after_a_day_of_work_though_it_is_in_use(browser, clock, settings):
    asked = browser("clerk-1")
    for _ in range(settings.session_hours * 3 - 1):
        clock.move(minutes=20)
        assert asked.get("/rules", follow_redirects=False).status_code == 200
    clock.move(minutes=21)
    assert asked.get("/rules", follow_redirects=False).status_code == 401


def test_signing_out_ends_the_session_at_the_server(browser, services):
    asked = browser("clerk-1")
    secret = asked.cookies["session"]
    assert asked.form("/sign-out").status_code == 303
    assert services.office.sessions.find(secret) is None
    assert "session" not in asked.cookies


def test_disabling_an_account_ends_its_sessions_at_once(browser, services):
    asked = browser("clerk-1")
    services.office.accounts.disable("clerk-1", actor="test")
    assert asked.get("/rules").status_code == 401
    assert asked.sign_in("clerk-1").status_code == 401


def test_roles_hold_from_the_next_request_on(browser, services):
    asked = browser("viewer-1")
    assert asked.get("/names").status_code == 403
    services.office.accounts.set_roles("viewer-1", [Role.CLERK], actor="test")
    assert asked.get("/names").status_code == 200


def test_failures_lock_an_account_for_longer_and_longer(browser, clock):
    asked = browser()
    for _ in range(throttle.FREE["account"]):
        assert asked.sign_in("clerk-1", "wrong").status_code == 401
    locked = asked.sign_in("clerk-1")
    assert locked.status_code == 429
    first = int(locked.headers["retry-after"])
    clock.move(seconds=first + 1)
    assert asked.sign_in("clerk-1", "wrong").status_code == 401
    assert int(asked.sign_in("clerk-1").headers["retry-after"]) > first
    clock.move(hours=1)
    assert asked.sign_in("clerk-1").status_code == 303
    assert browser().sign_in("clerk-1", "wrong").status_code == 401, "the count begins anew"


def test_an_address_that_tries_many_accounts_is_locked_out(browser):
    asked, other = browser(address="127.0.0.9"), browser()
    for number in range(throttle.FREE["address"]):
        assert asked.sign_in(f"guess-{number}", "wrong").status_code == 401
    assert asked.sign_in("clerk-1").status_code == 429
    assert other.sign_in("clerk-1").status_code == 303


def test_strangers_who_lock_an_account_do_not_lock_its_owner_out(browser, services):
    own, stranger = "127.0.0.2", browser(address="127.0.0.9")
    browser("clerk-1", address=own)
    for _ in range(throttle.FREE["account"]):
        assert stranger.sign_in("clerk-1", "wrong").status_code == 401
    assert stranger.sign_in("clerk-1").status_code == 429
    assert browser(address="127.0.0.3").sign_in("clerk-1").status_code == 429
    assert browser(address=own).sign_in("clerk-1").status_code == 303
    assert stranger.sign_in("clerk-1").status_code == 429, "that frees nobody else"
    # Nor by a name made up to be counted where the owner is.
    for name in ("clerk-1 from 127.0.0.2", "familiar 127.0.0.2 clerk-1", "127.0.0.2 clerk-1"):
        other = browser(address="127.0.0.8")
        for _ in range(throttle.FREE["account"]):
            other.sign_in(name, "wrong")
    assert browser(address=own).sign_in("clerk-1").status_code == 303
    # At his own place guessing ends as it does elsewhere, and an administrator frees both.
    owner = browser(address=own)
    for _ in range(throttle.FREE["account"]):
        assert owner.sign_in("clerk-1", "wrong").status_code == 401
    assert owner.sign_in("clerk-1").status_code == 429
    made = services.office.accounts.reset("clerk-1", actor="test")
    assert owner.sign_in("clerk-1", made).status_code == 303
    assert browser(address="127.0.0.3").sign_in("clerk-1", made).status_code == 303


def test_a_browser_left_signed_in_is_no_place_to_guess_the_password(browser):
    asked = browser("clerk-1")
    entries = {"act": "password", "new": "heron 58 quayside", "again": "heron 58 quayside"}
    for _ in range(throttle.FREE["account"]):
        assert asked.form("/account", old="wrong", **entries).status_code == 422
    assert asked.form("/account", old=PASSWORD, **entries).status_code == 429


def test_a_reset_ends_what_whoever_took_the_password_may_have_made(services):
    office = services.office
    token = office.tokens.make(
        office.accounts.get("clerk-1"), "t", [Right.CONTENT_READ], 3, actor="clerk-1"
    )
    assert office.tokens.find(token) is not None
    made = office.accounts.reset("clerk-1", actor="test")
    _, account = office.sessions.sign_in("clerk-1", made, "127.0.0.1", "")
    office.accounts.change_password("clerk-1", made, "heron 58 quayside", session="")
    assert office.tokens.find(token) is None
    assert account.must_change


def test_waits_grow_to_a_quarter_of_an_hour_and_no_further():
    waits = [throttle.wait_s(failures, 5) for failures in range(4, 40)]
    assert waits[0] == 0
    assert waits == sorted(waits)
    assert waits[-1] == 900


@pytest.mark.parametrize(
    "next",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_signing_in_leads_nowhere_else(browser, next):
    assert browser().sign_in("clerk-1", next=next).headers["location"] == "/"
    led = browser("clerk-1").get("/sign-in", params={"next": next}, follow_redirects=False)
    assert led.headers["location"] == "/"


def test_answers_to_somebody_known_are_kept_from_shared_caches(browser):
    asked = browser("clerk-1")
    answer = asked.get("/rules", headers=PAGE)
    assert answer.headers["cache-control"] == "no-store"
    assert "Cookie" in answer.headers["vary"]
    style = asked.get("/static/pages/site.css")
    assert "no-store" not in style.headers["cache-control"]


def test_a_password_handed_over_must_be_changed_before_anything_else(browser, services):
    made = services.office.accounts.add("new-one", "新人", [Role.CLERK], actor="test")
    asked = browser()
    assert asked.sign_in("new-one", made).headers["location"] == "/account"
    assert asked.get("/names").status_code == 403
    chosen = "quiet ferry 40 juniper"
    changed = asked.form("/account", act="password", old=made, new=chosen, again=chosen)
    assert changed.status_code == 200
    assert asked.get("/names").status_code == 200
    assert browser().sign_in("new-one", chosen).status_code == 303


def test_a_changed_password_ends_the_other_sessions(browser):
    one, other = browser("clerk-1"), browser("clerk-1")
    chosen = "quiet ferry 40 juniper"
    one.form("/account", act="password", old=PASSWORD, new=chosen, again=chosen)
    assert one.get("/names").status_code == 200
    assert other.get("/names").status_code == 401


def test_the_log_tells_who_when_and_from_where(browser, services):
    browser(address="127.0.0.7").sign_in("clerk-1", "wrong")
    browser("clerk-1", address="127.0.0.8")
    newest, before = services.office.events(limit=2)
    assert (newest.act, newest.account, newest.address) == ("sign_in", "clerk-1", "127.0.0.8")
    assert (before.act, before.address) == ("sign_in_failed", "127.0.0.7")
    page = browser("auditor-1").get("/sign-ins", headers=PAGE)
    assert "127.0.0.7" in page.text
    assert "登录失败" in page.text


@pytest.mark.parametrize("statement", ["DELETE FROM event", "UPDATE event SET act = 'x'"])
def test_the_log_of_sign_ins_cannot_be_changed(services, statement):
    from geo_service.errors import StoreError

    with pytest.raises(StoreError), services.office.book.writing() as db:
        db.execute(statement)
    assert services.office.event_count() == len(Role)


def test_with_sign_in_off_there_is_no_form(services):
    from dataclasses import replace

    from fastapi.testclient import TestClient

    from geo_service.api.app import create_app

    off = replace(services.settings, auth=False)
    asked = TestClient(create_app(services, off), base_url="http://127.0.0.1", client=("::1", 1))
    assert asked.get("/sign-in").status_code == 404
    assert asked.get("/first-run").status_code == 404
    assert asked.get("/account").status_code == 403
    assert asked.get("/names").status_code == 200


def test_the_menu_leads_nobody_to_what_is_closed_to_him(browser):
    for name, is_inside in (("viewer-1", False), ("clerk-1", True)):
        asker = browser(name)
        menu = asker.get("/register", headers=PAGE).text
        for path in ("/register/changes", "/maps/layers"):
            assert (f'href="{path}"' in menu) is is_inside
            assert (asker.get(path, headers=PAGE).status_code == 200) is is_inside
