"""Personal values taken out of a file right after it was parsed: nobody behind sees them in clear.

A column that is personal by its heading (table `personal_fields`) is taken out cell by cell; in
free texts, and in columns that the register does not know, the numbers of identity cards and mobile
telephones are. Codes, coordinates and dates are left alone; a name may hold no such number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from geo_service.language.persons import is_free_text as _free
from geo_service.language.persons import (
    kind_of_column,
    masked,
    masked_text,
    may_hold_number,
    numbers_in,
)
from geo_service.lexicons import lexicon
from geo_service.services.persons.tokens import new_id, token

if TYPE_CHECKING:
    from geo_service.domain.person import PersonalKind
    from geo_service.services.interchange.issues import Issues
    from geo_service.services.interchange.sandbox import Parsed

_PUBLIC = frozenset({"name", "former_name", "romanization"})
"""Fields that are published as they are: no number of a person may stand in them."""


@dataclass(frozen=True, slots=True)
class Veiled:
    """A value that was taken out: of which row, under which heading."""

    id: str
    kind: PersonalKind
    row: int
    field: str
    value: str

    @property
    def mask(self) -> str:
        """The value as it may be shown."""
        return masked(self.value, self.kind)


def veiled(parsed: Parsed, columns: Mapping[str, int], issues: Issues) -> tuple[Veiled, ...]:
    """Put tokens in the place of personal values in the rows of a file; returns the values.

    `columns` says which field of the register stands where. A number in a name is an issue.
    """
    return tuple(_taken_out(parsed, columns, issues))


def _taken_out(parsed: Parsed, columns: Mapping[str, int], issues: Issues) -> Iterator[Veiled]:
    fields = {position: field for field, position in columns.items()}
    looked_at = [
        (position, header, kind_of_column(header), fields.get(position, ""))
        for position, header in enumerate(parsed.headers)
    ]
    looked_at = [at for at in looked_at if at[2] or not at[3] or at[3] in _PUBLIC or _free(at[3])]
    for i, row in enumerate(parsed.rows if looked_at else ()):
        cells: list[Any] | None = None
        for position, header, kind, field in looked_at:
            text = _text(row.cells[position])
            if not (text and (kind or may_hold_number(text))):
                continue
            put, values = _put(text, row.number, kind, field or header)
            if field in _PUBLIC and values:
                issues.error("personal_in_name", row.number, field, value=masked_text(text))
                put, values = masked_text(text), []
            if put != text:
                cells = list(row.cells) if cells is None else cells
                cells[position] = put
                yield from values
        if cells is not None:
            parsed.rows[i] = row._replace(cells=tuple(cells))


def _put(text: str, row: int, kind: PersonalKind | None, field: str) -> tuple[str, list[Veiled]]:
    """What stands in a cell afterwards, and the values that were taken out of it."""
    if kind is None:
        return without_numbers(text, row, field)
    if _blank(text):
        return text, []
    taken = Veiled(new_id(), kind, row, field, text.strip())
    return token(kind, taken.id), [taken]


def without_numbers(text: str, row: int, field: str) -> tuple[str, list[Veiled]]:
    """A text with tokens for the numbers of cards and telephones in it, and those numbers."""
    values: list[Veiled] = []
    ids: dict[str, str] = {}
    for start, end, kind in reversed(numbers_in(text)):
        value = text[start:end]
        if value not in ids:
            ids[value] = new_id()
            values.append(Veiled(ids[value], kind, row, field, value))
        text = text[:start] + token(kind, ids[value]) + text[end:]
    return text, values


def _text(value: Any) -> str:
    """A cell as text; a spreadsheet keeps telephone numbers as numbers."""
    if type(value) is str:
        return value
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _blank(text: str) -> bool:
    return not any(sign.isalnum() for sign in text) or text.strip().casefold() in _blank_words()


@cache
def _blank_words() -> frozenset[str]:
    return frozenset(row["word"].casefold() for row in lexicon("blank_words", "word").rows)
