"""The OpenAPI description: that of FastAPI, with errors described as they are really answered."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from geo_service.api.links import add_links
from geo_service.api.problems import MEDIA_TYPE
from geo_service.api.rights import demands_of, described, routes_of
from geo_service.api.schemas import FeaturesBody
from geo_service.messages import message

router = APIRouter(include_in_schema=False)
_PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
}
_ANY_ROUTE = (400, 414, 429, 431, 503, 504)
_WITH_BODY = (408, 413)
"""What may be answered in the place of any route: unknown parameters, limits of the server."""
_UNUSED = ("HTTPValidationError", "ValidationError")


def _mend_errors(operation: dict[str, Any]) -> None:
    limits = (*_ANY_ROUTE, *_WITH_BODY) if "requestBody" in operation else _ANY_ROUTE
    for status in limits:
        operation["responses"].setdefault(str(status), {})
    for status, response in operation["responses"].items():
        if status.isdigit() and int(status) >= 400:
            response["description"] = message(f"api.title_{status}").en
            response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}


def _mark_demands(app: FastAPI, paths: dict[str, dict[str, Any]]) -> None:
    """Say of each operation what it demands and that it may refuse, so that no route need to."""
    for route in routes_of(app.router):
        for demand in demands_of(route):
            for method in route.methods:
                operation = paths.get(route.path_format, {}).get(method.lower())
                if operation is None or demand.everybody:
                    continue
                operation["responses"] |= {status: {} for status in ("401", "403")}
                operation["security"] = [{"token": []}, {"session": []}]
                if demand.is_optional(app.state.settings):
                    operation["security"].append({})
                if demand.rights:
                    operation["x-right"] = " | ".join(demand.rights)


def _geojson_schemas() -> dict[str, Any]:
    """The schema of a GeoJSON answer, which FastAPI does not collect by itself."""
    schema = FeaturesBody.model_json_schema(ref_template="#/components/schemas/{model}")
    inner: dict[str, Any] = schema.pop("$defs")
    return {**inner, FeaturesBody.__name__: schema}


def describe(app: FastAPI) -> dict[str, Any]:
    """The description of an application, made once and kept."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            servers=[{"url": "/"}],
        )
        _mark_demands(app, schema["paths"])
        for methods in schema["paths"].values():
            for operation in methods.values():
                _mend_errors(operation)
        add_links(schema["paths"])
        schema["components"]["securitySchemes"] = _SCHEMES
        shapes = schema["components"]["schemas"]
        shapes.update(_geojson_schemas())
        for name in _UNUSED:
            shapes.pop(name, None)
        app.openapi_schema = schema
    return app.openapi_schema


@router.get("/openapi.json", dependencies=[described])
def description(request: Request) -> JSONResponse:
    """The description of the API, for programs."""
    return JSONResponse(describe(request.app))
