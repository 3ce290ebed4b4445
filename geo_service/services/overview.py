"""What stands in the register at a glance: how much of each kind, and what was written last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import BOOKKEEPING, RecordKind
from geo_service.services.register.acts import label_of

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.change import LoggedChange
    from geo_service.services.register.acts import Kept
    from geo_service.store.protocol import Store

SHOWN_KINDS = tuple(
    kind for kind in RecordKind if kind not in BOOKKEEPING and kind is not RecordKind.ACCEPTED_PAIRS
)
"""The kinds that hold the ground and its names."""


@dataclass(frozen=True, slots=True)
class RecentChange:
    """An entry of the log, and what people call its record."""

    entry: LoggedChange
    name: str


def counts(store: Store, as_of: date) -> dict[RecordKind, int]:
    """How many records of each kind hold on the day."""
    return {kind: store.count(kind, as_of=as_of) for kind in SHOWN_KINDS}


def recent_changes(store: Store, *, most: int) -> tuple[RecentChange, ...]:
    """The newest entries of the log on names and ground, the newest first.

    Of the last `most` entries: where runs of checks were written in between, fewer.
    """
    newest = store.log_mark().sequence
    entries = [e for e in store.log(after=max(newest - most, 0)) if e.kind in SHOWN_KINDS]
    return tuple(RecentChange(entry, _name(store, entry)) for entry in reversed(entries))


def _name(store: Store, entry: LoggedChange) -> str:
    return label_of(cast("Kept", store.recorded(entry.sequence)))
