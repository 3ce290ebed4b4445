"""One request and its answer under way: how much may come in, how long either may take.

A handler runs in a thread that nobody can stop. So when its time is over the sender gets an
answer at once, and the request goes on counting as running until the handler is really done:
slow handlers then show as a busy server, never as threads nobody knows of.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from starlette.exceptions import HTTPException

from geo_service.api.problems import refuse
from geo_service.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Message, Receive, Scope, Send

    from geo_service.api.metrics import Metrics
    from geo_service.settings import Settings

_Endpoint = TypeVar("_Endpoint", bound="Callable[..., object]")
_BYTES_FOR_A_SECOND = 10_000
"""What a sender has to manage in a second of grace: 80 kbit/s, less than any line in use."""
_MARK = "takes_upload"
_CLOSE = (b"connection", b"close")


def takes_upload(endpoint: _Endpoint) -> _Endpoint:
    """Marks a handler that takes files: the setting `upload_mb` bounds its body, not `body_kb`."""
    setattr(endpoint, _MARK, True)
    return endpoint


def _body_declared(scope: Scope) -> int | None:
    """Bytes of body a request announces; None for a body of unknown length."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value[:20]) if value.isdigit() else None
        if name == b"transfer-encoding":
            return None
    return 0


class Exchange:
    """The two ends of a request, with a watch on each."""

    __slots__ = (
        "_begun",
        "_body_due",
        "_declared",
        "_late",
        "_limits",
        "_loop",
        "_metrics",
        "_receive",
        "_received",
        "_refused",
        "_scope",
        "_send",
        "_timer",
    )

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, limits: Settings, metrics: Metrics
    ) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._limits, self._metrics = limits, metrics
        self._loop = asyncio.get_running_loop()
        self._begun = self._refused = False
        self._late: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._received = 0
        self._declared = _body_declared(scope)
        self._body_due = 0.0
        if self._declared == 0:
            self._await_answer()
        else:
            self._body_due = self._loop.time() + limits.body_timeout_s

    def _await_answer(self) -> None:
        self._body_due = 0.0
        self._timer = self._loop.call_later(self._limits.answer_timeout_s, self._give_up)

    def _give_up(self) -> None:
        """Answer in the place of a handler that takes too long."""
        if not self._begun:
            self._metrics.refused("answer_timeout")
            answer = refuse(Busy("answer_timeout"), self._scope)
            self._late = self._loop.create_task(answer(self._scope, self._receive, self._send))

    def _most_bytes(self) -> int:
        if getattr(self._scope.get("endpoint"), _MARK, False):
            return self._limits.upload_mb * 1_000_000
        return self._limits.body_kb * 1000

    def _stop(self, status: int, limit: str) -> HTTPException:
        self._refused = True
        self._metrics.refused(limit)
        return HTTPException(status)

    async def receive(self) -> Message:
        """The next part of the body. Raises HTTPException 413 or 408 within the handler."""
        if not self._body_due:
            return await self._receive()
        most = self._most_bytes()
        if (self._declared or 0) > most:
            raise self._stop(413, "body_too_large")
        try:
            async with asyncio.timeout_at(self._body_due + self._received / _BYTES_FOR_A_SECOND):
                part = await self._receive()
        except TimeoutError:
            raise self._stop(408, "body_timeout") from None
        self._received += len(part.get("body", b""))
        if self._received > most:
            raise self._stop(413, "body_too_large")
        if not part.get("more_body", False):
            self._await_answer()
        return part

    async def send(self, part: Message) -> None:
        """Hand on a part of the answer; nothing more once the sender was told it took too long."""
        if self._late is not None:
            return
        if not self._begun:
            self._begun = True
            self.close()
            if self._refused:  # what is left of the body is not read any more
                part["headers"] = [*part.get("headers", ()), _CLOSE]
        await self._send(part)

    def close(self) -> None:
        """Stop the clock."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
