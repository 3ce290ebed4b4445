"""Signing in by an OIDC provider of the office: code flow with PKCE, state and nonce.

The provider says who somebody is, and nothing about rights: its subject is looked up in a table
that administrators keep, and whoever is not there does not enter.
"""

from __future__ import annotations

import json
import secrets
from contextlib import closing
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from geo_service.errors import ConfigError, Forbidden, StoreError
from geo_service.services.access.book import stamp
from geo_service.services.access.sessions import digest_of

if TYPE_CHECKING:
    from geo_service.services.access.accounts import Account, Accounts
    from geo_service.services.access.book import Book
    from geo_service.services.access.office import OidcSettings

CALLBACK = "/sign-in/oidc/callback"
_ALGORITHMS = ["RS256", "PS256", "ES256"]
"""Signatures by the provider's own key; never `none`, never one made with the client's secret."""
_TO_SIGN_IN = timedelta(minutes=10)
_PATIENCE_S = 10.0
_LEEWAY_S = 60
_LONGEST_BYTES = 1 << 20
"""Of a document of the provider: more is none of OIDC."""
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_GARBAGE = (
    AuthlibBaseError,
    JoseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
)
"""What the libraries raise for an answer that is not as they expect."""


class _Client(OAuth2Client):  # type: ignore[misc]  # authlib has no types
    """Reads no answer further than a document of the provider may be long."""

    def send(self, request: httpx.Request, **told: Any) -> httpx.Response:
        """The answer, whole. Raises StoreError `oidc_unusable`."""
        with closing(super().send(request, stream=True, **told)) as answer:
            return httpx.Response(answer.status_code, content=_body(answer), request=request)


