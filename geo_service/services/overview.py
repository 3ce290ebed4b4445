"""What stands in the register at a glance: how much of each kind, and what was written last."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import BOOKKEEPING, RecordKind
from geo_service.services.register.acts import label_of

if TYPE_CHECKING:
    from datetime import date

    from geo_service.domain.change import LoggedChange
    from geo_service.services.register.acts import Kept
    from geo_service.services.serving.snapshot import Snapshot
    from geo_service.store.protocol import Store

SHOWN_KINDS = tuple(
    kind for kind in RecordKind if kind not in BOOKKEEPING and kind is not RecordKind.ACCEPTED_PAIRS
)
"""The kinds that hold the ground and its names."""


_NAMED = 3


@dataclass(frozen=True, slots=True)
class RecentChange:
    """What one person wrote at one moment, for one reason: the first entry, how many records, and
    what people call the first of them.
    """

    entry: LoggedChange
    count: int
    names: tuple[str, ...]


def counts(store: Store, as_of: date) -> dict[RecordKind, int]:
    """How many records of each kind hold on the day."""
    return {kind: store.count(kind, as_of=as_of) for kind in SHOWN_KINDS}


def by_status(names: Snapshot) -> dict[str, int]:
    """How many names there are of each status."""
    return dict(Counter(names.column("status")).most_common())


def recent_changes(store: Store, *, most: int, among: int) -> tuple[RecentChange, ...]:
    """The newest changes of names and ground, the newest first.

    They are looked for among the last entries of the log.
    """
    newest = store.log_mark().sequence
    entries = [e for e in store.log(after=max(newest - among, 0)) if e.kind in SHOWN_KINDS]
    told = []
    for _, same in groupby(reversed(entries), key=_occasion):
        together = list(same)
        names = tuple(_name(store, entry) for entry in together[:_NAMED])
        told.append(RecentChange(together[0], len(together), names))
        if len(told) == most:
            break
    return tuple(told)


def _occasion(entry: LoggedChange) -> tuple[object, ...]:
    minute = entry.recorded_at.replace(second=0, microsecond=0)
    return minute, entry.kind, entry.operation, entry.actor, entry.reason


def _name(store: Store, entry: LoggedChange) -> str:
    return label_of(cast("Kept", store.recorded(entry.sequence)))
