"""Checks of names that are kept: stored from the name desk, read again, and asked again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.domain.access import Right
from geo_service.domain.finding import Outcome
from geo_service.errors import InputError
from geo_service.pages.name_form import FormDep, read_form
from geo_service.pages.render import onward, page
from geo_service.services.kept_checks import KeptChecks
from geo_service.services.name_batch import batch_of
from geo_service.services.name_record import record_json
from geo_service.services.name_replay import Replay
from geo_service.services.names import check_name

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_READS = needs(Right.NAME_CHECK)
_PAGE_SIZE = 30


def checks_of(request: Request) -> KeptChecks:
    """The checks that the bureau kept."""
    return KeptChecks(Path(request.app.state.settings.kept_checks))


@router.post("/names/kept", dependencies=[needs(Right.NAME_KEEP)])
def keep_check(
    request: Request, form: FormDep, services: ServicesDep, asker: AskerDep, lang: LangDep
) -> Response:
    """Check the name of the address once more and keep the verdict. Raises InputError."""
    asked, faults = read_form(form, services.today())
    if asked is None:
        raise InputError("form_invalid", fields=", ".join(sorted(faults)))
    store = None if form.entries.no_register else services.store
    by = batch_of(services.city, store, services.restricted)  # what is written meanwhile is unseen
    verdict = check_name(asked, by.city, by.register, by.restricted)
    line = record_json(verdict, asked, lang, city=by.city.code, mark=by.mark)
    kept = checks_of(request).keep(line, asker.name, services.clock())
    return onward(request, f"/names/kept/{kept.id}")


@router.get("/names/kept", dependencies=[_READS])
def kept_page(
    request: Request,
    lang: LangDep,  # noqa: ARG001 - lets `lang` stand in the address
    before: Annotated[int | None, Query(ge=1)] = None,
) -> HTMLResponse:
    """The checks of the bureau, the newest first."""
    found = checks_of(request).list(before=before, limit=_PAGE_SIZE + 1)
    shown = found[:_PAGE_SIZE]
    more = shown[-1].number if len(found) > _PAGE_SIZE else None
    return page(request, "kept_checks.html", checks=shown, more=more)


@router.get("/names/kept/{check_id}", dependencies=[_READS])
def kept_check_page(
    *, request: Request, check_id: str, services: ServicesDep, lang: LangDep, again: bool = False
) -> HTMLResponse:
    """The verdict as given, and what it would be now where that is asked. Raises NotFound."""
    kept = checks_of(request).get(check_id)
    row = None
    if again:
        store = services.store if kept.line["request"]["register"] else None
        (row,) = Replay(services.city, store, services.restricted).all([kept.line])
    del lang  # the template says it
    return page(
        request,
        "kept_check.html",
        kept=kept,
        line=kept.line,
        outcome=Outcome(kept.line["verdict"]),
        again=row,
    )
