"""Signing in by a provider, against one that really runs on this machine."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.domain.access import Role
from geo_service.errors import Conflict
from geo_service.store.opening import open_store
from tests.access.conftest import PASSWORD, Browser
from tests.access.provider import CLIENT, SECRET, Provider

PAGE = {"accept": "text/html"}


@pytest.fixture
def provider(clock) -> Iterator[Provider]:
    made = Provider(now=int(clock.now.timestamp()))
    yield made
    made.stop()


@pytest.fixture
def made(settings, clock, provider, tmp_path):
    (tmp_path / "client").write_text(f"{SECRET}\n")
    open_store(settings.store, create=True).close()
    services = compose.build(
        replace(
            settings,
            base_url="http://127.0.0.1:8000",
            oidc_discovery=provider.discovery,
            oidc_client=CLIENT,
            oidc_secret_file=str(tmp_path / "client"),
        ),
        clock=clock,
    )
    services.office.accounts.add("clerk-1", "某人", [Role.CLERK], actor="test", password=PASSWORD)
    services.office.accounts.link("clerk-1", provider.issuer, "u-17", actor="test")
    yield services
    services.close()


@pytest.fixture
def asked(made) -> Browser:
    app = create_app(made, made.settings)
    browser = Browser(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1))
    browser.headers["accept-language"] = "zh-CN"
    return browser


def begin(asked: Browser, next: str = "/") -> str:
    answer = asked.get("/sign-in/oidc", params={"next": next}, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def sent_back(address: str) -> str:
    """Where the provider sends the browser: path and query of ours."""
    parts = urlsplit(httpx.get(address, follow_redirects=False).headers["location"])
    return f"{parts.path}?{parts.query}"


def back(asked: Browser, path: str):
    return asked.get(path, headers=PAGE, follow_redirects=False)


def test_who_is_linked_enters_and_goes_where_he_wanted(asked, made):
    assert "/sign-in/oidc" in asked.get("/sign-in", headers=PAGE).text
    answer = back(asked, sent_back(begin(asked, "/names/search?q=甲")))
    assert answer.status_code == 303
    assert unquote(answer.headers["location"]) == "/names/search?q=甲"
    assert asked.get("/names", headers=PAGE).status_code == 200
    assert made.office.events(limit=1)[0].act == "sign_in_oidc"
    assert "flow" not in asked.cookies


def test_the_language_chosen_is_kept_on_the_way_there_and_back(asked):
    asked_to = {"next": "/names", "lang": "en"}
    there = asked.get("/sign-in/oidc", params=asked_to, follow_redirects=False)
    answer = back(asked, sent_back(there.headers["location"]))
    assert answer.headers["location"] == "/names?lang=en"


@pytest.mark.parametrize(("lang", "browsers"), [("en", "zh-CN"), ("zh", "en")])
@pytest.mark.parametrize("fault", ["unlinked", "denied", "used"])
def test_a_refusal_speaks_the_language_chosen_at_the_start(asked, provider, lang, browsers, fault):
    asked.headers["accept-language"] = browsers
    there = asked.get("/sign-in/oidc", params={"lang": lang}, follow_redirects=False)
    path = sent_back(there.headers["location"])
    if fault == "unlinked":
        provider.subject = "u-99"
    elif fault == "denied":
        path = "/sign-in/oidc/callback?error=access_denied&state=x"
    else:
        provider.codes.clear()
    answer = back(asked, path)
    assert answer.status_code in (401, 403)
    assert answer.headers["content-language"] == lang
    assert f'action="/sign-in?lang={lang}"' in answer.text
    other = "en" if lang == "zh" else "zh"
    assert f'class="switch" href="/sign-in?lang={other}"' in answer.text


def test_a_refusal_where_no_language_was_chosen_is_in_that_of_the_browser(asked, provider):
    provider.subject = "u-99"
    answer = back(asked, sent_back(begin(asked)))
    assert answer.headers["content-language"] == "zh"
    assert 'action="/sign-in"' in answer.text


def test_who_is_linked_enters_by_no_password_any_more(asked):
    assert asked.sign_in("clerk-1").status_code == 401


def test_the_request_has_state_nonce_and_a_challenge(asked):
    sent = parse_qs(urlsplit(begin(asked)).query)
    assert sent["scope"] == ["openid"]
    assert sent["code_challenge_method"] == ["S256"]
    assert len(sent["state"][0]) == len(sent["nonce"][0]) == 43
    assert sent["redirect_uri"] == ["http://127.0.0.1:8000/sign-in/oidc/callback"]


def test_somebody_who_is_not_linked_does_not_enter_and_is_noted(asked, made, provider):
    provider.subject = "u-99"
    answer = back(asked, sent_back(begin(asked)))
    assert answer.status_code == 403
    assert "session" not in asked.cookies
    noted = made.office.events(limit=1)[0]
    assert (noted.act, noted.detail) == ("oidc_unknown", f"{provider.issuer} u-99")


def test_a_disabled_account_is_not_entered(asked, made):
    made.office.accounts.disable("clerk-1", actor="test")
    assert back(asked, sent_back(begin(asked))).status_code == 403


@pytest.mark.parametrize(
    "spoiled",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-client"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"azp": "another-client"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(asked, provider, spoiled):
    provider.spoil = spoiled
    assert back(asked, sent_back(begin(asked))).status_code == 401
    assert "session" not in asked.cookies


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_not_signed_by_the_key_of_the_provider_is_refused(asked, provider, algorithm):
    provider.algorithm = algorithm
    assert back(asked, sent_back(begin(asked))).status_code == 401


def test_a_token_signed_by_another_key_is_refused(asked, provider):
    provider.published = RSAKey.generate_key(2048, {"kid": "k1"})
    assert back(asked, sent_back(begin(asked))).status_code == 401


def test_a_return_is_good_once_and_in_the_browser_that_began(asked, made):
    path = sent_back(begin(asked))
    other = Browser(asked.app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 1))
    assert back(other, path).status_code == 401, "nobody is signed in by a link of somebody else"
    assert back(asked, path).status_code == 303
    asked.cookies.clear()
    assert back(asked, path).status_code == 401


def test_a_return_that_comes_late_is_refused(asked, clock):
    path = sent_back(begin(asked))
    clock.move(minutes=11)
    assert back(asked, path).status_code == 401


@pytest.mark.parametrize(
    "query", ["", "?error=access_denied&state=x", "?code=x&state=y", "?code=x"]
)
def test_a_return_without_what_was_begun_is_refused(asked, query):
    assert back(asked, f"/sign-in/oidc/callback{query}").status_code == 401


def test_a_provider_that_is_not_there_is_told(asked, provider):
    provider.stop()
    answer = asked.get("/sign-in/oidc", headers=PAGE, follow_redirects=False)
    assert answer.status_code == 503


def test_a_provider_that_calls_itself_otherwise_is_not_believed(asked, provider):
    provider.issuer = "http://127.0.0.1:1"
    assert asked.get("/sign-in/oidc", headers=PAGE).status_code == 503


GARBAGE = {
    "hangs up": None,
    "fault": (500, b"{}"),
    "redirect": (302, b""),
    "empty": (200, b""),
    "no json": (200, b"<html>502</html>"),
    "no utf-8": (200, b'{"issuer": "\xff\xfe"}'),
    "cut off": (200, b'{"keys": [{"kty": "RSA", "n": "0vx7'),
    "null": (200, b"null"),
    "list": (200, b"[1, 2]"),
    "text": (200, b'"text"'),
    "number": (200, b"1e999"),
    "nothing in it": (200, b"{}"),
    "deep": (200, b"[" * 100_000),
    "huge": (200, b'{"keys": ["' + b"x" * (2 << 20) + b'"]}'),
}


def is_told(answer, *statuses: int) -> None:
    """A page that says what is wrong, with the form to sign in by a password; no traceback."""
    assert answer.status_code in statuses, answer.text
    assert 'action="/sign-in' in answer.text
    assert "Traceback" not in answer.text
    assert "session" not in answer.cookies


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_a_discovery_document_that_is_garbage_is_told_and_fetched_again(asked, provider, garbage):
    path = urlsplit(provider.discovery).path
    provider.garbled[path] = garbage
    is_told(asked.get("/sign-in/oidc", headers=PAGE, follow_redirects=False), 503)
    del provider.garbled[path]
    assert back(asked, sent_back(begin(asked))).status_code == 303


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", 17),
        ("issuer", ["http://127.0.0.1"]),
        ("issuer", None),
        ("jwks_uri", None),
        ("jwks_uri", 17),
        ("token_endpoint", ["https://names.example"]),
        ("token_endpoint", "http://names.example/token"),
        ("authorization_endpoint", "javascript:alert(1)"),
        ("authorization_endpoint", "https://[names.example"),
        ("authorization_endpoint", ""),
    ],
)
def test_a_discovery_document_with_a_wrong_entry_is_told(asked, provider, name, value):
    told = json.dumps({**provider.metadata(), name: value}).encode()
    provider.garbled[urlsplit(provider.discovery).path] = (200, told)
    is_told(asked.get("/sign-in/oidc", headers=PAGE, follow_redirects=False), 503)


def _key(**entries: object) -> tuple[int, bytes]:
    return 200, json.dumps({"keys": [{"kty": "RSA", "kid": "k1", "e": "AQAB"} | entries]}).encode()


WRONG_KEYS = {
    "keys is null": (200, b'{"keys": null}'),
    "keys is a number": (200, b'{"keys": 17}'),
    "keys is a text": (200, b'{"keys": "k1"}'),
    "no keys": (200, b'{"keys": []}'),
    "a number for a key": (200, b'{"keys": [17]}'),
    "a key without a kind": (200, b'{"keys": [{"kid": "k1"}]}'),
    "a kind that is none": _key(kty="XYZ"),
    "a kind that is a list": _key(kty=[]),
    "without n": _key(),
    "n is no number": _key(n="*** not base64 ***"),
    "n is a list": _key(n=[1]),
    "n is nothing": _key(n=""),
    "a secret of ours": (200, b'{"keys": [{"kty": "oct", "kid": "k1", "k": "c2VjcmV0"}]}'),
}


@pytest.mark.parametrize("garbage", [*GARBAGE.values(), *WRONG_KEYS.values()],
                         ids=[*GARBAGE, *WRONG_KEYS])  # fmt: skip
def test_keys_that_are_garbage_are_told(asked, provider, garbage):
    path = sent_back(begin(asked))
    provider.garbled["/jwks"] = garbage
    is_told(back(asked, path), 401, 503)


WRONG_TOKENS = {
    f"token {number}": garbage
    for number, garbage in enumerate(
        [
            (200, b'{"id_token": 17, "access_token": "x", "token_type": "Bearer"}'),
            (200, b'{"id_token": "a.b.c", "access_token": "x", "token_type": "Bearer"}'),
            (200, b'{"id_token": "....", "access_token": "x", "token_type": "Bearer"}'),
            (200, b'{"access_token": "x", "token_type": "Bearer"}'),
            (200, b'{"id_token": null, "access_token": "x", "expires_in": "soon"}'),
            (200, b'{"error": ["invalid"], "error_description": {"a": 1}}'),
            (400, b'{"error": "invalid_grant"}'),
        ]
    )
}


@pytest.mark.parametrize("garbage", [*GARBAGE.values(), *WRONG_TOKENS.values()],
                         ids=[*GARBAGE, *WRONG_TOKENS])  # fmt: skip
def test_a_token_endpoint_that_answers_garbage_is_told(asked, provider, garbage):
    path = sent_back(begin(asked))
    provider.garbled["/token"] = garbage
    is_told(back(asked, path), 401, 503)


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_an_answer_of_the_token_endpoint_without_end_is_not_read_to_it(asked, provider, packed):
    path = sent_back(begin(asked))
    token = b'{"id_token": "a.b.c", "token_type": "Bearer", "access_token": "' + b"x" * (2 << 20)
    provider.garbled["/token"] = (200, gzip.compress(token) if packed else token)
    provider.packed = packed
    answer = back(asked, path)
    is_told(answer, 503)
    assert "> 1 MB" in unescape(answer.text)


@pytest.mark.parametrize("subject", [["u-17"], {"u-17": 1}, 17, True, ""], ids=str)
def test_a_subject_that_is_no_text_is_nobody(asked, provider, subject):
    provider.spoil = {"sub": subject}
    is_told(back(asked, sent_back(begin(asked))), 401)


@pytest.mark.parametrize("algorithm", ["RS512", "PS512"])
def test_a_signature_that_was_not_agreed_on_is_refused(asked, provider, algorithm):
    provider.algorithm = algorithm
    is_told(back(asked, sent_back(begin(asked))), 401)


def test_a_provider_that_goes_away_in_between_is_told(asked, provider):
    path = sent_back(begin(asked))
    provider.stop()
    is_told(back(asked, path), 503)


def test_a_secret_that_cannot_be_read_is_told(asked, made):
    Path(made.settings.oidc_secret_file).write_bytes(b"\xff\xfe\x00")
    answer = asked.get("/sign-in/oidc", headers=PAGE, follow_redirects=False)
    assert "oidc_secret_file" in answer.text
    assert 'action="/sign-in' in answer.text


def test_a_subject_belongs_to_one_account(made, provider):
    made.office.accounts.add("second", "二", [Role.CLERK], actor="test")
    with pytest.raises(Conflict):
        made.office.accounts.link("second", provider.issuer, "u-17", actor="test")


def test_without_a_provider_there_is_no_such_page(browser):
    assert browser().get("/sign-in/oidc", headers=PAGE).status_code == 404
    assert "oidc" not in browser().get("/sign-in", headers=PAGE).text
