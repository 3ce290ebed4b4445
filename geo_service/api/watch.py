"""Stands outside of everything: gives a request its id, counts it, logs it, catches its fault.

Plain ASGI around the whole application, so that it also sees what the framework answers when a
handler breaks.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING

from geo_service.api import request_ids
from geo_service.api.problems import refuse
from geo_service.errors import Busy

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from geo_service.api.logs import ServerLog
    from geo_service.api.metrics import Metrics

UNMATCHED = "(unmatched)"
_STATIC = "/static"


def route_of(scope: Scope) -> str:
    """The template of the route that answers a request, never the path that was asked for."""
    template = getattr(scope.get("route"), "path", None)
    if template is not None:
        return str(template)
    return _STATIC if scope["path"].startswith(f"{_STATIC}/") else UNMATCHED


class Watch:
    """Watches one application. Without `log` nothing is written for a request that went well."""

    def __init__(
        self, app: ASGIApp, metrics: Metrics, log: ServerLog, *, log_requests: bool
    ) -> None:
        self.app = app
        self._metrics = metrics
        self._log = log
        self._log_requests = log_requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on one request; its fault ends here once an answer has gone out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = request_ids.begin(scope["headers"])
        header = (request_ids.HEADER, request_id.encode())
        status = 0
        began = perf_counter()
        self._metrics.began()

        async def told(part: Message) -> None:
            nonlocal status
            if part["type"] == "http.response.start":
                status = part["status"]
                part["headers"] = [*part.get("headers", ()), header]
            await send(part)

        try:
            await self.app(scope, receive, told)
        except asyncio.CancelledError:  # the server stops, and waited as long as it may
            self._log.event("warning", "cut_off", route=route_of(scope))
            if not status:
                await refuse(Busy("stopping"), scope)(scope, receive, told)
        except Exception as error:
            self._log.fault(error)
            if not status:
                raise
        finally:
            seconds = perf_counter() - began
            route = route_of(scope)
            self._metrics.ended(scope["method"], route, status, seconds)
            if self._log_requests:
                self._told(scope, route, status, seconds)

    def _told(self, scope: Scope, route: str, status: int, seconds: float) -> None:
        client = scope.get("client")
        self._log.event(
            "info",
            "request",
            method=scope["method"],
            route=route,
            status=status or "cut",
            ms=round(seconds * 1e3, 1),
            client=client[0] if client else "-",
        )
