"""Which records a repair leaves as they are, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.boundary import AdministrativeBoundary, LegalStatus
from geo_service.domain.change import RecordKind
from geo_service.domain.provenance import Force
from geo_service.domain.repair import Held, Hold
from geo_service.errors import InputError

if TYPE_CHECKING:
    from geo_service.domain.repair import Mendable
    from geo_service.rules.boundaries import BoundaryCase, BoundaryContext


@dataclass(frozen=True, slots=True)
class Locks:
    """What the person locked and unlocked, beside what is locked anyway.

    Held without being asked: units and lines of other cities, and lines unless unlocked that are
    agreed, or are official and do not say that they are not.
    """

    context: BoundaryContext
    locked: frozenset[str] = frozenset()
    unlocked: frozenset[str] = frozenset()

    def hold(self, record: Mendable) -> Hold | None:
        """Why the record may not be changed; None where it may."""
        if record.id in self.locked:
            return Hold.LOCKED
        if isinstance(record, AdministrativeBoundary):
            if not self.context.concerns(*record.parties):
                return Hold.FOREIGN
            return Hold.AGREED if may_be_agreed(record) and record.id not in self.unlocked else None
        return None if self.context.concerns(record.code) else Hold.FOREIGN

    def held(self, records: Iterable[Mendable]) -> tuple[Held, ...]:
        """Those of the records that may not be changed."""
        found = [(record, self.hold(record)) for record in records]
        return tuple(
            Held(kind_of(record), record.id, record.name, hold)
            for record, hold in found
            if hold is not None
        )


def locks_for(
    case: BoundaryCase, context: BoundaryContext, locked: Iterable[str], unlocked: Iterable[str]
) -> Locks:
    """The locks of a review.

    Raises InputError for a code that is none of its units or lines, and for one to be unlocked
    that is no line: copies of other cities are not ours to change.
    """
    lines = {line.id for line in case.lines}
    known = lines | {unit.id for unit in case.units}
    wanted, freed = frozenset(locked), frozenset(unlocked)
    for code in sorted(wanted - known):
        raise InputError("repair_lock_unknown", record=code)
    for code in sorted(freed - lines):
        raise InputError("repair_unlock_unknown", record=code)
    return Locks(context, wanted, freed)


def is_agreed(line: AdministrativeBoundary) -> bool:
    """Whether the record says that both sides agree, or names the agreement."""
    return line.legal_status is LegalStatus.AGREED or bool(line.agreement_no)


def may_be_agreed(line: AdministrativeBoundary) -> bool:
    """Whether the line is agreed, or is the bureau's own and its status was never entered."""
    unknown = line.legal_status is LegalStatus.UNKNOWN
    return is_agreed(line) or (unknown and line.provenance.force is Force.OFFICIAL)


def kind_of(record: Mendable) -> RecordKind:
    """The kind the register keeps it under."""
    is_line = isinstance(record, AdministrativeBoundary)
    return RecordKind.BOUNDARY_LINES if is_line else RecordKind.UNITS
