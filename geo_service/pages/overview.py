"""The first page: what the register holds, what the checks found, what was written last."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from geo_service.api.asking import job_desk_of, job_json
from geo_service.api.audience import AskerDep, AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, StoreDep, needs, signed_in
from geo_service.api.findings import ReviewDesk, desk_of
from geo_service.domain.access import Right
from geo_service.domain.finding import Severity
from geo_service.domain.provenance import Label
from geo_service.jobs.job import JobKind
from geo_service.messages import message
from geo_service.pages.render import page
from geo_service.services.disclosure import shown_to
from geo_service.services.line_desk import inspections_due, waivers_ending
from geo_service.services.overview import by_status, counts, recent_changes
from geo_service.services.serving.cache import View
from geo_service.services.serving.collections import collection
from geo_service.services.wording import BOUNDARIES

if TYPE_CHECKING:
    from datetime import date

    from geo_service.api.deps import Services
    from geo_service.domain.access import Asker
    from geo_service.domain.text import Lang
    from geo_service.jobs.job import Job, Json

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
DeskDep = Annotated[ReviewDesk, Depends(desk_of)]
_RECENT = 12
_AMONG = 3_000
"""Entries of the log among which recent changes are looked for."""
_IMPORTS = 5
_NAMES = collection("place-names")


@router.get("/", dependencies=[signed_in])
def overview_page(
    request: Request, asker: AskerDep, services: ServicesDep, store: StoreDep, lang: LangDep
) -> HTMLResponse:
    """Counts and the newest changes; what the checks found is asked for by the page itself.

    Who sees no content gets the page without any; who sees what is public gets no log.
    """
    reads = asker.may(Right.CONTENT_READ)
    today = services.today()
    tally = counts(store, today) if reads else {}
    inside = reads and asker.audience is Label.INTERNAL
    return page(
        request,
        "overview.html",
        today=today,
        reads=reads,
        tally=tally,
        statuses=_statuses(services, today) if reads else {},
        status_word=lambda status: message(f"search.status_{status}").in_(lang),
        due=inspections_due(store, today) if inside else (),
        ending=waivers_ending(store, today) if inside else (),
        imports=_imports(request, asker, lang),
        empty=not any(tally.values()),
        inside=inside,
        recent=recent_changes(store, most=_RECENT, among=_AMONG) if inside else (),
        kind_word=lambda kind: _word(f"kind_{kind}", lang),
        many_word=lambda kind: _word(f"many_{kind}", lang),
        operation_word=lambda operation: _word(f"operation_{operation}", lang),
    )


def _statuses(services: Services, today: date) -> dict[str, int]:
    return by_status(services.features.ready(_NAMES, View(today)).snapshot)


def _imports(request: Request, asker: Asker, lang: Lang) -> list[tuple[Job, Json]]:
    """The newest imports of the asker, for whoever may import."""
    if not asker.may(Right.IMPORT_RUN):
        return []
    book = job_desk_of(request).book
    found = book.list(who=asker.name, kinds=[JobKind.IMPORT], limit=_IMPORTS)
    return [(job, job_json(job, lang)) for job in found]


def _word(key: str, lang: Lang) -> str:
    return message(f"register.{key}").in_(lang)


@router.get("/overview/findings", dependencies=[needs(Right.CONTENT_READ)])
def overview_findings(
    *,
    request: Request,
    services: ServicesDep,
    desk: DeskDep,
    lang: LangDep,  # noqa: ARG001 - lets `lang` stand in the address
    audience: AudienceDep,
) -> HTMLResponse:
    """A part of the first page: the findings of the register by severity and by state."""
    review = desk.review(services)
    findings = shown_to(audience, review.report, review.case).findings
    by_severity = Counter(finding.severity for finding in findings)
    by_state = Counter(finding.state for finding in findings)
    return page(
        request,
        "overview_findings.html",
        severities=[(s, by_severity[s]) for s in sorted(Severity, reverse=True)],
        states=[(state, count) for state, count in by_state.items() if count],
        total=len(findings),
        family=BOUNDARIES,
        as_of=review.report.as_of,
    )
