"""Watches connections below HTTP: who sends no request, or takes no answer, is let go.

uvicorn waits without end for the head of a request and for a reader that does not read; each such
connection costs the server a place. Nothing here runs for a request that comes in one piece.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from geo_service.api.problems import MEDIA_TYPE, http_problem

if TYPE_CHECKING:
    import asyncio

    from geo_service.settings import Settings

_Base: Any = AutoHTTPProtocol


def longest_head(settings: Settings) -> int:
    """Bytes of a request line and headers that are read at all; a refusal needs some room."""
    return 2 * (settings.address_bytes + settings.header_bytes)


def _no_request(settings: Settings) -> bytes:
    """The answer to bytes that are no HTTP request: a problem like any other, and goodbye."""
    problem = http_problem(HTTPException(HTTPStatus.BAD_REQUEST), settings.lang)
    body = json.dumps(problem.body(""), ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 400 Bad Request\r\nContent-Type: {MEDIA_TYPE}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


class _Watched(_Base):  # type: ignore[misc]
    """The protocol of the server with time-outs; `watched_protocol` sets what they are."""

    most: int
    no_request: bytes
    head_timeout_s: float
    body_timeout_s: float
    _head: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _reader: asyncio.TimerHandle | None = None

    def _is_idle(self) -> bool:
        cycle = self.cycle
        return cycle is None or cycle.response_complete

    def _await_head(self) -> None:
        """Between requests: whatever has come in part has to become a request in time."""
        if not self._is_idle():
            self._stop_waiting()
        elif self._head is None:
            self._head = self.loop.call_later(self.head_timeout_s, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._head = None
        if self._is_idle():
            self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._is_idle() else 0
        if self._head_bytes > self.most:
            self.send_400_response("")  # httptools would go on reading without end
        else:
            self._await_head()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - English, and plain text
        self.transport.write(self.no_request)
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._reader = self.loop.call_later(self.body_timeout_s, self.transport.abort)

    def resume_writing(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
        super().resume_writing()


def watched_protocol(settings: Settings) -> type[asyncio.Protocol]:
    """The protocol of the server with the time-outs of the settings."""
    limits = {
        "most": longest_head(settings),
        "no_request": _no_request(settings),
        "head_timeout_s": settings.head_timeout_s,
        "body_timeout_s": settings.body_timeout_s,
    }
    return type("Watched", (_Watched,), limits)
