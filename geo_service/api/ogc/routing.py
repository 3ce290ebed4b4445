"""How an OGC route is declared: one handler for GET and HEAD, and OPTIONS that tells them."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from geo_service.api.deps import Handler, does_read_parameters, reads_parameters
from geo_service.api.rights import demands_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine


class _Route(APIRoute):
    """A route whose handler reads the whole request itself is called as soon as it may be.

    FastAPI would look at parameters, body and answer of every request, and find nothing to do.
    Such a route `is_plain`: to answer is to see what it demands, and to call its handler.
    """

    is_plain = False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        handler, demands = self.endpoint, demands_of(self)
        reads_itself = does_read_parameters(handler) and iscoroutinefunction(handler)
        self.is_plain = reads_itself and len(demands) == len(self.dependencies) == 1
        if not self.is_plain:
            return super().get_route_handler()
        (demand,) = demands

        async def answer(request: Request) -> Response:
            await demand(request)
            found: Response = await handler(request)
            return found

        return answer


router = APIRouter(prefix="/ogc", tags=["ogc"], route_class=_Route)
"""All routes of the API; the modules beside this one add theirs."""


def put_first(*paths: str) -> None:
    """Have the routes of these paths found first: each costs a look at all that come before it."""
    place = {f"{router.prefix}{path}": number for number, path in enumerate(paths)}
    router.routes.sort(key=lambda route: place.get(getattr(route, "path", ""), len(place)))


def reading(_request: Request) -> tuple[str, ...]:
    """The methods of what is for reading."""
    return ("GET", "HEAD", "OPTIONS")


def _options(allowed: Callable[[Request], tuple[str, ...]]) -> Callable[..., Any]:
    """A handler that tells what the asker may do here, and does nothing."""

    def options(request: Request) -> Response:
        return Response(status_code=204, headers={"Allow": ", ".join(allowed(request))})

    return options


def serve(
    path: str,
    told: dict[str, Any],
    *,
    hidden: bool = False,
    allowed: Callable[[Request], tuple[str, ...]] = reading,
) -> Callable[[Handler], Handler]:
    """Declares a handler under a path; `told` is what `describing` says of it.

    `allowed` tells the methods that an asker may use here.
    """

    def declare(handler: Handler) -> Handler:
        reads_parameters(handler)
        router.get(path, include_in_schema=not hidden, **told)(handler)
        demands = told["dependencies"]
        for method, answer in (("HEAD", handler), ("OPTIONS", _options(allowed))):
            router.add_api_route(
                path,
                answer,
                methods=[method],
                include_in_schema=False,
                dependencies=demands,
                response_class=Response,
            )
        return handler

    return declare
