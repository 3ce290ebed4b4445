"""The history of one record: every version of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.errors import NotFound
from geo_service.services.register.acts import basis_of, rests_on
from geo_service.services.register.differences import Difference, difference
from geo_service.services.register.versions import replay

if TYPE_CHECKING:
    from datetime import date, datetime

    from geo_service.domain.change import LoggedChange, RecordKind
    from geo_service.domain.period import Period
    from geo_service.services.register.acts import Basis, Kept
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One version of a record with both its clocks, who wrote it, why, and what it changed.

    `period` is its valid time as it stands now, None where it was taken back: then `superseded_at`
    and `superseded_by` (a log entry) say when. `differs` is against the value it took the place of,
    None where there was none.
    """

    record: Kept
    entry: LoggedChange
    basis: Basis | None
    period: Period | None
    superseded_at: datetime | None
    superseded_by: int | None
    differs: Difference | None

    @property
    def document_no(self) -> str:
        """The document, or whatever else the entry says it rests on (the digest of a file)."""
        return rests_on(self.entry)


def history(
    store: Store,
    kind: RecordKind,
    record_id: str,
    *,
    plane_epsg: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> tuple[Step, ...]:
    """Every version of a record in the order recorded, as known at a moment (default: now).

    With `as_of` only those that were ever said of that day. Raises NotFound where there is none.
    """
    versions = replay(store, kind, record_id, known_at)
    if not versions.entries:
        raise NotFound("record_not_found", kind=kind.value, record=record_id)
    standing = {version.sequence: version.period for version in versions.standing}
    steps = []
    for sequence, entry in versions.entries.items():
        if as_of is not None and not entry.period.covers(as_of):
            continue
        record = _recorded(store, sequence)
        former = versions.replaced.get(sequence)
        gone = versions.gone.get(sequence)
        steps.append(
            Step(
                record=record,
                entry=entry,
                basis=basis_of(entry),
                period=standing.get(sequence),
                superseded_at=gone.recorded_at if gone else None,
                superseded_by=gone.sequence if gone else None,
                differs=difference(_recorded(store, former.sequence), record, plane_epsg)
                if former
                else None,
            )
        )
    return tuple(steps)


def _recorded(store: Store, sequence: int) -> Kept:
    return cast("Kept", store.recorded(sequence))
