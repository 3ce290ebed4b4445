"""The register to look through: one kind at a time, filtered, page by page, beside its map."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, Services, ServicesDep, StoreDep, needs
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType, NameStatus
from geo_service.domain.provenance import Label
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.maps.offline import vendored_assets
from geo_service.maps.record import record_map
from geo_service.messages import explain, message
from geo_service.pages.record_words import value_text
from geo_service.pages.render import (
    INTERNAL_MAP,
    Parameters,
    address,
    map_address,
    map_response,
    options,
    page,
)
from geo_service.services.boundaries import case_from_store
from geo_service.services.names import MAX_LENGTH
from geo_service.services.register.listing import LISTED_KINDS, Listing, Wanted, listed
from geo_service.services.serving.collections import COLLECTIONS

if TYPE_CHECKING:
    from geo_service.pages.name_form import Faults
    from geo_service.services.register.acts import Kept
    from geo_service.store.protocol import Store

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ)],
)
PAGE_SIZE = 20
WITH_STATUS = (RecordKind.PLACE_NAMES, RecordKind.ROADS)


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """What is looked for, as a browser sends it; empty fields ask for everything."""

    q: str = ""
    kind: str = RecordKind.PLACE_NAMES
    type: str = ""
    status: str = ""
    unit: str = ""
    as_of: str = ""

    def parameters(self, **changed: str) -> Parameters:
        """What an address needs to ask the same again, with some entries changed."""
        return {**asdict(self), **changed}


FormDep = Annotated[RegisterForm, Depends(RegisterForm)]
PageDep = Annotated[int, Query(alias="page", ge=1, le=100_000)]


def kinds_for(audience: Label) -> tuple[RecordKind, ...]:
    """The kinds somebody may look through: of what is public, names and roads alone."""
    if audience is Label.INTERNAL:
        return LISTED_KINDS
    public = {c.kinds[0] for c in COLLECTIONS.values() if c.is_public}
    return tuple(kind for kind in LISTED_KINDS if kind in public)


def _wanted(form: RegisterForm, audience: Label, today: date, number: int) -> Wanted | Faults:
    """What the form asks for, or what is wrong with its entries."""
    faults: Faults = {}
    day, unit = today, None
    if form.kind not in kinds_for(audience):
        faults["kind"] = message("pages.fault_type")
    if form.type and form.type not in list(FeatureType):
        faults["type"] = message("pages.fault_type")
    if form.status and form.status not in list(NameStatus):
        faults["status"] = message("pages.fault_status")
    try:
        day = date.fromisoformat(form.as_of.strip()) if form.as_of.strip() else today
    except ValueError:
        faults["as_of"] = message("pages.fault_as_of")
    try:
        unit = DivisionCode.parse(form.unit) if form.unit.strip() else None
    except InputError:
        faults["unit"] = message("pages.fault_unit")
    if len(form.q) > MAX_LENGTH:
        faults["q"] = message("pages.fault_name", limit=MAX_LENGTH)
    if faults:
        return faults
    kind = RecordKind(form.kind)
    return Wanted(
        kind=kind,
        as_of=day,
        text=form.q,
        word=form.type if kind is RecordKind.PLACE_NAMES else "",
        status=form.status if kind in WITH_STATUS else "",
        unit=unit,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )


def _found(
    form: RegisterForm, audience: Label, services: Services, store: Store, number: int
) -> tuple[Wanted | None, Listing | None, Faults]:
    wanted = _wanted(form, audience, services.today(), number)
    if not isinstance(wanted, Wanted):
        return None, None, wanted
    try:
        return wanted, listed(wanted, store, services.name_index), {}
    except InputError as error:
        return wanted, None, {"q": Text(explain(error, "zh"), explain(error, "en"))}


def _unit_of(record: Kept) -> str:
    """The codes of the units a record belongs to, as they are written."""
    for name in ("unit_code", "responsible_side"):
        if getattr(record, name, None):
            return str(getattr(record, name))
    sides = (getattr(record, "left_code", ""), getattr(record, "right_code", ""))
    return " / ".join(map(str, sides)) if all(sides) else ""


@router.get("/register")
def register_page(
    *,
    request: Request,
    form: FormDep,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
    number: PageDep = 1,
) -> HTMLResponse:
    """The form, and below it the records that meet it."""
    wanted, found, faults = _found(form, audience, services, store, number)
    day = services.today() if wanted is None else wanted.as_of
    pages = 1 if found is None else max(1, -(-found.total // PAGE_SIZE))
    shown = form.parameters(page=str(number), lang=lang)
    return page(
        request,
        "register.html",
        status=400 if faults else 200,
        form=form,
        faults=faults,
        found=found,
        number=number,
        pages=pages,
        page_size=PAGE_SIZE,
        kinds=[(kind, message(f"register.many_{kind}").in_(lang)) for kind in kinds_for(audience)],
        types=options(FeatureType, "type", lang),
        statuses=[(s.value, message(f"search.status_{s}").in_(lang)) for s in NameStatus],
        with_status=form.kind in WITH_STATUS,
        units=[(row.code, row.name) for row in services.city.units_in_force(day)],
        unit_names=services.city.unit_names,
        unit_of=_unit_of,
        word=lambda field, value: value_text(field, value, lang),
        today=services.today(),
        max_length=MAX_LENGTH,
        map_src=map_address(request, "/map/register", shown) if found and found.rows else "",
        page_href=lambda to: address(
            "/register",
            form.parameters(page=str(to), lang=request.query_params.get("lang", "")),
        ),
    )


@router.get("/map/register", dependencies=[INTERNAL_MAP])
def register_map_page(
    *,
    form: FormDep,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
    number: PageDep = 1,
) -> HTMLResponse:
    """The records of one page of the list. Raises InputError for a form that cannot be read."""
    wanted, found, faults = _found(form, audience, services, store, number)
    if wanted is None or found is None:
        raise InputError("form_invalid", fields=", ".join(sorted(faults)))
    html = record_map(
        [row.record for row in found.rows],
        (),
        case_from_store(store, services.city, wanted.as_of),
        as_of=wanted.as_of,
        city=services.city,
        lang=lang,
        assets=vendored_assets(),
    )
    return map_response(html)
