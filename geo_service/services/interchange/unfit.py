"""Texts that a format cannot hold: refused with their row, never cut or changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from geo_service.errors import InputError
from geo_service.services.interchange.workbooks import MAX_CELL

if TYPE_CHECKING:
    from geo_service.services.interchange.fields import Row

_NOT_IN_XML = r"\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_UNFIT: dict[str, re.Pattern[str]] = {
    # A workbook gives a carriage return back as a line feed.
    ".xlsx": re.compile(rf"[{_NOT_IN_XML}\r]"),
    ".kml": re.compile(f"[{_NOT_IN_XML}]"),
}
_LONGEST = {".xlsx": MAX_CELL}


def refuse_unfit(suffix: str, rows: Sequence[Row]) -> None:
    """Refuse texts that a file of this suffix would give back otherwise.

    Raises InputError `export_text_unfit` or `export_text_too_long`, with the record's number from
    1, the field and what is wrong.
    """
    unfit, longest = _UNFIT.get(suffix), _LONGEST.get(suffix)
    if unfit is None:
        return
    for number, field, text in _texts(rows):
        if longest is not None and len(text) > longest:
            at = {"row": number, "field": field, "length": len(text), "limit": longest}
            raise InputError("export_text_too_long", suffix=suffix, **at)
        if found := unfit.search(text):
            character = f"U+{ord(found[0]):04X}"
            at = {"row": number, "field": field, "character": character}
            raise InputError("export_text_unfit", suffix=suffix, **at)


def _texts(rows: Sequence[Row]) -> Iterator[tuple[int, str, str]]:
    for number, row in enumerate(rows, start=1):
        for field, value in row.items():
            if isinstance(value, str):
                yield number, field, value
