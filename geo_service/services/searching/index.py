"""The warm index of a register's names, caught up from the change log before every search."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from geo_service.domain.change import RecordKind
from geo_service.services.searching.query import folded
from geo_service.services.searching.segment import Columns, Segment

if TYPE_CHECKING:
    from geo_service.store.protocol import LogMark, Store

PAGE = 50_000
"""Names read at a time: bounds the memory of the first filling."""

GROWTH = 4
"""A new segment takes the one before it in while that one is less than so many times as large:
each name is packed anew a few times in all, and a search goes through a few segments only.
"""
SMALL = 2_000
"""Segments below this are taken in at once: packing them costs less than searching one more."""


KINDS = (RecordKind.PLACE_NAMES, RecordKind.ROADS)
"""Kinds of records whose names are searched."""


def _too_alike(before: int, now: int) -> bool:
    return before < max(SMALL, GROWTH * now)


class NameIndex:
    """All names that stand in a register, whatever their status. Safe to share between threads.

    With `decimals` of a degree positions are rounded to them, so that distances tell no more.
    """

    def __init__(self, store: Store, decimals: int | None = None) -> None:
        self._store = store
        self._parts = tuple(_NamesOfKind(store, kind, decimals) for kind in KINDS)
        self._mark: LogMark | None = None
        self._lock = Lock()

    def segments(self) -> tuple[Segment, ...]:
        """The index as the register stands now: what was logged since is taken in first."""
        with self._lock:
            mark = self._store.log_mark()
            if mark != self._mark:
                for part in self._parts:
                    part.catch_up(self._mark)
                self._mark = mark
            return tuple(segment for part in self._parts for segment in part.segments)

    @property
    def nbytes(self) -> int:
        """Memory of text and arrays in bytes."""
        return sum(segment.nbytes for part in self._parts for segment in part.segments)


class _NamesOfKind:
    """The names of one kind of records: rows are numbered kind by kind."""

    def __init__(self, store: Store, kind: RecordKind, decimals: int | None) -> None:
        self._store, self._kind, self._decimals = store, kind, decimals
        self._newest = 0
        self.segments: tuple[Segment, ...] = ()

    def catch_up(self, read: LogMark | None) -> None:
        """Take in what was logged since the mark up to which it was read."""
        withdrawn = None if read is None else self._store.names_withdrawn(self._kind, read)
        if withdrawn is None:  # the first filling, or another register under the same address
            self.segments, self._newest = (), 0
        else:
            self._withdraw(np.array(withdrawn, dtype=np.uint32))
        parts = list(self._read_new())
        if parts:
            self._take_in(Columns.joined(parts))

    def _withdraw(self, rows: np.ndarray[tuple[int], np.dtype[np.uint32]]) -> None:
        for segment in self.segments:
            segment.alive[np.isin(segment.columns.row, rows)] = False

    def _read_new(self) -> Iterator[Columns]:
        while names := self._store.filed_names(self._kind, after=self._newest, limit=PAGE):
            self._newest = names[-1].row
            columns = Columns.of(names, [folded(name.name) for name in names])
            yield columns if self._decimals is None else columns.rounded(self._decimals)

    def _take_in(self, columns: Columns) -> None:
        *kept, last = self.segments or (None,)
        parts, size = [columns], len(columns.row)
        while last is not None and _too_alike(len(last), size):
            parts.insert(0, last.columns.where(last.alive))
            size += len(parts[0].row)
            last = kept.pop() if kept else None
        done = [segment for segment in (*kept, last) if segment is not None]
        self.segments = (*done, Segment(Columns.joined(parts), self._kind))
