"""Signing in and out, and the first administrator."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from geo_service.api.audience import asker_of, sender_address, session_of
from geo_service.api.deps import LangDep, ServicesDep, open_to_all, signed_in
from geo_service.api.doorman import cookie_name
from geo_service.api.problems import problem_of
from geo_service.errors import Forbidden, GeoServiceError, NotFound
from geo_service.pages.forms import Posted, PostedDep, inside
from geo_service.pages.render import asked_lang, in_language_of, onward, page
from geo_service.services.access.passwords import SHORTEST

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.text import Lang

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_FLOW = "flow"
"""The cookie by which a browser is known to have begun what it comes back from: the state, and
after a full stop the language that was chosen, if one was."""
_FORMS = {"sign_in.html": "/sign-in", "first_run.html": "/first-run"}
"""Where each form is had."""
NextDep = Annotated[str, Query(max_length=2000)]


def enter(request: Request, secret: str, to: str) -> Response:
    """Send the browser on with the cookie of its new session; the one it had before ends."""
    before = session_of(request)
    if before is not None:
        request.app.state.office.sessions.end(before)
    answer = onward(request, to)
    secure = request.url.scheme == "https"
    name = cookie_name(request.url.scheme)
    answer.set_cookie(name, secret, httponly=True, secure=secure, samesite="lax", path="/")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _require_auth(request: Request) -> None:
    if not request.app.state.settings.auth:
        raise NotFound("sign_in_off")


def _form(  # noqa: PLR0917 - what a form is made of
    request: Request,
    template: str,
    entries: Posted,
    error: GeoServiceError | None,
    lang: Lang,
    lang_chosen: Lang | None = None,
) -> HTMLResponse:
    """A form; in the other language it is had at its own address, and leads on to the same."""
    problem = None if error is None else problem_of(error, lang)
    to = inside(entries.one("next"))
    answer = page(
        request,
        template,
        status=200 if problem is None else problem.status,
        lang_chosen=lang_chosen,
        switch_to=(_FORMS[template], [("next", "" if to == "/" else to)]),
        entries=entries,
        problem=problem,
        shortest=SHORTEST,
        oidc=request.app.state.office.offers_oidc,
    )
    answer.headers["Cache-Control"] = "no-store"
    if error is not None and "retry_after_s" in error.context:
        answer.headers["Retry-After"] = str(error.context["retry_after_s"])
    return answer


@router.get("/sign-in", dependencies=[open_to_all], response_model=None)
def sign_in_page(request: Request, lang: LangDep, next: NextDep = "") -> Response:
    """The form; whoever is signed in already goes on."""
    _require_auth(request)
    if asker_of(request).known:
        return onward(request, inside(next))
    return _form(request, "sign_in.html", Posted({"next": [inside(next)]}), None, lang)


@router.post("/sign-in", dependencies=[open_to_all], response_model=None)
def sign_in(request: Request, form: PostedDep, services: ServicesDep, lang: LangDep) -> Response:
    """A new session, or the form again with what is wrong."""
    _require_auth(request)
    agent = request.headers.get("user-agent", "")
    try:
        secret, account = services.office.sessions.sign_in(
            form.one("name"), form.one("password"), sender_address(request), agent
        )
    except GeoServiceError as error:
        return _form(request, "sign_in.html", form, error, lang)
    to = "/account" if account.must_change else inside(form.one("next"))
    return enter(request, secret, to)


@router.get("/sign-in/oidc", dependencies=[open_to_all], response_model=None)
def oidc(request: Request, services: ServicesDep, lang: LangDep, next: NextDep = "") -> Response:
    """Send the browser to the provider of the office."""
    _require_oidc(request)
    try:
        address, state = services.office.oidc.begin(in_language_of(request, inside(next)))
    except GeoServiceError as error:
        return _form(request, "sign_in.html", Posted({"next": [inside(next)]}), error, lang)
    answer = RedirectResponse(address, 303)
    secure = request.url.scheme == "https"
    name = cookie_name(request.url.scheme, _FLOW)
    flow = f"{state}.{asked_lang(request)}"
    answer.set_cookie(
        name, flow, max_age=600, httponly=True, secure=secure, samesite="lax", path="/"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@dataclass(frozen=True, slots=True)
class _Return:
    """What a provider may say when it sends the browser back; the rest is not looked at."""

    code: str = ""
    state: str = ""
    error: str = ""
    error_description: str = ""
    error_uri: str = ""
    iss: str = ""
    scope: str = ""
    session_state: str = ""


@router.get("/sign-in/oidc/callback", dependencies=[open_to_all], response_model=None)
def oidc_back(
    request: Request,
    told: Annotated[_Return, Depends(_Return)],
    services: ServicesDep,
    lang: LangDep,
) -> Response:
    """A new session for whom the provider sends back, or the form with what is wrong."""
    _require_oidc(request)
    flow = request.cookies.get(cookie_name(request.url.scheme, _FLOW), "")
    begun, _, asked = flow.partition(".")
    chosen = cast("Lang", asked) if asked in ("zh", "en") else None
    sender, agent = sender_address(request), request.headers.get("user-agent", "")
    try:
        if told.error or not told.code or not compare_digest(begun.encode(), told.state.encode()):
            raise Forbidden("oidc_refused")
        account, to = services.office.oidc.finish(told.state, told.code, sender)
        secret = services.office.sessions.begin(account, sender, agent, "sign_in_oidc")
    except GeoServiceError as error:
        return _form(
            request, "sign_in.html", Posted({"next": ["/"]}), error, chosen or lang, chosen
        )
    answer = enter(request, secret, to)
    answer.delete_cookie(
        cookie_name(request.url.scheme, _FLOW), path="/", secure=request.url.scheme == "https"
    )
    return answer


def _require_oidc(request: Request) -> None:
    _require_auth(request)
    if not request.app.state.office.offers_oidc:
        raise NotFound("path_unknown")


@router.post("/sign-out", dependencies=[signed_in], response_model=None)
def sign_out(request: Request, services: ServicesDep, lang: LangDep) -> Response:  # noqa: ARG001
    """End the session."""
    session = session_of(request)
    if session is not None:
        services.office.sessions.end(session)
    answer = onward(request, "/sign-in")
    answer.delete_cookie(
        cookie_name(request.url.scheme), path="/", secure=request.url.scheme == "https"
    )
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


@router.get("/first-run", dependencies=[open_to_all])
def first_run_page(request: Request, services: ServicesDep, lang: LangDep) -> HTMLResponse:
    """The form for the first administrator. Raises NotFound once there is one."""
    _require_auth(request)
    services.office.require_first_run()
    return _form(request, "first_run.html", Posted({}), None, lang)


@router.post("/first-run", dependencies=[open_to_all], response_model=None)
def first_run(request: Request, form: PostedDep, services: ServicesDep, lang: LangDep) -> Response:
    """The first administrator, signed in, or the form again with what is wrong."""
    _require_auth(request)
    services.office.require_first_run()
    try:
        return _first(request, form, services)
    except GeoServiceError as error:
        return _form(request, "first_run.html", form, error, lang)


def _first(request: Request, form: Posted, services: Services) -> Response:
    address = sender_address(request)
    account = services.office.enter_first(
        form.one("secret"), form.one("name"), form.one("person"), form.one("password"), address
    )
    agent = request.headers.get("user-agent", "")
    secret = services.office.sessions.begin(account, address, agent, "sign_in")
    return enter(request, secret, "/accounts")
