"""Questions to the layers: what stood on a day, and what was known of it at a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from geo_service.domain.change import Record, RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.period import Period
from geo_service.domain.place import NameStatus
from geo_service.domain.provenance import Label
from geo_service.store import dialects, sql
from geo_service.store.codec import CODECS, canonical, day
from geo_service.store.engine import Database
from geo_service.store.filing import Filing
from geo_service.store.log import LOGGED, PAGE, Row, stamp
from geo_service.store.protocol import Box, FiledName, LogMark
from geo_service.store.schema import LAYER_OF, Layer

PUBLIC_KINDS = frozenset(
    {
        RecordKind.PLACE_NAMES,
        RecordKind.UNITS,
        RecordKind.BOUNDARY_LINES,
        RecordKind.BOUNDARY_NODES,
        RecordKind.ROADS,
    }
)
"""Kinds of which records may be labelled public. Markers, papers, persons and what was decided on
findings are internal whatever their label says."""
_AFTER_DIGITS = ":"
"""The character after 9: codes from a prefix up to the prefix with it are all that begin so."""


@dataclass(slots=True)
class _Where:
    """Conditions with their parameters, in the order of the question marks."""

    conditions: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def add(self, condition: str, *parameters: Any) -> None:
        """One more condition that must hold."""
        self.conditions.append(condition)
        self.parameters.extend(parameters)

    def holds_on(self, as_of: date) -> None:
        """The version is valid on the day."""
        self.add(sql.VALID, as_of.isoformat(), as_of.isoformat())

    def known_at(self, moment: datetime | None) -> None:
        """The version stands now, or stood in the register at the moment."""
        if moment is None:
            self.add(sql.KNOWN_NOW)
        else:
            self.add(sql.KNOWN_THEN, stamp(moment), stamp(moment))

    def seen_by(self, label: Label, layer: Layer, known_at: datetime | None = None) -> None:
        """The version is labelled so that the audience may see it.

        What was public once and is no longer is not seen in the past of the register either.
        """
        if label is Label.INTERNAL:
            return
        if layer.kind not in PUBLIC_KINDS:
            self.add(sql.NEVER)
            return
        self.add(sql.LABELLED, label.value)
        if known_at is not None:
            self.add(sql.not_relabelled(layer), label.value)

    def within(self, layer: Layer, units: Iterable[DivisionCode]) -> None:
        """One of the row's codes lies in one of the units."""
        prefixes = sorted({unit.significant for unit in units})
        self.add(sql.within(layer, len(prefixes)) if prefixes else sql.NEVER, *prefixes)

    def having(self, layer: Layer, words: Mapping[str, str]) -> None:
        """The row has these words in these fields of its kind."""
        for name, word in words.items():
            if name in layer.names:
                self.add(sql.SAYS.format(name), word)
            else:
                self.add(sql.NEVER)


def _fetch(db: Database, layer: Layer, query: str, parameters: list[Any]) -> list[Record]:
    rows = db.execute(query, parameters).fetchall()
    read = CODECS[layer.kind].read
    shapes = db.shapes(row[3] for row in rows)
    return [
        read(row[0], row[4:], shape, Period(day(row[1]), day(row[2])))
        for row, shape in zip(rows, shapes, strict=True)
    ]


def one(
    db: Database,
    kind: RecordKind,
    record_id: str,
    *,
    as_of: date,
    known_at: datetime | None,
    label: Label = Label.INTERNAL,
) -> Record | None:
    """The version of a record that holds on the day, None where there is none."""
    layer, where = LAYER_OF[kind], _Where()
    where.add("t.id = ?", record_id)
    where.seen_by(label, layer, known_at)
    where.known_at(known_at)
    where.holds_on(as_of)
    query = sql.select(layer, f"{layer.table} AS t", where.conditions, dialect=db.dialect)
    return next(iter(_fetch(db, layer, query, where.parameters)), None)


def many(
    db: Database,
    kind: RecordKind,
    *,
    as_of: date,
    known_at: datetime | None,
    box: Box | None,
    within: DivisionCode | None,
    having: Mapping[str, str] | None,
    limit: int | None,
    offset: int,
    label: Label = Label.INTERNAL,
) -> list[Record]:
    """Records of a kind, by id; `box` takes those whose own box meets it."""
    layer, where = LAYER_OF[kind], _Where()
    source = f"{layer.table} AS t"
    if box is not None:
        west, south, east, north = box
        source = sql.by_box(layer, db.dialect)
        where.parameters += [west, east, south, north]
        where.add(sql.in_box(db.dialect), west, east, south, north)
    where.seen_by(label, layer, known_at)
    where.known_at(known_at)
    where.holds_on(as_of)
    if within is not None:
        where.within(layer, [within])
    where.having(layer, having or {})
    tail = " LIMIT ? OFFSET ?"
    query = sql.select(layer, source, where.conditions, tail, dialect=db.dialect)
    return _fetch(db, layer, query, [*where.parameters, _limit(db, limit), offset])


