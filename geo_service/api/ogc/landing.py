"""Where everything begins: landing page, conformance, and the description of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.responses import Response

from geo_service.api.deps import language_of
from geo_service.api.ogc import describing, documents, negotiation, serving, tilesets
from geo_service.api.ogc.definition import definition
from geo_service.api.ogc.negotiation import HTML, JSON, OPENAPI, Form, link
from geo_service.api.ogc.parameters import OF_DOCUMENT, read_pairs
from geo_service.api.ogc.routing import serve
from geo_service.messages import message

if TYPE_CHECKING:
    from geo_service.api.ogc.negotiation import Link

_SPEC = "http://www.opengis.net/spec"
_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_DRAFT_OF_PART_4 = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf"
"""Part 4 is a draft (1.0.0-draft.1): its classes may be named otherwise once it is a standard."""
CONFORMANCE = (
    *(f"{_SPEC}/ogcapi-features-1/1.0/conf/{c}" for c in ("core", "oas30", "html", "geojson")),
    f"{_SPEC}/ogcapi-features-2/1.0/conf/crs",
    *(
        f"{_SPEC}/ogcapi-features-3/1.0/conf/{c}"
        for c in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(
        f"{_DRAFT_OF_PART_4}/{c}"
        for c in ("create-replace-delete", "update", "optimistic-locking-etags", "features")
    ),
    *(
        f"{_SPEC}/cql2/1.0/conf/{c}"
        for c in (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
    *tilesets.CONFORMANCE,
)


def _checked(request: Request) -> Form:
    read_pairs(serving.query_of(request), OF_DOCUMENT)
    return negotiation.form_of(request)


def _links(request: Request) -> list[Link]:
    lang, base = language_of(request), negotiation.base_of(request)
    said = {
        key: message(f"serving.{key}") for key in ("landing", "api", "conformance", "collections")
    }
    return [
        link(base, "self", JSON, said["landing"], lang),
        link(f"{base}?f=html", "alternate", HTML, said["landing"], lang),
        link(f"{base}/api", "service-desc", OPENAPI, said["api"], lang),
        link(f"{base}/api?f=html", "service-doc", HTML, said["api"], lang),
        link(f"{base}/conformance", "conformance", JSON, said["conformance"], lang),
        link(f"{base}/conformance", f"{_REL}/conformance", JSON, said["conformance"], lang),
        link(f"{base}/collections", "data", JSON, said["collections"], lang),
        link(f"{base}/collections", f"{_REL}/data", JSON, said["collections"], lang),
        link(f"{base}/tiles", tilesets.TILESETS_REL, JSON, message("tiles.tilesets"), lang),
        link(f"{base}/tileMatrixSets", f"{_REL}/tiling-schemes", JSON, None, lang),
    ]


@serve("/", describing.LANDING, hidden=True)
@serve("", describing.LANDING)
async def landing(request: Request) -> Response:
    """The landing page."""
    form, lang = _checked(request), language_of(request)
    told = {
        "title": message("serving.landing").in_(lang),
        "description": message("serving.about_landing").in_(lang),
        "links": _links(request),
    }
    if form is Form.HTML:
        return documents.landing_page(request, told)
    return negotiation.send_json(request, told)


@serve("/conformance", describing.CONFORMANCE)
async def conformance(request: Request) -> Response:
    """The classes of the standards that are met."""
    told: dict[str, Any] = {"conformsTo": list(CONFORMANCE)}
    if _checked(request) is Form.HTML:
        return documents.conformance_page(request, CONFORMANCE)
    return negotiation.send_json(request, told)


@serve("/api", describing.API)
async def api(request: Request) -> Response:
    """The description of this API as OpenAPI 3.0."""
    form = _checked(request)
    told = definition(request.app.openapi(), negotiation.base_of(request).removesuffix("/ogc"))
    if form is Form.HTML:
        return documents.api_page(request, told)
    return negotiation.send_json(request, told, OPENAPI)
