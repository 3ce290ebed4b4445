"""Finds out who asks, by session or token, and that a browser asks because its user meant it to.

Plain ASGI: it is done before a body is read or a route looked for.
"""

from __future__ import annotations

import re
from hmac import compare_digest
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser

from geo_service.api.problems import refuse
from geo_service.domain.access import NOBODY, Asker
from geo_service.errors import Forbidden, GeoServiceError
from geo_service.services.access.book import NotAtOnce

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.services.access.office import Office
    from geo_service.services.access.sessions import Session
    from geo_service.settings import Settings

COOKIE = "session"
CSRF_FIELD = "csrf"
CSRF_HEADER = "x-csrf-token"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MOST_UNKNOWN = 16_000
"""Bytes that somebody unknown may send: the form of signing in, and little more."""
_SEARCHED = 64_000
"""Bytes of a form in which the field is looked for: it stands first in every form of ours."""
_IN_FORM = re.compile(
    rb'(?:^|&)csrf=([\w-]{43})(?:&|$)|name="csrf"\r\n\r\n([\w-]{43})\r\n'  # urlencoded, multipart
)
_STATIC = "/static/"


def cookie_name(scheme: str, name: str = COOKIE) -> str:
    """The name of a cookie; over TLS one that no other host or plain page can set."""
    return f"__Host-{name}" if scheme == "https" else name


def _cookie(headers: Headers, scheme: str) -> str:
    return cookie_parser(headers.get("cookie", "")).get(cookie_name(scheme), "")


class Doorman:
    """Stands before the routes: the state of a request has its `asker` and `session`."""

    def __init__(self, app: ASGIApp, office: Office, settings: Settings) -> None:
        self.app = app
        self._office = office
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request with who asks, or refuse it."""
        if scope["type"] != "http" or scope["path"].startswith(_STATIC):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        try:
            asker, session = await self._found_out(headers, scope)
            state = scope.setdefault("state", {})
            state["asker"], state["session"] = asker, session
            if scope["method"] not in _SAFE and not self._by_token(headers):
                receive = await self._meant(headers, scope, receive)
        except GeoServiceError as error:
            await refuse(error, scope)(scope, receive, send)
            return
        await self.app(scope, receive, send if asker is None else _private(send, asker))

    def _by_token(self, headers: Headers) -> bool:
        """No page from elsewhere can make a browser send a token."""
        return self._settings.auth and "authorization" in headers

    async def _found_out(
        self, headers: Headers, scope: Scope
    ) -> tuple[Asker | None, Session | None]:
        """Who asks, as `_known` tells, without a wait for the file by all others."""
        if not self._settings.auth:
            return None, None
        if "authorization" not in headers and "cookie" not in headers:
            return NOBODY, None
        try:
            with self._office.book.at_once():
                return self._known(headers, scope)
        except NotAtOnce:
            return await run_in_threadpool(self._known, headers, scope)

    def _known(self, headers: Headers, scope: Scope) -> tuple[Asker, Session | None]:
        """Who asks. Raises Forbidden `token_invalid`: a wrong token is never taken for none."""
        given = headers.get("authorization")
        if given is not None:
            kind, _, secret = given.partition(" ")
            asker = self._office.tokens.find(secret.strip()) if kind.lower() == "bearer" else None
            if asker is None:
                raise Forbidden("token_invalid")
            return asker, None
        secret = _cookie(headers, scope["scheme"])
        found = self._office.sessions.find(secret) if secret else None
        return (NOBODY, None) if found is None else (found[1], found[0])

    async def _meant(self, headers: Headers, scope: Scope, receive: Receive) -> Receive:
        """See that a page of ours sends this. Raises Forbidden `foreign_request` or `csrf_failed`.

        Returns what gives the body, as far as it was read from its beginning on.
        """
        self._require_own_page(headers, scope)
        session: Session | None = scope["state"]["session"]
        if session is None:
            if self._settings.auth and not _is_small(headers):
                raise Forbidden("sign_in_needed")
            return receive
        given = headers.get(CSRF_HEADER, "")
        if given:
            _require_same(given, session)
            return receive
        parts, body = await _beginning(receive)
        found = _IN_FORM.search(body)
        _require_same("" if found is None else (found[1] or found[2]).decode(), session)
        return _again(parts, receive)

    def _require_own_page(self, headers: Headers, scope: Scope) -> None:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Forbidden("foreign_request")
        origin = headers.get("origin")
        if origin is None:
            return
        ours = {f"{scope['scheme']}://{headers.get('host', '')}", self._settings.base_url}
        parts = urlsplit(origin)
        if f"{parts.scheme}://{parts.netloc}" not in ours:
            raise Forbidden("foreign_request")


def _is_small(headers: Headers) -> bool:
    length = headers.get("content-length", "")
    if length.isdecimal():
        return int(length[:9]) <= _MOST_UNKNOWN
    return "transfer-encoding" not in headers


def _require_same(given: str, session: Session) -> None:
    if not compare_digest(given.encode(), session.csrf.encode()):
        raise Forbidden("csrf_failed")


async def _beginning(receive: Receive) -> tuple[list[Message], bytes]:
    parts: list[Message] = []
    body = b""
    while len(body) < _SEARCHED:
        part = await receive()
        parts.append(part)
        body += part.get("body", b"")
        if not part.get("more_body", False):
            break
    return parts, body[:_SEARCHED]


def _again(parts: list[Message], receive: Receive) -> Receive:
    """What was read, once more, and then the rest."""

    async def given() -> Message:
        return parts.pop(0) if parts else await receive()

    return given


def _private(send: Send, asker: Asker) -> Send:
    """The answer to somebody known, kept from every cache but his own where it can be renewed.

    Of what anybody may read a cache is told that it hangs on who asks.
    """

    async def dressed(part: Message) -> None:
        if part["type"] == "http.response.start":
            headers = MutableHeaders(scope=part)
            kept = "private, no-cache" if "etag" in headers else "no-store"
            if asker.known:
                headers.setdefault("Cache-Control", kept)
            headers.add_vary_header("Cookie")
            headers.add_vary_header("Authorization")
        await send(part)

    return dressed
