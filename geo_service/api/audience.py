"""Who asks, and up to which label records exist for him."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from geo_service.domain.access import NOBODY, Asker
from geo_service.domain.provenance import Label
from geo_service.services.access.matrix import demo_asker

if TYPE_CHECKING:
    from geo_service.services.access.sessions import Session

_HANDED_ON = frozenset((b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"))
"""Headers by which a proxy says that it asks for somebody else."""


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_here(request: HTTPConnection) -> bool:
    """Whether somebody at this machine asks; a proxy on it hands on what others ask."""
    client = request.scope.get("client")
    here = client is not None and is_loopback(client[0])
    return here and _HANDED_ON.isdisjoint([name for name, _ in request.scope["headers"]])


def asker_of(request: HTTPConnection) -> Asker:
    """Who makes the request. With sign-in off whoever sits at this machine is the demo user."""
    state = request.scope.setdefault("state", {})
    asker = cast("Asker | None", state.get("asker"))
    if asker is None:
        settings = request.app.state.settings
        is_open = not settings.auth and is_here(request)
        asker = state["asker"] = demo_asker(settings.audience) if is_open else NOBODY
    return asker


def session_of(request: HTTPConnection) -> Session | None:
    """The session by which a browser asks, None for anybody else."""
    return cast("Session | None", request.scope.get("state", {}).get("session"))


def sender_address(request: HTTPConnection) -> str:
    """Where a request comes from, for the log of sign-ins."""
    return request.client.host if request.client is not None else ""


def audience_of(request: HTTPConnection) -> Label:
    """What the asker may see."""
    return asker_of(request).audience


def who_of(request: HTTPConnection) -> str:
    """The name under which the log keeps what this request changes."""
    return asker_of(request).name


async def _audience(request: HTTPConnection) -> Label:
    return audience_of(request)


AskerDep = Annotated[Asker, Depends(asker_of)]
AudienceDep = Annotated[Label, Depends(_audience)]
