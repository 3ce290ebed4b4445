"""The search box over all registered names, with the reasons and the map of what it found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from geo_service.api.deps import LangDep, Services, ServicesDep, needs
from geo_service.domain.access import Right
from geo_service.domain.identity import DivisionCode
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.maps.names import search_map
from geo_service.maps.offline import vendored_assets
from geo_service.messages import explain, message
from geo_service.pages.render import (
    INTERNAL_MAP,
    Parameters,
    address,
    map_address,
    map_response,
    page,
)
from geo_service.services.boundaries import case_from_store
from geo_service.services.names import MAX_LENGTH
from geo_service.services.search import SearchPage, SearchRequest, search

if TYPE_CHECKING:
    from geo_service.pages.name_form import Faults

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The box and what narrows it, as a browser sends them."""

    q: str = ""
    near: str = ""
    unit: str = ""
    as_of: str = ""

    def parameters(self, **more: str) -> Parameters:
        """What an address needs to ask the same again."""
        return {**asdict(self), **more}


FormDep = Annotated[SearchForm, Depends(SearchForm)]
PageDep = Annotated[int, Query(alias="page", ge=1, le=100_000)]


def _position(text: str) -> tuple[float, float]:
    lon, lat = map(float, text.replace("，", ",").split(","))
    return lon, lat


def _request(form: SearchForm, today: date, number: int) -> SearchRequest | Faults:
    """What the form asks for, or what is wrong with its entries."""
    faults: Faults = {}
    day, unit, near = today, None, None
    try:
        day = date.fromisoformat(form.as_of.strip()) if form.as_of.strip() else today
    except ValueError:
        faults["as_of"] = message("pages.fault_as_of")
    try:
        unit = DivisionCode.parse(form.unit) if form.unit.strip() else None
    except InputError:
        faults["unit"] = message("pages.fault_unit")
    try:
        near = _position(form.near) if form.near.strip() else None
    except ValueError:
        faults["near"] = message("pages.fault_near")
    if faults:
        return faults
    return SearchRequest(form.q.strip(), day, near, unit, PAGE_SIZE, (number - 1) * PAGE_SIZE)


def _found(form: SearchForm, services: Services, number: int) -> tuple[SearchPage | None, Faults]:
    request = _request(form, services.today(), number)
    if not isinstance(request, SearchRequest):
        return None, request
    try:
        return search(request, services.name_index, services.store), {}
    except InputError as error:
        entry = "near" if error.code.startswith("position") else "q"
        return None, {entry: Text(explain(error, "zh"), explain(error, "en"))}


@router.get("/names/search", dependencies=[needs(Right.CONTENT_READ)])
def search_page(
    request: Request, form: FormDep, services: ServicesDep, lang: LangDep, number: PageDep = 1
) -> HTMLResponse:
    """The box, and below it the names found, page by page, beside their map."""
    found: SearchPage | None = None
    faults: Faults = {}
    if form.q.strip() or form.near.strip():
        found, faults = _found(form, services, number)
    today = services.today()
    pages = 1 if found is None else max(1, -(-found.total // PAGE_SIZE))
    shown = form.parameters(page=str(number), lang=lang)
    return page(
        request,
        "search.html",
        status=400 if faults else 200,
        form=form,
        faults=faults,
        found=found,
        number=number,
        pages=pages,
        units=[(row.code, row.name) for row in services.city.units_in_force(today)],
        unit_names=services.city.unit_names,
        today=today,
        max_length=MAX_LENGTH,
        kind_text=lambda kind: message(f"register.kind_{kind.value}"),
        status_text=lambda status: message(f"search.status_{status.value}"),
        map_src=map_address(request, "/map/search", shown) if found and found.hits else "",
        page_href=lambda to: address(
            "/names/search",
            form.parameters(page=str(to), lang=request.query_params.get("lang", "")),
        ),
    )


@router.get("/map/search", dependencies=[needs(Right.CONTENT_READ), INTERNAL_MAP])
def search_map_page(
    form: FormDep, services: ServicesDep, lang: LangDep, number: PageDep = 1
) -> HTMLResponse:
    """The map of the names on one page of a search. Raises InputError for an unreadable form."""
    found, faults = _found(form, services, number)
    if found is None:
        raise InputError("form_invalid", fields=", ".join(sorted(faults)))
    html = search_map(
        found,
        case_from_store(services.store, services.city, found.request.as_of),
        city=services.city,
        lang=lang,
        assets=vendored_assets(),
    )
    return map_response(html)
