"""Runs the application until it is stopped: in this process, or in several workers of it."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import sys
import threading
from time import monotonic
from typing import TYPE_CHECKING

import uvicorn

from geo_service.api.app import create_app
from geo_service.api.connections import longest_head, watched_protocol
from geo_service.api.logs import take_over
from geo_service.api.workers import Workers
from geo_service.errors import ConfigError
from geo_service.messages import message
from geo_service.store.disk import OWNER_ONLY
from geo_service.store.served import serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from geo_service.api.logs import ServerLog
    from geo_service.compose import Services
    from geo_service.settings import Settings

_LAST_WAIT_S = 1.0
_QUEUED = 512
"""Connections that may wait for a worker to take them."""


def _listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a port in use is told before anything says it is served."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_QUEUED)
    except OSError as error:
        listener.close()
        raise ConfigError("port_in_use", port=port, detail=error.strerror) from error
    return listener


def _check_certificate(settings: Settings) -> None:
    """Raises ConfigError when certificate and key are not both there and a pair."""
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise ConfigError("tls_incomplete")
    if settings.tls_certificate:
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(settings.tls_certificate, settings.tls_key)
        except OSError as error:
            raise ConfigError("tls_unreadable", detail=error.strerror or error) from error


class _Server(uvicorn.Server):
    """A server that says when it takes requests, and ends as done when it was told to stop."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._told_started = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests."""
        await super().startup(sockets)
        self._told_started()


def _config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=watched_protocol(settings),
        ws="none",
        proxy_headers=False,  # uvicorn believes whoever is on this machine; `Proxies` does not
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_QUEUED,
        h11_max_incomplete_event_size=longest_head(settings),
        timeout_graceful_shutdown=settings.graceful_s,
        ssl_certfile=settings.tls_certificate or None,
        ssl_keyfile=settings.tls_key or None,
    )


def serve_here(
    services: Services, settings: Settings, listener: socket.socket, started: Callable[[], None]
) -> None:
    """Answer requests in this process until SIGTERM or SIGINT; then finish what is running."""
    _answer(create_app(services, settings), services, settings, listener, started)


def _answer(
    app: FastAPI,
    services: Services,
    settings: Settings,
    listener: socket.socket,
    started: Callable[[], None],
) -> None:
    take_over(app.state.log)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it is done, for whoever was there before it: to
        # be stopped is no failure.
        signal.signal(number, lambda *_: None)
    try:
        _Server(_config(app, settings), started).run(sockets=[listener])
    finally:
        _leave(app.state.log)
        services.close()


def _leave(log: ServerLog) -> None:
    """End here and now if handlers are still at work: nobody can stop a thread.

    What they were writing is rolled back when the store is opened next.
    """
    until = monotonic() + _LAST_WAIT_S
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, until - monotonic()))
            if thread.is_alive():
                log.event("warning", "handlers_abandoned")
                sys.stdout.flush()
                os._exit(0)


def _tell_first_secret(
    services: Services, settings: Settings, base: str, say: Callable[[str], None]
) -> None:
    """While nobody can manage accounts, whoever sees the terminal may enter who does."""
    secret = services.office.first_secret()
    if secret:
        told = message("access.first_run_told", base=settings.base_url or base, secret=secret)
        say(told.in_(settings.lang))


def run(services: Services, settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until interrupted; `say` is told the addresses once the port is ours.

    Raises ConfigError for an address other than loopback, for a port that is taken, for a
    certificate that cannot be used, and when workers keep failing.
    """
    os.umask(OWNER_ONLY)
    _check_certificate(settings)
    app = create_app(services, settings)  # what is wrong with the settings is told here, once
    listener = _listen(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    scheme = "https" if settings.tls_certificate else "http"
    base = f"{scheme}://{host}:{settings.port}"
    say(message("api.serving", base=base).in_(settings.lang))
    if settings.auth:
        _tell_first_secret(services, settings, base, say)
    with serving(settings.store):
        if settings.workers == 1:
            _answer(app, services, settings, listener, lambda: None)
        else:
            services.close()
            Workers(settings, listener).run()
