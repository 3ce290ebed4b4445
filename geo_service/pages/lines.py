"""The boundary lines at work: the list of them, and one line with all that belongs to it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, cast

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, StoreDep, needs
from geo_service.api.findings import ReviewDesk, desk_of
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.domain.finding import Severity
from geo_service.domain.provenance import Label
from geo_service.errors import Forbidden
from geo_service.messages import message
from geo_service.pages.record_words import facts, value_text
from geo_service.pages.render import map_address, page
from geo_service.services.line_desk import about_line, lines_at_work
from geo_service.services.register.dossier import dossier
from geo_service.services.wording import BOUNDARIES

if TYPE_CHECKING:
    from geo_service.domain.finding import Finding
    from geo_service.domain.marker import BoundaryMarker

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ)],
)
DeskDep = Annotated[ReviewDesk, Depends(desk_of)]


def refuse_public(audience: Label) -> None:
    """Lines, markers and agreements are internal whatever their label. Raises Forbidden."""
    if audience is Label.PUBLIC:
        raise Forbidden("lines_not_public")


@router.get("/boundaries/lines")
def lines_page(
    *,
    request: Request,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    desk: DeskDep,
    lang: LangDep,
    unit: str = "",
) -> HTMLResponse:
    """All lines, the gravest first. Raises Forbidden for those who see public data alone."""
    refuse_public(audience)
    today = services.today()
    everything = lines_at_work(store, desk.review(services).report.findings, today)
    return page(
        request,
        "lines.html",
        lines=[one for one in everything if not unit or unit in one.line.parties],
        total=len(everything),
        unit=unit,
        units=[(row.code, row.name) for row in services.city.units_in_force(today)],
        unit_names=services.city.unit_names,
        severities=sorted(Severity, reverse=True),
        family=BOUNDARIES,
        word=lambda field, value: value_text(field, value, lang),
        today=today,
    )


@router.get("/boundaries/lines/{code}")
def line_page(
    *,
    request: Request,
    code: str,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    desk: DeskDep,
    lang: LangDep,
) -> HTMLResponse:
    """One line with map, markers, papers and findings. Raises NotFound."""
    refuse_public(audience)
    today = services.today()
    told = dossier(
        store,
        RecordKind.BOUNDARY_LINES,
        code,
        as_of=today,
        known_at=None,
        plane_epsg=services.city.plane_epsg,
    )
    stones = cast("list[BoundaryMarker]", store.records(RecordKind.MARKERS, as_of=today))
    found = about_line(desk.review(services).report.findings, code)
    kinds: dict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        kinds[finding.category].append(finding)
    path = f"/map/record/{told.kind}/{told.id}"
    return page(
        request,
        "line.html",
        told=told,
        facts=[]
        if told.record is None
        else facts(told.kind, told.record, services.city.unit_names, lang),
        unit_names=services.city.unit_names,
        markers=[marker for marker in stones if marker.line_code == code],
        kinds=kinds,
        found=found,
        word=lambda field, value: value_text(field, value, lang),
        today=today,
        map_src=map_address(request, path, {"lang": lang}) if told.record else "",
        sheet_word=message("line_sheet.open").in_(lang),
    )
