"""Answers kept ready: asked again in the same words, they go out while the register stands.

Whoever asks has been found out before (`doorman`), and what the route demands is asked of him
again; answers of one audience are never given to another. Any change of the register, by whatever
process, is seen by the mark of its log, which is asked for at every request.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from geo_service.api.audience import asker_of
from geo_service.api.deps import services_of
from geo_service.api.ogc.negotiation import accepts_gzip, unchanged
from geo_service.api.rights import demands_of
from geo_service.errors import GeoServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from starlette.types import ASGIApp, Receive, Scope, Send

    from geo_service.api.deps import Services
    from geo_service.api.ogc.stamped import Stamped
    from geo_service.api.rights import Demand
    from geo_service.domain.access import Right
    from geo_service.domain.provenance import Label
    from geo_service.services.serving.cache import ReadyFeatures
    from geo_service.store.protocol import LogMark

    Headers = tuple[tuple[bytes, bytes], ...]
    Key = tuple[Label, frozenset[Right], date, tuple[str, str, str, bytes], Headers]

MAX_BYTES = 64_000_000
"""Kept of all answers together; those not asked for longest go first."""
LONGEST = 1_000_000
"""Bytes of an answer that is kept at all."""
WORTH_GZIP = 4096
MAX_WAYS = 1_000
_AROUND = 1_000
"""Bytes that any entry takes: its headers and the objects around it."""
_UNDER = "/ogc/"
_DEPENDED_ON = frozenset((b"host", b"accept", b"accept-language", b"accept-encoding"))
_OF_UNCHANGED = (b"etag", b"vary")
_KEY = "ready_answer"


class Lasting(Response):
    """An answer that says the same as long as the log ends at `mark`, but for its moment.

    Without `mark` it is not kept.
    """

    def __init__(
        self, text: Stamped, mark: LogMark | None, media: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(text.sent(), headers=headers, media_type=media)
        self.text = text
        self.mark = mark

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, and keep it for whoever asks the same."""
        if self.mark is not None and _KEY in scope:
            answers, route = scope["app"].state.answers, scope["route"]
            answers.keep(scope[_KEY], self, self.mark, route)
            if getattr(route, "is_plain", False):
                answers.note(scope["path"], Way(route, scope["path_params"]))
        await super().__call__(scope, receive, send)


def lasting(
    request: Request, text: Stamped, mark: LogMark | None, media: str, headers: Mapping[str, str]
) -> Lasting:
    """An answer to be kept, packed where that is worth its time and the asker takes it."""
    sent = {"Vary": "Accept, Accept-Language, Accept-Encoding", **headers}
    if len(text) >= WORTH_GZIP and accepts_gzip(request):
        text = text.gzipped()
        sent["Content-Encoding"] = "gzip"
    return Lasting(text, mark, media, sent)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, the route that gave it with what it demands, and where the log ended then."""

    text: Stamped
    headers: list[tuple[bytes, bytes]]
    tag: str
    route: Any
    demand: Demand
    head: str


@dataclass(frozen=True, slots=True)
class Way:
    """The plain route (`routing`) that an address led to, and what it read in the path."""

    route: Any
    params: Mapping[str, Any]


class Answers:
    """The answers of one application, and the ways to them; for its event loop alone."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._bytes = 0
        self._ways: OrderedDict[str, Way] = OrderedDict()

    def way(self, path: str) -> Way | None:
        """The way to a route that answered at this address."""
        return self._ways.get(path)

    def note(self, path: str, way: Way) -> None:
        """Remember the way that was gone."""
        self._ways[path] = way
        if len(self._ways) > MAX_WAYS:
            self._ways.popitem(last=False)

    def find(self, key: Key) -> _Kept | None:
        """The answer that was given last, whatever has happened since."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: Key, answer: Lasting, mark: LogMark, route: Any) -> None:
        """Keep an answer that is being given."""
        self.drop(key)
        if len(answer.text) > LONGEST:
            return
        (demand,) = demands_of(route)
        tag = answer.headers["etag"]
        kept = _Kept(answer.text, answer.raw_headers, tag, route, demand, mark.hash)
        self._kept[key] = kept
        self._bytes += _weight(key, kept)
        while self._bytes > MAX_BYTES:
            self.drop(next(iter(self._kept)))

    def drop(self, key: Key) -> None:
        """Keep an answer no longer."""
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._bytes -= _weight(key, gone)


def _weight(key: Key, kept: _Kept) -> int:
    """What an answer and its question take, for the headers of one may be longer than the other."""
    *_rest, asked, headers = key
    sent = sum(len(value) for _name, value in headers)
    return len(kept.text) + sum(map(len, asked)) + sent + _AROUND


class ReadyAnswers:
    """Stands before the routes, behind all guards, and gives the answers that are kept."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self.app = app
        self._answers = answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] == "http" and scope["path"].startswith(_UNDER):
            request = Request(scope)
            if scope["method"] == "GET":
                services = services_of(request)
                key = _key(request, services)
                kept = self._answers.find(key)
                if kept is not None and await _holds(kept, request, services.features):
                    await _give(kept, request, send)
                    return
                scope[_KEY] = key
                if await self._straight(request, receive, send):
                    return
        await self.app(scope, receive, send)

    async def _straight(self, request: Request, receive: Receive, send: Send) -> bool:
        """Whether the address led to its route without a search; a refusal is for that to tell."""
        scope = request.scope
        way = self._answers.way(scope["path"])
        if way is None:
            return False
        (demand,) = demands_of(way.route)
        scope["route"], scope["path_params"] = way.route, dict(way.params)
        try:
            await demand(request)
            answer: Response = await way.route.endpoint(request)
        except GeoServiceError:
            del scope["route"], scope["path_params"]
            return False
        await answer(scope, receive, send)
        return True


def _key(request: Request, services: Services) -> Key:
    """All that an answer depends on besides the register."""
    scope = request.scope
    headers = tuple(pair for pair in scope["headers"] if pair[0] in _DEPENDED_ON)
    asked = scope["scheme"], scope.get("root_path", ""), scope["path"], scope["query_string"]
    asker = asker_of(request)
    return asker.audience, asker.rights, services.today(), asked, headers


async def _holds(kept: _Kept, request: Request, features: ReadyFeatures) -> bool:
    """Whether the asker may have the answer, and the register is as it was; else the route tells.

    The mark is asked for after the right, so that nobody waits for the store who has none.
    """
    try:
        await kept.demand(request)
        mark = features.mark_at_once()
        if mark is None:
            mark = await run_in_threadpool(features.mark)
    except GeoServiceError:
        return False
    return mark.hash == kept.head


async def _give(kept: _Kept, request: Request, send: Send) -> None:
    request.scope["route"] = kept.route  # by which the request is counted
    if unchanged(request, kept.tag):
        told = [pair for pair in kept.headers if pair[0] in _OF_UNCHANGED]
        await send({"type": "http.response.start", "status": 304, "headers": told})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [*kept.headers]})
    await send({"type": "http.response.body", "body": kept.text.sent()})
