"""What OpenAPI says of the OGC routes: parameters, answers and errors, in OpenAPI 3.0 terms.

The handlers read their parameters themselves (`parameters`); here they are described.
"""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from geo_service.api.deps import needs
from geo_service.api.ogc.negotiation import GEOJSON, HTML, JSON, OPENAPI, SCHEMA_JSON, Form
from geo_service.api.ogc.parameters import DEFAULT_LIMIT, MAX_LIMIT
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Right
from geo_service.services.drafts.collections import DRAFT_COLLECTIONS
from geo_service.services.serving.collections import COLLECTIONS
from geo_service.services.serving.filtering import Language

Json = dict[str, Any]

_TEXT = {"type": "string"}
_LINKS = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["href", "rel"],
        "properties": {
            "href": _TEXT,
            "rel": _TEXT,
            "type": _TEXT,
            "title": _TEXT,
            "hreflang": _TEXT,
        },
    },
}
_FEATURE = {
    "type": "object",
    "required": ["type", "id", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": _TEXT,
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object"},
        "links": _LINKS,
    },
}
_FEATURES = {
    "type": "object",
    "required": ["type", "features", "links", "timeStamp", "numberMatched", "numberReturned"],
    "properties": {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": _FEATURE},
        "links": _LINKS,
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": {"type": "integer", "minimum": 0},
        "numberReturned": {"type": "integer", "minimum": 0},
    },
}
_COLLECTION_SHAPE = {
    "type": "object",
    "required": ["id", "links", "crs"],
    "properties": {
        "id": _TEXT,
        "title": _TEXT,
        "description": _TEXT,
        "itemType": _TEXT,
        "extent": {"type": "object"},
        "crs": {"type": "array", "items": _TEXT},
        "storageCrs": _TEXT,
        "links": _LINKS,
    },
}


def _parameter(name: str, about: str, schema: Json, **more: Any) -> Json:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": about,
        "schema": schema,
        "style": "form",
        "explode": False,
        **more,
    }


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}


_URI = {"type": "string", "format": "uri"}
_DAY = {"type": "string", "format": "date"}
_F = _parameter("f", "形式 / form of the answer", {"type": "string", "enum": list(Form)})
_LANG = _parameter("lang", "语言 / language", {"type": "string", "enum": ["zh", "en"]})
_COLLECTION_ID = _path(
    "collectionId", {"type": "string", "enum": [*COLLECTIONS, *DRAFT_COLLECTIONS]}
)
_DRAFTS_ID = _path("collectionId", {"type": "string", "enum": list(DRAFT_COLLECTIONS)})
_FEATURE_ID = _path("featureId", _TEXT)
_CRS = _parameter("crs", "坐标的坐标系 / system of the coordinates answered", _URI)
_AS_OF = _parameter("as_of", "该日有效的记录，默认今天 / state of the world on that day", _DAY)
_KNOWN_AT = _parameter(
    "known_at",
    "该时刻登记库所载 / as the register knew it then",
    {"type": "string", "format": "date-time"},
)
_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
_ASKING = [
    _parameter(
        "limit",
        "每页个数 / features of a page",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    _parameter(
        "offset",
        "略过的个数 / features to skip",
        {"type": "integer", "minimum": 0},
    ),
    _parameter("after", "从此编号之后 / features behind this id", _TEXT),
    _parameter("before", "到此编号之前 / features ahead of this id", _TEXT),
    _parameter("bbox", "范围 / features that meet this box", _NUMBERS),
    _parameter("bbox-crs", "范围的坐标系 / system of the box", _URI),
    _parameter("datetime", "有效期与此时间相交 / features valid at some time of this", _TEXT),
    _parameter("filter", "CQL2 条件 / condition in CQL2", _TEXT),
    _parameter(
        "filter-lang",
        "条件的写法 / how the condition is written",
        {"type": "string", "enum": list(Language), "default": Language.TEXT.value},
    ),
    _parameter("filter-crs", "条件中坐标的坐标系 / system of coordinates in the condition", _URI),
]


def _by_field() -> list[Json]:
    """The fields of all collections, each a parameter of those that have it."""
    having: dict[str, list[str]] = {}
    for collection in (*COLLECTIONS.values(), *DRAFT_COLLECTIONS.values()):
        for field in collection.fields:
            having.setdefault(field.name, []).append(collection.id)
    return [
        _parameter(name, f"等于此值（{', '.join(ids)}） / features with this value", _TEXT)
        for name, ids in having.items()
    ]


_CONTENT_CRS = {"Content-Crs": {"description": "system of the coordinates, in <>", "schema": _TEXT}}


def _route(
    summary: str, media: str, schema: Json, parameters: list[Json], *statuses: int, **ok: Any
) -> Json:
    """What a route declares; without collection it tells nothing of the register."""
    answer = {
        "description": summary,
        "content": {media: {"schema": schema}, HTML: {"schema": _TEXT}},
    }
    return {
        "summary": summary,
        "response_class": Response,
        "responses": {
            200: {**answer, **ok},
            304: {"description": "not modified"},
            **problem_answers(400, 401, 403, *statuses, 503),
        },
        "openapi_extra": {"parameters": [*parameters, _F, _LANG]},
        "dependencies": [needs(Right.CONTENT_READ, public=True)],
    }


_DOCUMENT = {"type": "object", "properties": {"title": _TEXT, "links": _LINKS}}
LANDING = _route("首页 / landing page", JSON, _DOCUMENT, [])
CONFORMANCE = _route(
    "符合的标准 / conformance classes",
    JSON,
    {
        "type": "object",
        "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": _TEXT}},
    },
    [],
)
API = _route("接口说明 / description of the API", OPENAPI, {"type": "object"}, [])
COLLECTIONS_SHAPE = {
    "type": "object",
    "required": ["links", "collections"],
    "properties": {
        "links": _LINKS,
        "collections": {"type": "array", "items": _COLLECTION_SHAPE},
    },
}
LISTED = _route("图层 / collections", JSON, COLLECTIONS_SHAPE, [])
COLLECTION = _route("一个图层 / one collection", JSON, _COLLECTION_SHAPE, [_COLLECTION_ID], 404)
QUERYABLES = _route(
    "可查询的字段 / queryables", SCHEMA_JSON, {"type": "object"}, [_COLLECTION_ID], 404
)
SCHEMA = _route("要素的字段 / schema", SCHEMA_JSON, {"type": "object"}, [_COLLECTION_ID], 404)
ITEMS = _route(
    "要素 / features",
    GEOJSON,
    _FEATURES,
    [_COLLECTION_ID, *_ASKING, _CRS, _AS_OF, _KNOWN_AT, *_by_field()],
    404,
    headers=_CONTENT_CRS,
)
ITEM = _route(
    "一个要素 / one feature",
    GEOJSON,
    _FEATURE,
    [_COLLECTION_ID, _FEATURE_ID, _CRS, _AS_OF, _KNOWN_AT],
    404,
    headers=_CONTENT_CRS,
)