def _limit(db: Database, limit: int | None) -> int | None:
    return db.dialect.all_rows if limit is None else limit


def touched(
    db: Database,
    kind: RecordKind,
    *,
    within: DivisionCode,
    days: tuple[date, date] | None,
    moments: tuple[datetime, datetime] | None,
    known_at: datetime | None,
    label: Label = Label.INTERNAL,
) -> list[str]:
    """Ids of records with a version of the unit that begins or ends in the span, in order."""
    layer, where = LAYER_OF[kind], _Where()
    where.within(layer, [within])
    where.seen_by(label, layer, known_at or (moments and moments[1]))
    if days is not None:
        where.known_at(known_at)
        where.add(sql.TURNS, *(edge.isoformat() for edge in (*days, *days)))
    if moments is not None:
        where.add(sql.TAKEN, *(stamp(edge) for edge in (*moments, *moments)))
    query = sql.touched(layer, where.conditions)
    return [row[0] for row in db.execute(query, where.parameters)]


def count(
    db: Database,
    kind: RecordKind,
    *,
    as_of: date,
    within: DivisionCode | None,
    having: Mapping[str, str] | None,
    label: Label = Label.INTERNAL,
) -> int:
    """How many records of a kind hold on the day."""
    layer, where = LAYER_OF[kind], _Where()
    if within is not None:
        where.within(layer, [within])
    where.having(layer, having or {})
    where.seen_by(label, layer)
    where.known_at(None)
    where.holds_on(as_of)
    query = sql.count(layer, where.conditions)
    return int(db.execute(query, where.parameters).fetchone()[0])


def _code_runs(units: Iterable[DivisionCode]) -> list[tuple[str, str]]:
    """Runs of codes (end excluded): all below the units, and those of each wider unit itself.

    A name of which no more is known than the city may lie in any of its districts.
    """
    found: set[tuple[str, str]] = set()
    for unit in units:
        found.add((unit.significant, unit.significant + _AFTER_DIGITS))
        wider = unit.parent
        while wider is not None:
            found.add((wider, wider + "0"))
            wider = wider.parent
    return sorted(found)


def _filed(
    dialect: dialects.Dialect,
    filing: Filing,
    written: Iterable[str],
    keys: Iterable[str],
    within: Iterable[DivisionCode] | None,
) -> tuple[str, list[Any]]:
    """Rows of the name index under one of the forms or keys, with the parameters."""
    runs = None if within is None else _code_runs(within)
    part = sql.rows_by_name(None if runs is None else len(runs), dialect)
    parameters: list[Any] = []
    for manner, wanted in ((filing.written, written), (filing.alike, keys)):
        filed = [manner, canonical(list(wanted))]
        parameters += filed
        for first, after in runs or ():
            parameters += [*filed, first, after]
    return f"{part} UNION ALL {part}", parameters


def named_like(
    db: Database,
    filing: Filing,
    *,
    written: Iterable[str],
    keys: Iterable[str],
    as_of: date,
    known_at: datetime | None,
    within: Iterable[DivisionCode] | None,
    box: Box | None,
    limit: int | None,
    label: Label = Label.INTERNAL,
) -> list[Record]:
    """Records of a layer that hold on the day under one of the forms or likeness keys, by id.

    Which rows are meant is settled in the indexes first: only those are read in full.
    """
    layer, where = LAYER_OF[filing.kind], _Where()
    filed, where.parameters = _filed(db.dialect, filing, written, keys, within)
    where.seen_by(label, layer, known_at)
    where.known_at(known_at)
    where.holds_on(as_of)
    if box is not None:
        west, south, east, north = box
        where.add(sql.touching(layer, db.dialect), east, west, north, south)
    first = sql.first_rows(layer, filed, where.conditions, db.dialect)
    source, chosen = f"{layer.table} AS t", [f"t.fid IN ({first})"]
    query = sql.select(layer, source, chosen, dialect=db.dialect)
    return _fetch(db, layer, query, [*where.parameters, _limit(db, limit)])


