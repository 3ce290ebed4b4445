"""How an OGC route is declared: one handler for GET and HEAD, and OPTIONS that tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from geo_service.api.deps import Handler, reads_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(prefix="/ogc", tags=["ogc"])
"""All routes of the API; the modules beside this one add theirs."""


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