def _header(name: str, about: str, *, required: bool = False) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": about,
        "schema": _TEXT,
    }


_SENT_CRS = _header("Content-Crs", "所送坐标的坐标系 / system of the coordinates sent, in <>")
_SEEN = _header("If-Match", "所见版本的 ETag，必填 / ETag of the version seen", required=True)
_KEY = _header("Idempotency-Key", "重发时不重复新建 / the same for a request that is sent again")
_SENT_FEATURE = {
    "type": "object",
    "required": ["type", "geometry", "properties"],
    "properties": {
        "type": {"type": "string", "enum": ["Feature"]},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object", "nullable": True},
    },
}
_ETAG = {"ETag": {"description": "version and content", "schema": _TEXT}, **_CONTENT_CRS}


def _writing(
    summary: str,
    about: str,
    status: int,
    parameters: list[Json],
    bodies: dict[str, Json],
    *statuses: int,
    **ok: Any,
) -> Json:
    """What a route declares that writes drafts; which right it takes depends on the kind."""
    answer: Json = {"description": summary}
    if status != 204:
        answer["content"] = {GEOJSON: {"schema": _FEATURE}}
    extra: Json = {"parameters": [_DRAFTS_ID, *parameters, _LANG]}
    if bodies:
        content = {media: {"schema": schema} for media, schema in bodies.items()}
        extra["requestBody"] = {"required": True, "content": content}
    return {
        "summary": summary,
        "description": about,
        "status_code": status,
        "response_class": Response,
        "responses": {
            status: {**answer, **ok},
            **problem_answers(400, 401, 403, 404, 405, *statuses, 503),
        },
        "openapi_extra": extra,
        "dependencies": [needs(Right.CONTENT_READ)],
    }


_WHOLE = {GEOJSON: _SENT_FEATURE, "application/json": _SENT_FEATURE}
_LOCATION = {"Location": {"description": "address of the draft", "schema": _TEXT}}
CREATE = _writing(
    "提出草稿 / propose a draft",
    "A feature becomes a draft; another person decides on it. Takes register.draft, or "
    "boundary.draft for units, lines, markers and junctions.",
    201,
    [_SENT_CRS, _KEY],
    _WHOLE,
    409,
    413,
    415,
    422,
    headers={**_ETAG, **_LOCATION},
)
REPLACE = _writing(
    "替换草稿 / replace a draft",
    "The whole draft anew, worked out against the register as it is now.",
    200,
    [_FEATURE_ID, _SEEN, _SENT_CRS],
    _WHOLE,
    409,
    412,
    413,
    415,
    422,
    428,
    headers=_ETAG,
)
UPDATE = _writing(
    "修改草稿 / update a draft",
    "A merge patch (RFC 7396) to the feature; null takes a value out of the draft.",
    200,
    [_FEATURE_ID, _SEEN, _SENT_CRS],
    {"application/merge-patch+json": {"type": "object"}},
    409,
    412,
    413,
    415,
    422,
    428,
    headers=_ETAG,
)
DELETE = _writing(
    "撤回草稿 / withdraw a draft",
    "The draft is withdrawn by one of its authors; it stays on file.",
    204,
    [_FEATURE_ID, _SEEN],
    {},
    409,
    412,
    428,
)
