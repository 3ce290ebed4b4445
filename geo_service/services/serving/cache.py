"""Ready collections, kept per view of the register and mended by the log instead of read anew.

A view is known by its day and moment. It is as good as the log mark it was read at: where
the log has grown, the records it names are read again; where it has grown much, or is another log,
all is.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from math import ceil, floor
from threading import Lock
from typing import TYPE_CHECKING

import shapely

from geo_service.domain.provenance import Label
from geo_service.errors import NotFound
from geo_service.services.register_then import as_known
from geo_service.services.serving.snapshot import Snapshot
from geo_service.services.serving.sources import Served, Source, served

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, datetime

    from geo_service.cities import CityProfile
    from geo_service.domain.change import RecordKind
    from geo_service.services.serving.collections import Collection
    from geo_service.store.protocol import Box, LogMark, Store

MAX_FEATURES = 2_000_000
"""Features kept ready in all views together; the views not asked for longest go first."""
MAX_VIEWS = 256
"""Views kept ready: those in which nothing lies weigh nothing, and there is one to every moment."""
MAX_MENDED = 2_000
"""Log entries after which reading the whole collection is quicker."""


@dataclass(frozen=True, slots=True)
class View:
    """The register on which day of the world, as known at which moment (None: now)."""

    as_of: date
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """A collection in one view, with the mark up to which the log is in it.

    `changed` is the sequence of the log at which its features last became others; with the hash
    there it names this state of the collection.
    """

    snapshot: Snapshot
    mark: LogMark
    changed: LogMark


class ReadyFeatures:
    """The collections of one register for one audience, ready; safe to share between threads.

    `store` is the whole register: by its log alone it is seen that a record is public no longer.
    Outsiders get positions rounded to `public_decimals` of a degree.
    """

    def __init__(
        self, store: Store, audience: Label, city: CityProfile, public_decimals: int
    ) -> None:
        self._store = store
        self._audience = audience
        self._grid = 10.0**-public_decimals
        self._city = city
        self._kept: OrderedDict[tuple[str, View], Ready] = OrderedDict()
        self._locks: dict[str, Lock] = {}
        self._lock = Lock()

    def mark(self) -> LogMark:
        """Where the log of the whole register ends: until it grows every answer stays as it is."""
        return self._store.log_mark()

    def mark_at_once(self) -> LogMark | None:
        """The same without waiting, None where that cannot be told."""
        return self._store.log_mark_at_once()

    def ready(self, collection: Collection, view: View) -> Ready:
        """The collection as it stands now in the view. Raises StoreError."""
        mark, key = self.mark(), (collection.id, view)
        found = self._kept.get(key)
        if found is not None and found.mark.hash == mark.hash:
            self._used(key)
            return found
        with self._lock_of(collection):  # two that ask at once wait for one reading
            found = self._kept.get(key)
            if found is None or found.mark.hash != mark.hash:
                found = self._renewed(collection, view, found, mark)
                self._keep(key, found)
            return found

    def ready_at_once(self, collection: Collection, view: View) -> Ready | None:
        """The same without waiting, None where it is not ready or that cannot be told."""
        mark, key = self.mark_at_once(), (collection.id, view)
        found = self._kept.get(key)
        if mark is None or found is None or found.mark.hash != mark.hash:
            return None
        self._used(key)
        return found

    def _used(self, key: tuple[str, View]) -> None:
        """What is asked for stays."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)

    def _lock_of(self, collection: Collection) -> Lock:
        with self._lock:
            return self._locks.setdefault(collection.id, Lock())

    def _keep(self, key: tuple[str, View], ready: Ready) -> None:
        with self._lock:
            self._kept[key] = ready
            self._kept.move_to_end(key)
            total = sum(len(kept.snapshot) for kept in self._kept.values())
            while len(self._kept) > 1 and (total > MAX_FEATURES or len(self._kept) > MAX_VIEWS):
                _, gone = self._kept.popitem(last=False)
                total -= len(gone.snapshot)

    def _source(self, view: View) -> Source:
        store = self._store.seen_by(self._audience)
        if view.known_at is not None:
            store = as_known(store, view.known_at)
        return Source(store, view.as_of, self._city)

    def _renewed(
        self, collection: Collection, view: View, found: Ready | None, mark: LogMark
    ) -> Ready:
        if found is not None:
            if view.known_at is not None and _is_past(view.known_at, found.mark):
                return replace(found, mark=mark)  # what was known then is known for good
            touched = self._touched(found.mark)
            if touched is not None:
                return self._mended(collection, view, found, mark, touched)
        features = self.shown(collection, collection.features(self._source(view)))
        return Ready(Snapshot.of(collection, features), mark, mark)

    def shown(self, collection: Collection, features: Iterable[Served]) -> Iterator[Served]:
        """What the audience may see of features.

        They are made coarse before anything is asked of them, or a box would tell more than the
        answer does.
        """
        if self._audience is Label.INTERNAL:
            return iter(features)
        if not collection.is_public:
            return iter(())
        return (_coarse(feature, self._grid) for feature in features)

    def box_asked(self, box: Box) -> Box:
        """The box in whose place one is looked for: no finer than what is shown.

        It ends between two steps of the grid, where no position that is shown can lie.
        """
        if self._audience is Label.INTERNAL:
            return box
        west, south, east, north = (value / self._grid - 0.5 for value in box)
        ends = (floor(west), floor(south), ceil(east), ceil(north))
        west, south, east, north = ((end + 0.5) * self._grid for end in ends)
        return west, south, east, north

    def _touched(self, since: LogMark) -> set[tuple[RecordKind, str]] | None:
        """Records written since the mark; None where they are many, or the log is another."""
        touched: set[tuple[RecordKind, str]] = set()
        entries = self._store.log(after=max(since.sequence - 1, 0))
        if since.sequence:
            last = next(entries, None)
            if last is None or last.hash != since.hash:
                return None
        for number, entry in enumerate(entries):
            if number >= MAX_MENDED:
                return None
            touched.add((entry.kind, entry.record_id))
        return touched

    def _mended(
        self,
        collection: Collection,
        view: View,
        found: Ready,
        mark: LogMark,
        touched: set[tuple[RecordKind, str]],
    ) -> Ready:
        concerned = [(kind, record) for kind, record in touched if kind in collection.kinds]
        if not concerned:
            return replace(found, mark=mark)
        source = self._source(view)
        if collection.derived is not None:
            features = self.shown(collection, collection.features(source))
            return Ready(Snapshot.of(collection, features), mark, mark)
        ids = [record for _, record in concerned]
        now = list(self.shown(collection, _standing(source, collection.kinds[0], ids)))
        if not now and all(found.snapshot.find(record) is None for record in ids):
            return replace(found, mark=mark)  # nothing that this view shows
        return Ready(found.snapshot.with_changed(ids, now), mark, mark)


def _is_past(moment: datetime, mark: LogMark) -> bool:
    return mark.recorded_at is not None and moment < mark.recorded_at


def _standing(source: Source, kind: RecordKind, ids: list[str]) -> Iterator[Served]:
    """Those of the records that hold on the day."""
    for record_id in ids:
        try:
            yield served(source.store.get(kind, record_id, as_of=source.as_of))
        except NotFound:
            continue


def _coarse(feature: Served, grid: float) -> Served:
    """A feature no finer than outsiders may see it; gone where nothing is left of its shape."""
    if feature.geometry is None:
        return feature
    shape = shapely.set_precision(feature.geometry, grid)
    return feature._replace(geometry=None if shape.is_empty else shape)
