"""Findings over runs: open, confirmed, waived, mended, reopened.

A run is compared with what the register keeps of earlier ones (`finding_states`), and only what
changed is written, in one transaction with a record of the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.kept_finding import KeptFinding, ReviewRun
from geo_service.domain.period import Period
from geo_service.errors import InputError, NotFound
from geo_service.messages import message
from geo_service.services.finding_states import shown, tally_of, transitions
from geo_service.services.subject_digests import undated
from geo_service.services.wording import cause_text

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.finding import Finding
    from geo_service.services.finding_states import Sighting
    from geo_service.store.protocol import Store

FINDINGS, RUNS = RecordKind.FINDINGS, RecordKind.REVIEW_RUNS


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that was kept, and its findings with the states they have from then on."""

    run: ReviewRun
    findings: tuple[Finding, ...]


def kept_findings(store: Store, as_of: date) -> dict[str, KeptFinding]:
    """All findings that the register keeps, as they stood on the day, by fingerprint."""
    found = cast("list[KeptFinding]", store.records(FINDINGS, as_of=as_of))
    return {record.id: record for record in found}


def with_states(store: Store, sighting: Sighting) -> tuple[Finding, ...]:
    """The findings of a run with state and decision from the register; nothing is written.

    A decision that was signed on something else than is there now is shown as lapsed.
    """
    return tuple(
        shown(finding, kept_finding(store, finding, sighting.as_of), sighting)
        for finding in sighting.findings
    )


def kept_finding(store: Store, finding: Finding, as_of: date) -> KeptFinding | None:
    """What the register keeps of a finding, as it stood on the day; None for a new one."""
    try:
        return cast("KeptFinding", store.get(FINDINGS, finding.fingerprint, as_of=as_of))
    except NotFound:
        return None


def keep(store: Store, sighting: Sighting, *, actor: str, today: date) -> Kept:
    """Write what the run changes in the states of findings, and the run itself.

    Raises InputError `run_in_future` and, for a day before one that was kept of these families,
    `run_before_kept`: states follow one another, and a past day cannot mend what is found today.
    """
    if sighting.as_of > today:
        raise InputError("run_in_future", day=sighting.as_of, today=today)
    with store.begin() as work:
        # Read inside the transaction: no other writer comes between a state and its successor.
        kept = kept_findings(store, today)
        runs = {run.id: run for run in review_runs(store, today)}
        begun = [r.period.start for r in kept.values() if r.family in sighting.families]
        begun += [
            run.period.start
            for run in runs.values()
            if not set(sighting.families).isdisjoint(run.families)
        ]
        newest = max((day for day in begun if day is not None), default=sighting.as_of)
        if sighting.as_of < newest:
            raise InputError("run_before_kept", day=sighting.as_of, newest=newest)
        run_id = f"R-{store.log_mark().sequence + 1}"
        written = list(transitions(sighting, kept, runs, run_id))
        run = _run_of(sighting, run_id, tally_of(sighting, kept, written))
        changes = [_change(store, record, kept.get(record.id), actor) for record in written]
        work.append([_created(run, actor, message("states.run_reason").zh), *changes])
    now = {**kept, **{record.id: record for record in written}}
    return Kept(run, tuple(shown(f, now.get(f.fingerprint), sighting) for f in sighting.findings))


def review_runs(store: Store, as_of: date) -> tuple[ReviewRun, ...]:
    """The runs kept up to the day, in the order in which they were kept."""
    found = cast("list[ReviewRun]", store.records(RUNS, as_of=as_of))
    return tuple(sorted(found, key=lambda run: int(run.id.partition("-")[2])))


def state_change(
    store: Store, record: KeptFinding, before: KeptFinding, actor: str, reason: str
) -> Change:
    """The change from one state of a finding to the next.

    On a later day the world has changed; on the same day the last word holds for it, and what was
    said before stays in the log.
    """
    later = before.period.start != record.period.start
    return Change(
        operation=Operation.REVISE if later else Operation.CORRECT,
        record=record,
        actor=actor,
        reason=reason,
        basis=record.document_no,
        expected_version=store.version(FINDINGS, record.id),
    )


def _run_of(sighting: Sighting, run_id: str, tally: Mapping[str, int]) -> ReviewRun:
    seen = "\n".join(
        sorted(
            f"{f.fingerprint} {f.severity.word} {undated(f.message.zh, sighting.as_of)}"
            for f in sighting.findings
        )
    )
    return ReviewRun(
        id=run_id,
        families=sighting.families,
        city=sighting.city,
        scale=sighting.scale,
        origin=sighting.origin,
        rules=sighting.rules_run,
        counts=tuple(sorted(sighting.counts.items())),
        tally=tuple(sorted(tally.items())),
        found=hashlib.sha256(seen.encode("utf-8", "surrogatepass")).hexdigest(),
        rules_digest=sighting.digest.rules,
        data_digest=sighting.digest.data,
        code=sighting.digest.code,
        provenance=sighting.provenance,
        period=Period(sighting.as_of),
    )


def _created(record: KeptFinding | ReviewRun, actor: str, reason: str) -> Change:
    return Change(operation=Operation.CREATE, record=record, actor=actor, reason=reason)


def _change(store: Store, record: KeptFinding, before: KeptFinding | None, actor: str) -> Change:
    reason = cause_text(record, "zh")
    if before is None:
        return _created(record, actor, reason)
    return state_change(store, record, before, actor, reason)
