"""What each route demands of the asker: declared on the route, and refused where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import Depends
from fastapi.routing import APIRoute
from starlette.requests import HTTPConnection

from geo_service.api.audience import asker_of
from geo_service.domain.access import Right, Role
from geo_service.domain.text import Text
from geo_service.errors import ConfigError, Forbidden
from geo_service.services.access.matrix import matrix

if TYPE_CHECKING:
    from fastapi import APIRouter

    from geo_service.settings import Settings


@dataclass(frozen=True, slots=True)
class Demand:
    """What a route demands: one of some rights, or only that the asker be known, or nothing at all.

    With `public` anybody may ask where the setting `public_read` is on; he sees what is labelled
    public.
    """

    rights: tuple[Right, ...] = ()
    public: bool = False
    everybody: bool = False

    def is_optional(self, settings: Settings) -> bool:
        """Whether there are askers who need not sign in: for the description, decides nothing."""
        return self.public and settings.public_read

    async def __call__(self, request: HTTPConnection) -> None:
        """Let the request pass. Raises Forbidden `sign_in_needed` or `right_missing`."""
        asker = asker_of(request)
        if self.everybody or (self.public and request.app.state.settings.public_read):
            return
        if not asker.known:
            raise Forbidden("sign_in_needed")
        if self.rights and not any(map(asker.may, self.rights)):
            raise right_missing(*self.rights)


def right_missing(*rights: Right) -> Forbidden:
    """The refusal of somebody who has none of the rights: it names them and the roles that do."""
    held = {role for right in rights for role in matrix().holders(right)}
    names = [matrix().roles[role].name for role in Role if role in held]
    roles = Text("、".join(n.zh for n in names), ", ".join(n.en for n in names))
    acts = [matrix().names[right] for right in rights]
    asked = Text("、".join(act.zh for act in acts), " / ".join(act.en for act in acts))
    return Forbidden("right_missing", right=asked, roles=roles)


def needs(*rights: Right, public: bool = False) -> Any:
    """For `dependencies=[…]` of a route or router: the asker must have one of the rights.

    `public` opens what is labelled public to anybody where the setting `public_read` is on.
    """
    return Depends(Demand(rights, public))


signed_in: Any = Depends(Demand())
"""For `dependencies=[…]`: anybody who is known, whatever his rights."""
described: Any = Depends(Demand(public=True))
"""The same, open to anybody where the setting `public_read` is on."""
open_to_all: Any = Depends(Demand(everybody=True))
"""For `dependencies=[…]`: anybody at all. Signing in, and whether the service lives."""


def routes_of(router: APIRouter) -> Iterator[Any]:
    """Every route of a router, those of routers within it included."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from routes_of(inner)


def demands_of(route: Any) -> list[Demand]:
    """What a route demands; right is exactly one demand."""
    if not isinstance(route, APIRoute):
        return []
    asked = [dependency.dependency for dependency in route.dependencies]
    return [demand for demand in asked if isinstance(demand, Demand)]


def require_demands(router: APIRouter) -> APIRouter:
    """The router, if every route of it declares what it demands.

    Raises ConfigError `route_without_right`: such a route would be open to anybody.
    """
    for route in routes_of(router):
        if len(demands_of(route)) != 1:
            raise ConfigError("route_without_right", route=getattr(route, "path", route))
    return router
