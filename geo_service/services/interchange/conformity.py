"""Whether a file that uses the column names of an exchange dictionary keeps to it (Q01).

Told, never a ground to refuse: the dictionary is as found in practice, and nobody here has read
the standard behind it. What cannot be stored is refused elsewhere, with row and field.
"""

from __future__ import annotations

from geo_service.domain.change import RecordKind
from geo_service.services.interchange.cells import Sheet
from geo_service.services.interchange.columns import FACTS_OF, LEGAL, fact_columns, folded
from geo_service.services.interchange.dictionary import (
    ExchangeField,
    dictionary,
    dictionary_names,
    has_dictionary,
)
from geo_service.services.interchange.sandbox import Parsed

_ENCODING = "gb18030"
_ENOUGH = 0.5
"""A file whose column names are a dictionary's to this share is meant as an exchange file."""


def _meant(kind: RecordKind, headers: list[str]) -> str:
    """The dictionary that a file follows by its column names, "" where none."""
    given = {folded(header) for header in headers if header}
    best, most = "", 0
    for name in dictionary_names():
        if not has_dictionary(name, kind):
            continue
        fields = dictionary(name, kind)
        own = {folded(field.column) for field in fields if not field.added}
        others = given - {folded(field.column) for field in fields if field.added}
        hits = len(own & given)
        if hits > most and hits >= _ENOUGH * len(others):
            best, most = name, hits
    return best


def tell_conformity(parsed: Parsed, sheet: Sheet, kind: RecordKind) -> None:
    """Say which fields of the dictionary are missing and whether the encoding is another.

    Marks the sheet of lines or markers, so that every date not written as GB/T 7408 wants is told
    with its row; of place names neither encoding nor dates were found to be laid down.
    """
    name = _meant(kind, parsed.headers)
    if not name:
        return
    sheet.dictionary = name if kind in LEGAL else ""
    fields = dictionary(name, kind)
    if missing := [field for field in fields if field.seen and not _is_there(field, parsed, sheet)]:
        named = ", ".join(f"{field.column} {field.title}" for field in missing)
        sheet.issues.warning(
            "exchange_field_missing",
            field=missing[0].column,
            dictionary=name,
            fields=named,
        )
    foreign = any(not str(cell).isascii() for row in parsed.rows for cell in row.cells)
    if sheet.dictionary and parsed.encoding not in ("", _ENCODING) and foreign:
        sheet.issues.warning("exchange_encoding", encoding=parsed.encoding.upper())


def _is_there(field: ExchangeField, parsed: Parsed, sheet: Sheet) -> bool:
    """Whether a column of that name, title or meaning is in the file."""
    if {folded(field.column), folded(field.title)} & {folded(h) for h in parsed.headers}:
        return True
    facts = FACTS_OF.get(sheet.kind)
    told = fact_columns(parsed.headers, facts) if facts else {}
    return field.field in sheet.columns or field.field in told
