"""Papers as they are printed: titles above a table, headers of two rows, lines below it, forms.

A sheet is a table where a row names the columns, a form where labels stand beside their values;
a workbook may hold many of both. What is no record is passed over and told by its row numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo_service.services.interchange.columns import (
    Words,
    folded,
    is_foot,
    is_unit,
    plain_label,
)
from geo_service.services.interchange.forms import Form, read_form
from geo_service.services.interchange.issues import Issues, Place
from geo_service.services.interchange.sandbox import Parsed, ParsedRow, parse_grids

_HEAD_ROWS = 20
"""A header stands among the first rows of a sheet."""
_FEWEST = 2
_NUMBER = re.compile(r"[0-9]{1,7}[A-Za-z]?(?:号|[^0-9A-Za-z\u4e00-\u9fff]|$)")
"""How the number of a marker begins a cell, good or bad: 001Q, 12号, 001A、001B."""
_LINE_CODE = re.compile(r"(?<![0-9])[0-9]{14}(?![0-9])")
_CODE_FIELD = "line_code"


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one sheet: a name to each column, and the field it means, "" where none."""

    sheet: str
    title: str
    names: list[str]
    fields: list[str]
    rows: list[ParsedRow]


def parse_papers(
    path: Path, issues: Issues, words: Words, *, layer: str = "", encoding: str = ""
) -> Parsed | None:
    """The records of a CSV or XLSX file as one table, whatever stands around them.

    `words` are the names that columns and labels may have. Of a workbook every sheet counts whose
    columns or labels are known, `layer` keeps to one. Where none is, the first row is taken for
    the header, so that what is missing can be told.
    """
    grids = [g for g in parse_grids(path, issues, layer=layer, encoding=encoding) if g.rows]
    if not grids:
        if not issues.refused:
            issues.error("header_missing", 1)
        return None
    tables: list[Table] = []
    forms: list[Form] = []
    unread: list[str] = []
    for grid in grids:
        said = issues.of_sheet(grid.layer) if len(grids) > 1 else issues
        if (table := _table(grid, words, said)) is not None:
            tables.append(_with_line_code(table, words, path, said))
        elif (form := read_form(grid, words, said)) is not None:
            forms.append(form)
        else:
            unread.append(grid.layer)
    if not tables and not forms:
        return _as_it_is(grids, issues)
    _tell_sheets(grids, unread, issues)
    return _joined(grids[0], tables, forms, several=len(grids) > 1)


def _as_it_is(grids: Sequence[Parsed], issues: Issues) -> Parsed | None:
    """The first row as header, where nothing better was found."""
    if len(grids) > 1:
        issues.error("layer_ambiguous", layers=", ".join(grid.layer for grid in grids))
        return None
    head, *rows = grids[0].rows
    names = [_text(value) for value in head.cells]
    return replace(grids[0], headers=names, rows=_squared(rows, names, issues))


def _tell_sheets(grids: Sequence[Parsed], unread: list[str], issues: Issues) -> None:
    if len(grids) > 1:
        issues.info("sheets_read", count=len(grids) - len(unread))
    if unread:
        issues.warning("sheets_ignored", sheets=", ".join(unread))


# --- tables ---------------------------------------------------------------------------------


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class _Header:
    """Where the header stands, and what its columns are called."""

    first: int
    depth: int
    names: list[str]
    fields: list[str]

    @property
    def known(self) -> int:
        return len(set(self.fields) - {""})


def _header_at(rows: Sequence[ParsedRow], i: int, depth: int, words: Words) -> _Header | None:
    """The header that begins in a row, None where the row is none."""
    if i + depth > len(rows):
        return None
    top = [plain_label(value) for value in rows[i].cells]
    names = top if depth == 1 else _stacked(top, rows[i + 1].cells, words)
    fields = [meant[0] if (meant := words.meant(name)) else "" for name in names]
    header = _Header(i, depth, names, fields)
    is_header = words.key in fields and header.known >= _FEWEST
    return header if is_header and _heads_a_table(rows, header, words) else None


def _stacked(top: list[str], below: Sequence[Any], words: Words) -> list[str]:
    """Names from two rows: 坐标 over X and Y. The upper one reaches on over blanks."""
    low = [plain_label(value) for value in below]
    width = max(len(top), len(low))
    top, low = top + [""] * (width - len(top)), low + [""] * (width - len(low))
    names, group = [], ""
    for upper, lower in zip(top, low, strict=True):
        group = upper or (group if lower else "")
        if not lower or lower == group or is_unit(lower):
            names.append(group if upper or lower else "")
        else:
            names.append(next((n for n in (group + lower, lower) if words.meant(n)), group + lower))
    return names


def _heads_a_table(rows: Sequence[ParsedRow], header: _Header, words: Words) -> bool:
    """Whether records stand below: on a form the value stands beside the label, labels below."""
    column = header.fields.index(words.key)
    heads = rows[header.first : header.first + header.depth]
    row = next((r for r in heads if _means(words, _cell(r, column)) == words.key), heads[-1])
    own = _cell(row, column)
    beside = [text for value in row.cells[column + 1 :] if (text := _text(value)) != own]
    below = (_cell(r, column) for r in rows[header.first + header.depth :])
    first = next((text for text in below if text), "")
    if beside and (not beside[0] or _NUMBER.match(beside[0])):
        return False
    if not beside or _means(words, beside[0]):
        return not _means(words, first)
    return not first or _NUMBER.match(first) is not None or header.depth > 1


def _means(words: Words, text: str) -> str:
    """The field that a cell names, "" where it is no label."""
    meant = words.meant(plain_label(text))
    return "" if meant is None else meant[0]


