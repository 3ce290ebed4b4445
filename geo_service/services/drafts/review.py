"""A draft as somebody decides on it: against the record as it is, with the check of its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.draft import DraftState
from geo_service.errors import ConfigError, GeoServiceError, StoreError
from geo_service.services.drafts.desk import wrote
from geo_service.services.drafts.kinds import draft_kind
from geo_service.services.drafts.proposal import present_record, proposed_record, tried
from geo_service.services.drafts.reading import moved, waits_for
from geo_service.services.register.advice import advice_on
from geo_service.services.register.differences import difference
from geo_service.services.register.telling import difference_json, evidence_json
from geo_service.services.wire import geometry_json

if TYPE_CHECKING:
    from geo_service.domain.access import Asker
    from geo_service.domain.draft import Draft
    from geo_service.domain.text import Lang, Text
    from geo_service.services.drafts.desk import DraftDesk
    from geo_service.services.drafts.reading import Kept, Step
    from geo_service.services.register.acts import Kept as KeptRecord
    from geo_service.services.register.differences import Difference
    from geo_service.services.register.evidence import NameEvidence
    from geo_service.services.wire import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A draft, the record before and after it, what differs, and what stands in the way.

    `may` are the deeds open to the asker: edit, submit, withdraw, approve, reject. `problem` is why
    its act could not be carried out as things are. Of a closed draft nothing is worked out anew.
    """

    kept: Kept
    present: KeptRecord | None = None
    proposed: KeptRecord | None = None
    differs: Difference | None = None
    evidence: tuple[NameEvidence, ...] = ()
    advice: tuple[Text, ...] = ()
    moved: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    problem: GeoServiceError | None = None


def review(desk: DraftDesk, kept: Kept, asker: Asker) -> Review:
    """The draft as it stands to the register now. Raises StoreError."""
    draft, plane = kept.draft, desk.city.plane_epsg
    if not draft.state.is_open:
        return Review(kept=kept)
    may, changed = deeds(draft, asker), moved(desk.store, draft, plane)
    present = present_record(desk.store, draft)
    try:
        proposed = proposed_record(desk.store, draft)
        plan = tried(desk.store, draft)
    except (StoreError, ConfigError):
        raise
    except GeoServiceError as error:
        return Review(kept=kept, present=present, moved=changed, may=may, problem=error)
    both = present is not None and proposed is not None
    return Review(
        kept=kept,
        present=present,
        proposed=proposed,
        differs=difference(present, proposed, plane) if both else None,  # type: ignore[arg-type]
        evidence=desk.evidence(plan),
        advice=advice_on(plan, desk.city, desk.store),
        moved=changed,
        may=may,
    )


def deeds(draft: Draft, asker: Asker) -> tuple[str, ...]:
    """What the asker may do with a draft now."""
    found: list[str] = []
    if draft.state.is_open and asker.may(draft_kind(draft.target_kind).draft_right):
        found.append("edit")
        found += ["submit"] if draft.state is DraftState.DRAFT else []
        found += ["withdraw"] if wrote(draft, asker) else []
    return (*found, *(("approve", "reject") if waits_for(draft, asker) else ()))


def draft_json(kept: Kept) -> Json:
    """A draft as it is kept; geometry is EPSG:4490, longitude first."""
    draft = kept.draft
    return {
        "id": draft.id,
        "version": kept.version,
        "kind": draft_kind(draft.target_kind).word,
        "target": draft.target_id,
        "act": draft.act.value,
        "name": draft.name,
        "fields": dict(draft.body),
        "geometry": geometry_json(draft.geometry),
        "given_crs": draft.given_crs,
        "effective_on": draft.effective_on.isoformat(),
        "seen": draft.seen,
        "reason": draft.reason,
        "document_no": draft.document_no,
        "files": list(draft.files),
        "name_check": draft.checked,
        "state": draft.state.value,
        "proposer": draft.proposer,
        "authors": list(draft.authors),
        "decided_by": draft.decided_by,
        "decided_on": None if draft.decided_on is None else draft.decided_on.isoformat(),
        "decision": draft.decision,
        "event": draft.event or None,
    }


def review_json(told: Review, lang: Lang, problem: str = "") -> Json:
    """A draft with all that a decision needs; `problem` says what stands in its way."""
    return {
        **draft_json(told.kept),
        "may": list(told.may),
        "differs": difference_json(told.differs),
        "record_moved": list(told.moved),
        "names": [evidence_json(found, lang) for found in told.evidence],
        "advice": [text.in_(lang) for text in told.advice],
        "problem": problem or None,
    }


def step_json(step: Step) -> Json:
    """One version of a draft and who wrote it."""
    entry = step.entry
    return {
        "version": entry.version,
        "deed": step.deed,
        "actor": entry.actor,
        "recorded_at": entry.recorded_at.isoformat(),
        "sequence": entry.sequence,
        "state": step.draft.state.value,
        "fields": dict(step.draft.body),
        "geometry": geometry_json(step.draft.geometry),
        "reason": entry.reason,
    }
