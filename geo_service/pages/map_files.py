"""Maps to be taken along: the maps of the pages as single files, and the one of two days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from geo_service.api.audience import audience_of
from geo_service.api.deps import LangDep, ServicesDep, StoreDep, needs
from geo_service.domain.access import Right
from geo_service.errors import InputError
from geo_service.maps.changes import changes_map, moments
from geo_service.maps.names import names_map
from geo_service.maps.offline import vendored_assets
from geo_service.maps.review import boundary_map
from geo_service.maps.sharing import Sharing
from geo_service.pages.boundaries import DeskDep
from geo_service.pages.boundaries import FormDep as FilterDep
from geo_service.pages.name_form import FormDep as NameFormDep
from geo_service.pages.names import judged
from geo_service.pages.render import INTERNAL_MAP, map_response
from geo_service.services.boundaries import case_from_store
from geo_service.services.road_names import near_places

if TYPE_CHECKING:
    from geo_service.api.deps import Services

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def _sharing_of(request: Request) -> Sharing:
    """What goes out is for whom it is shown to, under the review number of the settings."""
    return Sharing(audience_of(request), request.app.state.settings.review_number)


SharingDep = Annotated[Sharing, Depends(_sharing_of)]
BeforeDep = Annotated[date, Query(alias="from", description="变更前的日期 / the day before")]
AfterDep = Annotated[
    date | None, Query(alias="to", description="变更后的日期，默认今天 / after; today")
]


def _file(html: str, kind: str, services: Services) -> HTMLResponse:
    name = f"{kind}-{services.city.code}-{services.today()}.html"
    return HTMLResponse(html, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/map/boundaries/file", dependencies=[needs(Right.EXPORT_RUN), INTERNAL_MAP])
def boundaries_file(
    form: FilterDep, services: ServicesDep, desk: DeskDep, lang: LangDep, sharing: SharingDep
) -> HTMLResponse:
    """The map of the selected findings as one file."""
    review = form.review(desk, services)
    html = boundary_map(
        review.case,
        form.filter().select(review.report.findings),
        city=review.city,
        as_of=review.report.as_of,
        lang=lang,
        assets=vendored_assets(),
        sharing=sharing,
    )
    return _file(html, "boundaries", services)


@router.get("/map/names/file", dependencies=[needs(Right.EXPORT_RUN), INTERNAL_MAP])
def names_file(
    form: NameFormDep, services: ServicesDep, store: StoreDep, lang: LangDep, sharing: SharingDep
) -> HTMLResponse:
    """The map beside a verdict as one file. Raises InputError for a form that cannot be read."""
    asked, verdict, faults = judged(form, services)
    if asked is None or verdict is None:
        raise InputError("form_invalid", fields=", ".join(sorted(faults)))
    html = names_map(
        verdict,
        near_places(verdict, store),
        case_from_store(store, services.city, asked.as_of),
        position=asked.position,
        drawn=asked.geometry,
        city=services.city,
        lang=lang,
        assets=vendored_assets(),
        sharing=sharing,
    )
    return _file(html, "names", services)


@router.get("/map/changes", dependencies=[needs(Right.CONTENT_READ), INTERNAL_MAP])
def changes_page(
    services: ServicesDep, store: StoreDep, lang: LangDep, before: BeforeDep, after: AfterDep = None
) -> HTMLResponse:
    """The register before and after, by two days."""
    was, now = moments(store, services.city, before, after or services.today())
    html = changes_map(was, now, city=services.city, lang=lang, assets=vendored_assets())
    return map_response(html)


@router.get("/map/changes/file", dependencies=[needs(Right.EXPORT_RUN), INTERNAL_MAP])
def changes_file(
    *,
    services: ServicesDep,
    store: StoreDep,
    lang: LangDep,
    sharing: SharingDep,
    before: BeforeDep,
    after: AfterDep = None,
) -> HTMLResponse:
    """The same as one file."""
    was, now = moments(store, services.city, before, after or services.today())
    html = changes_map(
        was, now, city=services.city, lang=lang, assets=vendored_assets(), sharing=sharing
    )
    return _file(html, "changes", services)
