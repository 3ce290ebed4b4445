"""A sheet of names to be checked, read row by row: a row that cannot be used says why, alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geo_service.domain.change import RecordKind
from geo_service.domain.identity import DivisionCode
from geo_service.domain.place import FeatureType
from geo_service.domain.proposal import NOTHING_TOLD, FeatureFacts
from geo_service.errors import GeoServiceError, InputError
from geo_service.language.normalise import normal_form
from geo_service.language.split import likely_type
from geo_service.messages import message
from geo_service.rules.names import Standing
from geo_service.services.answered_sheets import fault_refusal
from geo_service.services.facts import read_facts
from geo_service.services.interchange.cells import Cells, Sheet
from geo_service.services.interchange.columns import (
    NAME_FACTS,
    choices,
    fact_columns,
    folded,
    match_columns,
)
from geo_service.services.interchange.issues import Issues, Level
from geo_service.services.interchange.sandbox import parse
from geo_service.services.names import NameRequest, checked_name
from geo_service.services.positions import checked_position

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from geo_service.domain.text import Lang, Text
    from geo_service.services.interchange.issues import Issue
    from geo_service.services.positions import Position

_KIND = RecordKind.PLACE_NAMES
_REMARK = re.compile(r"([^(]+)\(([^()]*)\)")
"""A word with a remark in brackets: 道路(拟命名)."""
_DAY = "as_of"
_WITHOUT_GENERIC = FeatureType.ESTATE
_MAX_CELL = 200
"""More of a refused cell is not repeated to the reader."""


@dataclass(frozen=True, slots=True)
class NameRow:
    """One row: what is asked, or the `problem` that keeps it from being asked.

    `number` is the sheet row (the header is row 1); `notes` say how it was understood.
    """

    number: int
    request: NameRequest | None
    problem: Text | None = None
    notes: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class NameSheet:
    """A file of names: headers and cells as they came, and each row as it was understood."""

    headers: tuple[str, ...]
    values: tuple[Sequence[Any], ...]
    rows: tuple[NameRow, ...]
    notices: tuple[Text, ...]


def read_names(
    path: Path,
    *,
    as_of: date,
    today: date,
    kind: FeatureType | None,
    lang: Lang,
    encoding: str = "",
    called: str = "",
) -> NameSheet:
    """The names of a CSV or XLSX sheet under any column names that an import accepts.

    `kind` is the type of rows that tell none; without it the generic tells. `called` is what the
    sender calls the file, where it lies here under another name. Raises InputError
    `sheet_unreadable` or `sheet_refused` where the file itself cannot be used.
    """
    name = called or path.name
    issues = Issues(name)
    parsed = parse(path, issues, encoding=encoding)
    rows_read = set() if parsed is None else {row.number for row in parsed.rows}
    columns: dict[str, int] = {}
    if parsed is not None:
        columns = match_columns(_KIND, parsed.headers, issues)
        if not parsed.rows:
            issues.error("no_rows")
    # A ragged row or a broken cell is that row's own trouble; all else is the file's.
    faults = [i for i in issues.all() if i.level is Level.ERROR]
    of_file = [i for i in faults if i.row not in rows_read]
    if parsed is None or of_file:
        raise fault_refusal(name, of_file[0], lang)
    troubled = {i.row: _told(i, parsed.headers, columns) for i in reversed(faults)}
    facts = fact_columns(parsed.headers)
    if _DAY in facts:
        columns[_DAY] = facts.pop(_DAY)
    reader = _Reader(parsed.headers, columns, facts, as_of, today, kind, name)
    rows = tuple(
        NameRow(row.number, None, troubled[row.number])
        if row.number in troubled
        else reader.row(row.number, row.cells)
        for row in parsed.rows
    )
    told = (i.message for i in issues.all() if i.level is Level.WARNING)
    return NameSheet(
        tuple(parsed.headers), tuple(row.cells for row in parsed.rows), rows, tuple(told)
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """What all rows of a sheet share; `as_of` is the day of rows that tell none."""

    headers: list[str]
    columns: dict[str, int]
    facts: dict[str, int]
    as_of: date
    today: date
    kind: FeatureType | None
    file: str

    def row(self, number: int, values: Sequence[Any]) -> NameRow:
        """One row, or why it cannot be used."""
        issues = Issues(self.file)
        cells = Cells(Sheet(_KIND, self.columns, issues, self.today), number, values)
        notes: list[Text] = []
        try:
            request = self._request(cells, notes)
        except GeoServiceError as error:
            told = {key: _short(value) for key, value in error.context.items()}
            return NameRow(number, None, message(f"errors.{error.code}", **told))
        if issues.refused:
            fault = next(i for i in issues.all() if i.level is Level.ERROR)
            return NameRow(number, None, _told(fault, self.headers, self.columns))
        return NameRow(number, request, None, tuple(notes))

    def _request(self, cells: Cells, notes: list[Text]) -> NameRequest:
        # The name goes to the rules as it is written: what is hidden in it is theirs to find.
        name = checked_name(cells.raw("name"))
        told, remark = _remark(cells.raw("feature_type"))
        return NameRequest(
            name=name,
            feature_type=self._type(name, told, notes),
            standing=_standing(cells.raw("status"), remark),
            as_of=cells.day(_DAY) or self.as_of,
            position=_position(cells),
            unit_code=cells.code("unit_code", DivisionCode),
            record_id=cells.text("id"),
            facts=self._facts(cells),
            replaces=self._fact(cells, "replaces").strip(),
        )

    def _facts(self, cells: Cells) -> FeatureFacts:
        told = {field: self._fact(cells, field) for field in self.facts if field != "replaces"}
        return read_facts(told) if told else NOTHING_TOLD

    def _fact(self, cells: Cells, field: str) -> str:
        position = self.facts.get(field)
        value = None if position is None else cells.values[position]
        text = "" if value is None else str(value).strip()
        return choices(NAME_FACTS, field).get(folded(text), text) if field == "road_class" else text

    def _type(self, name: str, told: str, notes: list[Text]) -> FeatureType:
        """The type as told, else that of the generic; what is presumed is said.

        A name that ends in no generic is presumed an estate's: those go without one.
        """
        known = choices(_KIND, "feature_type").get(folded(told)) if told else None
        if known is not None:
            return FeatureType(known)
        if not told and self.kind is not None:
            return self.kind
        likely = likely_type(normal_form(name))
        guess = likely or self.kind or _WITHOUT_GENERIC
        if told or likely is None:
            kind = message(f"name.kind_{guess.value}")
            key = "type_unknown" if told else "type_presumed"
            notes.append(message(f"batch.{key}", told=_short(told), kind=kind))
        return guess


def _told(fault: Issue, headers: list[str], columns: dict[str, int]) -> Text:
    """What is wrong with a row, in which column of the sender, and what to do about it."""
    if fault.field not in columns:
        return message("batch.row_fault", problem=fault.message, hint=fault.hint)
    column = headers[columns[fault.field]]
    return message("batch.cell_fault", column=column, problem=fault.message, hint=fault.hint)


def _remark(text: str) -> tuple[str, str]:
    """A word and the remark in brackets after it, "" where there is none."""
    plain = normal_form(text)
    parts = _REMARK.fullmatch(plain)
    return (parts[1], parts[2]) if parts else (plain, "")


def _standing(told: str, remark: str) -> Standing:
    """The standing in words that people write; a proposal where nothing is told.

    A remark beside the type counts only where it is such a word.
    """
    known = choices(NAME_FACTS, "standing")
    word = folded(told)
    if not word:
        return Standing(known.get(folded(remark), Standing.PROPOSED.value))
    if word not in known:
        raise InputError("standing_unknown", value=_short(told), known=" ".join(Standing))
    return Standing(known[word])


def _position(cells: Cells) -> Position | None:
    lon, lat = cells.decimal("lon"), cells.decimal("lat")
    if (lon is None and lat is None) or cells.sheet.issues.refused:
        return None
    if lon is None or lat is None:
        raise InputError("position_impossible", lon=cells.raw("lon"), lat=cells.raw("lat"))
    return checked_position((lon, lat))


def _short(value: object) -> object:
    return value[:_MAX_CELL] if isinstance(value, str) else value
