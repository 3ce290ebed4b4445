"""Every refusal over HTTP: RFC 9457 problem+json with a stable code, or a page for a browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from geo_service.api import request_ids
from geo_service.api.deps import language_of
from geo_service.api.rights import routes_of
from geo_service.domain.text import Lang
from geo_service.errors import ConfigError, GeoServiceError
from geo_service.messages import explain, message

if TYPE_CHECKING:
    from starlette.types import Scope

MEDIA_TYPE = "application/problem+json"

_STATUS = {
    "parameter_unknown": HTTPStatus.BAD_REQUEST,
    "json_malformed": HTTPStatus.BAD_REQUEST,
    "query_invalid": HTTPStatus.BAD_REQUEST,
    "parameter_repeated": HTTPStatus.BAD_REQUEST,
    "parameters_exclude": HTTPStatus.BAD_REQUEST,
    "query_value_malformed": HTTPStatus.BAD_REQUEST,
    "query_value_unknown": HTTPStatus.BAD_REQUEST,
    "crs_not_served": HTTPStatus.BAD_REQUEST,
    "filter_malformed": HTTPStatus.BAD_REQUEST,
    "filter_too_long": HTTPStatus.BAD_REQUEST,
    "filter_too_deep": HTTPStatus.BAD_REQUEST,
    "filter_unknown_property": HTTPStatus.BAD_REQUEST,
    "filter_unknown_function": HTTPStatus.BAD_REQUEST,
    "filter_types_differ": HTTPStatus.BAD_REQUEST,
    "filter_value_malformed": HTTPStatus.BAD_REQUEST,
    "filter_geometry_malformed": HTTPStatus.BAD_REQUEST,
    "body_too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "host_unknown": HTTPStatus.MISDIRECTED_REQUEST,
    "sign_in_needed": HTTPStatus.UNAUTHORIZED,
    "sign_in_failed": HTTPStatus.UNAUTHORIZED,
    "token_invalid": HTTPStatus.UNAUTHORIZED,
    "oidc_refused": HTTPStatus.UNAUTHORIZED,
    "sign_in_locked": HTTPStatus.TOO_MANY_REQUESTS,
    "address_too_long": HTTPStatus.REQUEST_URI_TOO_LONG,
    "headers_too_large": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "rate_exceeded": HTTPStatus.TOO_MANY_REQUESTS,
    "answer_timeout": HTTPStatus.GATEWAY_TIMEOUT,
    "collection_read_only": HTTPStatus.METHOD_NOT_ALLOWED,
    "idempotency_key_malformed": HTTPStatus.BAD_REQUEST,
    "media_type_unsupported": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "precondition_failed": HTTPStatus.PRECONDITION_FAILED,
    "precondition_needed": HTTPStatus.PRECONDITION_REQUIRED,
}
_CODE_OF_STATUS = {
    404: "path_unknown",
    405: "method_not_allowed",
    408: "body_timeout",
    413: "body_too_large",
}
_DATA = ("/api/", "/openapi.json", "/healthz", "/readyz", "/metrics")
_SIGN_IN = "sign_in_needed"
_NO_OBJECT = "model_attributes_type"
_NO_LIMITS = ("field_type", "actual_length")
"""What a fault tells besides the limit it breaks."""
_TITLES = {400, 401, 403, 404, 405, 408, 409, 412, 413, 414, 415, 421, 422, 428, 429, 431, 503, 504}
_BARE = """<!doctype html>
<html lang="{lang}"><meta charset="utf-8"><title>{title}</title>
<link rel="stylesheet" href="/static/pages/site.css">
<main><div class="card error-page"><p class="status">{status}</p><h1>{title}</h1>
<p>{detail}</p><p class="small">{code} · {request_id}</p></div></main></html>
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal as the reader gets it. `errors` names the places of a request that are wrong."""

    status: int
    code: str
    title: str
    detail: str
    errors: tuple[Mapping[str, str], ...] = ()

    def body(self, instance: str) -> dict[str, Any]:
        """The members of RFC 9457 with our `code` and `errors`."""
        result: dict[str, Any] = {
            "type": f"urn:geo-service:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
        }
        if self.errors:
            result["errors"] = list(self.errors)
        if request_ids.current():
            result["request_id"] = request_ids.current()
        return result


PageMaker = Callable[[Request, Problem], Response]


def _title(status: int, lang: Lang) -> str:
    return message(f"api.title_{status if status in _TITLES else 500}").in_(lang)


def _explained(error: GeoServiceError, lang: Lang) -> str:
    try:
        return explain(error, lang)
    except ConfigError:
        # Even without a sentence in the catalogue the reader gets the code, not a crash.
        return error.code


def problem_of(error: GeoServiceError, lang: Lang) -> Problem:
    """A refusal of the program as a problem; its code and status stand on the error."""
    status = int(_STATUS.get(error.code, error.http_status))
    return Problem(status, error.code, _title(status, lang), _explained(error, lang))


def _place(location: Sequence[Any]) -> dict[str, str]:
    where, *rest = location
    if where == "body":
        return {"pointer": "#" + "".join(f"/{part}" for part in rest)}
    return {"parameter": str(rest[0]) if rest else str(where)}


def _wrong(fault: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    facts = {"limit": "", "expected": ""}
    kind = fault["type"]
    if kind == _NO_OBJECT and fault["loc"] != ("body",):
        kind = "no_object"  # a part of the body: the kind of content is right
    for key, value in fault.get("ctx", {}).items():
        if key in _NO_LIMITS:
            continue
        # A list of words comes as "'road', 'estate' or 'unit'".
        told = str(value).replace(" or ", ", ").replace("'", "")
        facts["expected" if key == "expected" else "limit"] = told
    try:
        detail = message(f"api.invalid_{kind}", **facts)
    except ConfigError:
        detail = message("api.invalid_other")
    return {**_place(fault["loc"]), "detail": detail.in_(lang)}


def validation_problem(faults: Sequence[Mapping[str, Any]], lang: Lang) -> Problem:
    """All that is wrong with a request at once; the values themselves are not echoed."""
    kinds = {fault["type"] for fault in faults}
    in_body = all(fault["loc"][0] == "body" for fault in faults)
    if "json_invalid" in kinds:
        code, status = "json_malformed", 400
    elif in_body:
        code, status = "body_invalid", 422
    else:
        code, status = "query_invalid", 400
    errors = tuple(_wrong(fault, lang) for fault in faults)
    detail = message(f"errors.{code}").in_(lang)
    return Problem(status, code, _title(status, lang), detail, errors)


def http_problem(error: HTTPException, lang: Lang) -> Problem:
    """A refusal of the framework (unknown path, wrong method) as a problem of ours."""
    code = _CODE_OF_STATUS.get(error.status_code, "request_refused")
    detail = message(f"errors.{code}").in_(lang)
    return Problem(error.status_code, code, _title(error.status_code, lang), detail)


def internal_problem(lang: Lang) -> Problem:
    """A fault of the program: says so and nothing about its inside."""
    return Problem(
        500, "internal_error", _title(500, lang), message("errors.internal_error").in_(lang)
    )


def problem_response(
    problem: Problem, instance: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem as problem+json."""
    told = dict(headers or {})
    if problem.status == HTTPStatus.UNAUTHORIZED:
        told["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem.body(instance), problem.status, told, MEDIA_TYPE)


def refuse(error: GeoServiceError, scope: Scope) -> Response:
    """The answer of a guard, made without the application: bare, so that it costs next to nothing.

    `retry_after_s` of the error becomes its Retry-After.
    """
    request = Request(scope)
    lang = language_of(request)
    problem = problem_of(error, lang)
    wait_s = error.context.get("retry_after_s")
    headers = None if wait_s is None else {"Retry-After": str(wait_s)}
    if not wants_page(request):
        return problem_response(problem, request.url.path, headers)
    page = _BARE.format(
        lang="zh-CN" if lang == "zh" else "en",
        title=escape(problem.title),
        status=problem.status,
        detail=escape(problem.detail),
        code=message("pages.error_code", code=problem.code).in_(lang),
        request_id=message("pages.error_request", id=request_ids.current()).in_(lang),
    )
    return HTMLResponse(page, status_code=problem.status, headers=headers)


def wants_page(request: Request) -> bool:
    """Whether a browser asks for a page, rather than a program for data."""
    is_data = request.url.path.startswith(_DATA)
    is_data = is_data or request.query_params.get("f") == "json"
    return not is_data and "text/html" in request.headers.get("accept", "")


def _to_sign_in(request: Request, problem: Problem) -> Response:
    """A browser is led to the form and back afterwards; a program is told."""
    lang = request.query_params.get("lang", "")
    chosen = {"lang": lang} if lang in ("zh", "en") else {}
    if request.headers.get("hx-request") == "true":
        form = f"/sign-in?{urlencode(chosen)}" if chosen else "/sign-in"
        return problem_response(problem, request.url.path, {"HX-Redirect": form})
    if not wants_page(request):
        return problem_response(problem, request.url.path)
    query = f"?{request.url.query}" if request.url.query else ""
    here = f"{request.url.path}{query}" if request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?{urlencode({'next': here, **chosen})}", 303)


def methods_of(app: FastAPI, scope: Scope) -> list[str]:
    """What may be asked of an address: routes that share it answer one method each."""
    there = (route for route in routes_of(app.router) if route.matches(scope)[0] is not Match.NONE)
    return sorted({method for route in there for method in getattr(route, "methods", None) or ()})


def install(app: FastAPI, page: PageMaker) -> None:
    """Handle every error of the application; `page` renders one for a browser."""

    def answer(request: Request, problem: Problem) -> Response:
        if problem.code == _SIGN_IN and request.app.state.settings.auth:
            return _to_sign_in(request, problem)
        headers = {}
        if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(methods_of(app, request.scope))
        if wants_page(request):
            told = page(request, problem)
            told.headers.update(headers)
            return told
        return problem_response(problem, request.url.path, headers)

    def handler(
        make: Callable[[Any, Lang], Problem],
    ) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def handle(request: Request, error: Exception) -> Response:
            return answer(request, make(error, language_of(request)))

        return handle

    app.add_exception_handler(GeoServiceError, handler(problem_of))
    app.add_exception_handler(
        RequestValidationError, handler(lambda e, lang: validation_problem(e.errors(), lang))
    )
    app.add_exception_handler(HTTPException, handler(http_problem))
    app.add_exception_handler(Exception, handler(lambda _, lang: internal_problem(lang)))
