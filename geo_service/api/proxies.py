"""Who really asks, where a proxy stands before us: believed of declared proxies and nobody else."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

from geo_service.errors import ConfigError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from geo_service.settings import Settings

_FOR, _PROTO = b"x-forwarded-for", b"x-forwarded-proto"
_HANDED_ON = frozenset({b"forwarded", _FOR, _PROTO, b"x-forwarded-host", b"x-real-ip", b"via"})


def proxies_of(settings: Settings) -> tuple[IPv4Network | IPv6Network, ...]:
    """The declared proxies. Raises ConfigError `proxy_unreadable`."""
    try:
        return tuple(
            ip_network(part.strip()) for part in settings.trusted_proxies.split(",") if part
        )
    except ValueError as error:
        raise ConfigError("proxy_unreadable", detail=error) from error


class Proxies:
    """Puts the address and the scheme that a declared proxy tells in the place of its own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._declared = proxies_of(settings)
        self._trusts = lru_cache(maxsize=1024)(self._is_declared)

    def _is_declared(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._declared)
        except ValueError:
            return False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request as it left the browser."""
        client = scope.get("client")
        if scope["type"] == "http" and client and self._trusts(client[0]):
            scope = self._as_sent(scope)
        await self.app(scope, receive, send)

    def _as_sent(self, scope: Scope) -> Scope:
        """Walks back along what the proxies added, to the first address that is none of theirs."""
        told = {name: value.decode("latin-1") for name, value in scope["headers"]}
        hops = [hop.strip() for hop in told.get(_FOR, "").split(",") if hop.strip()]
        sender = next((hop for hop in reversed(hops) if not self._trusts(hop)), None)
        kept = [pair for pair in scope["headers"] if pair[0] not in _HANDED_ON]
        # Where a proxy does not say for whom it asks, it is for nobody at this machine.
        changed = {**scope, "headers": kept, "proxied": True, "client": (sender or "-", 0)}
        if told.get(_PROTO) in ("http", "https"):
            changed["scheme"] = told[_PROTO]
        return changed
