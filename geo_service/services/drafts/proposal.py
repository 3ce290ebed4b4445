"""What somebody proposes, and the act on the register that it comes to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from geo_service.domain.change import RecordKind
from geo_service.domain.draft import DraftAct
from geo_service.domain.period import Period
from geo_service.errors import InputError, NotFound
from geo_service.geometry.crs import REGISTER_EPSG
from geo_service.language.persons import masked_text, numbers_in
from geo_service.services.interchange.cells import Sheet
from geo_service.services.interchange.issues import Issues, Level
from geo_service.services.interchange.placement import place
from geo_service.services.interchange.sandbox import Parsed, ParsedRow
from geo_service.services.interchange.shapes import Origin, Shapes, refuse_unfit
from geo_service.services.register import planning
from geo_service.services.register.acts import Signed, label_of
from geo_service.services.register.fields import altered, typed_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from shapely.geometry.base import BaseGeometry

    from geo_service.cities import CityProfile
    from geo_service.domain.draft import Draft
    from geo_service.domain.text import Text
    from geo_service.services.drafts.kinds import DraftKind
    from geo_service.services.register.acts import Kept
    from geo_service.services.register.planning import Plan
    from geo_service.store.protocol import Store

_DIGEST = re.compile(r"(?:sha256|sm3):[0-9a-f]{64}")
_LATER = "-"
"""Stands for what is not known yet while a draft is tried; it is never written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed. Without `act` it follows from what is told: a record that is not named is
    to be created, one that gets another name renamed, any other changed.

    `geometry` is EPSG:4490; `given_crs` says in which other system it was handed in.
    """

    of: DraftKind
    target_id: str = ""
    act: DraftAct | None = None
    body: Mapping[str, str] = field(default_factory=dict)
    geometry: BaseGeometry | None = None
    given_crs: str = ""
    effective_on: date | None = None
    reason: str = ""
    document_no: str = ""
    files: tuple[str, ...] = ()


def require_clean(proposal: Proposal) -> None:
    """Text that every store keeps, no number of a person in what the log keeps for ever, digests
    of files in their form.

    Raises InputError `draft_value_unreadable`, `draft_personal`, `draft_file_digest_malformed`.
    """
    require_text(target=proposal.target_id, document_no=proposal.document_no)
    require_text(**{"reason": proposal.reason, **proposal.body})
    require_digests(proposal.files)


def require_text(**told: str) -> None:
    """That a text can be kept, and holds no number of a person. Raises InputError."""
    for name, text in told.items():
        shown = text.encode("utf-8", "replace").decode()
        if "\x00" in text or shown != text:
            raise InputError(
                "draft_value_unreadable", field=name.encode("utf-8", "replace").decode()
            )
        if numbers_in(text):
            raise InputError("draft_personal", field=name, value=masked_text(text))


def require_digests(files: Iterable[str]) -> None:
    """That digests are in their form. Raises InputError `draft_file_digest_malformed`."""
    for digest in files:
        if not _DIGEST.fullmatch(digest):
            raise InputError("draft_file_digest_malformed", digest=digest[:80])


def fit_geometry(
    geometry: BaseGeometry, kind: RecordKind, *, city: CityProfile, today: date
) -> tuple[BaseGeometry, tuple[Text, ...]]:
    """A geometry (EPSG:4490, longitude first) as the imports would take it, and what to know of it.

    Raises InputError `draft_geometry_refused`: type, finite numbers, validity, axes, the city.
    """
    issues = Issues("geometry")
    sheet = Sheet(kind, {}, issues, today)
    row = ParsedRow(1, (), None)
    crs = f"EPSG:{REGISTER_EPSG}"
    parsed = Parsed([], crs, "", False, "", True, [row], "")
    shapes = Shapes(np.array([geometry, None], dtype=object)[:1], [1], Origin.GEOMETRY)
    refuse_unfit(shapes, sheet)
    place(parsed, "", shapes, sheet, city)
    told = issues.all()
    wrong = [issue.message for issue in told if issue.level is Level.ERROR]
    if wrong:
        detail = " ".join(text.zh for text in wrong), " ".join(text.en for text in wrong)
        raise InputError("draft_geometry_refused", detail=type(wrong[0])(*detail))
    fit: BaseGeometry = shapes.geometries[0]
    return fit, tuple(issue.message for issue in told)


def act_of(store: Store, proposal: Proposal, on: date) -> DraftAct:
    """What is proposed, where the person did not say it.

    Raises InputError `draft_act_of_file` for what takes a file.
    """
    if proposal.act is DraftAct.IMPORT:
        raise InputError("draft_act_of_file")
    if proposal.act is not None:
        return proposal.act
    if not proposal.target_id:
        return DraftAct.CREATE
    former = _former(store, proposal.of.kind, proposal.target_id, on)
    after = altered(proposal.of.kind, former, proposal.body, proposal.geometry)
    renamed = (former.id, label_of(former)) != (after.id, label_of(after))
    return DraftAct.RENAME if renamed else DraftAct.CHANGE


def proposed_record(store: Store, draft: Draft) -> Kept | None:
    """The record as it would be, None where it would end.

    Raises InputError as the acts on the register do, `draft_target_unknown` for no such record.
    """
    kind = RecordKind(draft.target_kind)
    body = dict(draft.body)
    if draft.act is DraftAct.RETIRE:
        return None
    if draft.act is DraftAct.CREATE:
        span = Period(draft.effective_on)
        return typed_record(kind, body, draft.geometry, draft.provenance, span)
    former = _former(store, kind, draft.target_id, draft.effective_on)
    return altered(kind, former, body, draft.geometry)


def present_record(store: Store, draft: Draft) -> Kept | None:
    """The record as it is on the first day of the draft, None where there is none."""
    try:
        return planning.in_force(
            store, RecordKind(draft.target_kind), draft.target_id, draft.effective_on
        )
    except NotFound:
        return None


def _former(store: Store, kind: RecordKind, record_id: str, on: date) -> Kept:
    try:
        return planning.in_force(store, kind, record_id, on)
    except NotFound as error:
        facts = {"kind": kind.value, "record": record_id[:80], "day": on}
        raise InputError("draft_target_unknown", **facts) from error


def plan_of(store: Store, draft: Draft, by: Signed) -> Plan:
    """The act on the register, by whoever signs it. Raises what the planning of acts raises."""
    kind, on = RecordKind(draft.target_kind), draft.effective_on
    by = replace(by, expected={draft.target_id: draft.seen})
    record = proposed_record(store, draft)
    if record is None:
        _former(store, kind, draft.target_id, on)
        return planning.retire(store, kind, draft.target_id, on, by)
    match draft.act:
        case DraftAct.CREATE:
            return planning.create(store, record, by)
        case DraftAct.RENAME:
            return planning.rename(store, draft.target_id, record, on, by)
        case DraftAct.MOVE:
            return planning.move(store, draft.target_id, record, on, by)
        case _:
            return planning.change(store, record, on, by)


def tried(store: Store, draft: Draft) -> Plan:
    """The act as it would be planned now, whoever may sign it."""
    reason, document = draft.reason or _LATER, draft.document_no or _LATER
    by = Signed(actor=_LATER, reason=reason, document_no=document)
    return plan_of(store, draft, by)
