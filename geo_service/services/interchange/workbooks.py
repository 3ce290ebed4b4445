"""Excel workbooks to hand out: plain values, never formulas, with the notice on every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geo_service.services.interchange.hygiene import cell_text, harmless

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.services.interchange.fields import Value

MAX_CELL = 32_767
"""Characters a cell holds; what is longer is cut by the library without a word."""
_MAX_TITLE = 31
_NOT_IN_TITLE = str.maketrans("", "", r"[]:*?/\'")
_WIDEST = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """What draws the eye to a cell: its colour (RRGGBB) and a note that opens beside it."""

    fill: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `header` is the row of column names, from 1; `merged` are ranges such as A1:F1.

    `marks` are by row and column, from 1.
    """

    title: str
    rows: Sequence[Sequence[Value]]
    header: int = 1
    merged: Sequence[str] = ()
    landscape: bool = True
    marks: Mapping[tuple[int, int], Mark] = field(default_factory=dict)
    wrapped: bool = False
    """Whether long texts run on over several lines of their cell."""
    boxed: bool = field(default=False)
    """Whether every cell is framed, as on a form to be filled in."""


def write_workbook(path: Path, sheets: Sequence[Sheet], notice: str) -> None:
    """Write the sheets; `notice` stands in the foot of every printed page."""
    import openpyxl  # noqa: PLC0415 - half a second that other formats need not pay

    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(_title(sheet.title, book.sheetnames)), sheet, notice)
    book.properties.description = notice
    book.save(path)


def _title(wanted: str, taken: Sequence[str]) -> str:
    """A name that Excel allows and no other sheet has."""
    plain = wanted.translate(_NOT_IN_TITLE).strip()[:_MAX_TITLE] or "-"
    title, number = plain, 2
    while title.casefold() in {other.casefold() for other in taken}:
        title = f"{plain[: _MAX_TITLE - 5]} ({number})"
        number += 1
    return title


def _fill(out: Any, sheet: Sheet, notice: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, Side  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    line = Side(style="thin")
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = out.cell(number, column)
            if isinstance(value, str):
                cell.value = cell_text(value)
                cell.data_type = "s"  # "=…" stays a text
                cell.quotePrefix = harmless(value) != value  # also when somebody edits the cell
            else:
                cell.value = value
            if sheet.boxed:
                cell.border = Border(line, line, line, line)
                cell.alignment = Alignment(vertical="center", wrap_text=True)
            elif sheet.wrapped:
                cell.alignment = Alignment(vertical="top", wrap_text=True)
    for cells in out.iter_rows(max_row=sheet.header):
        for cell in cells:
            cell.font = Font(bold=True)
    _mark(out, sheet.marks)
    for column, width in enumerate(_widths(sheet), start=1):
        out.column_dimensions[get_column_letter(column)].width = width
    for area in sheet.merged:
        out.merge_cells(area)
    if not sheet.boxed:
        out.freeze_panes = out.cell(sheet.header + 1, 1)
        out.print_title_rows = f"{sheet.header}:{sheet.header}"
    out.page_setup.orientation = "landscape" if sheet.landscape else "portrait"
    out.page_setup.fitToHeight = 0
    out.sheet_properties.pageSetUpPr.fitToPage = True
    out.oddFooter.left.text = notice
    out.oddFooter.right.text = "&P / &N"


def _mark(out: Any, marks: Mapping[tuple[int, int], Mark]) -> None:
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import Alignment, PatternFill  # noqa: PLC0415

    for (row, column), mark in marks.items():
        cell = out.cell(row, column)
        cell.fill = PatternFill("solid", fgColor=mark.fill)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if mark.note:
            cell.comment = Comment(cell_text(mark.note), "geo-service", width=360, height=120)


def _widths(sheet: Sheet) -> list[int]:
    """Column widths by the widest text below the title, a Chinese character counting two."""
    rows = sheet.rows if sheet.boxed else sheet.rows[sheet.header - 1 :]
    wide = [0] * max(map(len, sheet.rows), default=0)
    for row in rows:
        for i, value in enumerate(row):
            text = "" if value is None else str(value)
            wide[i] = max(wide[i], sum(1 if char.isascii() else 2 for char in text))
    return [min(max(width, 6), _WIDEST) + 2 for width in wide]
