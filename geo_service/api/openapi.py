"""The OpenAPI description: that of FastAPI, with errors described as they are really answered."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from geo_service.api.problems import MEDIA_TYPE
from geo_service.api.schemas import FeaturesBody
from geo_service.messages import message

_PROBLEM = {"$ref": "#/components/schemas/ProblemBody"}
_UNUSED = ("HTTPValidationError", "ValidationError")


def _mend_errors(operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        if status.isdigit() and int(status) >= 400:
            response["description"] = message(f"api.title_{status}").en
            response["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}


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
        for methods in schema["paths"].values():
            for operation in methods.values():
                _mend_errors(operation)
        shapes = schema["components"]["schemas"]
        shapes.update(_geojson_schemas())
        for name in _UNUSED:
            shapes.pop(name, None)
        app.openapi_schema = schema
    return app.openapi_schema
