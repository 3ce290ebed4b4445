"""The accounts of everybody, for administrators, and the log of sign-ins, for auditors."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.audience import asker_of, sender_address
from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.problems import problem_of
from geo_service.domain.access import Right, Role
from geo_service.errors import GeoServiceError, InputError
from geo_service.messages import message
from geo_service.pages.forms import Posted, PostedDep
from geo_service.pages.render import address, asked_lang, onward, page
from geo_service.services.access.matrix import matrix

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.text import Lang
    from geo_service.services.access.office import Event

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_MANAGES = needs(Right.ACCOUNTS_MANAGE)
PAGE_SIZE = 50
_OF_ROLES = ("account_added", "roles_changed")
_MINUTE = timedelta(minutes=1)
"""Times are told to the minute: a lock-out that ends within one is over in the next."""


def _page(request: Request, services: Services, lang: Lang, **told: Any) -> HTMLResponse:
    error: GeoServiceError | None = told.pop("error", None)
    problem = None if error is None else problem_of(error, lang)
    return page(
        request,
        "accounts.html",
        status=200 if problem is None else problem.status,
        locked={name: until + _MINUTE for name, until in services.office.locked().items()},
        accounts=services.office.accounts.all(),
        roles=list(Role),
        matrix=matrix(),
        problem=problem,
        **{"entries": Posted({}), "made": "", "made_for": "", **told},
    )


@router.get("/accounts", dependencies=[_MANAGES])
def accounts_page(request: Request, services: ServicesDep, lang: LangDep) -> HTMLResponse:
    """Every account with its roles, and the form for a new one."""
    return _page(request, services, lang)


@router.post("/accounts", dependencies=[_MANAGES], response_model=None)
def change(request: Request, form: PostedDep, services: ServicesDep, lang: LangDep) -> Response:
    """One change, named by the field `act`; a password made up is told once, in this answer."""
    try:
        made = _done(request, form, services)
    except GeoServiceError as error:
        return _page(request, services, lang, error=error, entries=form)
    if made:
        return _page(request, services, lang, made=made, made_for=form.one("name").strip().lower())
    return onward(request, "/accounts")


def _done(request: Request, form: Posted, services: Services) -> str:
    accounts, name, act = services.office.accounts, form.one("name"), form.one("act")
    actor, sender = asker_of(request).name, sender_address(request)
    if act == "add":
        return accounts.add(name, form.one("person"), _roles(form), actor=actor, address=sender)
    if act == "reset":
        return accounts.reset(name, actor=actor, address=sender)
    if act == "roles":
        accounts.set_roles(name, _roles(form), actor=actor, address=sender)
    elif act == "disable":
        accounts.disable(name, actor=actor, address=sender)
    elif act == "enable":
        accounts.enable(name, actor=actor, address=sender)
    else:
        raise InputError("form_unreadable")
    return ""


def _roles(form: Posted) -> list[Role]:
    try:
        return [Role(word) for word in form.many("role")]
    except ValueError as error:
        raise InputError("form_unreadable") from error


def _detail(event: Event, lang: Lang) -> str:
    """What a line of the log adds; of roles their names, where they are still known."""
    if event.act not in _OF_ROLES:
        return event.detail
    names = {role.value: told.name.in_(lang) for role, told in matrix().roles.items()}
    words = [names.get(word, word) for word in event.detail.split()]
    return message("pages.separator").in_(lang).join(words)


@router.get("/sign-ins", dependencies=[needs(Right.AUDIT_READ)])
def sign_ins_page(
    request: Request,
    services: ServicesDep,
    lang: LangDep,
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> HTMLResponse:
    """Who did what to which account, when and from where, newest first; and the accounts."""
    office = services.office
    total = office.event_count()
    pages = max(1, -(-total // PAGE_SIZE))
    return page(
        request,
        "sign_ins.html",
        events=office.events(limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE),
        accounts=office.accounts.all(),
        matrix=matrix(),
        act_word=lambda act: message(f"access.act_{act}").in_(lang),
        detail_word=lambda event: _detail(event, lang),
        number=number,
        pages=pages,
        page_href=lambda to: address("/sign-ins", {"page": str(to), "lang": asked_lang(request)}),
    )
