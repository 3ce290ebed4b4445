"""How an OGC route is declared: one handler for GET and HEAD, and OPTIONS that tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.responses import Response

from geo_service.api.deps import Handler, reads_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

router = APIRouter(prefix="/ogc", tags=["ogc"])
"""All routes of the API; the modules beside this one add theirs."""


async def _options() -> Response:
    """What may be done here: reading."""
    return Response(status_code=204, headers={"Allow": "GET, HEAD, OPTIONS"})


def serve(path: str, told: dict[str, Any], *, hidden: bool = False) -> Callable[[Handler], Handler]:
    """Declares a handler under a path; `told` is what `describing` says of it."""

    def declare(handler: Handler) -> Handler:
        reads_parameters(handler)
        router.get(path, include_in_schema=not hidden, **told)(handler)
        demands = told["dependencies"]
        for method, answer in (("HEAD", handler), ("OPTIONS", _options)):
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
