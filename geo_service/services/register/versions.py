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
    that wrote a version, the entry that took it back. An annulment writes no version.
    """

    standing: list[Version] = field(default_factory=list)
    replaced: dict[int, Version] = field(default_factory=dict)
    gone: dict[int, LoggedChange] = field(default_factory=dict)
    entries: dict[int, LoggedChange] = field(default_factory=dict)
    newest: int = 0

    def take(self, entry: LoggedChange) -> None:
        """The next entry of the log."""
        self.entries[entry.sequence] = entry
        done = effect(self._rows(), entry.operation, entry.record_id, entry.period)
        of = {version.sequence: version for version in self.standing}
        taken = [of[row.sequence] for row in done.superseded]
        kept = [version for version in self.standing if version not in taken]
        closed = [replace(of[row.sequence], period=left, ended=0) for row, left in done.closed]
        if taken:
            self.replaced[entry.sequence] = taken[-1]
        for version in taken:
            if version.sequence not in {other.sequence for other in closed}:
                self.gone[version.sequence] = entry
        self.standing = [*kept, *closed]
        if entry.operation is not Operation.VOID:
            began, ended = self._acts(entry, taken[-1] if taken else None)
            self.standing.append(_written(entry, began, ended))
        self.newest = entry.version

    def _rows(self) -> list[Standing]:
        """What stands as a projection has it, with a row for what was annulled altogether."""
        rows = [Standing(v.sequence, v.sequence, v.version, v.period) for v in self.standing]
        return rows or [Standing(0, 0, self.newest, None)]

    def _acts(self, entry: LoggedChange, former: Version | None) -> tuple[int, int]:
        told = basis_of(entry)
        if told is not None and told.undone:
            return self._acts_before(told.undone, entry.period)
        event = 0 if told is None else told.event
        match entry.operation:
            case Operation.CREATE | Operation.REVISE:
                return event, 0
            case Operation.RETIRE:
                return (former.began if former else 0), event
            case _:
                return (former.began, former.ended) if former else (0, 0)

    def _acts_before(self, event: int, period: Period) -> tuple[int, int]:
        """The acts of the version that the act took the place of; after a revision, none."""
        found = [
            (self.entries[sequence].operation, former)
            for sequence, former in self.replaced.items()
            if (told := basis_of(self.entries[sequence])) is not None and told.event == event
        ]
        if not found:
            return 0, 0
        # An act that annulled several versions is undone for each of them.
        operation, former = max(found, key=lambda pair: pair[1].period == period)
        revised = operation is Operation.REVISE
        return (0, former.ended) if revised else (former.began, former.ended)


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
