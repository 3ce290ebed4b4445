"""The versions of one record, worked out of its log: which stand, and by which act they began."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from geo_service.domain.change import Operation
from geo_service.services.register.acts import basis_of
from geo_service.store.projection import Standing, effect

if TYPE_CHECKING:
    from datetime import datetime

    from geo_service.domain.change import LoggedChange, RecordKind
    from geo_service.domain.period import Period
    from geo_service.store.protocol import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: the entry that wrote its value, its number, and its valid time as it stands.

    `began` and `ended` are the numbers of the acts by which the record came to be so and ceased to
    be, 0 where it was none. A correction keeps them: the act stays, what was said of it changes.
    """

    sequence: int
    version: int
    period: Period
    began: int = 0
    ended: int = 0


@dataclass(slots=True)
class Versions:
    """All versions of a record as known at a moment.

    `replaced` holds, by entry, the version that the entry took the place of; `gone` by the entry
    that wrote a version, the entry that took it back.
    """

    standing: list[Version] = field(default_factory=list)
    replaced: dict[int, Version] = field(default_factory=dict)
    gone: dict[int, LoggedChange] = field(default_factory=dict)
    entries: dict[int, LoggedChange] = field(default_factory=dict)
    newest: int = 0

    def take(self, entry: LoggedChange) -> None:
        """The next entry of the log."""
        rows = [Standing(v.sequence, v.sequence, v.version, v.period) for v in self.standing]
        done = effect(rows, entry.operation, entry.record_id, entry.period)
        of = {version.sequence: version for version in self.standing}
        taken = [of[row.sequence] for row in done.superseded]
        kept = [version for version in self.standing if version not in taken]
        closed = [replace(of[row.sequence], period=left, ended=0) for row, left in done.closed]
        if taken:
            self.replaced[entry.sequence] = taken[-1]
        for version in taken:
            if version.sequence not in {other.sequence for other in closed}:
                self.gone[version.sequence] = entry
        began, ended = self._acts(entry, taken[-1] if taken else None)
        self.standing = [*kept, *closed, _written(entry, began, ended)]
        self.entries[entry.sequence] = entry
        self.newest = entry.version

    def _acts(self, entry: LoggedChange, former: Version | None) -> tuple[int, int]:
        told = basis_of(entry)
        event = 0 if told is None else told.event
        match entry.operation:
            case Operation.CREATE | Operation.REVISE:
                return event, 0
            case Operation.RETIRE:
                return (former.began if former else 0), event
            case Operation.CORRECT:
                undone = 0 if told is None else told.undone
                if undone:
                    return self._acts_before(undone)
                return (former.began, former.ended) if former else (0, 0)

    def _acts_before(self, event: int) -> tuple[int, int]:
        """The acts of the version that the act took the place of; after a revision, none."""
        for sequence, former in self.replaced.items():
            entry = self.entries[sequence]
            told = basis_of(entry)
            if told is not None and told.event == event:
                revised = entry.operation is Operation.REVISE
                return (0, former.ended) if revised else (former.began, former.ended)
        return 0, 0


def _written(entry: LoggedChange, began: int, ended: int) -> Version:
    return Version(
        sequence=entry.sequence,
        version=entry.version,
        period=entry.period,
        began=began,
        ended=ended,
    )


def replay(
    store: Store, kind: RecordKind, record_id: str, known_at: datetime | None = None
) -> Versions:
    """The versions of a record as known at a moment, by default now; none for no record."""
    versions = Versions()
    for entry in store.log(kind=kind, record_id=record_id):
        if known_at is not None and entry.recorded_at > known_at:
            break
        versions.take(entry)
    return versions
