"""What changed of a unit, and of all that lies in it, from one day to another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, StoreDep, needs
from geo_service.domain.access import Right
from geo_service.domain.identity import DivisionCode
from geo_service.domain.provenance import Label
from geo_service.domain.text import Text
from geo_service.errors import Forbidden, InputError
from geo_service.messages import explain, message
from geo_service.pages.record_words import difference_texts
from geo_service.pages.render import map_address, map_file_address, page
from geo_service.services.register.acts import label_of
from geo_service.services.register.changes import KindChanges, changes_between

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.text import Lang
    from geo_service.pages.name_form import Faults
    from geo_service.pages.render import Parameters
    from geo_service.store.protocol import Store

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ)],
)


@dataclass(frozen=True, slots=True)
class ChangesForm:
    """Which unit, and between which days."""

    unit: str = ""
    start: str = ""
    end: str = ""


FormDep = Annotated[ChangesForm, Depends(ChangesForm)]


def _asked(form: ChangesForm, today: date) -> tuple[DivisionCode, tuple[date, date]] | Faults:
    faults: Faults = {}
    unit, days = None, [today, today]
    try:
        unit = DivisionCode.parse(form.unit)
    except InputError:
        faults["unit"] = message("pages.fault_unit")
    for number, (name, text) in enumerate((("start", form.start), ("end", form.end))):
        try:
            days[number] = date.fromisoformat(text.strip()) if text.strip() else today
        except ValueError:
            faults[name] = message("pages.fault_as_of")
    if faults or unit is None:
        return faults
    return unit, (days[0], days[1])


def _changes(
    form: ChangesForm, services: Services, store: Store
) -> tuple[tuple[KindChanges, ...] | None, Faults]:
    asked = _asked(form, services.today())
    if not isinstance(asked, tuple):
        return None, asked
    try:
        plane = services.city.plane_epsg
        found = changes_between(store, asked[0], asked[1], plane_epsg=plane)
    except InputError as error:
        return None, {"start": Text(explain(error, "zh"), explain(error, "en"))}
    return tuple(of for of in found if of.differing or of.happened), {}


def _days(form: ChangesForm, lang: Lang) -> Parameters:
    return {"from": form.start.strip(), "to": form.end.strip(), "lang": lang}


@router.get("/register/changes")
def changes_page(
    *,
    request: Request,
    form: FormDep,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
) -> HTMLResponse:
    """The form, and below it what changed. Raises Forbidden where the log is not for the asker."""
    if audience is Label.PUBLIC:
        raise Forbidden("log_not_public")
    found, faults = _changes(form, services, store) if form.unit.strip() else (None, {})
    return page(
        request,
        "changes.html",
        status=400 if faults else 200,
        form=form,
        faults=faults,
        found=found,
        map_src=map_address(request, "/map/changes", _days(form, lang)),
        file_src=map_file_address(request, "/map/changes/file", _days(form, lang)),
        today=services.today(),
        max_length=20,
        units=[(row.code, row.name) for row in services.city.codes],
        name_of=lambda change: label_of(change.after or change.before),
        manner=lambda word: message(f"register.manner_{word}").in_(lang),
        kind_word=lambda kind: message(f"register.kind_{kind}").in_(lang),
        differences=lambda differs: () if differs is None else difference_texts(differs, lang),
    )
