"""A proposal written to the register, or taken back: each a recorded change by a named person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.errors import Conflict, InputError, NotFound
from geo_service.services.boundaries import CHECKED_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from geo_service.domain.change import LoggedChange, Record
    from geo_service.domain.repair import RepairProposal
    from geo_service.services.repairing.proposing import RepairPlan
    from geo_service.store.protocol import LogMark, Store

_APPLIED, _TAKEN_BACK = "repair", "revert"
_TRIED_ON = (*CHECKED_KINDS, RecordKind.MARKERS)


def proposal_of(plan: RepairPlan, repair: str) -> RepairProposal:
    """The proposal of that id. Raises NotFound `repair_unknown`."""
    for proposal in plan.proposals:
        if proposal.id == repair:
            return proposal
    raise NotFound("repair_unknown", repair=repair)


def apply_repair(
    store: Store,
    proposal: RepairProposal,
    *,
    since: LogMark,
    as_of: date,
    actor: str,
    reason: str,
) -> tuple[LoggedChange, ...]:
    """Write all changes of a proposal in one transaction; returns their log entries.

    `since` is how far the log went before the records were read: the proposal was tried beside
    all of them. Raises InputError where nobody signs or no reason is given, and Conflict where a
    unit, line, node or marker has changed since.
    """
    require_signed(actor, reason)
    answered = " ".join(finding.id for finding in proposal.answers)
    basis = f"{_APPLIED}:{proposal.id} {answered}"

    def changes() -> Iterator[Change]:
        for entry in store.log(after=since.sequence):
            if entry.kind in _TRIED_ON:
                raise Conflict("repair_outdated", kind=entry.kind.value, record=entry.record_id)
        for effect in proposal.effects:
            version = store.version(effect.kind, effect.id)
            if not version or store.get(effect.kind, effect.id, as_of=as_of) != effect.before:
                raise Conflict("repair_outdated", kind=effect.kind.value, record=effect.id)
            yield _correct(effect.after, actor, reason, basis, version)

    return _written(store, changes())


def revert_repair(
    store: Store, repair: str, *, actor: str, reason: str
) -> tuple[LoggedChange, ...]:
    """Give every record of an applied repair its former value, in one transaction.

    Raises NotFound where it was never applied, and Conflict where one of the records has changed
    again since.
    """
    require_signed(actor, reason)

    def changes() -> Iterator[Change]:
        newest = {(e.kind, e.record_id): e for e in _entries(store, f"{_APPLIED}:{repair} ")}
        if not newest:
            raise NotFound("repair_not_applied", repair=repair)
        for (kind, record_id), entry in newest.items():
            # A correction has a former value, and one of the same valid time.
            former = store.recorded(entry.before_sequence or 0)
            untouched = store.version(kind, record_id) == entry.version
            if not untouched or former.period != entry.period:
                facts = {"kind": kind.value, "record": record_id}
                raise Conflict("repair_superseded", **facts, repair=repair)
            basis = f"{_TAKEN_BACK}:{repair} {entry.sequence}"
            yield _correct(former, actor, reason, basis, entry.version)

    return _written(store, changes())


def require_signed(actor: str, reason: str) -> None:
    """Raises InputError `repair_unsigned` unless somebody signs with a reason."""
    if not actor.strip() or not reason.strip():
        raise InputError("repair_unsigned")


def _correct(record: Record, actor: str, reason: str, basis: str, version: int) -> Change:
    return Change(
        operation=Operation.CORRECT,
        record=record,
        actor=actor,
        reason=reason,
        basis=basis,
        expected_version=version,
    )


def _written(store: Store, changes: Iterator[Change]) -> tuple[LoggedChange, ...]:
    """Write changes that are worked out while nobody else can write; their log entries."""
    with store.begin() as work:
        before = store.log_mark().sequence
        listed = list(changes)
        work.append(listed)
    bases = {change.basis for change in listed}
    return tuple(entry for entry in store.log(after=before) if entry.basis in bases)


def _entries(store: Store, prefix: str) -> Iterator[LoggedChange]:
    for kind in CHECKED_KINDS:
        for entry in store.log(kind=kind):
            if entry.basis.startswith(prefix):
                yield entry
