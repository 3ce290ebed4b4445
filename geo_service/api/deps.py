"""What a request handler is given: services, language, and the certainty of known parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Protocol, TypeVar, cast

from fastapi import Depends, Query, Request
from starlette.requests import HTTPConnection

from geo_service.api.audience import audience_of, who_of
from geo_service.api.rights import described, needs, open_to_all, signed_in
from geo_service.domain.text import Lang
from geo_service.errors import InputError
from geo_service.store.protocol import Store

__all__ = [
    "LangDep",
    "ServicesDep",
    "StoreDep",
    "described",
    "needs",
    "open_to_all",
    "signed_in",
    "who_of",
]

if TYPE_CHECKING:
    from datetime import date, datetime

    from fastapi.dependencies.models import Dependant

    from geo_service.cities import CityProfile
    from geo_service.domain.provenance import Label
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.services.access.office import Office
    from geo_service.services.searching.index import NameIndex
    from geo_service.services.serving.cache import ReadyFeatures
    from geo_service.services.tiles.desk import TileDesk


class Services(Protocol):
    """What the handlers need of `compose.Services`."""

    @property
    def city(self) -> CityProfile:
        """Profile of the configured city."""
        ...

    @property
    def store(self) -> Store:
        """The register. Raises StoreError when it cannot be opened."""
        ...

    @property
    def name_index(self) -> NameIndex:
        """The names of the register, ready to be searched."""
        ...

    @property
    def features(self) -> ReadyFeatures:
        """The collections that are served, ready."""
        ...

    @property
    def restricted(self) -> RestrictedNames | None:
        """The bureau's own list of names that may not be used."""
        ...

    @property
    def clock(self) -> Callable[[], datetime]:
        """The moment now, in UTC."""
        ...

    @property
    def tiles(self) -> TileDesk:
        """The served collections as vector tiles."""
        ...

    @property
    def office(self) -> Office:
        """Accounts, sessions and tokens."""
        ...

    def today(self) -> date:
        """The day a case is judged by unless another is given."""
        ...

    def seen_by(self, label: Label) -> Services:
        """The services for an audience: everything read through them is for it."""
        ...


def services_of(request: HTTPConnection) -> Services:
    """The services for the asker: whatever is read through them he may see."""
    whole = cast("Services", request.app.state.services)
    return whole.seen_by(audience_of(request))


def store_of(request: HTTPConnection) -> Store:
    """The register as the asker may see it: records of other labels are not there for him.

    Raises StoreError when it cannot be opened.
    """
    return services_of(request).store


def _quality(part: str) -> tuple[str, float]:
    tag, _, weight = part.partition(";q=")
    try:
        return tag.strip().lower(), float(weight or 1)
    except ValueError:
        return tag.strip().lower(), 0.0


@lru_cache(maxsize=512)
def preferred_language(header: str, default: Lang) -> Lang:
    """The language an Accept-Language header asks for, the default where it asks for neither."""
    wishes = sorted((_quality(part) for part in header.split(",")), key=lambda wish: -wish[1])
    for tag, weight in wishes:
        if weight > 0 and tag.split("-")[0] in ("zh", "en"):
            return cast("Lang", tag.split("-")[0])
    return default


def language_of(request: HTTPConnection) -> Lang:
    """`lang` of the address, else Accept-Language, else the setting. Never fails."""
    asked = request.query_params.get("lang", "")
    if asked in ("zh", "en"):
        return cast("Lang", asked)
    header = request.headers.get("accept-language", "")
    return preferred_language(header, cast("Lang", request.app.state.settings.lang))


async def language_asked(
    request: Request,
    lang: Annotated[
        Lang | None, Query(description="语言 / language; otherwise Accept-Language decides")
    ] = None,
) -> Lang:
    """The language of the answer; declares `lang` as a parameter of the route."""
    return lang or language_of(request)


_READS = "reads_parameters"
Handler = TypeVar("Handler", bound=Callable[..., Any])


def _known(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _known(inner)


def reads_parameters(handler: Handler) -> Handler:
    """Marks a handler that reads and refuses the query parameters itself."""
    setattr(handler, _READS, True)
    return handler


def does_read_parameters(handler: Callable[..., Any]) -> bool:
    """Whether a handler is marked so."""
    return getattr(handler, _READS, False)


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query parameter the route does not declare: silently ignored filters mislead.

    Raises InputError (`parameter_unknown`, HTTP 400).
    """
    if does_read_parameters(request.scope["endpoint"]):
        return
    known = set(_known(request.scope["route"].dependant))
    for name in request.query_params:
        if name not in known:
            raise InputError("parameter_unknown", name=name, known=", ".join(sorted(known)))


async def _services(request: HTTPConnection) -> Services:
    """What takes no time is no work for a thread: the way there and back is longer."""
    return services_of(request)


ServicesDep = Annotated[Services, Depends(_services)]
StoreDep = Annotated[Store, Depends(store_of)]
LangDep = Annotated[Lang, Depends(language_asked)]
