"""Drafts: those that wait, and one against the record as it is, with what one may do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.asking import CounterDep
from geo_service.api.audience import AskerDep
from geo_service.api.deps import LangDep, ServicesDep, language_asked, language_of, needs
from geo_service.api.draft_schemas import DraftId
from geo_service.api.drafts import desk_over
from geo_service.api.internal import internal_only
from geo_service.domain.access import Right
from geo_service.domain.change import RecordKind
from geo_service.domain.draft import DraftAct, DraftState
from geo_service.errors import GeoServiceError, InputError, NotFound
from geo_service.maps.offline import vendored_assets
from geo_service.maps.record import record_map
from geo_service.messages import explain, message
from geo_service.pages import draft_files
from geo_service.pages.record_words import difference_texts, facts
from geo_service.pages.render import INTERNAL_MAP, address, map_response, onward, page
from geo_service.pages.upload import FormDep
from geo_service.services.boundaries import case_from_store
from geo_service.services.drafts.kinds import DRAFT_KINDS, draft_kind
from geo_service.services.drafts.proposal import present_record, proposed_record
from geo_service.services.drafts.reading import drafts, history, seen_draft
from geo_service.services.drafts.review import review
from geo_service.services.register.differences import geometry_of
from geo_service.services.register.evidence import kept_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from geo_service.api.asking import Counter
    from geo_service.domain.access import Asker
    from geo_service.domain.draft import Draft
    from geo_service.domain.text import Lang
    from geo_service.services.drafts.desk import DraftDesk
    from geo_service.services.drafts.review import Review

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ), internal_only, Depends(language_asked)],
)
View = Literal["waiting", "mine", "open", "all"]


def words(lang: Lang) -> Callable[[str], str]:
    """The words of drafts in a language, by key."""
    return lambda key: message(f"drafts.{key}").in_(lang)


@router.get("/drafts")
def drafts_page(
    *,
    request: Request,
    services: ServicesDep,
    asker: AskerDep,
    lang: LangDep,
    view: Annotated[View | None, Query()] = None,
) -> HTMLResponse:
    """The drafts that wait for the asker, his own, those that are open, or all."""
    decides = any(asker.may(of.approve_right) for of in DRAFT_KINDS)
    chosen = view or ("waiting" if decides else "open")
    states = {"all": (), "mine": ()}.get(chosen, (DraftState.DRAFT, DraftState.SUBMITTED))
    found = drafts(
        services.store,
        asker,
        states=states,
        mine=chosen == "mine",
        waiting=chosen == "waiting",
    )
    return page(
        request,
        "drafts.html",
        found=found,
        view=chosen,
        views=("waiting", "mine", "open", "all") if decides else ("mine", "open", "all"),
        at_work=any(of.seen_by(asker) for of in DRAFT_KINDS),
        kinds=[of for of in DRAFT_KINDS if asker.may(of.draft_right)],
        lays=asker.may(Right.IMPORT_RUN) and asker.may(Right.BOUNDARY_DRAFT),
        w=words(lang),
        kind_word=lambda kind: message(f"register.kind_{kind}").in_(lang),
        act_word=lambda act: message(f"register.act_{act}").in_(lang),
    )


@router.get("/drafts/{draft_id}")
def draft_page(
    *, request: Request, draft_id: DraftId, services: ServicesDep, counter: CounterDep
) -> HTMLResponse:
    """One draft. Raises NotFound, also where it is of a kind that the asker does not work on."""
    return _page(request, draft_id, desk_over(services), counter)


def _page(
    request: Request,
    draft_id: str,
    desk: DraftDesk,
    counter: Counter,
    refusal: GeoServiceError | None = None,
) -> HTMLResponse:
    lang = language_of(request)
    told = review(desk, seen_draft(desk.store, draft_id, counter.asker), counter.asker)
    draft = told.kept.draft
    of_file = draft.act is DraftAct.IMPORT
    more = draft_files.told_of(told, counter, lang) if of_file else _told_of(told, desk, lang)
    return page(
        request,
        "draft_file.html" if of_file else "draft.html",
        status=200 if refusal is None else refusal.http_status,
        told=told,
        draft=draft,
        steps=history(desk.store, draft_id),
        is_boundary=draft_kind(draft.target_kind).is_boundary,
        w=words(lang),
        kind_word=message(f"register.kind_{draft.target_kind}").in_(lang),
        act_word=message(f"register.act_{draft.act}").in_(lang),
        problem="" if told.problem is None else explain(told.problem, lang),
        refusal="" if refusal is None else explain(refusal, lang),
        **more,
    )


def _told_of(told: Review, desk: DraftDesk, lang: Lang) -> dict[str, Any]:
    """What the template says of one record beside what it says of every draft."""
    draft = told.kept.draft
    kind = RecordKind(draft.target_kind)
    return {
        "differences": tuple(difference_texts(told.differs, lang)) if told.differs else (),
        "difference_texts": lambda differs: difference_texts(differs, lang) if differs else (),
        "operation_word": lambda word: message(f"register.operation_{word}").in_(lang),
        "facts": facts(kind, told.proposed, desk.city.unit_names, lang)
        if told.proposed and not told.differs
        else [],
        "checked": kept_text(draft.checked, lang) if draft.checked else "",
        "maps": _maps(draft, told, lang),
    }


def _maps(draft: Draft, told: Review, lang: Lang) -> list[tuple[str, str]]:
    """The addresses of the maps, before and after; one where both lie alike."""
    found = []
    for which, record in (("before", told.present), ("after", told.proposed)):
        if record is not None and geometry_of(record) is not None:
            found.append((which, address(f"/map/draft/{draft.id}/{which}", {"lang": lang})))
    alike = told.differs is not None and told.differs.geometry is None
    return found[:1] if alike else found


@router.post("/drafts/{draft_id}", response_model=None)
def decide(
    *,
    request: Request,
    draft_id: DraftId,
    entries: FormDep,
    services: ServicesDep,
    counter: CounterDep,
) -> Response:
    """Submit, withdraw, approve or reject; a refusal is told on the page of the draft.

    A file is approved, and tried anew, by a job of which the page tells how far it is.
    """
    desk = desk_over(services)
    draft = seen_draft(services.store, draft_id, counter.asker).draft
    try:
        if draft.act is DraftAct.IMPORT and entries.get("act") in ("approve", "recheck"):
            draft_files.done(counter, services, draft_id, version_in(entries), entries)
        else:
            _done(desk, draft_id, entries, counter.asker)
    except GeoServiceError as error:
        if error.http_status >= 500:
            raise
        return _page(request, draft_id, desk, counter, error)
    return onward(request, f"/drafts/{draft_id}")


def _done(desk: DraftDesk, draft_id: str, entries: dict[str, str], asker: Asker) -> None:
    version = version_in(entries)
    reason = entries.get("reason", "")
    match entries.get("act", ""):
        case "submit":
            desk.submit(draft_id, version, asker)
        case "withdraw":
            desk.withdraw(draft_id, version, asker, reason)
        case "reject":
            desk.reject(draft_id, version, asker, reason)
        case "approve":
            number, files = entries.get("document_no", ""), entries.get("files", "").split()
            desk.approve(draft_id, version, asker, document_no=number, files=files, reason=reason)
        case _:
            raise InputError("form_invalid", fields="act")


def version_in(entries: dict[str, str]) -> int:
    """The version that the page showed. Raises InputError."""
    text = entries.get("version", "")
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10):
        raise InputError("form_invalid", fields="version")
    return int(text)


@router.get("/map/draft/{draft_id}/{which}", dependencies=[INTERNAL_MAP])
def draft_map(
    *,
    draft_id: DraftId,
    which: Literal["before", "after", "beside"],
    services: ServicesDep,
    asker: AskerDep,
    lang: LangDep,
) -> HTMLResponse:
    """Where the record lies, and where it would; of a file of lines, both `beside` each other.

    Raises NotFound where it lies nowhere.
    """
    store = services.store
    draft = seen_draft(store, draft_id, asker).draft
    of_file = draft.act is DraftAct.IMPORT
    if which == "beside":
        if not of_file:
            raise NotFound("draft_unknown", draft=draft_id)
        return map_response(draft_files.beside_map(services, draft, lang))
    if of_file:
        records = draft_files.records_of(services, draft, which)
    else:
        record = (present_record if which == "before" else proposed_record)(store, draft)
        records = [] if record is None else [record]
    if not records:
        raise NotFound("draft_unknown", draft=draft_id)
    html = record_map(
        records,
        [],
        case_from_store(store, services.city, draft.effective_on),
        as_of=draft.effective_on,
        city=services.city,
        lang=lang,
        assets=vendored_assets(),
    )
    return map_response(html)
