"""Boundary findings over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from geo_service.api.asking import ACCEPTED, CounterDep
from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, Services, ServicesDep, needs
from geo_service.api.findings import FindingFilter, ReviewDesk, desk_of
from geo_service.api.job_schemas import BoundaryCheckBody, BoundaryCompareBody, JobBody
from geo_service.api.moments import told
from geo_service.api.schemas import FindingsBody, SeverityWord, problem_answers
from geo_service.domain.access import Right
from geo_service.domain.finding import Severity
from geo_service.errors import InputError
from geo_service.jobs.job import REGISTER, JobKind
from geo_service.services.boundaries import report_json
from geo_service.services.disclosure import shown_to
from geo_service.services.interchange.layers import layer_class
from geo_service.services.wire import finding_json

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Lang
    from geo_service.services.boundaries import BoundaryReport

router = APIRouter(prefix="/api/v1/boundaries", tags=["boundaries"])
_CHECKS: Any = [needs(Right.BOUNDARY_CHECK)]
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


@router.post(
    "/check",
    dependencies=_CHECKS,
    status_code=202,
    response_model=JobBody,
    responses=ACCEPTED,
    summary="检查界线 / check boundaries",
)
def start_check(body: BoundaryCheckBody, services: ServicesDep, counter: CounterDep) -> Any:
    """Check uploaded files, the register, or both, with all rules that have what they need.

    The result of the job is that of `geo-service boundary check --json`; `findings.geojson` holds
    the findings with their places. `keep` needs the right to draft boundaries.
    """
    counter.require(*body.files, *body.markers, *(layer.upload for layer in body.layers))
    for layer in body.layers:
        layer_class(layer.layer)
    if body.keep:
        counter.demand(Right.BOUNDARY_DRAFT)
    if body.keep and body.known_at is not None:
        raise InputError("keep_of_the_past")
    asked = body.model_dump(mode="json", by_alias=True, exclude={"as_of", "known_at"})
    return counter.take(
        JobKind.BOUNDARY_CHECK,
        {**asked, **_days(body.as_of, services), "known_at": told(body.known_at)},
    )


@router.post(
    "/compare",
    dependencies=_CHECKS,
    status_code=202,
    response_model=JobBody,
    responses=ACCEPTED,
    summary="比对两份界线资料 / compare two copies of lines",
)
def start_compare(body: BoundaryCompareBody, services: ServicesDep, counter: CounterDep) -> Any:
    """Lay two copies of the same lines beside each other: figures and a map, and no choice.

    The result of the job is that of `geo-service boundary compare --json`.
    """
    counter.require(*(copy.upload for copy in (body.a, body.b) if copy.upload != REGISTER))
    asked = body.model_dump(mode="json", exclude={"as_of"})
    return counter.take(JobKind.BOUNDARY_COMPARE, {**asked, **_days(body.as_of, services)})


def _days(as_of: date | None, services: Services) -> dict[str, str]:
    today = services.today()
    return {"as_of": str(as_of or today), "today": str(today)}
