"""The register as it stood at a moment: every read answers as it would have done then."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any, cast

from geo_service.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from geo_service.domain.change import LoggedChange, Record, RecordKind
    from geo_service.domain.place import NamedPlace
    from geo_service.domain.provenance import Label
    from geo_service.domain.road import Road
    from geo_service.store.protocol import FiledName, LogMark, Store


class _RegisterThen:
    """The reads of a store that can be pinned to a recorded time.

    Others are not there: they would answer with today's state, and nobody would see it.
    """

    def __init__(self, store: Store, moment: datetime) -> None:
        self._store = store
        self._moment = moment

    def seen_by(self, label: Label) -> Store:
        """As `Store.seen_by`, at the moment."""
        return as_known(self._store.seen_by(label), self._moment)

    def get(self, *words: Any, **options: Any) -> Record:
        """As `Store.get`, at the moment."""
        return self._store.get(*words, **options | {"known_at": self._moment})

    def records(self, *words: Any, **options: Any) -> list[Record]:
        """As `Store.records`, at the moment."""
        return self._store.records(*words, **options | {"known_at": self._moment})

    def versions(self, kind: RecordKind, ids: Iterable[str]) -> dict[str, int]:
        """As `Store.versions`, by the log up to the moment."""
        asked = set(ids)
        found = (entry for entry in self.log(kind=kind) if entry.record_id in asked)
        return {entry.record_id: entry.version for entry in found}

    def places_like(self, **options: Any) -> list[NamedPlace]:
        """As `Store.places_like`, at the moment."""
        return self._store.places_like(**options | {"known_at": self._moment})

    def places_of_status(self, *words: Any, **options: Any) -> list[NamedPlace]:
        """As `Store.places_of_status`, at the moment."""
        return self._store.places_of_status(*words, **options | {"known_at": self._moment})

    def roads_like(self, **options: Any) -> list[Road]:
        """As `Store.roads_like`, at the moment."""
        return self._store.roads_like(**options | {"known_at": self._moment})

    def filed_names(self, *words: Any, **options: Any) -> list[FiledName]:
        """As `Store.filed_names`, at the moment."""
        return self._store.filed_names(*words, **options | {"known_at": self._moment})

    def log_mark(self) -> LogMark:
        """Where the log ended at the moment."""
        return self._store.log_mark(known_at=self._moment)

    def names_withdrawn(self, kind: RecordKind, since: LogMark) -> None:
        """Nobody can tell: whoever asks reads the names anew, as where the register is another."""

    def records_in_rows(self, kind: RecordKind, rows: Sequence[int]) -> list[Record]:
        """As `Store.records_in_rows`, of rows that stood at the moment."""
        return self._store.records_in_rows(kind, rows)

    def log(self, **options: Any) -> Iterator[LoggedChange]:
        """As `Store.log`, up to the moment."""
        # Entries are in the order of their times, so that the first later one ends the walk.
        return takewhile(lambda e: e.recorded_at <= self._moment, self._store.log(**options))

    def recorded(self, sequence: int) -> Record:
        """As `Store.recorded`, of entries up to the moment."""
        entry = next(self.log(after=sequence - 1), None)
        if entry is None or entry.sequence != sequence:
            raise NotFound("entry_not_found", sequence=sequence)
        return self._store.recorded(sequence)


_BEFORE_ANY_ENTRY = datetime(1900, 1, 1, tzinfo=UTC)


def as_known(store: Store, moment: datetime | None) -> Store:
    """The store as it was known at a moment (UTC), None for when its log was still empty.

    It answers what a check, a list and a search ask (`get`, `records`, `places_like`,
    `places_of_status`, `roads_like`, `filed_names`, `log` and the like), and refuses everything
    else with AttributeError.
    """
    return cast("Store", _RegisterThen(store, moment or _BEFORE_ANY_ENTRY))
