"""What belongs to a record beside the register: findings that name it, and files attached to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.audience import AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, StoreDep, needs
from geo_service.api.findings import ReviewDesk, desk_of
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Label
from geo_service.errors import Forbidden
from geo_service.pages.record import TimeDep, kind_of
from geo_service.pages.render import page
from geo_service.services.disclosure import shown_to
from geo_service.services.register.attaching import one

if TYPE_CHECKING:
    from geo_service.domain.finding import Finding
    from geo_service.domain.kept_finding import KeptFinding

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ)],
)
DeskDep = Annotated[ReviewDesk, Depends(desk_of)]
_REVIEWED = (
    RecordKind.UNITS,
    RecordKind.BOUNDARY_LINES,
    RecordKind.BOUNDARY_NODES,
    RecordKind.MARKERS,
)


@router.get("/findings/about/{kind}/{record_id:path}")
def findings_about(
    *,
    request: Request,
    kind: str,
    record_id: str,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    desk: DeskDep,
    lang: LangDep,  # noqa: ARG001 - lets `lang` stand in the address
) -> HTMLResponse:
    """A part of the page of a record: findings of today's review, or those kept of a name."""
    of = kind_of(kind, audience)
    found: list[Finding] = []
    kept: list[KeptFinding] = []
    if of in _REVIEWED:
        review = desk.review(services)
        found = [
            f
            for f in shown_to(audience, review.report, review.case).findings
            if _is_about(f, record_id)
        ]
    elif audience is Label.INTERNAL:
        records = cast("list[KeptFinding]", store.records(RecordKind.FINDINGS))
        kept = [record for record in records if record.subject_id == record_id]
    return page(request, "findings_about.html", found=found, kept=kept, today=services.today())


def _is_about(finding: Finding, record_id: str) -> bool:
    return record_id in (finding.subject.id, *(related.id for related in finding.related))


@router.get("/files/{kind}/{record_id:path}")
def attached_file(
    *,
    kind: str,
    record_id: str,
    digest: str,
    time: TimeDep,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
) -> Response:
    """The bytes of an attached file, to be saved: never shown as a page of ours."""
    if audience is Label.PUBLIC:
        raise Forbidden("attachment_not_public")
    subject = (kind_of(kind, audience), record_id)
    found = one(store, subject, digest, as_of=time.day(services.today()), known_at=time.moment())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.file_name)}"}
    return Response(store.content(found.digest), media_type=found.media_type, headers=headers)
