"""Runs the application on this machine until it is stopped."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

from geo_service.api.app import create_app
from geo_service.errors import ConfigError
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.compose import Services
    from geo_service.settings import Settings


def _listen(host: str, port: int) -> socket.socket:
    """A bound socket, so that a port in use is told before anything says it is served."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError("port_in_use", port=port, detail=error.strerror) from error
    return listener


def run(services: Services, settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until interrupted; `say` is told the addresses once the port is ours.

    Requests are not logged: addresses hold the names that people try. Raises ConfigError for an
    address other than loopback and for a port that is taken.
    """
    app = create_app(services, settings)
    listener = _listen(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    base = f"http://{host}:{settings.port}"
    say(message("api.serving", base=base).in_(settings.lang))
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        services.close()
