"""How much the server takes at a time: length of a request, rate of a sender, requests at once.

Plain ASGI, and cheap: a request that is within its limits pays a few microseconds. Rate and
number are kept by each worker for itself: with four workers a sender may have up to four times
the rate. Sharing them would cost every request a lock between processes.
"""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic
from typing import TYPE_CHECKING

from geo_service.api.audience import is_loopback
from geo_service.api.exchange import Exchange
from geo_service.api.problems import refuse
from geo_service.errors import Busy, GeoServiceError, InputError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from geo_service.api.metrics import Metrics
    from geo_service.settings import Settings

_FREE = ("/healthz", "/readyz", "/metrics")
"""Asked by those who watch the server, above all while it is busy."""
_FORWARDED = b"x-forwarded-for"
_MOST_SENDERS = 20_000
_MOST_LISTED = 100


class Buckets:
    """A token bucket for each sender, as the moment at which it would be full again."""

    def __init__(self, rate_per_s: float, burst: int) -> None:
        self._step_s = 1 / rate_per_s
        self._depth_s = burst / rate_per_s
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, sender: str, now: float) -> float:
        """Take a token: 0, or the seconds until there is one (none is taken then)."""
        full_at = max(self._full_at.get(sender, now), now) + self._step_s
        over = full_at - now - self._depth_s
        if over > 0:
            return over
        self._full_at[sender] = full_at
        self._full_at.move_to_end(sender)
        if len(self._full_at) > _MOST_SENDERS:
            self._full_at.popitem(last=False)  # the one not heard of for the longest time
        return 0.0


def sender_of(scope: Scope) -> str:
    """The address a request comes from; "" for a program on this machine that asks for itself.

    Of what a proxy on this machine hands on, the address it saw itself counts: the last one.
    """
    client = scope.get("client")
    address = client[0] if client else "-"
    if not is_loopback(address):
        return str(address)
    for name, value in scope["headers"]:
        if name == _FORWARDED:
            return str(value.decode("latin-1")[-_MOST_LISTED:].rpartition(",")[2].strip())
    return ""


class Limits:
    """Refuses what is too long, too often or too much at once; times what it lets through."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self.app = app
        self._settings = settings
        self._metrics = metrics
        self._running = 0
        rate, burst = settings.rate_per_s, settings.rate_burst
        self._buckets = Buckets(rate, burst) if rate else None

    def _too_long(self, scope: Scope) -> GeoServiceError | None:
        address = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
        if address > self._settings.address_bytes:
            return InputError("address_too_long", limit=self._settings.address_bytes)
        size = 0
        for name, value in scope["headers"]:
            size += len(name) + len(value)
        if size > self._settings.header_bytes:
            return InputError("headers_too_large", limit=self._settings.header_bytes)
        return None

    def _too_much(self, scope: Scope) -> GeoServiceError | None:
        if scope["path"] in _FREE:
            return None
        if self._running >= self._settings.concurrency:
            return Busy("server_busy", retry_after_s=1)
        sender = sender_of(scope) if self._buckets else ""
        if self._buckets and sender:
            wait_s = self._buckets.wait_s(sender, monotonic())
            if wait_s:
                return Busy("rate_exceeded", retry_after_s=int(wait_s) + 1)
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on or refuse one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        refusal = self._too_long(scope) or self._too_much(scope)
        if refusal is not None:
            self._metrics.refused(refusal.code)
            await refuse(refusal, scope)(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, self._settings, self._metrics)
        self._running += 1
        try:
            await self.app(scope, exchange.receive, exchange.send)
        finally:
            self._running -= 1
            exchange.close()
