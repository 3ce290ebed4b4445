"""The sheet of one boundary line, made for A4: what it is, stones, papers, and what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, StoreDep, needs
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Force
from geo_service.errors import InputError, NotFound
from geo_service.geometry.measure import lengths_m
from geo_service.maps.site_drawing import site_drawing
from geo_service.messages import message
from geo_service.pages.lines import DeskDep, refuse_public
from geo_service.pages.record_words import value_text
from geo_service.pages.render import page
from geo_service.services.boundaries import case_from_store
from geo_service.services.line_desk import SETTLED, about_line, inspections_due
from geo_service.services.register.dossier import dossier
from geo_service.services.sections import sections_of
from geo_service.services.wire import finding_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.cities import CityProfile
    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.domain.supporting.papers import BoundarySection

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ)],
)


@router.get("/boundaries/lines/{code}/sheet")
def line_sheet_page(
    *,
    request: Request,
    code: str,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    desk: DeskDep,
    lang: LangDep,
) -> HTMLResponse:
    """All that people look at and sign. Raises NotFound for a line that does not hold today."""
    refuse_public(audience)
    today, city = services.today(), services.city
    told = dossier(
        store,
        RecordKind.BOUNDARY_LINES,
        code,
        as_of=today,
        known_at=None,
        plane_epsg=city.plane_epsg,
    )
    if told.record is None:
        kind = RecordKind.BOUNDARY_LINES.value
        raise NotFound("record_not_found", kind=kind, record=code[:80])
    line = cast("AdministrativeBoundary", told.record)
    stones = cast("list[BoundaryMarker]", store.records(RecordKind.MARKERS, as_of=today))
    markers = [marker for marker in stones if marker.line_code == code]
    found = about_line(desk.review(services).report.findings, code)
    drawing = site_drawing(
        line.geometry,
        (),
        case_from_store(store, city, today),
        city,
        message("line_sheet.map").zh,
        stones=markers,
    )
    return page(
        request,
        "line_sheet.html",
        line=line,
        told=told,
        invented=line.provenance.force is Force.SYNTHETIC,
        unit_names=city.unit_names,
        measured_km=None if line.geometry is None else float(lengths_m([line.geometry])[0]) / 1000,
        sections=_sections(line, markers, city),
        markers=markers,
        findings=[finding_json(f, lang) for f in found if f.state not in SETTLED],
        settled=[f for f in found if f.state in SETTLED],
        due=[kept for kept in inspections_due(store, today) if kept.subject_id == code],
        drawing=drawing,
        today=today,
        word=lambda field, value: value_text(field, value, lang),
        w=lambda key, **facts: message(f"sheet.{key}", **facts).in_(lang),
        b=lambda key, **facts: message(f"line_sheet.{key}", **facts).in_(lang),
    )


def _sections(
    line: AdministrativeBoundary, markers: Sequence[BoundaryMarker], city: CityProfile
) -> tuple[BoundarySection, ...] | None:
    """The sections from stop to stop, None where the line is in pieces and none is sure."""
    try:
        return sections_of(line, markers, city=city)
    except InputError:
        return None
