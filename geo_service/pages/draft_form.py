"""The form in which a change is proposed, or a draft edited: what is left empty stays as it is."""

from __future__ import annotations

import json
import secrets
from datetime import date
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, Response

from geo_service.api.audience import AskerDep
from geo_service.api.deps import ServicesDep, language_asked, language_of, needs
from geo_service.api.draft_schemas import DraftId
from geo_service.api.drafts import desk_over
from geo_service.api.internal import internal_only
from geo_service.domain.access import Right
from geo_service.domain.draft import RECORD_ACTS, DraftAct
from geo_service.errors import GeoServiceError, InputError, NotFound
from geo_service.messages import explain, message
from geo_service.pages.drafts import version_in, words
from geo_service.pages.record_words import fields_of, value_text, with_unit_name
from geo_service.pages.render import onward, page
from geo_service.pages.upload import FormDep
from geo_service.services.drafts.collections import body_fields
from geo_service.services.drafts.intake import placed
from geo_service.services.drafts.kinds import draft_kind, require
from geo_service.services.drafts.proposal import Proposal
from geo_service.services.drafts.reading import seen_draft
from geo_service.services.register.acts import label_of
from geo_service.services.wire import geometry_json

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.draft import Draft
    from geo_service.services.drafts.kinds import DraftKind
    from geo_service.services.register.acts import Kept

router = APIRouter(
    include_in_schema=False,
    default_response_class=HTMLResponse,
    dependencies=[needs(Right.CONTENT_READ), internal_only, Depends(language_asked)],
)
_OF_RECORD = "r_"
"""Before the name of a field of the record: a draft has a reason and a number of its own."""


def _page(
    request: Request,
    of: DraftKind,
    services: Services,
    entries: dict[str, str],
    refusal: GeoServiceError | None = None,
) -> HTMLResponse:
    lang = language_of(request)
    present = _present(services, of, entries.get("target", ""))
    own = {field.name: field for field in fields_of(of.kind)}
    fields = []
    for name in body_fields(of):
        field = own[name]
        known = None if present is None else field.read(present)
        said = with_unit_name(name, value_text(name, known, lang), services.city.unit_names)
        fields.append((field, _OF_RECORD + name, said))
    return page(
        request,
        "draft_form.html",
        status=200 if refusal is None else refusal.http_status,
        of=of,
        fields=fields,
        choices={
            field.name: [(word, value_text(field.name, word, lang)) for word in field.choices]
            for field, _, _ in fields
        },
        entries=entries,
        present="" if present is None else label_of(present),
        acts=[(act.value, message(f"register.act_{act}").in_(lang)) for act in RECORD_ACTS],
        kind_word=message(f"register.kind_{of.kind}").in_(lang),
        refusal="" if refusal is None else explain(refusal, lang),
        w=words(lang),
    )


def _present(services: Services, of: DraftKind, record_id: str) -> Kept | None:
    if not record_id:
        return None
    try:
        found = services.store.get(of.kind, record_id, as_of=services.today())
    except NotFound:
        return None
    return found  # type: ignore[return-value]  # kinds that people keep by hand


@router.get("/drafts/new/{kind}")
def new_page(
    *,
    request: Request,
    kind: str,
    services: ServicesDep,
    asker: AskerDep,
    target: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """An empty form, of a record where one is named. Raises Forbidden, InputError."""
    of = draft_kind(kind)
    require(asker, of.draft_right)
    day = services.today().isoformat()
    return _page(request, of, services, {"target": target, "effective_on": day})


@router.post("/drafts/new/{kind}", response_model=None)
def propose(
    *,
    request: Request,
    kind: str,
    entries: FormDep,
    services: ServicesDep,
    asker: AskerDep,
) -> Response:
    """Write the draft and lead to it; what cannot be is told in the form."""
    of = draft_kind(kind)
    require(asker, of.draft_right)
    draft_id = f"D-{secrets.token_hex(8)}"
    try:
        desk_over(services).propose(draft_id, _proposal(of, entries, services), asker)
    except GeoServiceError as error:
        if error.http_status >= 500:
            raise
        return _page(request, of, services, entries, error)
    return onward(request, f"/drafts/{draft_id}")


@router.get("/drafts/{draft_id}/edit")
def edit_page(
    *,
    request: Request,
    draft_id: DraftId,
    services: ServicesDep,
    asker: AskerDep,
) -> HTMLResponse:
    """The form with what the draft tells. Raises NotFound, Forbidden."""
    draft, version = seen_draft(services.store, draft_id, asker)
    of = draft_kind(draft.target_kind)
    require(asker, of.draft_right)
    return _page(request, of, services, _entries(draft, version))


@router.post("/drafts/{draft_id}/edit", response_model=None)
def edit(
    *,
    request: Request,
    draft_id: DraftId,
    entries: FormDep,
    services: ServicesDep,
    asker: AskerDep,
) -> Response:
    """Write the draft anew and lead to it; what cannot be is told in the form."""
    of = draft_kind(seen_draft(services.store, draft_id, asker).draft.target_kind)
    require(asker, of.draft_right)
    try:
        proposal = _proposal(of, entries, services)
        desk_over(services).replace(draft_id, version_in(entries), proposal, asker)
    except GeoServiceError as error:
        if error.http_status >= 500:
            raise
        return _page(request, of, services, entries, error)
    return onward(request, f"/drafts/{draft_id}")


def _entries(draft: Draft, version: int) -> dict[str, str]:
    """A draft as its form was filled in."""
    shape = geometry_json(draft.geometry)
    return {
        **{_OF_RECORD + name: value for name, value in draft.body},
        "version": str(version),
        "target": draft.target_id,
        "act": draft.act.value,
        "effective_on": draft.effective_on.isoformat(),
        "reason": draft.reason,
        "document_no": draft.document_no,
        "files": " ".join(draft.files),
        "geometry": "" if shape is None else json.dumps(shape),
    }


def _proposal(of: DraftKind, entries: dict[str, str], services: Services) -> Proposal:
    told = {name: entries.get(_OF_RECORD + name, "").strip() for name in body_fields(of)}
    act = entries.get("act", "")
    if act and act not in set(RECORD_ACTS):
        raise InputError("form_invalid", fields="act")
    text = entries.get("geometry", "").strip()
    shape = None
    if text:
        try:
            read = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InputError("draft_feature_malformed", field="geometry") from error
        shape, _ = placed(read, of, services.city, services.today())
    try:
        day = entries.get("effective_on", "").strip()
        on = date.fromisoformat(day) if day else None
    except ValueError as error:
        raise InputError("form_invalid", fields="effective_on") from error
    return Proposal(
        of=of,
        target_id=entries.get("target", "").strip(),
        act=DraftAct(act) if act else None,
        body={name: value for name, value in told.items() if value},
        geometry=shape,
        effective_on=on,
        reason=entries.get("reason", ""),
        document_no=entries.get("document_no", ""),
        files=tuple(entries.get("files", "").split()),
    )
