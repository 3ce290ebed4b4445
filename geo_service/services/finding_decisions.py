"""What people decide on findings: confirmed, waived, and taken back again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from geo_service.domain.finding import FindingState
from geo_service.domain.kept_finding import Cause, KeptFinding, may_be_waived
from geo_service.domain.period import Period
from geo_service.errors import Conflict, Forbidden, InputError, NotFound
from geo_service.messages import message
from geo_service.services.finding_states import last_seen, undecided
from geo_service.services.life_cycle import FINDINGS, kept_findings, review_runs, state_change
from geo_service.services.wire import decision_json
from geo_service.services.wording import cause_text, decision_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from geo_service.domain.change import LoggedChange
    from geo_service.domain.text import Lang
    from geo_service.services.wire import Json
    from geo_service.store.protocol import Store

_LISTED = 5
"""How many findings of an ambiguous id are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who decides, why, by which document, and who runs the program."""

    signer: str
    reason: str
    actor: str
    document_no: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One state of a finding: the record as it was written then, and its entry in the log."""

    record: KeptFinding
    entry: LoggedChange


def find(store: Store, word: str, as_of: date) -> KeptFinding:
    """The finding with this fingerprint or id (`F-…`), or the only one that begins so.

    Raises NotFound where none is kept, InputError `finding_ambiguous` for several.
    """
    wanted = re.sub(r"^f-", "", word.strip().lower())
    found = [
        r for key, r in kept_findings(store, as_of).items() if wanted and key.startswith(wanted)
    ]
    if not found:
        raise NotFound("finding_not_kept", finding=word)
    if len(found) > 1:
        listed = " ".join(record.id for record in found[:_LISTED])
        raise InputError("finding_ambiguous", finding=word, count=len(found), listed=listed)
    return found[0]


def confirm(store: Store, word: str, by: Signature, *, today: date) -> KeptFinding:
    """Record that a person has looked at a finding and says it is so.

    Raises Conflict where it is mended, waived or confirmed already, else as `find`; InputError
    without signer and reason.
    """

    def confirmed(record: KeptFinding) -> KeptFinding:
        _refuse_in(record, today, FindingState.MENDED, FindingState.WAIVED, FindingState.CONFIRMED)
        return replace(record, state=FindingState.CONFIRMED, cause=Cause.CONFIRMED, ends_on=None)

    return _decide(store, word, by, confirmed, today)


def waive(
    store: Store, word: str, by: Signature, *, today: date, ends_on: date | None = None
) -> KeptFinding:
    """Record that a person lets a finding stand, until `ends_on` or until withdrawn.

    It lapses by itself when a record that the finding names changes. Raises Forbidden for a name
    that the law prohibits, else as `confirm`; InputError for an end in the past.
    """
    if ends_on is not None and ends_on < today:
        raise InputError("waiver_ended", ends_on=ends_on, today=today)

    def waived(record: KeptFinding) -> KeptFinding:
        if not may_be_waived(record.family, record.severity):
            raise Forbidden("waiver_of_prohibition", finding=record.short_id, rule=record.rule_id)
        _refuse_in(record, today, FindingState.MENDED, FindingState.WAIVED)
        return replace(record, state=FindingState.WAIVED, cause=Cause.WAIVED, ends_on=ends_on)

    return _decide(store, word, by, waived, today)


def withdraw(store: Store, word: str, *, reason: str, actor: str, today: date) -> KeptFinding:
    """Take the decision on a finding back: it is open again.

    Raises NotFound where nobody has decided on it, InputError without a reason, else as `find`.
    """
    if not reason.strip():
        raise InputError("finding_unsigned", missing="reason")
    with store.begin() as work:
        before = find(store, word, today)
        if before.decision is None:
            raise NotFound("finding_undecided", finding=before.short_id)
        after = replace(
            undecided(before),
            state=FindingState.REOPENED,
            cause=Cause.WITHDRAWN,
            changed=(),
            period=Period(today),
        )
        work.append([state_change(store, after, before, actor, reason.strip())])
    return after


