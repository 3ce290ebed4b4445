"""One finding: what it says, where, how it came to stand so, and what a person decides on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.audience import AskerDep, AudienceDep
from geo_service.api.deps import LangDep, ServicesDep, StoreDep, needs, who_of
from geo_service.api.findings import ReviewDesk, desk_of
from geo_service.domain.access import Right
from geo_service.domain.finding import FindingState
from geo_service.domain.kept_finding import Origin, may_be_waived
from geo_service.domain.provenance import Label
from geo_service.domain.text import Text
from geo_service.errors import Forbidden, GeoServiceError, InputError, NotFound
from geo_service.messages import explain, message
from geo_service.pages.render import onward, page
from geo_service.pages.upload import FormDep
from geo_service.services import life_cycle
from geo_service.services.boundary_states import sighting_of
from geo_service.services.finding_decisions import (
    Signature,
    confirm,
    find,
    history,
    step_text,
    waive,
    withdraw,
)

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.finding import Finding
    from geo_service.domain.kept_finding import KeptFinding
    from geo_service.pages.name_form import Faults
    from geo_service.store.protocol import Store

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
DeskDep = Annotated[ReviewDesk, Depends(desk_of)]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as today's review says it (None where it says it no more) and as it is kept."""

    id: str
    now: Finding | None
    kept: KeptFinding | None

    def state(self, today: date) -> FindingState:
        """How it stands."""
        if self.now is not None:
            return self.now.state
        return FindingState.OPEN if self.kept is None else self.kept.state_on(today)

    @property
    def waivable(self) -> bool:
        """Whether a person may waive it at all."""
        if self.kept is not None:
            return may_be_waived(self.kept.family, self.kept.severity)
        return self.now is not None and may_be_waived("boundaries", self.now.severity)


def _told(word: str, services: Services, store: Store, desk: ReviewDesk) -> Told:
    """The finding of an id or fingerprint. Raises NotFound."""
    review = desk.review(services)
    now = next((f for f in review.report.findings if word in (f.id, f.fingerprint)), None)
    try:
        kept = find(store, word if now is None else now.fingerprint, services.today())
    except NotFound:
        if now is None:
            raise
        kept = None
    return Told(word if now is None else now.id, now, kept)


def _page(
    request: Request, told: Told, services: Services, store: Store, *, may: bool, **more: Any
) -> HTMLResponse:
    lang = more.pop("lang")
    today = services.today()
    steps = () if told.kept is None else tuple(reversed(history(store, told.kept)))
    return page(
        request,
        "finding.html",
        status=400 if more.get("faults") else 200,
        **{"faults": {}, "entries": {}, **more},
        told=told,
        state=told.state(today),
        may_decide=may,
        steps=steps,
        step_words=lambda step: step_text(step, lang),
        today=today,
    )


@router.get("/findings/{word}", dependencies=[needs(Right.CONTENT_READ)])
def finding_page(
    *,
    request: Request,
    word: str,
    asker: AskerDep,
    services: ServicesDep,
    store: StoreDep,
    desk: DeskDep,
    lang: LangDep,
) -> HTMLResponse:
    """One finding with its states, and the form for whoever may decide. Raises NotFound."""
    _refuse_public(asker.audience)
    may = asker.may(Right.FINDING_DECIDE)
    return _page(request, _told(word, services, store, desk), services, store, may=may, lang=lang)


def _refuse_public(audience: Label) -> None:
    """Who decided and why is internal. Raises Forbidden."""
    if audience is Label.PUBLIC:
        raise Forbidden("lines_not_public")


@router.post("/findings/{word}", dependencies=[needs(Right.FINDING_DECIDE)])
def decide_page(
    *,
    request: Request,
    word: str,
    entries: FormDep,
    audience: AudienceDep,
    services: ServicesDep,
    store: StoreDep,
    desk: DeskDep,
    lang: LangDep,
) -> Response:
    """Write what was decided and lead back to the finding; what cannot be is told in the form."""
    _refuse_public(audience)
    told = _told(word, services, store, desk)
    try:
        if told.kept is None:
            _keep(services, store, desk, who_of(request))
        fingerprint = told.now.fingerprint if told.now else told.kept.id  # type: ignore[union-attr]
        _decide(store, fingerprint, entries, who_of(request), services.today())
    except GeoServiceError as error:
        faults: Faults = {_field_of(error): Text(explain(error, "zh"), explain(error, "en"))}
        fresh = _told(word, services, store, desk)
        return _page(
            request, fresh, services, store, may=True, lang=lang, faults=faults, entries=entries
        )
    return onward(request, f"/findings/{told.id}")


def _keep(services: Services, store: Store, desk: ReviewDesk, who: str) -> None:
    """The review into the register: a decision needs a finding that is on record."""
    review = desk.review(services)
    seen = sighting_of(review.report, review.case, Origin.REGISTER, review.entries)
    life_cycle.keep(store, seen, actor=who, today=services.today())


def _field_of(error: GeoServiceError) -> str:
    return "ends_on" if error.code == "waiver_ended" else "reason"


def _decide(store: Store, word: str, entries: dict[str, str], who: str, today: date) -> None:
    """One decision as the form asks for it. Raises as the services do."""
    by = Signature(
        signer=who,
        reason=entries.get("reason", ""),
        actor=who,
        document_no=entries.get("document_no", ""),
    )
    act = entries.get("act", "")
    if act == "confirm":
        confirm(store, word, by, today=today)
    elif act == "waive":
        waive(store, word, by, today=today, ends_on=_day(entries.get("ends_on", "")))
    elif act == "withdraw":
        withdraw(store, word, reason=by.reason, actor=who, today=today)
    else:
        raise InputError("form_invalid", fields="act")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError as error:
        raise InputError("form_invalid", fields=message("pages.waive_until").zh) from error
