"""The collections as the asker may see them, each ready in the view that he asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.api.audience import audience_of
from geo_service.api.deps import services_of
from geo_service.domain.provenance import Label
from geo_service.errors import InputError, NotFound
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import COLLECTIONS, collection

if TYPE_CHECKING:
    from starlette.requests import Request

    from geo_service.api.ogc.parameters import When
    from geo_service.services.serving.cache import Ready
    from geo_service.services.serving.collections import Collection


def shown_to(label: Label) -> list[Collection]:
    """The collections that exist for an audience."""
    return [c for c in COLLECTIONS.values() if c.is_public or label is Label.INTERNAL]


def collection_of(request: Request) -> Collection:
    """The collection of the address. Raises NotFound, also where it is not for the asker."""
    known = shown_to(audience_of(request))
    asked = request.path_params["collectionId"]
    found = collection(asked) if asked in COLLECTIONS else None
    if found is None or found not in known:
        listed = ", ".join(c.id for c in known)
        raise NotFound("collection_unknown", collection=asked[:80], known=listed)
    return found


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
