"""The collections as the asker may see them, each ready in the view that he asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.audience import asker_of, audience_of
from geo_service.api.deps import services_of
from geo_service.domain.provenance import Label
from geo_service.errors import InputError, NotFound
from geo_service.services.drafts import collections as of_drafts
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS

if TYPE_CHECKING:
    from starlette.requests import Request

    from geo_service.api.ogc.parameters import When
    from geo_service.services.serving.cache import Ready
    from geo_service.services.serving.collections import Collection


def shown_to(label: Label) -> list[Collection]:
    """The collections that exist for an audience."""
    return [c for c in COLLECTIONS.values() if c.is_public or label is Label.INTERNAL]


def known_to(request: Request) -> list[Collection]:
    """The collections that exist for the asker: those of drafts for who works on them."""
    label = audience_of(request)
    drafts = of_drafts.seen_by(asker_of(request)) if label is Label.INTERNAL else []
    return [*shown_to(label), *drafts]


def collection_of(request: Request) -> Collection:
    """The collection of the address. Raises NotFound, also where it is not for the asker."""
    known = {c.id: c for c in known_to(request)}
    asked = request.path_params["collectionId"]
    if asked not in known:
        raise NotFound("collection_unknown", collection=asked[:80], known=", ".join(known))
    return known[asked]


def query_of(request: Request) -> str:
    """The query of the address as it was sent. Raises InputError query_value_malformed."""
    try:
        return str(request.scope["query_string"].decode())
    except UnicodeDecodeError as error:
        raise InputError("query_value_malformed", name="?", expected="UTF-8") from error


def view_of(request: Request, when: When) -> View:
    """The state of the register that is asked for."""
    as_of = when.as_of or services_of(request).today()
    return View(as_of, when.known_at)


def ready(request: Request, wanted: Collection, view: View) -> Ready:
    """The collection as it stands now in the view; may take as long as reading it all."""
    return services_of(request).features.ready(wanted, view)


def ready_at_once(request: Request, wanted: Collection, view: View) -> Ready | None:
    """The same without waiting, None where it is not ready."""
    return services_of(request).features.ready_at_once(wanted, view)
