"""Excel workbooks to hand out: plain values, never formulas, with the notice on every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geo_service.services.interchange.hygiene import cell_text

if TYPE_CHECKING:
    from pathlib import Path

    from geo_service.services.interchange.fields import Value

_MAX_TITLE = 31
_NOT_IN_TITLE = str.maketrans("", "", r"[]:*?/\'")
_WIDEST = 40


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. `header` is the row of column names, from 1; `merged` are ranges such as A1:F1."""

    title: str
    rows: Sequence[Sequence[Value]]
    header: int = 1
    merged: Sequence[str] = ()
    landscape: bool = True
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
            else:
                cell.value = value
            if sheet.boxed:
                cell.border = Border(line, line, line, line)
                cell.alignment = Alignment(vertical="center", wrap_text=True)
    for cells in out.iter_rows(max_row=sheet.header):
        for cell in cells:
            cell.font = Font(bold=True)
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


def _widths(sheet: Sheet) -> list[int]:
    """Column widths by the widest text below the title, a Chinese character counting two."""
    rows = sheet.rows if sheet.boxed else sheet.rows[sheet.header - 1 :]
    wide = [0] * max(map(len, sheet.rows), default=0)
    for row in rows:
        for i, value in enumerate(row):
            text = "" if value is None else str(value)
            wide[i] = max(wide[i], sum(1 if char.isascii() else 2 for char in text))
    return [min(max(width, 6), _WIDEST) + 2 for width in wide]
