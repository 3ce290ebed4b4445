"""A file into records, with everything that is wrong with it told in one pass."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from geo_service.cities import CityProfile
from geo_service.domain.change import Record, RecordKind
from geo_service.domain.provenance import Provenance
from geo_service.language.persons import masked_text
from geo_service.services.interchange.build import BUILDERS
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.columns import Words, match_columns
from geo_service.services.interchange.conformity import tell_conformity
from geo_service.services.interchange.issues import Issue, Issues, Place, in_sheet, located
from geo_service.services.interchange.measures import tell_measures
from geo_service.services.interchange.papers import parse_papers
from geo_service.services.interchange.placement import is_plane, place, said_in_rows
from geo_service.services.interchange.positions import compare_positions
from geo_service.services.interchange.repeats import tell_repeats
from geo_service.services.interchange.road_checks import tell_implausible
from geo_service.services.interchange.sandbox import GUARDED, SHEETS, Parsed, parse
from geo_service.services.interchange.sent import Sent, sent_of
from geo_service.services.interchange.shapes import read_shapes, refuse_unfit
from geo_service.services.interchange.succession import NOTHING, Former, former_of
from geo_service.services.interchange.watching import TOLD_EVERY, Step, Watch, unwatched
from geo_service.services.interchange.wording import (
    tell_feet,
    tell_hidden,
    tell_ids,
    tell_names,
    tell_romanisations,
    tell_second_names,
    tell_totals,
)
from geo_service.services.persons.veil import Veiled, veiled


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One record with its row number in the file and the untouched input (see `raw`).

    `place` is where it stands in a paper: of several sheets and forms the rows are counted through.
    """

    number: int
    record: Record
    headers: Sequence[str]
    cells: Sequence[Any]
    place: Place | None = None
    said: frozenset[str] = frozenset()
    former: Former = NOTHING

    @property
    def raw(self) -> dict[str, Any]:
        """The untouched input by column names."""
        return dict(zip(self.headers, self.cells, strict=True))


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a file holds. `digest` is the SHA-256 of its bytes, "" where it was not read.

    Geometry is EPSG:4490; `system` names the one it was read in, "" where there is none. `sent` is
    the file as it came, for a report to the sender. With `refused` the rows are what could be read,
    and must not be stored. `persons` are the personal values that were taken out: everything else
    holds tokens for them.
    """

    file: str
    kind: RecordKind
    rows: tuple[ReadRow, ...]
    issues: tuple[Issue, ...]
    normalised: tuple[dict[str, Any], ...]
    digest: str
    refused: bool
    system: str
    sent: Sent
    persons: tuple[Veiled, ...] = ()

    @property
    def records(self) -> tuple[Record, ...]:
        """The records alone, in the order of the file."""
        return tuple(row.record for row in self.rows)


def read_records(
    path: Path,
    kind: RecordKind,
    *,
    city: CityProfile,
    today: date,
    layer: str = "",
    crs: str = "",
    encoding: str = "",
    facts: bool = False,
    columns: Mapping[str, str] | None = None,
    called: str = "",
    watch: Watch = unwatched,
) -> ReadResult:
    """Read a file as records of one kind, without a store.

    `kind` is one of `columns.READABLE`. What is wrong with the file is never raised: it stands in
    `issues`, all of it at once. With `facts` the caller reads from the raw rows what stands beside
    the records (see `columns.FACTS_OF`), so that those columns do not count as ignored. `columns`
    are the fields of headers as a person confirmed them; such a file is a plain table, no paper.
    `called` is what the sender calls the file, where it lies here under another name; `watch` is
    told how many of its rows have become records.
    """
    # A name in another encoding than the system's cannot be stored as it is.
    issues = Issues(os.fsencode(called or path.name).decode("utf-8", "replace"))
    watch(Step.READING, 0, None)
    if columns is None and kind in _PAPERS and path.suffix.lower() in SHEETS:
        words = Words(kind, _PAPERS[kind])
        parsed = parse_papers(path, issues, words, layer=layer, encoding=encoding)
    else:
        parsed = parse(path, issues, layer=layer, encoding=encoding)
    rows: list[ReadRow] = []
    persons: tuple[Veiled, ...] = ()
    sheet = Sheet(kind, {}, issues, today)
    if parsed is not None and not parsed.rows:
        issues.error("no_rows")
    elif parsed is not None:
        # Where a file has no headings, its first row stands in their place.
        parsed = replace(parsed, headers=[masked_text(header) for header in parsed.headers])
        sheet.guarded = path.suffix.lower() in GUARDED
        sheet.columns = match_columns(kind, parsed.headers, issues, facts=facts, given=columns)
        if columns is None:
            tell_second_names(parsed, sheet)
        tell_conformity(parsed, sheet, kind)
        persons = veiled(parsed, sheet.columns, issues)
        rows = _rows(parsed, kind, sheet, crs, city, watch=watch)
    places = {} if parsed is None else parsed.places
    return ReadResult(
        file=issues.file,
        kind=kind,
        rows=tuple(rows),
        issues=tuple(located(issue, places) for issue in issues.all()),
        normalised=tuple(_placed(said, places) for said in sheet.normalised),
        digest="" if parsed is None else parsed.digest,
        refused=issues.refused,
        system=sheet.system,
        sent=sent_of(kind, parsed, sheet),
        persons=persons,
    )


def _rows(
    parsed: Parsed, kind: RecordKind, sheet: Sheet, crs: str, city: CityProfile, *, watch: Watch
) -> list[ReadRow]:
    all_cells = [Cells(sheet, row.number, row.cells) for row in parsed.rows]
    parsed = replace(parsed, crs=parsed.crs or said_in_rows(all_cells, sheet, crs))
    shapes = read_shapes(parsed, all_cells, sheet, projected=is_plane(crs or parsed.crs))
    if sheet.issues.spent:
        return _unread(sheet)
    refuse_unfit(shapes, sheet)
    place(parsed, crs, shapes, sheet, city)
    compare_positions(all_cells, shapes, sheet, city)
    file = Provenance(source=f"{sheet.issues.file} sha256:{parsed.digest[:16]}")
    build = BUILDERS[kind]
    rows: list[ReadRow] = []
    everywhere = _said(parsed, sheet, None)
    for done, (cells, shape) in enumerate(zip(all_cells, shapes.geometries, strict=True)):
        if sheet.issues.spent:
            return _unread(sheet)
        if done % TOLD_EVERY == 0:
            watch(Step.BUILDING, done, len(all_cells))
        record = build(cells, shape, city, file)
        if record is not None:
            at = parsed.places.get(cells.number)
            said = everywhere if at is None else _said(parsed, sheet, at)
            if cells.number in sheet.words:
                said |= {"note"}
            former = former_of(cells, kind)
            told = (parsed.headers, cells.values, at, said, former)
            rows.append(ReadRow(cells.number, record, *told))
    _refuse_repeated(rows, sheet)
    tell_hidden(sheet)
    tell_totals(((row.number, row.record.id) for row in rows), sheet)
    if (own := _ID_FIELD[sheet.kind]) in sheet.columns:
        tell_ids(((row.number, row.record.id) for row in rows), own, sheet)
    tell_feet(parsed, sheet)
    tell_names(((row.number, getattr(row.record, "name", "")) for row in rows), sheet)
    if sheet.kind == RecordKind.PLACE_NAMES and "romanization" in sheet.columns:
        written = ((row.number, getattr(row.record, "romanization", "")) for row in rows)
        tell_romanisations(written, sheet)
    tell_measures([(row.number, row.record) for row in rows], sheet, city)
    tell_repeats([(row.number, row.record) for row in rows], sheet, city)
    tell_implausible(rows, sheet, city)
    return rows


def _unread(sheet: Sheet) -> list[ReadRow]:
    """Say that a file of faults was not read to its end; none of it is a record."""
    sheet.issues.info("rest_unread", count=sheet.issues.count)
    return []


def _placed(said: dict[str, Any], places: Mapping[int, Place]) -> dict[str, Any]:
    """A changed text with the sheet and row where a reader finds it."""
    place = places.get(said["row"])
    if place is None:
        return said
    return {**said, "file": in_sheet(said["file"], place.sheet), "row": place.row}


_PAPERS: dict[str, str] = {RecordKind.MARKERS: "number"}
"""Kinds that come as printed papers too, and the field that every record of theirs has."""


def _said(parsed: Parsed, sheet: Sheet, place: Place | None) -> frozenset[str]:
    """The fields for which a row has a column; of joined sheets each has its own."""
    names = None if place is None else place.names
    drawn = {"geometry"} if parsed.has_geometry else set[str]()
    return frozenset(
        drawn
        | {
            field
            for field, column in sheet.columns.items()
            if names is None or parsed.headers[column] in names
        }
    )


_ID_FIELD: dict[str, str] = {
    RecordKind.PLACE_NAMES: "id",
    RecordKind.UNITS: "code",
    RecordKind.BOUNDARY_LINES: "code",
    RecordKind.MARKERS: "number",
    RecordKind.ROADS: "id",
    RecordKind.BOUNDARY_NODES: "id",
}


def _refuse_repeated(rows: list[ReadRow], sheet: Sheet) -> None:
    first: dict[str, int] = {}
    for row in rows:
        record_id = row.record.id
        if record_id in first:
            field = _ID_FIELD[sheet.kind]
            code = "id_repeated" if field in sheet.columns else "row_repeated"
            sheet.issues.error(code, row.number, field, value=record_id, first=first[record_id])
        first.setdefault(record_id, row.number)
