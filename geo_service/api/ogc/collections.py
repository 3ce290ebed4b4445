"""The collections, what can be asked of each, and what its features tell."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from geo_service.api.deps import language_of, services_of
from geo_service.api.ogc import describing, documents, negotiation, serving
from geo_service.api.ogc.negotiation import HTML, JSON, SCHEMA_JSON, Form, link
from geo_service.api.ogc.parameters import OF_DOCUMENT, When, read_pairs
from geo_service.api.ogc.routing import serve
from geo_service.api.ogc.tilesets import TILESETS_REL
from geo_service.domain.clock import CHINA
from geo_service.messages import message
from geo_service.services.serving.fields import FieldType
from geo_service.services.serving.systems import CRS84, STORAGE, systems

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.serving.cache import Ready
    from geo_service.services.serving.collections import Collection
    from geo_service.services.serving.fields import Field

_REL = "http://www.opengis.net/def/rel/ogc/1.0"
_GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_COLLECTION = "/collections/{collectionId}"


def described(request: Request, wanted: Collection, ready: Ready) -> dict[str, Any]:
    """A collection as OGC API describes it."""
    lang = language_of(request)
    path = f"{negotiation.base_of(request)}/collections/{wanted.id}"
    spatial = {} if ready.snapshot.extent is None else _spatial(list(ready.snapshot.extent))
    interval = [None if day is None else _midnight(day) for day in ready.snapshot.lifetime]
    temporal = {"temporal": {"interval": [interval], "trs": _GREGORIAN}}
    return {
        "id": wanted.id,
        "title": wanted.title.in_(lang),
        "description": wanted.about.in_(lang),
        "itemType": "feature",
        "extent": {**spatial, **temporal},
        "crs": list(systems(services_of(request).city.plane_epsg)),
        "storageCrs": STORAGE,
        "links": [
            link(path, "self", JSON, wanted.title, lang),
            link(f"{path}?f=html", "alternate", HTML, wanted.title, lang),
            link(f"{path}/items", "items", negotiation.GEOJSON, wanted.title, lang),
            link(f"{path}/items?f=html", "items", HTML, wanted.title, lang),
            link(
                f"{path}/queryables", f"{_REL}/queryables", SCHEMA_JSON, _said("queryables"), lang
            ),
            link(f"{path}/schema", "describedby", SCHEMA_JSON, _said("schema"), lang),
            link(f"{path}/tiles", TILESETS_REL, JSON, message("tiles.tilesets"), lang),
        ],
    }


def _spatial(box: list[float]) -> dict[str, Any]:
    return {"spatial": {"bbox": [[round(edge, 9) for edge in box]], "crs": CRS84}}


def _midnight(day: str) -> str:
    """A day in China as the moment at which it begins: the standard asks for moments."""
    return datetime.combine(date.fromisoformat(day), time(), CHINA).isoformat()


def _said(name: str) -> Any:
    return message(f"serving.{name}")


def _ready(request: Request, wanted: Collection) -> Ready:
    return serving.ready(request, wanted, serving.view_of(request, When()))


def _checked(request: Request) -> Form:
    read_pairs(serving.query_of(request), OF_DOCUMENT)
    return negotiation.form_of(request)


def _answer_collections(request: Request, form: Form) -> Response:
    lang = language_of(request)
    path = f"{negotiation.base_of(request)}/collections"
    known = serving.known_to(request)
    found = [described(request, wanted, _ready(request, wanted)) for wanted in known]
    links = [
        link(path, "self", JSON, _said("collections"), lang),
        link(f"{path}?f=html", "alternate", HTML, _said("collections"), lang),
    ]
    told = {
        "title": _said("collections").in_(lang),
        "crs": list(systems(services_of(request).city.plane_epsg)),
        "links": links,
        "collections": found,
    }
    if form is Form.HTML:
        return documents.collections_page(request, found)
    return negotiation.send_json(request, told)


@serve("/collections", describing.LISTED)
async def collections(request: Request) -> Response:
    """All collections."""
    return await run_in_threadpool(_answer_collections, request, _checked(request))


def _answer_collection(request: Request, wanted: Collection, form: Form) -> Response:
    told = described(request, wanted, _ready(request, wanted))
    if form is Form.HTML:
        return documents.collection_page(request, wanted, told)
    return negotiation.send_json(request, told)


@serve(_COLLECTION, describing.COLLECTION)
async def collection(request: Request) -> Response:
    """One collection."""
    wanted, form = serving.collection_of(request), _checked(request)
    return await run_in_threadpool(_answer_collection, request, wanted, form)


def _property(field: Field, lang: Lang) -> dict[str, Any]:
    kind = "string" if field.type is FieldType.DATE else field.type.value
    made: dict[str, Any] = {
        "title": field.title.in_(lang),
        "description": field.about.in_(lang),
        "type": kind,
    }
    if field.type is FieldType.DATE:
        made["format"] = "date"
    if field.choices:
        made["enum"] = list(field.choices)
    if field.unit:
        made |= {"x-ogc-unit": field.unit, "x-ogc-unitLang": "UCUM"}
    return made


def schema_of(request: Request, wanted: Collection, name: str) -> dict[str, Any]:
    """The JSON schema of what can be asked of a collection, or of what its features tell."""
    lang = language_of(request)
    shape = wanted.shapes[0].lower() if len(wanted.shapes) == 1 else "any"
    geometry = {
        "title": _said("geometry").in_(lang),
        "format": f"geometry-{shape}",
        "x-ogc-role": "primary-geometry",
    }
    fields = {field.name: _property(field, lang) for field in wanted.fields}
    return {
        "$schema": _DRAFT,
        "$id": f"{negotiation.base_of(request)}/collections/{wanted.id}/{name}",
        "type": "object",
        "title": wanted.title.in_(lang),
        "description": wanted.about.in_(lang),
        "properties": {"geometry": geometry, **fields},
        "additionalProperties": False,
    }


def _answer_schema(request: Request, name: str) -> Response:
    wanted, form = serving.collection_of(request), _checked(request)
    told = schema_of(request, wanted, name)
    if form is Form.HTML:
        return documents.schema_page(request, wanted, told, name)
    return negotiation.send_json(request, told, SCHEMA_JSON)


@serve(f"{_COLLECTION}/queryables", describing.QUERYABLES)
async def queryables(request: Request) -> Response:
    """What filters and parameters may name."""
    return _answer_schema(request, "queryables")


@serve(f"{_COLLECTION}/schema", describing.SCHEMA)
async def schema(request: Request) -> Response:
    """What the features tell."""
    return _answer_schema(request, "schema")
