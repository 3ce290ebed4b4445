"""A draft as somebody decides on it: against the record as it is, with the check of its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.domain.draft import DraftAct, DraftState
from geo_service.errors import ConfigError, GeoServiceError, NotFound, StoreError
from geo_service.services.drafts.desk import wrote
from geo_service.services.drafts.files import TRIAL, trial_of
from geo_service.services.drafts.kinds import draft_kind
from geo_service.services.drafts.proposal import present_record, proposed_record, tried
from geo_service.services.drafts.reading import Moved, history, moved, waits_for
from geo_service.services.drafts.trial import differences, moved_since, read_trial
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
    from geo_service.services.drafts.trial import Trial
    from geo_service.services.register.acts import Kept as KeptRecord
    from geo_service.services.register.differences import Difference
    from geo_service.services.register.evidence import NameEvidence
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A draft, the record before and after it, what differs, and what stands in the way.

    `may` are the deeds open to the asker: edit, submit, withdraw, approve, reject, recheck.
    `problem` is why its act could not be carried out as things are. Of a closed draft nothing is
    worked out anew. Of a file `trial` is what it came to when it was tried last, and `changed` how
    that differs from the trial before.
    """

    kept: Kept
    present: KeptRecord | None = None
    proposed: KeptRecord | None = None
    differs: Difference | None = None
    evidence: tuple[NameEvidence, ...] = ()
    advice: tuple[Text, ...] = ()
    moved: tuple[Moved, ...] | tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    problem: GeoServiceError | None = None
    trial: Trial | None = None
    changed: tuple[str, ...] = ()


def review(desk: DraftDesk, kept: Kept, asker: Asker) -> Review:
    """The draft as it stands to the register now. Raises StoreError."""
    draft, plane = kept.draft, desk.city.plane_epsg
    if draft.act is DraftAct.IMPORT:
        return _file_review(desk.store, kept, asker)
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


def _file_review(store: Store, kept: Kept, asker: Asker) -> Review:
    """A file that was laid before: what it came to, and what was written since."""
    draft = kept.draft
    told = Review(kept=kept, may=deeds(draft, asker))
    try:
        trial = trial_of(store, draft)
        earlier = _earlier_trial(store, draft)
        changed = differences(earlier.report, trial.report) if earlier else ()
    except NotFound as error:  # erased, for a person's sake
        return replace(told, problem=error)
    since = moved_since(store, trial) if draft.state.is_open else ()
    return replace(told, trial=trial, changed=changed, moved=since)


def _earlier_trial(store: Store, draft: Draft) -> Trial | None:
    digests = [dict(step.draft.body)[TRIAL] for step in history(store, draft.id)]
    others = [digest for digest in digests if digest != dict(draft.body)[TRIAL]]
    return read_trial(store.content(others[-1])) if others else None


def deeds(draft: Draft, asker: Asker) -> tuple[str, ...]:
    """What the asker may do with a draft now."""
    found: list[str] = []
    of_file = draft.act is DraftAct.IMPORT
    if draft.state.is_open and asker.may(draft_kind(draft.target_kind).draft_right):
        found += [] if of_file else ["edit"]
        found += ["submit"] if draft.state is DraftState.DRAFT else []
        found += ["withdraw"] if wrote(draft, asker) else []
    if waits_for(draft, asker):
        found += ["approve", "reject", *(["recheck"] if of_file else [])]
    return tuple(found)


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
        "record_moved": [str(line) for line in told.moved],
        "names": [evidence_json(found, lang) for found in told.evidence],
        "advice": [text.in_(lang) for text in told.advice],
        "problem": problem or None,
        "file": None if told.trial is None else file_json(told.trial, told.changed, lang),
    }


def file_json(trial: Trial, changed: tuple[str, ...], lang: Lang) -> Json:
    """What a file came to: its import report, every change, and what is new since it was tried
    before."""
    changes = [
        {
            "operation": each.operation,
            "kind": draft_kind(each.kind).word,
            "id": each.id,
            "name": each.name,
            "version": each.version,
            "differs": difference_json(each.differs),
        }
        for each in trial.report.written
    ]
    told = {"report": trial.report.to_json(lang), "repeated": trial.report.repeated}
    return {**told, "changes": changes, "changed": list(changed)}


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
