"""Forms of other sites, tokens of programs, and what administrators may do to accounts."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from geo_service.domain.access import Right, Role
from geo_service.errors import Conflict, Forbidden, InputError, NotFound
from geo_service.services.access import passwords

PASSWORD = "kelp harbour 71 lantern"
PAGE = {"accept": "text/html"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
SEARCH = "/api/v1/names/search?q=甲"


def test_a_form_without_its_field_is_refused_and_does_nothing(browser, services):
    asked = browser("administrator-1")
    entries = {"act": "disable", "name": "clerk-1"}
    for sent in ("", "x" * 43):
        answer = asked.form("/accounts", sent, **entries)
        assert answer.status_code == 403
        assert "csrf_failed" in answer.text
    assert not services.office.accounts.get("clerk-1").disabled
    assert asked.form("/accounts", **entries).status_code == 303
    assert services.office.accounts.get("clerk-1").disabled


def test_the_field_of_another_session_is_none(browser):
    one, other = browser("administrator-1"), browser("administrator-1")
    assert one.form("/accounts", other.csrf(), act="disable", name="clerk-1").status_code == 403


def test_programs_of_a_page_send_the_field_as_a_header(browser):
    asked = browser("clerk-1")
    body = {"name": "甲路", "feature_type": "road"}
    assert asked.post("/api/v1/names/check", json=body).status_code == 403
    sent = asked.post("/api/v1/names/check", json=body, headers={"x-csrf-token": asked.csrf()})
    assert sent.status_code == 200


def test_a_file_is_handed_in_by_a_form_with_the_field(browser):
    asked = browser("clerk-1")
    file = {"file": ("names.csv", "name,feature_type\n甲路,road\n".encode())}
    without = asked.post("/names/batch", files=file, headers=PAGE)
    assert without.status_code == 403
    with_it = asked.post("/names/batch", files=file, data={"csrf": asked.csrf()}, headers=PAGE)
    assert with_it.status_code == 200
    assert "甲路" in with_it.text


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1:8001"},
    ],
)
def test_other_sites_can_send_nothing_not_even_a_sign_in(browser, headers):
    asked = browser()
    body = "name=clerk-1&password=x"
    answer = asked.post("/sign-in", content=body, headers={**FORM, **headers})
    assert answer.status_code == 403
    assert answer.json()["code"] == "foreign_request"


def test_somebody_unknown_cannot_send_much(browser):
    answer = browser().post("/api/v1/names/check", content=b"x" * 100_000)
    assert answer.status_code == 401


def _token(services, *rights, account="clerk-1", days=30):
    held = services.office.accounts.get(account)
    return services.office.tokens.make(held, "试用", rights, days, actor=account)


def _bearer(token):
    return {"authorization": f"Bearer {token}"}


def test_a_token_has_the_rights_of_its_scope_and_no_more(browser, services):
    asked, token = browser(), _token(services, Right.CONTENT_READ)
    assert asked.get(SEARCH, headers=_bearer(token)).status_code == 200
    body = {"name": "甲路", "feature_type": "road"}
    refused = asked.post("/api/v1/names/check", json=body, headers=_bearer(token))
    assert refused.json()["code"] == "right_missing"
    assert asked.get("/account", headers=_bearer(token)).status_code == 403


def test_a_token_never_has_more_than_its_owner_has_now(browser, services):
    token = _token(services, Right.CONTENT_READ, Right.NAME_CHECK)
    services.office.accounts.set_roles("clerk-1", [Role.VIEWER], actor="test")
    body = {"name": "甲路", "feature_type": "road"}
    assert browser().get(SEARCH, headers=_bearer(token)).status_code == 200
    sent = browser().post("/api/v1/names/check", json=body, headers=_bearer(token))
    assert sent.status_code == 403


def test_a_role_that_is_withdrawn_takes_its_rights_from_tokens_at_once(browser, services, clock):
    """By the running service, whatever the token was made for; its term ends as it was to."""
    program, token = browser(), _token(services, Right.CONTENT_READ, Right.NAME_CHECK, days=10)
    body = {"name": "甲路", "feature_type": "road"}

    def statuses() -> tuple[int, int]:
        told = program.post("/api/v1/names/check", json=body, headers=_bearer(token))
        return program.get(SEARCH, headers=_bearer(token)).status_code, told.status_code

    assert statuses() == (200, 200)
    services.office.accounts.set_roles("clerk-1", [Role.VIEWER], actor="test")
    assert statuses() == (200, 403)
    services.office.accounts.set_roles("clerk-1", [Role.ADMINISTRATOR], actor="test")
    assert statuses() == (403, 403), "administrators see no content, by no token either"
    services.office.accounts.set_roles("clerk-1", [Role.CLERK], actor="test")
    assert statuses() == (200, 200)
    clock.move(days=10)
    assert statuses() == (401, 401)


def test_a_token_for_reading_sends_no_files_and_does_not_see_those_of_its_owner(browser, services):
    program, file = browser(), {"file": ("names.csv", "名称\n甲路\n".encode())}
    reads, checks = (_bearer(_token(services, r)) for r in (Right.CONTENT_READ, Right.NAME_CHECK))
    sent = program.post("/api/v1/uploads", files=file, headers=checks)
    assert sent.status_code == 201
    kept = f"/api/v1/uploads/{sent.json()['id']}"
    assert program.post("/api/v1/uploads", files=file, headers=reads).status_code == 403
    assert program.get("/api/v1/uploads", headers=reads).json()["code"] == "right_missing"
    assert program.delete(kept, headers=reads).status_code == 403
    assert program.delete(kept, headers=checks).status_code == 204


def test_a_wrong_token_is_refused_even_with_a_session(browser):
    answer = browser("clerk-1").get(SEARCH, headers=_bearer("gst_wrong"))
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_invalid"
    assert (
        browser("clerk-1").get(SEARCH, headers={"authorization": "Basic eDp5"}).status_code == 401
    )


def test_tokens_expire_and_are_revoked(browser, services, clock):
    short, long = (_token(services, Right.CONTENT_READ, days=days) for days in (1, 300))
    clock.move(days=2)
    assert browser().get(SEARCH, headers=_bearer(short)).status_code == 401
    assert browser().get(SEARCH, headers=_bearer(long)).status_code == 200
    newest = services.office.tokens.of("clerk-1")[0]
    assert newest.used_at.startswith("2026-11-25")
    services.office.tokens.revoke("clerk-1", newest.number, actor="clerk-1")
    assert browser().get(SEARCH, headers=_bearer(long)).status_code == 401


def test_nobody_revokes_a_token_of_somebody_else(services):
    _token(services, Right.CONTENT_READ)
    number = services.office.tokens.of("clerk-1")[0].number
    with pytest.raises(NotFound):
        services.office.tokens.revoke("committee-1", number, actor="committee-1")


@pytest.mark.parametrize("right", [Right.OWN_ACCOUNT, Right.ACCOUNTS_MANAGE, Right.AUDIT_READ])
def test_no_token_is_made_beyond_its_owner_or_for_accounts(services, right):
    with pytest.raises(Forbidden) as refused:
        _token(services, right)
    assert refused.value.code == "token_beyond"


def test_a_token_is_shown_once_on_the_page(browser, services, settings):
    asked = browser("clerk-1")
    entries = {"act": "token", "title": "QGIS", "days": "30", "right": "content.read"}
    made = asked.form("/account", **entries).text
    token = made[made.index("gst_") :].split("<")[0]
    assert browser().get(SEARCH, headers=_bearer(token)).status_code == 200
    assert token not in asked.get("/account", headers=PAGE).text
    for wrong in ({"days": "0"}, {"days": "9" * 6}, {"title": ""}, {"right": "accounts.manage"}):
        assert asked.form("/account", **entries | wrong).status_code in (403, 422)


def test_the_first_administrator_enters_by_a_secret_of_one_use(services, browser):
    for account in services.office.accounts.all():
        if Role.ADMINISTRATOR in account.roles:
            with services.office.book.writing() as db:
                db.execute("UPDATE account SET disabled = 1 WHERE name = ?", (account.name,))
    secret = services.office.first_secret()
    entries = {"name": "chief", "person": "某主任", "password": "quiet ferry 40 juniper"}
    asked = browser()
    assert asked.get("/first-run", headers=PAGE).status_code == 200
    assert asked.form("/first-run", "", secret="wrong", **entries).status_code == 403
    weak = asked.form("/first-run", "", secret=secret, **entries | {"password": "short"})
    assert weak.status_code == 422
    assert asked.form("/first-run", "", secret=secret, **entries).status_code == 303
    assert asked.get("/accounts", headers=PAGE).status_code == 200
    assert browser().get("/first-run", headers=PAGE).status_code == 404
    assert services.office.first_secret() == ""


def test_administrators_make_accounts_whose_password_is_shown_once(browser, services):
    asked = browser("administrator-1")
    page = asked.form("/accounts", act="add", name="New.One", person="新人", role=["clerk"])
    account = services.office.accounts.get("new.one")
    assert account.must_change
    made = page.text.split("<code>")[1].split("</code>")[0]
    assert passwords.fits(account.password, made)
    assert made not in asked.get("/accounts", headers=PAGE).text


def test_nobody_changes_his_own_roles_or_disables_himself(browser, services):
    asked = browser("administrator-1")
    for act, code in (("roles", "own_roles"), ("disable", "own_account_disabled")):
        answer = asked.form("/accounts", act=act, name="administrator-1", role=["clerk"])
        assert answer.status_code == 403, code
    assert services.office.accounts.get("administrator-1").roles == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("act", ["disable", "set_roles"])
def test_the_last_administrator_stays(services, act):
    accounts = services.office.accounts
    more = {"roles": [Role.CLERK]} if act == "set_roles" else {}
    with pytest.raises(Forbidden) as refused:
        getattr(accounts, act)("administrator-1", actor="cli:x", **more)
    assert refused.value.code == "last_administrator"
    assert not accounts.get("administrator-1").disabled
    accounts.add("second", "二", [Role.ADMINISTRATOR], actor="test")
    getattr(accounts, act)("administrator-1", actor="second", **more)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_roles_that_lie_apart_are_not_joined(services, role):
    with pytest.raises(InputError) as refused:
        services.office.accounts.set_roles("clerk-1", [Role.CLERK, role], actor="test")
    assert refused.value.code == "roles_apart"


@pytest.mark.parametrize("name", ["x", "有字", "a b", "-a", "a" * 41, "a/b"])
def test_names_of_accounts_are_plain(services, name):
    with pytest.raises(InputError):
        services.office.accounts.add(name, "某人", [Role.CLERK], actor="test")
    with pytest.raises(Conflict):
        services.office.accounts.add("CLERK-1", "某人", [Role.CLERK], actor="test")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_short"),
        ("x" * 200, "password_long"),
        ("clerk-1 and more words", "password_named"),
        ("Password123456", "password_weak"),
        ("123456789012345", "password_weak"),
        ("aaaaaaaaaaaaaaaa", "password_weak"),
        ("qwertyqwerty123", "password_weak"),
        ("minzhengju2026", "password_weak"),
        ("woaini5201314!", "password_weak"),
    ],
)
def test_passwords_that_are_easily_guessed_are_refused(password, code):
    with pytest.raises(InputError) as refused:
        passwords.require_good(password, "clerk-1")
    assert refused.value.code == code


@pytest.mark.parametrize("password", ["kelp harbour 71 lantern", "灯塔与海带七十一个港湾的早晨"])
def test_long_passwords_of_any_characters_are_taken(password):
    passwords.require_good(password, "clerk-1")
    kept = passwords.keep(password)
    assert kept.startswith("$argon2id$")
    assert passwords.fits(kept, password)
    assert not passwords.fits(kept, password + " ")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_forms_of_sign_in_and_accounts_keep_the_language_chosen(browser, lang):
    """Whatever the browser prefers: in what a form answers, and where it leads."""
    heading = {"zh": "登录", "en": "Sign in"}[lang]
    led = browser().get(f"/names?lang={lang}", headers=PAGE, follow_redirects=False)
    asked = browser()
    asked.headers["accept-language"] = {"zh": "en", "en": "zh-CN"}[lang]
    form = asked.get(led.headers["location"], headers=PAGE)
    assert f'action="/sign-in?lang={lang}"' in form.text
    refused = asked.form(f"/sign-in?lang={lang}", "", name="clerk-1", password="x", next="/names")
    assert refused.status_code == 401
    assert f"<h1>{heading}</h1>" in refused.text
    entered = asked.form(
        f"/sign-in?lang={lang}", "", name="administrator-1", password=PASSWORD, next="/names?a=甲"
    )
    assert entered.headers["location"] == f"/names?a=%E7%94%B2&lang={lang}"
    for path in ("/account", "/accounts"):
        page = asked.get(f"{path}?lang={lang}", headers=PAGE).text
        posts = re.findall(r'<form[^>]*action="([^"]*)"[^>]*method="post"', page)
        posts += re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', page)
        assert len(posts) > 2
        assert {urlsplit(to).query for to in posts} == {f"lang={lang}"}
        fault = asked.form(f"{path}?lang={lang}", asked.csrf(), act="nothing")
        assert fault.headers["content-language"] == lang
    ended = asked.form(f"/account?lang={lang}", asked.csrf(), act="end_others")
    assert ended.headers["location"] == f"/account?lang={lang}"
    changed = asked.form(f"/accounts?lang={lang}", act="disable", name="clerk-1")
    assert changed.headers["location"] == f"/accounts?lang={lang}"
    out = asked.form(f"/sign-out?lang={lang}")
    assert out.headers["location"] == f"/sign-in?lang={lang}"


def test_a_part_of_a_page_leads_to_the_form_in_its_language(browser):
    part = browser().get("/overview/findings?lang=en", headers={**PAGE, "hx-request": "true"})
    assert part.headers["hx-redirect"] == "/sign-in?lang=en"
