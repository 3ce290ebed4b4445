"""CSV and XLSX of records: texts stay texts, the place is WKT, and the rows name its system."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from geo_service.geometry.crs import name_of
from geo_service.messages import message
from geo_service.services.interchange.hygiene import harmless
from geo_service.services.interchange.workbooks import MAX_CELL, Sheet, write_workbook

if TYPE_CHECKING:
    from geo_service.services.interchange.content import Content
    from geo_service.services.interchange.fields import Value
    from geo_service.services.interchange.issues import Issues

_PLACE = ("geometry", "crs")
"""WKT, and the system it is in: a table has no other way to say it."""


def write_csv(path: Path, content: Content) -> None:
    """Write rows in UTF-8, texts that look like formulas behind an apostrophe. Raises OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([*content.columns, *_PLACE])
        for cells, place in _lines(content):
            out.writerow([*map(harmless, cells), *place])


def write_xlsx(path: Path, content: Content, told: Issues) -> None:
    """Write rows as one sheet, every text a text cell.

    A place longer than a cell is left out, which `told` tells with the row.
    """
    lines: list[list[Value]] = [[*content.columns, *_PLACE]]
    for number, (cells, place) in enumerate(_lines(content), start=2):
        if len(place[0]) > MAX_CELL:
            told.warning("xlsx_place_left_out", number, "geometry", limit=MAX_CELL)
            place = ("", "")  # noqa: PLW2901 - what is written is what is left
        lines.append([*cells, *(part or None for part in place)])
    write_workbook(path, [Sheet(content.layer, lines)], message("import.notice").zh)


def _lines(content: Content) -> Iterator[tuple[list[Value], tuple[str, str]]]:
    names, system = content.columns, name_of(content.crs)
    texts = shapely.to_wkt(content.shapes, rounding_precision=-1)
    for row, text in zip(content.rows, texts, strict=True):
        yield [row.get(name) for name in names], (text or "", system if text else "")
