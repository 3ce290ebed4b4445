"""Boundary findings over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.findings import FindingFilter, ReviewDesk, desk_of
from geo_service.api.schemas import FindingsBody, SeverityWord, problem_answers
from geo_service.domain.access import Right
from geo_service.domain.finding import Severity
from geo_service.services.boundaries import report_json
from geo_service.services.disclosure import shown_to
from geo_service.services.wire import finding_json

if TYPE_CHECKING:
    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Lang
    from geo_service.services.boundaries import BoundaryReport

router = APIRouter(prefix="/api/v1/boundaries", tags=["boundaries"])
GEOJSON = "application/geo+json"


def _feature(finding: Finding, lang: Lang) -> dict[str, Any]:
    properties = finding_json(finding, lang)
    geometry = properties.pop("geometry")
    return {"type": "Feature", "id": finding.id, "geometry": geometry, "properties": properties}


def _as_geojson(report: BoundaryReport, matched: int, lang: Lang) -> JSONResponse:
    collection = {
        "type": "FeatureCollection",
        "features": [_feature(finding, lang) for finding in report.findings],
        "numberMatched": matched,
        "numberReturned": len(report.findings),
        "notice": report.notice.in_(lang),
    }
    return JSONResponse(collection, media_type=GEOJSON)


@router.get(
    "/findings",
    dependencies=[needs(Right.CONTENT_READ)],
    response_model=FindingsBody,
    responses={
        200: {"content": {GEOJSON: {"schema": {"$ref": "#/components/schemas/FeaturesBody"}}}},
        **problem_answers(400, 503),
    },
    summary="界线检查发现的问题 / findings on boundaries",
)
def findings(
    *,
    services: ServicesDep,
    desk: Annotated[ReviewDesk, Depends(desk_of)],
    lang: LangDep,
    audience: AudienceDep,
    severity: Annotated[list[SeverityWord], Query(description="one or more severities")] = [],  # noqa: B006 - FastAPI copies it
    rule: Annotated[str, Query(max_length=40, description="a rule id")] = "",
    unit: Annotated[str, Query(max_length=12, description="a division code")] = "",
    format: Annotated[
        Literal["json", "geojson"], Query(description="geojson answers a FeatureCollection")
    ] = "json",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    offset: Annotated[int, Query(ge=0)] = 0,
) -> Any:
    """The findings on the boundaries of the register as of today, gravest first.

    Geometry is EPSG:4490 longitude, latitude. Advice for reviewers, never a decision. Asked from
    elsewhere than this machine, the public part alone, without positions.
    """
    review = desk.review(services)
    report = shown_to(audience, review.report, review.case)
    chosen = FindingFilter(frozenset(map(Severity.from_word, severity)), rule, unit)
    matched = chosen.select(report.findings)
    shown = replace(report, findings=matched[offset : offset + limit])
    if format == "geojson":
        return _as_geojson(shown, len(matched), lang)
    shape = report_json(shown, lang)
    tally = {
        "severities": report.by_severity,
        "states": report.by_state,
        "matched": len(matched),
        "returned": len(shown.findings),
    }
    return JSONResponse({**shape, **tally})