class Oidc:
    """The provider of the settings; nothing is fetched before somebody wants to sign in by it."""

    def __init__(self, book: Book, accounts: Accounts, settings: OidcSettings) -> None:
        self._book = book
        self._accounts = accounts
        self._settings = settings

    def begin(self, to: str) -> tuple[str, str]:
        """Where to send the browser, and the state that it must bring back.

        Raises ConfigError `oidc_incomplete`, StoreError `oidc_unusable`.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        now = self._book.now()
        with self._client() as client:
            address, _ = client.create_authorization_url(
                self._endpoint("authorization_endpoint"),
                state=state,
                nonce=nonce,
                code_verifier=verifier,
            )
        with self._book.writing() as db:
            db.execute("DELETE FROM flow WHERE begun_at < ?", (stamp(now - _TO_SIGN_IN),))
            db.execute(
                "INSERT INTO flow VALUES (?, ?, ?, ?, ?)",
                (digest_of(state), nonce, verifier, to, stamp(now)),
            )
        return address, state

    def finish(self, state: str, code: str, address: str) -> tuple[Account, str]:
        """The account of whoever came back, and where he wanted to go.

        Raises Forbidden `oidc_refused` or `oidc_unlinked`, StoreError `oidc_unusable`.
        """
        nonce, verifier, to = self._taken(state)
        subject = self._subject(code, verifier, nonce)
        row = self._book.row(
            "SELECT account FROM subject WHERE issuer = ? AND subject = ?",
            self._metadata["issuer"],
            subject,
        )
        account = None if row is None else self._accounts.find(row[0])
        if account is None or account.disabled:
            told = f"{self._metadata['issuer']} {subject}"
            with self._book.writing() as db:
                self._book.note(db, "oidc_unknown", "", address=address, detail=told)
            raise Forbidden("oidc_unlinked")
        return account, to

    def _taken(self, state: str) -> tuple[str, str, str]:
        """What was begun with the state; it is good for one return, and not for long."""
        digest, oldest = digest_of(state), stamp(self._book.now() - _TO_SIGN_IN)
        with self._book.writing() as db:
            row = db.execute(
                "DELETE FROM flow WHERE digest = ? AND begun_at >= ?"
                " RETURNING nonce, verifier, next",
                (digest, oldest),
            ).fetchone()
        if row is None:
            raise Forbidden("oidc_refused")
        return row[0], row[1], row[2]

    def _client(self) -> _Client:
        wanted = self._settings
        if not (wanted.client and wanted.secret_file and wanted.base_url):
            raise ConfigError("oidc_incomplete")
        try:
            secret = Path(wanted.secret_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError("oidc_incomplete") from error
        return _Client(
            client_id=wanted.client,
            client_secret=secret,
            scope="openid",
            redirect_uri=wanted.base_url.rstrip("/") + CALLBACK,
            code_challenge_method="S256",
            timeout=_PATIENCE_S,
        )

    def _fetched(self, address: str) -> Any:
        try:
            with httpx.stream("GET", _safe(address), timeout=_PATIENCE_S) as answer:
                answer.raise_for_status()
                return json.loads(_body(answer))
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
            raise StoreError("oidc_unusable", detail=type(error).__name__) from error

    @cached_property
    def _metadata(self) -> dict[str, Any]:
        """The discovery document, kept once it is of use: a bad one is fetched again."""
        found = self._fetched(self._settings.discovery)
        issuer = found.get("issuer") if isinstance(found, dict) else None
        if not issuer or not isinstance(issuer, str):
            raise StoreError("oidc_unusable", detail="issuer")
        if not self._settings.discovery.startswith(issuer.rstrip("/") + "/"):
            raise StoreError("oidc_unusable", detail="issuer")
        for name in _ENDPOINTS:
            if not isinstance(found.get(name), str):
                raise StoreError("oidc_unusable", detail=name)
            _safe(found[name])
        return dict(found)

    def _endpoint(self, name: str) -> str:
        return str(self._metadata[name])

    def _keys(self) -> KeySet:
        found = self._fetched(self._endpoint("jwks_uri"))
        try:
            return KeySet.import_key_set(found)
        except _GARBAGE as error:
            raise StoreError("oidc_unusable", detail="jwks") from error

    def _subject(self, code: str, verifier: str, nonce: str) -> str:
        """Who the provider says it is, by a token that it signed for us and this very sign-in."""
        keys = self._keys()
        try:
            with self._client() as client:
                answer = client.fetch_token(
                    self._endpoint("token_endpoint"), code=code, code_verifier=verifier
                )
            token = jwt.decode(str(answer["id_token"]), keys, algorithms=_ALGORITHMS)
            self._registry(nonce).validate(token.claims)
            subject = token.claims["sub"]
        except httpx.HTTPError as error:
            raise StoreError("oidc_unusable", detail=type(error).__name__) from error
        except _GARBAGE as error:
            raise Forbidden("oidc_refused") from error
        if not subject or not isinstance(subject, str):
            raise Forbidden("oidc_refused")
        return subject

    def _registry(self, nonce: str) -> jwt.JWTClaimsRegistry:
        return jwt.JWTClaimsRegistry(
            now=int(self._book.now().timestamp()),
            leeway=_LEEWAY_S,
            iss={"essential": True, "value": self._metadata["issuer"]},
            aud={"essential": True, "value": self._settings.client},
            azp={"value": self._settings.client},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )


def _body(answer: httpx.Response) -> bytes:
    """What an answer holds, unpacked, read no further than it may be long.

    Raises StoreError `oidc_unusable`, httpx.HTTPError.
    """
    body = b""
    for part in answer.iter_bytes():
        body += part
        if len(body) > _LONGEST_BYTES:
            raise StoreError("oidc_unusable", detail=f"> {_LONGEST_BYTES >> 20} MB")
    return body


def _safe(address: str) -> str:
    """An address that is asked over TLS, or on this machine. Raises StoreError `oidc_unusable`."""
    try:
        parts = urlsplit(address)
    except ValueError as error:
        raise StoreError("oidc_unusable", detail="https") from error
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not here:
        raise StoreError("oidc_unusable", detail="https")
    return address
