"""What stands before every request: who may ask, what a browser may do (`limits`: how much).

Plain ASGI, so that they also stand before static files and cost next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from geo_service.api.audience import is_here, is_loopback
from geo_service.api.problems import refuse
from geo_service.errors import Forbidden, GeoServiceError, InputError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.settings import Settings

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
_ONLY_TLS = b"max-age=31536000"
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-cache"),
)
_OVER_TLS = (*_HEADERS, (b"strict-transport-security", _ONLY_TLS))


def _host_of(header: str) -> str:
    """The host of a Host header without its port."""
    if header.startswith("["):
        return header.partition("]")[0] + "]"
    return header.partition(":")[0]


class Gate:
    """Refuses those who come by a way that is not open.

    With sign-in off only this machine may ask. The Host header counts as well then, so that a page
    from elsewhere cannot reach us through a name it points to this machine. With sign-in on others
    may ask over TLS: of ours, or of a declared proxy that says so; where our own name is set, by
    that alone. How we are may be asked by a proxy in the clear.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._settings = settings
        self._own = urlsplit(settings.base_url).hostname

    def _refusal(self, scope: Scope) -> GeoServiceError | None:
        client = scope.get("client")
        here = client is not None and is_loopback(client[0])
        host = _host_of(Headers(scope=scope).get("host", ""))
        if self._settings.auth:
            if here and not is_here(HTTPConnection(scope)):
                return Forbidden("proxy_undeclared")
            probed = "proxied" in scope and scope["path"] in _PROBES
            if not (here or scope["scheme"] == "https" or probed):
                return Forbidden("tls_needed")
            is_ours = self._own is None or host.lower() == self._own
            return None if is_ours or (here and is_loopback(host)) else InputError("host_unknown")
        if not here:
            return Forbidden("loopback_only")
        return None if is_loopback(host) else InputError("host_unknown")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse one request."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self.app(scope, receive, send)
            return
        await refuse(refusal, scope)(scope, receive, send)


class SecurityHeaders:
    """Adds the headers that tell a browser to keep to this server; a response may set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request and dress its response."""

        async def dressed(part: Message) -> None:
            if part["type"] == "http.response.start":
                own = {name.lower() for name, _ in part.get("headers", ())}
                added = _OVER_TLS if scope["scheme"] == "https" else _HEADERS
                more = [pair for pair in added if pair[0] not in own]
                part["headers"] = [*part.get("headers", ()), *more]
            await send(part)

        await self.app(scope, receive, dressed)