def places_of_status(
    db: Database,
    statuses: Iterable[NameStatus],
    *,
    as_of: date,
    known_at: datetime | None,
    within: DivisionCode | None,
    limit: int | None,
    label: Label = Label.INTERNAL,
) -> list[Record]:
    """Place names that hold on the day with one of the statuses, by id."""
    layer, where = LAYER_OF[RecordKind.PLACE_NAMES], _Where()
    where.seen_by(label, layer, known_at)
    where.known_at(known_at)
    where.holds_on(as_of)
    where.add(db.dialect.among.format("status"), canonical([status.value for status in statuses]))
    if within is not None:
        where.within(layer, [within])
    source = f"{layer.table} AS t"
    query = sql.select(layer, source, where.conditions, " LIMIT ?", dialect=db.dialect)
    return _fetch(db, layer, query, [*where.parameters, _limit(db, limit)])


@lru_cache(maxsize=1024)
def _period(start: str | None, end: str | None) -> Period:
    return Period(day(start), day(end))


def filed_names(
    db: Database,
    kind: RecordKind,
    *,
    after: int,
    known_at: datetime | None,
    limit: int,
    label: Label = Label.INTERNAL,
) -> list[FiledName]:
    """Names that stand, or stood at the moment, by row, each with the middle of its box."""
    layer, where = LAYER_OF[kind], _Where()
    where.add("t.fid > ?", after)
    where.seen_by(label, layer, known_at)
    where.known_at(known_at)
    query = sql.filed_names(layer, where.conditions, db.dialect)
    rows = db.execute(query, (*where.parameters, limit))
    return [
        FiledName(
            fid,
            name,
            NameStatus(status),
            unit,
            _period(start, end),
            None if lon is None else (lon, lat),
            spelling,
        )
        for fid, name, status, unit, start, end, lon, lat, spelling in rows
    ]


def has_mark(db: Database, mark: LogMark) -> bool:
    """Whether the log goes through the mark; every log begins with nothing."""
    found = db.execute(sql.HASH_OF, (mark.sequence,)).fetchone()
    return mark.sequence == 0 or found == (mark.hash,)


def names_withdrawn(
    db: Database, kind: RecordKind, since: LogMark, label: Label = Label.INTERNAL
) -> list[int] | None:
    """Rows taken back since the mark, None where the log does not hold the mark."""
    if not has_mark(db, since):
        return None
    layer, where = LAYER_OF[kind], _Where()
    where.add(sql.CHANGED_SINCE, since.sequence, kind.value)
    where.seen_by(label, layer)
    return [fid for (fid,) in db.execute(sql.withdrawn(layer, where.conditions), where.parameters)]


def in_row(
    db: Database, kind: RecordKind, row: int, label: Label = Label.INTERNAL
) -> Record | None:
    """The version in a row of its layer, whether it still stands or not."""
    layer, where = LAYER_OF[kind], _Where(["t.fid = ?"], [row])
    where.seen_by(label, layer)
    query = sql.select(layer, f"{layer.table} AS t", where.conditions, dialect=db.dialect)
    return next(iter(_fetch(db, layer, query, where.parameters)), None)


def versions(db: Database, kind: RecordKind, ids: list[str], label: Label) -> dict[str, int]:
    """Newest versions of the records that the audience may see."""
    layer, where = LAYER_OF[kind], _Where([sql.KNOWN_NOW], [canonical(ids)])
    where.seen_by(label, layer)
    query = sql.newest_versions(layer, where.conditions, db.dialect)
    return dict(db.execute(query, where.parameters).fetchall())


def newest_entry(db: Database, span: tuple[int, int], label: Label) -> int:
    """Newest log entry of a span on a record of which a version was for that audience.

    0 where there is none. Such an entry may have taken the record from the audience. The span is
    given by its sequences, the first one excluded.
    """
    found = [
        db.execute(sql.newest_entry(LAYER_OF[kind]), (*span, kind.value, label.value)).fetchone()[0]
        for kind in PUBLIC_KINDS
    ]
    return max(number or 0 for number in found)


def entries(
    db: Database,
    label: Label,
    *,
    after: int,
    kind: RecordKind | None,
    record_id: str | None,
) -> Iterator[list[Row]]:
    """The log (columns `LOGGED`) in pages: entries of versions with the label, of records that
    keep it.

    A payload is canonical JSON: no text of a record can stand in it as the label does.
    """
    layers = [LAYER_OF[kind] for kind in sorted(PUBLIC_KINDS)]
    wanted = [f"{canonical('label')}:{canonical(label.value)}"]
    for layer in layers:
        wanted += [layer.kind.value, label.value]
    wanted += [value for value in (kind, record_id) if value is not None]
    query = sql.seen_entries(LOGGED, layers, kind=kind is not None, record=record_id is not None)
    while page := db.execute(query, (after, *wanted, PAGE)).fetchall():
        yield page
        after = page[-1][0]