def history(store: Store, record: KeptFinding) -> tuple[Step, ...]:
    """All states of a finding in the order in which they were recorded."""
    return tuple(
        Step(cast("KeptFinding", store.recorded(entry.sequence)), entry)
        for entry in store.log(kind=FINDINGS, record_id=record.id)
    )


def _refuse_in(record: KeptFinding, today: date, *states: FindingState) -> None:
    state = record.state_on(today)
    if state in states:
        code = "finding_mended" if state is FindingState.MENDED else "finding_decided"
        facts = {"finding": record.short_id, "signer": record.signer, "day": record.period.start}
        raise Conflict(code, **facts)


def _decide(
    store: Store,
    word: str,
    by: Signature,
    decided: Callable[[KeptFinding], KeptFinding],
    today: date,
) -> KeptFinding:
    told = (("signer", by.signer), ("reason", by.reason))
    missing = [name for name, value in told if not value.strip()]
    if missing:
        raise InputError("finding_unsigned", missing=", ".join(missing))
    with store.begin() as work:
        before = find(store, word, today)
        after = replace(
            decided(before),
            signer=by.signer.strip(),
            signed_on=today,
            reason=by.reason.strip(),
            document_no=by.document_no.strip(),
            changed=(),
            period=Period(today),
        )
        work.append([state_change(store, after, before, by.actor, after.reason)])
    return after


def kept_json(store: Store, records: Iterable[KeptFinding], today: date, lang: Lang) -> list[Json]:
    """Kept findings as JSON-ready values."""
    runs = review_runs(store, today)
    return [_kept_json(record, today, last_seen(record, runs), lang) for record in records]


def _kept_json(record: KeptFinding, today: date, seen: date, lang: Lang) -> Json:
    decision = record.decision
    return {
        "id": record.short_id,
        "fingerprint": record.id,
        "rule_id": record.rule_id,
        "family": record.family,
        "severity": record.severity.word,
        "title": record.title if lang == "zh" else record.title_en,
        "message": record.message if lang == "zh" else record.message_en,
        "subject": {
            "kind": record.subject_kind,
            "id": record.subject_id,
            "name": record.subject_name,
        },
        "origin": record.origin.value,
        "state": record.state_on(today).value,
        "cause": record.cause.value,
        "since": str(record.period.start),
        "first_seen": record.first_seen.isoformat(),
        "last_seen": seen.isoformat(),
        "run": record.run_id,
        "decision": None if decision is None else decision_json(decision),
    }


def step_json(step: Step, lang: Lang) -> Json:
    """One state of a finding as a JSON-ready value."""
    record, entry = step.record, step.entry
    return {
        "state": record.state.value,
        "cause": record.cause.value,
        "since": str(record.period.start),
        "reason": why(step, lang),
        "changed": list(record.changed),
        "run": record.run_id,
        "decision": None if record.decision is None else decision_json(record.decision),
        "actor": entry.actor,
        "recorded_at": entry.recorded_at.isoformat(),
        "sequence": entry.sequence,
    }


def step_text(step: Step, lang: Lang) -> str:
    """One state of a finding in words: what was decided and why, or what a run saw."""
    record = step.record
    if record.cause is Cause.WITHDRAWN:
        return message("states.withdrawn_for", reason=step.entry.reason).in_(lang)
    if record.decision is None or record.cause not in (Cause.CONFIRMED, Cause.WAIVED):
        return cause_text(record, lang)
    return decision_text(record.state, record.decision, lang)


def why(step: Step, lang: Lang) -> str:
    """Why a finding came into a state: a person's own words, else what a run saw."""
    by_person = step.record.cause in (Cause.CONFIRMED, Cause.WAIVED, Cause.WITHDRAWN)
    return step.entry.reason if by_person else cause_text(step.record, lang)
