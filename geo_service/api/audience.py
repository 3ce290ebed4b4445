"""For whom an answer is: this machine, or anybody else, who sees what is public alone."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from geo_service.domain.provenance import Label

_HANDED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers by which a proxy says that it asks for somebody else."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def audience_of(request: HTTPConnection) -> Label:
    """What the asker may see: this machine what the settings allow, anybody else what is public.

    There is no sign-in, so that nobody from elsewhere can be known; a proxy on this machine hands
    on what others ask.
    """
    here = request.client is not None and is_loopback(request.client.host)
    if not here or any(name in request.headers for name in _HANDED_ON):
        return Label.PUBLIC
    return cast("Label", request.app.state.settings.audience)


AudienceDep = Annotated[Label, Depends(audience_of)]
