"""The findings on boundaries: a table, and the map beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, needs
from geo_service.api.findings import FindingFilter, ReviewDesk, desk_of
from geo_service.api.schemas import SeverityWord
from geo_service.domain.access import Right
from geo_service.domain.finding import FindingState, Severity
from geo_service.maps.offline import vendored_assets
from geo_service.maps.review import boundary_map
from geo_service.messages import message
from geo_service.pages.render import (
    INTERNAL_MAP,
    Parameters,
    address,
    map_address,
    map_file_address,
    map_response,
    page,
)
from geo_service.services import rule_wording
from geo_service.services.disclosure import shown_to
from geo_service.services.wording import BOUNDARIES, severity_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.api.deps import Services
    from geo_service.domain.finding import Finding
    from geo_service.domain.text import Lang
    from geo_service.services.appraisal import CityReview

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
PAGE_SIZE = 25
EXAMPLE = "example"


@dataclass(frozen=True, slots=True)
class FilterForm:
    """The filter as a browser sends it; empty fields ask for everything."""

    severity: str = ""
    rule: str = ""
    unit: str = ""
    data: str = ""

    def review(self, desk: ReviewDesk, services: Services) -> CityReview:
        """The register, or the invented city that shows what findings look like."""
        return desk.example if self.data == EXAMPLE else desk.review(services)

    def filter(self) -> FindingFilter:
        """What the form asks for."""
        chosen = (Severity.from_word(self.severity),) if self.severity else ()
        return FindingFilter(frozenset(chosen), self.rule.strip(), self.unit.strip())

    def parameters(self) -> Parameters:
        """What an address needs to ask the same again."""
        return {
            "severity": self.severity,
            "rule": self.rule,
            "unit": self.unit,
            "data": self.data,
        }


def _form(
    severity: SeverityWord | Literal[""] = "",
    rule: str = "",
    unit: str = "",
    data: Literal["", "example"] = "",
) -> FilterForm:
    return FilterForm(severity, rule, unit, data)


FormDep = Annotated[FilterForm, Depends(_form)]
PageDep = Annotated[int, Query(alias="page", ge=1, le=100_000)]


DeskDep = Annotated[ReviewDesk, Depends(desk_of)]


def _severities(findings: Sequence[Finding], lang: Lang) -> list[tuple[Severity, str, int]]:
    counts = Counter(finding.severity for finding in findings)
    return [
        (severity, severity_text(severity, BOUNDARIES, lang), counts[severity])
        for severity in sorted(Severity, reverse=True)
    ]


def _states(findings: Sequence[Finding]) -> list[tuple[FindingState, int]]:
    """How many findings are in each state, nothing while all of them are open."""
    counts = Counter(finding.state for finding in findings)
    if set(counts) <= {FindingState.OPEN}:
        return []
    return [(state, counts[state]) for state in FindingState if counts[state]]


def _rules(findings: Sequence[Finding], lang: Lang) -> list[tuple[str, str]]:
    titles = {finding.rule_id: finding.title.in_(lang) for finding in findings}
    return sorted(titles.items())


@router.get("/boundaries", dependencies=[needs(Right.CONTENT_READ)])
def findings_page(
    *,
    request: Request,
    form: FormDep,
    services: ServicesDep,
    desk: DeskDep,
    lang: LangDep,
    audience: AudienceDep,
    number: PageDep = 1,
) -> HTMLResponse:
    """The findings of the register, filtered and page by page, beside their map."""
    review = form.review(desk, services)
    report = shown_to(audience, review.report, review.case)
    everything = report.findings
    selected = form.filter().select(everything)
    pages = max(1, -(-len(selected) // PAGE_SIZE))
    number = min(number, pages)
    return page(
        request,
        "boundaries.html",
        form=form,
        report=report,
        findings=selected[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        total=len(everything),
        selected=len(selected),
        severities=_severities(everything, lang),
        rules=_rules(everything, lang),
        states=_states(everything),
        family=BOUNDARIES,
        wording=rule_wording,
        number=number,
        pages=pages,
        units=[(row.code, row.name) for row in review.city.units_in_force(report.as_of)],
        views=[
            (message("pages.view_register").in_(lang), ""),
            (message("pages.view_example").in_(lang), EXAMPLE),
        ],
        map_src=map_address(request, "/map/boundaries", {**form.parameters(), "lang": lang}),
        file_src=map_file_address(
            request, "/map/boundaries/file", {**form.parameters(), "lang": lang}
        ),
        page_href=lambda to: address(
            "/boundaries",
            {**form.parameters(), "page": str(to), "lang": request.query_params.get("lang", "")},
        ),
    )


@router.get("/map/boundaries", dependencies=[needs(Right.CONTENT_READ), INTERNAL_MAP])
def boundaries_map_page(
    form: FormDep, services: ServicesDep, desk: DeskDep, lang: LangDep
) -> HTMLResponse:
    """The map of the selected findings."""
    review = form.review(desk, services)
    html = boundary_map(
        review.case,
        form.filter().select(review.report.findings),
        city=review.city,
        as_of=review.report.as_of,
        lang=lang,
        assets=vendored_assets(),
    )
    return map_response(html)
