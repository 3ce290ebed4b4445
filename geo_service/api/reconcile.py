"""Matching of spreadsheets with the register: the Reconciliation Service API 0.2 (OpenRefine).

The queries come as JSON in a parameter or an entry of a form, as that API wants it. There is no
JSONP: a page from elsewhere shall read nothing of ours.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import TypeAdapter, ValidationError

from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.reconcile_schemas import (
    ExtendBody,
    ManifestBody,
    ProposedBody,
    Queries,
    QueryBody,
    ResultBody,
    SuggestedBody,
)
from geo_service.api.schemas import problem_answers
from geo_service.domain.access import Right
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType
from geo_service.errors import InputError, NotFound
from geo_service.language.likeness_forms import profile_of
from geo_service.messages import message
from geo_service.services.reconciling import Candidate, Reconciler
from geo_service.services.reconciling import Query as NameQuery
from geo_service.services.serving.collections import COLLECTIONS

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Lang
    from geo_service.services.wire import Json

router = APIRouter(prefix="/api/v1/reconcile", tags=["reconcile"])
_READS: Any = [needs(Right.CONTENT_READ)]
_EVERY = "place-name"
_UNIT = "unit_code"
_FIELDS = {field.name: field for field in COLLECTIONS["place-names"].fields}
_QUERIES: TypeAdapter[dict[str, QueryBody]] = TypeAdapter(Queries)
_EXTEND: TypeAdapter[ExtendBody] = TypeAdapter(ExtendBody)
_SUGGESTED = 20
_T = TypeVar("_T")
_Cursor = Annotated[int, Query(ge=0, le=1000)]
_JsonQuery = Annotated[
    str | None, Query(max_length=8_000, description="JSON；较长的用 POST / longer ones by POST")
]
_FORM: Any = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {"queries": {"type": "string"}, "extend": {"type": "string"}},
                }
            }
        },
    }
}


@router.get(
    "",
    dependencies=_READS,
    response_model=ManifestBody | dict[str, ResultBody] | dict[str, Any],
    responses=problem_answers(400, 422, 503),
    summary="对照服务 / reconciliation service",
)
def reconcile(
    request: Request,
    services: ServicesDep,
    lang: LangDep,
    queries: _JsonQuery = None,
    extend: _JsonQuery = None,
) -> Any:
    """The manifest; with `queries` the candidates of each, with `extend` more of known names."""
    if queries is None and extend is None:
        return JSONResponse(_manifest(str(request.base_url).rstrip("/"), lang))
    return _answer(queries, extend, services, lang)


@router.post(
    "",
    dependencies=_READS,
    response_model=dict[str, ResultBody] | dict[str, Any],
    responses=problem_answers(400, 413, 422, 503),
    openapi_extra=_FORM,
    summary="成批对照 / reconcile many names",
)
async def reconcile_many(request: Request, services: ServicesDep, lang: LangDep) -> Any:
    """The same by a form, for many names at once: an entry `queries` or `extend` with JSON."""
    async with request.form(max_files=0, max_fields=2) as form:
        entries = {name: str(value) for name, value in form.items()}
    unknown = set(entries) - {"queries", "extend"}
    if unknown or not entries:
        name = min(unknown, default="queries")
        raise InputError("form_entry_unknown", name=name, known="queries, extend")
    return await run_in_threadpool(
        _answer, entries.get("queries"), entries.get("extend"), services, lang
    )


def _answer(
    queries: str | None, extend: str | None, services: Services, lang: Lang
) -> JSONResponse:
    own = _reconciler(services)
    if queries is not None and extend is not None:
        raise InputError("form_entry_unknown", name="extend", known="queries")
    if queries is not None:
        asked = _read(_QUERIES, queries, "queries")
        found = {key: own.candidates(_query(query)) for key, query in asked.items()}
        return JSONResponse(
            {key: {"result": [_candidate(c, lang) for c in each]} for key, each in found.items()}
        )
    return JSONResponse(_extended(own, _read(_EXTEND, extend or "", "extend"), lang))


@router.get(
    "/suggest/entity",
    dependencies=_READS,
    response_model=SuggestedBody,
    responses=problem_answers(400, 422, 503),
    summary="按字头列出地名 / suggest names",
)
def suggest_names(
    services: ServicesDep,
    lang: LangDep,
    prefix: Annotated[str, Query(max_length=100)],
    cursor: _Cursor = 0,
) -> Any:
    """Names that a prefix in characters or pinyin may mean."""
    found = _reconciler(services).candidates(NameQuery(prefix, limit=cursor + _SUGGESTED))
    told = [
        {
            "id": each.place.id,
            "name": each.place.name,
            "description": _description(each.place, lang),
            "notable": _types(each.place, lang),
        }
        for each in found[cursor:]
    ]
    return JSONResponse({"result": told})


@router.get(
    "/suggest/type",
    dependencies=_READS,
    response_model=SuggestedBody,
    responses=problem_answers(400, 422),
    summary="类型 / suggest types",
)
def suggest_types(
    lang: LangDep, prefix: Annotated[str, Query(max_length=100)], cursor: _Cursor = 0
) -> Any:
    """The types of names whose word begins so."""
    words = [_type(kind.value, lang) for kind in FeatureType]
    return JSONResponse({"result": _beginning(words, prefix)[cursor:]})


@router.get(
    "/suggest/property",
    dependencies=_READS,
    response_model=SuggestedBody,
    responses=problem_answers(400, 422),
    summary="字段 / suggest properties",
)
def suggest_properties(
    lang: LangDep, prefix: Annotated[str, Query(max_length=100)], cursor: _Cursor = 0
) -> Any:
    """The fields of names whose word begins so."""
    return JSONResponse({"result": _beginning(_properties(lang), prefix)[cursor:]})


@router.get(
    "/extend/propose",
    dependencies=_READS,
    response_model=ProposedBody,
    responses=problem_answers(400, 422),
    summary="可以补充的字段 / properties to add",
)
def propose(
    lang: LangDep,
    type: Annotated[str, Query(max_length=60)] = _EVERY,
    limit: Annotated[int | None, Query(ge=1, le=100)] = None,
) -> Any:
    """The fields that can be added to rows: those of a name in the register."""
    told = {"type": type, "properties": _properties(lang)[:limit]}
    return JSONResponse(told if limit is None else {**told, "limit": limit})


@router.get(
    "/preview",
    dependencies=_READS,
    response_class=HTMLResponse,
    responses=problem_answers(400, 404, 422, 503),
    summary="地名简介 / preview of a name",
)
def preview(id: Annotated[str, Query(max_length=200)], services: ServicesDep, lang: LangDep) -> Any:
    """A name in a few lines of HTML, to be shown in a small frame. Raises NotFound."""
    place = _reconciler(services).places([id])[id]
    if place is None:
        raise NotFound("record_not_found", kind="place-names", record=id)
    rows = "".join(
        f"<p>{escape(field.title.in_(lang))}: {escape(str(value))}</p>"
        for field in _FIELDS.values()
        if field.name != "name" and (value := field.read(place)) is not None
    )
    head = f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><title>'
    name = escape(place.name)
    return HTMLResponse(f"{head}{name}</title><body><h1>{name}</h1>{rows}</body></html>")


# --- reading --------------------------------------------------------------------------------


def _read(adapter: TypeAdapter[_T], text: str, name: str) -> _T:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        faults = [{**each, "loc": ("body", name, *each["loc"])} for each in error.errors()]
        raise RequestValidationError(faults) from error


def _query(asked: QueryBody) -> NameQuery:
    """The query in our words. Raises InputError for a type or a property that is none of ours."""
    told: dict[str, str] = {}
    for column in asked.properties:
        if column.pid not in _FIELDS:
            known = ", ".join(_FIELDS)
            raise InputError("reconcile_property_unknown", name=column.pid, known=known)
        first = column.v[0] if isinstance(column.v, list) and column.v else column.v
        told[column.pid] = first if isinstance(first, str) else str(getattr(first, "id", first))
    unit = told.pop(_UNIT, "")
    types = [asked.type] if isinstance(asked.type, str) else asked.type or []
    return NameQuery(
        asked.query,
        _feature_type(types),
        DivisionCode.parse(unit) if unit else None,
        told,
        asked.limit,
    )


def _feature_type(words: list[str]) -> FeatureType | None:
    chosen = [word for word in words if word and word != _EVERY]
    for word in chosen:
        if word not in list(FeatureType):
            known = ", ".join((_EVERY, *FeatureType))
            raise InputError("reconcile_type_unknown", name=word, known=known)
    return FeatureType(chosen[0]) if len(chosen) == 1 else None


def _reconciler(services: Services) -> Reconciler:
    today = services.today()
    profile = profile_of(services.city, today, "")
    return Reconciler(services.store, services.name_index, today, profile)


# --- telling --------------------------------------------------------------------------------


def _type(word: str, lang: Lang) -> Json:
    key = "serving.collection_place_names" if word == _EVERY else f"name.kind_{word}"
    return {"id": word, "name": message(key).in_(lang)}


def _types(place: NamedPlace, lang: Lang) -> list[Json]:
    return [_type(place.feature_type.value, lang)]


def _properties(lang: Lang) -> list[Json]:
    return [{"id": field.name, "name": field.title.in_(lang)} for field in _FIELDS.values()]


def _beginning(words: list[Json], prefix: str) -> list[Json]:
    wanted = prefix.strip().lower()
    return [w for w in words if any(w[key].lower().startswith(wanted) for key in ("id", "name"))]


def _description(place: NamedPlace, lang: Lang) -> str:
    status = message(f"search.status_{place.status.value}").in_(lang)
    return " ".join(filter(None, (status, place.unit_code, place.romanization)))


def _candidate(found: Candidate, lang: Lang) -> Json:
    place = found.place
    features = [{"id": "likeness", "value": round(found.score / 100, 3)}]
    features += [{"id": name, "value": agrees} for name, agrees in found.agrees.items()]
    return {
        "id": place.id,
        "name": place.name,
        "description": _description(place, lang),
        "type": _types(place, lang),
        "score": found.score,
        "match": found.match,
        "features": features,
    }


def _extended(own: Reconciler, asked: ExtendBody, lang: Lang) -> Json:
    names = [wanted.id for wanted in asked.properties]
    for name in names:
        if name not in _FIELDS:
            known = ", ".join(_FIELDS)
            raise InputError("reconcile_property_unknown", name=name, known=known)
    meta = [{"id": name, "name": _FIELDS[name].title.in_(lang)} for name in names]
    rows = {
        key: {name: _values(place, name) for name in names}
        for key, place in own.places(asked.ids).items()
    }
    return {"meta": meta, "rows": rows}


def _values(place: NamedPlace | None, name: str) -> list[Json]:
    value = None if place is None else _FIELDS[name].read(place)
    if value is None:
        return []
    if isinstance(value, int | float):
        return [{"float": float(value)}]
    kind = "date" if _FIELDS[name].type == "date" else "str"
    return [{kind: value}]


def _manifest(base: str, lang: Lang) -> Json:
    def part(path: str) -> Json:
        return {"service_url": base, "service_path": f"{router.prefix}{path}"}

    return {
        "versions": ["0.2"],
        "name": message("reconcile.name").in_(lang),
        "identifierSpace": "urn:geo-service:place-names",
        "schemaSpace": "urn:geo-service:place-names:fields",
        "defaultTypes": [_type(word, lang) for word in (_EVERY, *FeatureType)],
        "view": {"url": f"{base}/register/place-names/{{{{id}}}}"},
        "preview": {
            "url": f"{base}{router.prefix}/preview?id={{{{id}}}}",
            "width": 400,
            "height": 300,
        },
        "suggest": {
            "entity": part("/suggest/entity"),
            "type": part("/suggest/type"),
            "property": part("/suggest/property"),
        },
        "extend": {"propose_properties": part("/extend/propose"), "property_settings": []},
    }
