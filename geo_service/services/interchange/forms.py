"""Forms (界桩登记表): labels beside values, three reference objects, one sheet to a marker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from geo_service.services.interchange.columns import Words, plain_label
from geo_service.services.interchange.issues import Issues
from geo_service.services.interchange.sandbox import Parsed, ParsedRow

OBJECTS = 3
_PAIR = re.compile(r"([^\s:]+)\s*:([^:]*?)(?=\s+[^\s:]+\s*:|$)")
"""A label and what stands behind its colon, of which a cell may hold several."""
_NAME, _AZIMUTH, _DISTANCE = "name", "azimuth", "distance"


@dataclass(frozen=True, slots=True)
class Form:
    """What one form says: field → value, and the sheet row and cell of each value."""

    sheet: str
    title: str
    row: int
    values: dict[str, Any]
    cells: dict[str, tuple[int, str]]


@dataclass(slots=True)
class _Found:
    """Values met so far, each with its rank (the lower the surer) and place."""

    issues: Issues
    values: dict[str, tuple[int, Any, int, str]] = field(default_factory=dict)

    def add(self, name: str, rank: int, value: Any, row: int, cell: str) -> None:
        """Keep the surest value; two that are equally sure and differ are an error."""
        known = self.values.get(name)
        if known is None or rank < known[0] or _blank(known[1]):
            self.values[name] = (rank, value, row, cell)
        elif rank == known[0] and not _blank(value) and _text(value) != _text(known[1]):
            both = f"{known[3]} {_text(known[1])}, {cell} {_text(value)}"
            self.issues.error("form_two_values", row, f"{name} {cell}", values=both)


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _blank(value: Any) -> bool:
    return not _text(value)


def cell_name(row: int, column: int) -> str:
    """The name of a cell, from row and column counted from 1 and 0: D9."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def read_form(grid: Parsed, words: Words, issues: Issues) -> Form | None:
    """The form on a sheet, None where no label names its key field.

    A label has its value in the cell to the right, or behind its colon in the same cell.
    """
    found = _Found(issues)
    rows, at = grid.rows, 0
    while at < len(rows):
        under = _objects_under(rows, at, words)
        if under is None:
            _scan(rows[at], words, found)
            at += 1
        else:
            at = _take_objects(rows, at, under, words, found)
    if words.key not in found.values:
        return None
    first = next(row.number for row in rows if not all(map(_blank, row.cells)))
    title = " ".join(dict.fromkeys(_text(value) for value in rows[0].cells if not _blank(value)))
    return Form(
        sheet=grid.layer,
        title=f"{grid.layer} {title}".strip(),
        row=found.values[words.key][2] or first,
        values={name: value for name, (_, value, _, _) in found.values.items()},
        cells={name: (row, cell) for name, (_, _, row, cell) in found.values.items()},
    )


def _distinct(row: ParsedRow) -> Iterator[tuple[int, Any]]:
    """Column and value of every cell, a merged area told once."""
    before: Any = None
    for column, value in enumerate(row.cells):
        if _blank(value) or value != before:
            yield column, value
        before = value


def _scan(row: ParsedRow, words: Words, found: _Found) -> None:
    """Labels of one row with the values beside them."""
    cells = list(_distinct(row))
    number = 0
    for i, (column, value) in enumerate(cells):
        here = cell_name(row.number, column)
        pairs = _PAIR.findall(_text(value).replace("：", ":"))
        for label, inside in pairs:
            name, rank, number = _meant(label, words, number)
            if name and inside.strip():
                found.add(name, rank, inside.strip(), row.number, here)
        label = pairs[-1][0] if pairs else _text(value)
        inside = pairs[-1][1].strip() if pairs else ""
        name, rank, number = _meant(label, words, number)
        if name and not inside and i + 1 < len(cells):
            place, beside = cells[i + 1]
            is_label = bool(_meant(_text(beside), words, number)[0])
            said = None if is_label else beside
            if not (is_label and name.endswith(f"_{_NAME}")):
                found.add(name, rank, said, row.number, cell_name(row.number, place))


def _meant(label: str, words: Words, number: int) -> tuple[str, int, int]:
    """Field and rank of a label, and the reference object that the row is about from here on."""
    plain = plain_label(label)
    meant = words.meant(plain)
    part = words.part(plain)
    if part and number:
        return f"object{number}_{part}", 1, number
    if meant is None:
        return "", 0, number
    if meant[0].startswith("object"):
        number = int(meant[0][len("object")])
    return meant[0], meant[1], number


def _objects_under(rows: Sequence[ParsedRow], at: int, words: Words) -> dict[str, int] | None:
    """Columns of a small table of reference objects whose header is this row."""
    parts: dict[str, int] = {}
    cells = list(_distinct(rows[at]))
    for i, (column, value) in enumerate(cells):
        meant = words.meant(plain_label(value))
        if meant is not None and meant[0].startswith("object"):
            return None  # 一号方位物: its parts stand beside it in this very row
        part = words.part(plain_label(value))
        beside = cells[i + 1][1] if i + 1 < len(cells) else None
        valued = not _blank(beside) and not words.part(plain_label(beside))
        if part and not (valued and part != _NAME):
            parts[part] = column
    return parts if parts.keys() >= {_AZIMUTH, _DISTANCE} else None


def _take_objects(
    rows: Sequence[ParsedRow], at: int, under: dict[str, int], words: Words, found: _Found
) -> int:
    """The reference objects below such a header; returns the row after them."""
    number = 0
    while at + 1 < len(rows):
        row = rows[at + 1]
        first = next((value for _, value in _distinct(row) if not _blank(value)), None)
        meant = words.meant(plain_label(first))
        if meant is not None and not meant[0].startswith("object"):
            break
        said = {part: row.cells[c] for part, c in under.items() if c < len(row.cells)}
        if number == OBJECTS:
            if not _blank(said.get(_AZIMUTH)) and not _blank(said.get(_DISTANCE)):
                found.issues.warning("form_objects_more", row.number, count=OBJECTS)
            break
        number += 1
        for part, value in said.items():
            if not _blank(value):
                name, cell = f"object{number}_{part}", cell_name(row.number, under[part])
                found.add(name, 0, value, row.number, cell)
        at += 1
    return at + 1
