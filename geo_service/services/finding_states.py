"""What one run makes of the findings kept so far: the rules of their life cycle, without a store.

A run says that a finding is mended only where it could have found it: its rule ran, by the same
limits, on all that the finding names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from geo_service.domain.finding import Finding, FindingState, Subject
from geo_service.domain.kept_finding import Cause, KeptFinding, Origin, ReviewRun
from geo_service.domain.period import Period
from geo_service.domain.provenance import Force, Provenance
from geo_service.rules.engine import rules_of
from geo_service.services.subject_digests import (
    LOOSE,
    changed_names,
    joined,
    subject_key,
    undated,
)

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.finding import Digest
    from geo_service.services.subject_digests import Named, SubjectDigests

_SIGNED = (FindingState.CONFIRMED, FindingState.WAIVED)
_LAPSED = (Cause.SUBJECT_CHANGED, Cause.GRAVER, Cause.ENDED)
_STANDING = (Force.SYNTHETIC, Force.EVALUATION, Force.OFFICIAL)
"""What the data of a run may be used for: the least of it counts for all."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Sighting:
    """What a run of rules saw, whatever the family, as the life cycle asks for it.

    `scale` is the denominator of the map scale, 0 where there is none. `subjects` are the records
    that the run looked at, `counts` how many of each layer. `about` is the one subject of a run of
    that origin. `beside` are the layers that files gave beside the records: rules that need one
    judge by files, whatever the rest came from.
    """

    families: tuple[str, ...]
    city: str
    as_of: date
    scale: int
    origin: Origin
    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    counts: Mapping[str, int]
    digest: Digest
    forces: frozenset[Force]
    subjects: SubjectDigests
    about: Subject | None = None
    beside: frozenset[str] = frozenset()

    @cached_property
    def rules(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Family of each rule, and the layers it reads, by its id."""
        return {
            rule.id: (family, rule.needs | rule.uses)
            for family in self.families
            for rule in rules_of(family)
        }

    def named_by(self, finding: Finding) -> Named:
        """The records that a finding names, with their digests."""
        return self.subjects.named_by(finding, self.rules[finding.rule_id][1])

    def origin_of(self, rule_id: str) -> Origin:
        """What a rule looked at in this run."""
        return self.origin if self.beside.isdisjoint(self.rules[rule_id][1]) else Origin.FILES

    def whole(self, rule_id: str) -> bool:
        """Whether the rule was held against all of the register, and nothing was left out."""
        return self.origin_of(rule_id) is not Origin.FILES

    @property
    def provenance(self) -> Provenance:
        """Where records of this run come from."""
        force = next(force for force in _STANDING if force in self.forces or force is _STANDING[-1])
        return Provenance("geo-service", force=force)


def undecided(record: KeptFinding) -> KeptFinding:
    """The record without a person's decision; the log keeps it."""
    return replace(record, signer="", signed_on=None, reason="", document_no="", ends_on=None)


def transitions(
    sighting: Sighting,
    kept: Mapping[str, KeptFinding],
    runs: Mapping[str, ReviewRun],
    run_id: str,
) -> Iterator[KeptFinding]:
    """The records that the run changes, as they stand from its day on."""
    seen = set()
    for finding in sighting.findings:
        seen.add(finding.fingerprint)
        before = kept.get(finding.fingerprint)
        if before is None:
            yield _new(finding, sighting, run_id)
        elif (after := _still(before, finding, sighting, run_id)) is not None:
            yield after
    for record in kept.values():
        alive = record.state is not FindingState.MENDED and record.id not in seen
        if alive and _could_find(sighting, record, runs.get(record.run_id)):
            yield _mended(record, sighting, run_id, last_seen(record, runs.values()))


def _new(finding: Finding, sighting: Sighting, run_id: str) -> KeptFinding:
    return KeptFinding(
        id=finding.fingerprint,
        rule_id=finding.rule_id,
        family=sighting.rules[finding.rule_id][0],
        city=sighting.city,
        scale=sighting.scale,
        origin=sighting.origin_of(finding.rule_id),
        subject_kind=finding.subject.kind,
        subject_id=finding.subject.id,
        subject_name=finding.subject.name,
        severity=finding.severity,
        title=finding.title.zh,
        title_en=finding.title.en,
        message=finding.message.zh,
        message_en=finding.message.en,
        named=sighting.named_by(finding),
        state=FindingState.OPEN,
        cause=Cause.FOUND,
        run_id=run_id,
        first_seen=sighting.as_of,
        last_seen=sighting.as_of,
        provenance=sighting.provenance,
        period=Period(sighting.as_of),
    )


def _still(
    before: KeptFinding, finding: Finding, sighting: Sighting, run_id: str
) -> KeptFinding | None:
    """What becomes of a record whose finding was seen again, None where nothing does.

    Files show what may come, not what is: they leave the standing findings of the register alone.
    """
    elsewhere = before.origin is Origin.REGISTER and not sighting.whole(before.rule_id)
    if elsewhere and before.state is not FindingState.MENDED:
        return None
    state, cause, changed = _standing(before, finding, sighting)
    seen = _new(finding, sighting, run_id)
    after = replace(
        seen,
        named=joined(before.named, seen.named),
        state=state,
        cause=cause or Cause.SAID_ANEW,
        changed=changed,
        first_seen=before.first_seen,
    )
    if state is before.state:
        same_limits = (before.city, before.scale) == (after.city, after.scale)
        if not same_limits or _said(before) == _said(after):
            return None
        after = replace(
            after,
            signer=before.signer,
            signed_on=before.signed_on,
            reason=before.reason,
            document_no=before.document_no,
            ends_on=before.ends_on,
        )
    return after


def _said(record: KeptFinding) -> tuple[object, ...]:
    texts = (record.title, record.title_en, record.message, record.message_en)
    told = [undated(text, record.last_seen) for text in texts]
    return (*told, record.subject_name, record.severity, record.named, record.origin)


def _standing(
    record: KeptFinding, finding: Finding, sighting: Sighting
) -> tuple[FindingState, Cause | None, tuple[str, ...]]:
    """The state of a kept finding that is seen again; cause and changed records where it moved."""
    if record.state is FindingState.MENDED:
        return FindingState.REOPENED, Cause.FOUND_AGAIN, ()
    if record.state in _SIGNED:
        now = sighting.named_by(finding)
        changed = changed_names(record.named, now, whole=sighting.whole(record.rule_id))
        if changed:
            return FindingState.REOPENED, Cause.SUBJECT_CHANGED, changed
        if finding.severity > record.severity:
            return FindingState.REOPENED, Cause.GRAVER, ()
        if record.state_on(sighting.as_of) is not record.state:
            return FindingState.REOPENED, Cause.ENDED, ()
    return record.state, None, ()


def shown(finding: Finding, record: KeptFinding | None, sighting: Sighting) -> Finding:
    """A finding with the state it has by its record, and the decision that stands."""
    if record is None:
        return finding
    state, _cause, _changed = _standing(record, finding, sighting)
    return replace(finding, state=state, decision=record.decision if state in _SIGNED else None)


def _could_find(sighting: Sighting, record: KeptFinding, seen_by: ReviewRun | None) -> bool:
    """Whether the silence of this run says that the finding is gone.

    Files speak of themselves only: all records named must be in them, and of no layer may there be
    fewer than in the run that saw the fault: what a rule compares with may have been left out.
    Another file of a loose layer may speak of other ground, so that its silence says nothing.
    The register, which is the master, also closes what was only in files, if it has the subject.
    """
    limits = (record.city, record.scale) == (sighting.city, sighting.scale)
    if not limits or record.rule_id not in sighting.rules_run:
        return False
    subject = Subject(record.subject_kind, record.subject_id, record.subject_name)
    if sighting.origin is Origin.SUBJECT:
        return record.origin is Origin.SUBJECT and subject == sighting.about
    there = sighting.subjects.holds(subject_key(subject))
    before = {} if seen_by is None else dict(seen_by.counts)
    reads = sighting.rules[record.rule_id][1]
    if any(layer in before and layer not in sighting.counts for layer in reads):
        return False  # it was seen with a layer that is not there now
    if sighting.whole(record.rule_id):
        return record.origin is Origin.REGISTER or there
    if not reads.isdisjoint(LOOSE):
        return False
    fewer = any(sighting.counts.get(layer, 0) < count for layer, count in before.items())
    return (
        record.origin is Origin.FILES
        and there
        and not fewer
        and sighting.subjects.has_all(record.named)
    )


def _mended(record: KeptFinding, sighting: Sighting, run_id: str, seen_on: date) -> KeptFinding:
    now = sighting.subjects.now(record.named)
    changed = changed_names(record.named, now, whole=sighting.whole(record.rule_id))
    return replace(
        undecided(record),
        state=FindingState.MENDED,
        cause=Cause.GONE if changed else Cause.GONE_UNCHANGED,
        changed=changed,
        run_id=run_id,
        last_seen=seen_on,
        period=Period(sighting.as_of),
    )


def last_seen(record: KeptFinding, runs: Iterable[ReviewRun]) -> date:
    """The day of the last run that saw a finding.

    A run that sees the same again writes no new state, yet is kept itself: had it not seen the
    finding, it would have written so. Of runs on files this is not known, for they may not have
    held the subject.
    """
    if record.state is FindingState.MENDED:
        return record.last_seen
    later = [
        run.period.start
        for run in runs
        if run.origin is Origin.REGISTER
        and record.origin is Origin.REGISTER
        and record.rule_id in run.rules
        and (run.city, run.scale) == (record.city, record.scale)
        and run.period.start is not None
    ]
    return max([record.last_seen, *later])


def tally_of(
    sighting: Sighting, kept: Mapping[str, KeptFinding], written: Iterable[KeptFinding]
) -> dict[str, int]:
    """What became of findings, by word: all words always, so that rows of runs are alike."""
    moved = Counter(
        record.cause
        for record in written
        if record.id not in kept or record.state is not kept[record.id].state
    )
    return {
        "seen": len(sighting.findings),
        "opened": moved[Cause.FOUND],
        "reopened": moved[Cause.FOUND_AGAIN],
        "lapsed": sum(moved[cause] for cause in _LAPSED),
        "mended": moved[Cause.GONE] + moved[Cause.GONE_UNCHANGED],
    }