def _header(rows: Sequence[ParsedRow], words: Words) -> _Header | None:
    best: _Header | None = None
    for i in range(min(len(rows), _HEAD_ROWS)):
        for depth in (1, 2):
            found = _header_at(rows, i, depth, words)
            # A title over a header reads as two rows as well: the later, lower one is it.
            if found and (best is None or found.known > best.known or _within(found, best)):
                best = found
    return best


def _within(found: _Header, best: _Header) -> bool:
    """Whether a header of one row is the lower of the two taken for one, and says as much."""
    lower = best.first + best.depth - 1
    return best.depth > found.depth and found.first == lower and found.known >= best.known


def _cell(row: ParsedRow, column: int) -> str:
    return _text(row.cells[column]) if column < len(row.cells) else ""


def _table(grid: Parsed, words: Words, issues: Issues) -> Table | None:
    header = _header(grid.rows, words)
    if header is None:
        return None
    above, rest = grid.rows[: header.first], grid.rows[header.first + header.depth :]
    heads = {
        folded(_text(value))
        for row in grid.rows[: header.first + header.depth]
        for value in row.cells
    }
    column = header.fields.index(words.key)
    kept: list[ParsedRow] = []
    passed: list[int] = []
    for place, row in enumerate(rest):
        if _is_no_record(row, column, heads, first=place == 0):
            passed.append(row.number)
        else:
            kept.append(row)
    if passed:
        issues.info("rows_passed_over", rows=_ranges(passed))
    rows = _squared(kept, header.names, issues)
    return Table(grid.layer, _title(grid, above), header.names, header.fields, rows)


def _is_no_record(row: ParsedRow, column: int, heads: set[str], *, first: bool) -> bool:
    """Column numbers, title and header again on the next page, and lines below the table."""
    filled = [text for value in row.cells if (text := _text(value))]
    if first and len(filled) >= 3 and filled == [str(n + 1) for n in range(len(filled))]:
        return True
    key = _cell(row, column)
    if _NUMBER.match(key):
        return False
    if heads.issuperset(map(folded, filled)):
        return True
    alone = len(set(filled)) == 1 and len(heads) > 1
    return alone or (key in ("", filled[0]) and is_foot(filled[0]))


def _squared(rows: Sequence[ParsedRow], names: list[str], issues: Issues) -> list[ParsedRow]:
    """Rows as wide as the header; what stands beyond it is an error."""
    result = []
    for row in rows:
        if any(_text(value) for value in row.cells[len(names) :]):
            issues.error("row_ragged", row.number, cells=len(row.cells), columns=len(names))
        cells = ([*row.cells] + [None] * len(names))[: len(names)]
        result.append(ParsedRow(row.number, cells, None))
    return result


def _title(grid: Parsed, above: Sequence[ParsedRow]) -> str:
    texts = dict.fromkeys(_text(value) for row in above for value in row.cells)
    return " ".join((grid.layer, *texts)).strip()


def _ranges(numbers: Sequence[int]) -> str:
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in parts)


def _with_line_code(table: Table, words: Words, path: Path, issues: Issues) -> Table:
    """The line above the table, where no column tells it: 界线代码 in the title or file name."""
    if _CODE_FIELD in table.fields or words.meant(_CODE_FIELD) is None:
        return table
    code = line_code_in(table.title) or line_code_in(path.stem)
    if not code:
        return table
    issues.info("line_code_taken", field=_CODE_FIELD, value=code)
    return replace(
        table,
        names=[*table.names, _CODE_FIELD],
        fields=[*table.fields, _CODE_FIELD],
        rows=[row._replace(cells=[*row.cells, code]) for row in table.rows],
    )


def line_code_in(text: str) -> str:
    """The one line code in a text, "" where there is none, or more than one."""
    found = set(_LINE_CODE.findall(text))
    return found.pop() if len(found) == 1 else ""


# --- one table of all -----------------------------------------------------------------------


def _joined(
    whole: Parsed, tables: Sequence[Table], forms: Sequence[Form], *, several: bool
) -> Parsed:
    """All records under one header, with the place of each."""
    if len(tables) == 1 and not forms:
        (table,) = tables
        sheet = table.sheet if several else ""
        places = {row.number: Place(sheet, row.number, table.title) for row in table.rows}
        return replace(whole, headers=table.names, rows=table.rows, places=places)
    headers: dict[str, int] = {}
    rows: list[dict[str, Any]] = []
    all_places: list[Place] = []
    for table in tables:
        keys = _keys(table)
        for row in table.rows:
            rows.append(dict(zip(keys, row.cells, strict=True)))
            place = Place(table.sheet, row.number, table.title, names=frozenset(keys))
            all_places.append(place)
    for form in forms:
        rows.append(dict(form.values))
        sheet = form.sheet if several else ""
        names = frozenset(form.values)
        all_places.append(Place(sheet, form.row, form.title, form.cells, names))
    for said in rows:
        for name in said:
            headers.setdefault(name, len(headers))
    cells = [[said.get(name) for name in headers] for said in rows]
    return replace(
        whole,
        headers=list(headers),
        rows=[ParsedRow(n, values, None) for n, values in enumerate(cells, start=1)],
        places=dict(enumerate(all_places, start=1)),
    )


def _keys(table: Table) -> list[str]:
    """The fields, for tables that are joined; a second column of a field keeps its own name."""
    taken: set[str] = set()
    keys = []
    for name, field in zip(table.names, table.fields, strict=True):
        keys.append(name if not field or field in taken else field)
        taken.add(field)
    return keys
