"""Layer tables out of log entries: the one way in, for new changes and for replaying old ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING

from geo_service.domain.change import Operation
from geo_service.domain.period import Period
from geo_service.domain.place import FeatureType
from geo_service.language.likeness_keys import filing_keys
from geo_service.language.normalise import normal_form
from geo_service.store import sql
from geo_service.store.codec import canonical, day, day_text
from geo_service.store.filing import FILED, PLACES, ROADS
from geo_service.store.projection import Effect, Standing, effect
from geo_service.store.schema import LAYER_OF, NAME_INDEX

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from geo_service.store.codec import Values
    from geo_service.store.engine import Database, Placing
    from geo_service.store.filing import Filing
    from geo_service.store.log import Entry, Row
    from geo_service.store.schema import Layer

Standings = Mapping[str, Sequence[Standing]]


_TYPES = {kind.value: kind for kind in FeatureType}

Named = tuple[str, str, str | None]
"""Name, feature type and unit code of a place or road."""
_OF_PLACE = itemgetter(
    *map(LAYER_OF[PLACES.kind].names.index, ("name", "feature_type", "unit_code"))
)
_OF_ROAD = itemgetter(*map(LAYER_OF[ROADS.kind].names.index, ("name", "unit_code")))

NameKey = tuple[str, str, str, int]

NAMES_AT_ONCE = 100_000
"""Rows of the name index written together: in a large index each page is then filled once."""


@lru_cache(maxsize=1 << 15)
def _filed_under(name: str, feature_type: str) -> tuple[tuple[str, str], ...]:
    """Manners and keys of a name; kept for a while, since many places share a name."""
    alike = filing_keys(name, _TYPES[feature_type])
    return (("written", normal_form(name)), *(("alike", key) for key in alike))


def name_keys(named: Named, fid: int, filing: Filing = PLACES) -> list[NameKey]:
    """Rows of the name index for one row of a layer: written form and likeness keys."""
    name, feature_type, unit_code = named
    unit, manners = unit_code or "", {"written": filing.written, "alike": filing.alike}
    return [(manners[manner], key, unit, fid) for manner, key in _filed_under(name, feature_type)]


def _named(filing: Filing, values: Values) -> Named:
    if filing is PLACES:
        place: Named = _OF_PLACE(values)
        return place
    name, unit_code = _OF_ROAD(values)
    return name, filing.feature_type, unit_code


class Projector:
    """Writes one layer, while `open`. Entries handed in together must be of different records.

    `replay` writes into a temporary table of the same shape without indexes, for comparison.
    """

    def __init__(self, db: Database, layer: Layer, *, replay: bool = False) -> None:
        self._db = db
        self._layer = layer
        schema = db.dialect.temporary if replay else db.dialect.stored
        self._table = f"{schema}.{layer.table}"
        self._filing = None if replay else FILED.get(layer.kind)
        self._placing: Placing | None = None
        self._unfiled: list[NameKey] = []

    @contextmanager
    def open(self) -> Iterator[Projector]:
        """Take entries inside; on leaving, they are found by place and by name."""
        with self._db.placing(self._layer) as self._placing:
            yield self
            self._file_names()

    def standing(self, ids: Iterable[str]) -> dict[str, list[Standing]]:
        """The versions that stand, by record; no key for a record that never was."""
        result: dict[str, list[Standing]] = {}
        query = sql.standing(self._table, self._db.dialect)
        rows = self._db.execute(query, (canonical(list(ids)),))
        for record_id, fid, sequence, version, start, end in rows:
            # What was annulled holds on no day: it begins and ends on one.
            period = None if start == end == sql.NO_DAY else Period(day(start), day(end))
            version_now = Standing(fid, sequence, version, period)
            result.setdefault(record_id, []).append(version_now)
        return result

    def apply(
        self, entries: Sequence[Entry], standing: Standings, boxes: NDArray[np.float64]
    ) -> None:
        """Project entries; `boxes` (n, 4) are those of their geometries, in degrees.

        Raises InputError when a change does not fit what stands.
        """
        number = self._last_fid()
        rows: list[Row] = []
        fids: list[int] = []
        for entry, box in zip(entries, boxes.tolist(), strict=True):
            held = standing.get(entry.record_id)
            if held:
                done = effect(held, entry.operation, entry.record_id, entry.period)
                number = self._take_back(done, number, entry.recorded_at)
            number += 1
            rows.append(_layer_row(number, entry, self._db.stored(entry.wkb, box)))
            fids.append(number)
        self._db.insert_rows(self._table, self._layer.columns, rows)
        if self._placing is not None:
            self._placing.add(fids, boxes)
            self._placing.note(boxes, entries[-1].recorded_at)
        if self._filing is not None:
            for fid, entry in zip(fids, entries, strict=True):
                self._unfiled += name_keys(_named(self._filing, entry.values), fid, self._filing)
            if len(self._unfiled) >= NAMES_AT_ONCE:
                self._file_names()

    def _last_fid(self) -> int:
        return int(self._db.execute(sql.last_fid(self._table)).fetchone()[0])

    def _take_back(self, done: Effect, number: int, recorded_at: str) -> int:
        table = self._table
        for row in done.superseded:
            self._db.execute(sql.supersede(table), (recorded_at, row.fid))
        for row, period in done.closed:
            number += 1
            self._db.execute(
                sql.close_version(self._layer, table),
                (number, day_text(period.end), recorded_at, row.fid),
            )
            if self._placing is not None:
                self._placing.repeat(row.fid, number)
            if self._filing is not None:
                named = self._db.execute(sql.name_of(self._filing), (row.fid,)).fetchone()
                self._unfiled += name_keys(named, number, self._filing)
        return number

    def _file_names(self) -> None:
        columns = tuple(column.name for column in NAME_INDEX.columns)
        # Sorted, so that the index is filled page by page and not here and there.
        self._db.insert_rows(NAME_INDEX.name, columns, sorted(self._unfiled))
        self._unfiled.clear()


def _layer_row(fid: int, entry: Entry, geom: bytes | None) -> Row:
    """The row that an entry writes; an annulment leaves one behind that holds on no day."""
    valid = (day_text(entry.period.start), day_text(entry.period.end))
    if entry.operation is Operation.VOID:
        valid = (sql.NO_DAY, sql.NO_DAY)
    return (
        fid,
        geom,
        entry.record_id,
        entry.version,
        entry.sequence,
        *valid,
        entry.recorded_at,
        None,
        *entry.values,
    )
