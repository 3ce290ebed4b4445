"""One's own account: password, tokens and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.audience import asker_of, sender_address, session_of
from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.problems import problem_of
from geo_service.domain.access import Manner, Right
from geo_service.errors import Forbidden, GeoServiceError, InputError
from geo_service.pages.forms import Posted, PostedDep
from geo_service.pages.render import onward, page
from geo_service.services.access.matrix import matrix
from geo_service.services.access.passwords import SHORTEST
from geo_service.services.access.tokens import LONGEST_DAYS, NEVER_OF_TOKENS

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.text import Lang
    from geo_service.services.access.sessions import Session

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.OWN_ACCOUNT)],
)


def _session(request: Request) -> Session:
    session = session_of(request)
    if session is None:  # the right is of no token and of no demo
        raise Forbidden("sign_in_needed")
    return session


def _page(request: Request, services: Services, lang: Lang, **told: Any) -> HTMLResponse:
    office, session = services.office, _session(request)
    account = office.accounts.get(session.account)
    error: GeoServiceError | None = told.pop("error", None)
    problem = None if error is None else problem_of(error, lang)
    scope = sorted(account.asker(Manner.TOKEN).rights - NEVER_OF_TOKENS)
    shown = {"made": "", "done": "", **told}
    return page(
        request,
        "account.html",
        status=200 if problem is None else problem.status,
        account=account,
        here=session,
        sessions=office.sessions.of(account.name),
        tokens=office.tokens.of(account.name),
        scope=scope,
        matrix=matrix(),
        shortest=SHORTEST,
        longest_days=LONGEST_DAYS,
        problem=problem,
        **shown,
    )


@router.get("/account")
def account_page(request: Request, services: ServicesDep, lang: LangDep) -> HTMLResponse:
    """What one may change of one's own account."""
    return _page(request, services, lang)


@router.post("/account", response_model=None)
def change(request: Request, form: PostedDep, services: ServicesDep, lang: LangDep) -> Response:
    """One change, named by the field `act`; a new token is told once, in this answer."""
    try:
        return _done(request, form, services, lang)
    except GeoServiceError as error:
        return _page(request, services, lang, error=error)


def _done(request: Request, form: Posted, services: Services, lang: Lang) -> Response:
    office, session, address = services.office, _session(request), sender_address(request)
    act = form.one("act")
    if act == "password":
        if form.one("new") != form.one("again"):
            raise InputError("password_unequal")
        office.accounts.change_password(
            session.account,
            form.one("old"),
            form.one("new"),
            session=session.digest,
            address=address,
        )
        return _page(request, services, lang, done="password_changed")
    if act == "token":
        made = office.tokens.make(
            office.accounts.get(session.account),
            form.one("title"),
            _rights(form),
            _days(form),
            actor=asker_of(request).name,
            address=address,
        )
        return _page(request, services, lang, made=made)
    if act == "revoke":
        office.tokens.revoke(session.account, _number(form), actor=session.account, address=address)
    elif act == "end_others":
        office.sessions.end_others(session)
    else:
        raise InputError("form_unreadable")
    return onward(request, "/account")


def _rights(form: Posted) -> list[Right]:
    try:
        return [Right(word) for word in form.many("right")]
    except ValueError as error:
        raise InputError("form_unreadable") from error


def _days(form: Posted) -> int:
    text = form.one("days").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _number(form: Posted) -> int:
    text = form.one("number")
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise InputError("form_unreadable")
    return int(text)
