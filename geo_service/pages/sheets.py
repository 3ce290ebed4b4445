"""Review sheets of checks of names, made for A4: of one check as it is asked, or of kept ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from shapely.geometry import Point

from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.domain.access import Right
from geo_service.domain.finding import Outcome
from geo_service.domain.provenance import Force
from geo_service.errors import InputError, NotFound
from geo_service.maps.site_drawing import SiteDrawing, site_drawing
from geo_service.messages import message
from geo_service.pages.drawing import shape_text
from geo_service.pages.kept_checks import checks_of
from geo_service.pages.name_form import FormDep, fact_fields
from geo_service.pages.names import judged
from geo_service.pages.render import INTERNAL_MAP, page
from geo_service.services.boundaries import case_from_store
from geo_service.services.name_record import record_json, request_in
from geo_service.services.road_names import registered_name

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.text import Lang
    from geo_service.services.kept_checks import KeptCheck
    from geo_service.services.names import NameRequest
    from geo_service.services.wire import Json

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.NAME_CHECK), INTERNAL_MAP],
)
MOST_SHEETS = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on one sheet: the stored verdict, its request, the sketch, who kept it."""

    line: Json
    request: NameRequest
    drawing: SiteDrawing | None
    invented: bool
    kept: KeptCheck | None


def _near(line: Json, services: Services) -> list[NamedPlace | None]:
    """The registered places behind the near names, in their order; None for one retired since."""
    found: list[NamedPlace | None] = []
    for near in line["near"]:
        try:
            day = date.fromisoformat(line["as_of"])
            found.append(registered_name(services.store, near["id"], day))
        except NotFound:
            found.append(None)
    return found


def _sheet(line: Json, services: Services, kept: KeptCheck | None) -> Sheet:
    request = request_in(line)
    place = request.geometry
    if place is None and request.position is not None:
        place = Point(request.position)
    near = _near(line, services)
    case = case_from_store(services.store, services.city, request.as_of)
    label = message("sheet.map").zh
    drawing = site_drawing(place, near, case, services.city, label)
    sources = [*(one.provenance for one in near if one), *(unit.provenance for unit in case.units)]
    invented = any(source.force is Force.SYNTHETIC for source in sources)
    return Sheet(line, request, drawing, invented, kept)


def _page(request: Request, sheets: list[Sheet], services: Services, lang: Lang) -> HTMLResponse:
    return page(
        request,
        "sheet.html",
        sheets=sheets,
        outcome=Outcome,
        unit_names=services.city.unit_names,
        facts=fact_fields(lang),
        shape_text=lambda drawn: shape_text(drawn, lang),
        today=services.today(),
        w=lambda key, **told: message(f"sheet.{key}", **told).in_(lang),
        d=lambda key: message(f"draw.{key}").in_(lang),
    )


@router.get("/names/sheet")
def sheet_page(
    request: Request, form: FormDep, services: ServicesDep, lang: LangDep
) -> HTMLResponse:
    """The sheet of a check as the address asks it. Raises InputError for an unreadable form."""
    mark = None if form.entries.no_register else services.store.log_mark()
    asked, verdict, faults = judged(form, services)
    if asked is None or verdict is None:
        raise InputError("form_invalid", fields=", ".join(sorted(faults)))
    line = record_json(verdict, asked, lang, city=services.city.code, mark=mark)
    return _page(request, [_sheet(line, services, None)], services, lang)


@router.get("/names/kept/sheet")
def kept_sheets_page(
    request: Request,
    services: ServicesDep,
    lang: LangDep,
    chosen: Annotated[list[str], Query(alias="id")] = [],  # noqa: B006 - FastAPI copies it
) -> HTMLResponse:
    """The sheets of kept checks, a page each at least. Raises NotFound or InputError."""
    if not 0 < len(chosen) <= MOST_SHEETS:
        raise InputError("sheets_count", count=len(chosen), limit=MOST_SHEETS)
    kept = [checks_of(request).get(check_id) for check_id in chosen]
    return _page(request, [_sheet(one.line, services, one) for one in kept], services, lang)
