"""Field dictionaries of exchange files: which column of a file is which field, and in what words.

A dictionary is rows of `exchange_fields` and `exchange_values` under one name, so that who holds
MZ/T 149 and 150 adds theirs as another, without code. Ours are as found in practice (of lines and
markers, of the national place-name record, of the form of the second census): nobody here has read
the standards, and every file says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from geo_service.domain.change import RecordKind
from geo_service.errors import InputError
from geo_service.lexicons import Cells, Table, lexicon
from geo_service.services.interchange.fields import Row, Value

if TYPE_CHECKING:
    from geo_service.services.interchange.issues import Issues


@dataclass(frozen=True, slots=True)
class ExchangeField:
    """One column: its name and Chinese title.

    `field` is "" where the register keeps nothing of the kind; `width` the most bytes of text in
    GB 18030, None for a number; `standing` says in Chinese how the column is known.
    """

    column: str
    title: str
    field: str
    width: int | None
    standing: str

    @property
    def seen(self) -> bool:
        """Whether the name of the column was seen, not formed by us."""
        return self.standing == _SEEN

    @property
    def added(self) -> bool:
        """Whether the column is an addition of this program."""
        return self.standing == _ADDED


# The words of the table's column `standing`.
_SEEN, _ADDED = "实践所见", "本系统附加"


def _field(row: Cells) -> ExchangeField:
    width = int(row["width"]) if row["width"] else None
    return ExchangeField(row["column"], row["title"], row["field"], width, row["standing"])


@cache
def _dictionaries() -> dict[tuple[str, str], tuple[ExchangeField, ...]]:
    table = lexicon("exchange_fields", "profile", "kind", "position")
    result: dict[tuple[str, str], tuple[ExchangeField, ...]] = {}
    for row, field in zip(table.rows, table.typed(_field), strict=True):
        key = row["profile"], row["kind"]
        result[key] = (*result.get(key, ()), field)
    return result


def dictionary_names() -> tuple[str, ...]:
    """The names of all dictionaries."""
    return tuple(sorted({name for name, _ in _dictionaries()}))


def has_dictionary(name: str, kind: RecordKind) -> bool:
    """Whether a dictionary speaks of the kind."""
    return (name, kind.value) in _dictionaries()


def dictionary(name: str, kind: RecordKind) -> tuple[ExchangeField, ...]:
    """The columns of a dictionary in their order.

    Raises InputError `dictionary_unknown` where there is none of the name for the kind.
    """
    found = _dictionaries().get((name, kind.value))
    if found is None:
        known = " ".join(f"{name} ({kind})" for name, kind in sorted(_dictionaries()))
        raise InputError("dictionary_unknown", name=name, kind=kind.value, known=known)
    return found


@cache
def exchange_columns(kind: str) -> dict[str, str]:
    """Column names and titles of all dictionaries for a kind, with the field each means."""
    return {
        word: field.field
        for (_, of_kind), fields in sorted(_dictionaries().items())
        for field in fields
        for word in (field.column, field.title)
        if of_kind == kind and field.field
    }


@cache
def exchange_words(kind: str) -> dict[tuple[str, str], str]:
    """(field, word) → the program's own word, over all dictionaries."""
    return {(r["field"], r["word"]): r["value"] for r in _words().rows if r["kind"] == kind}


@cache
def plain_words(kind: str, field: str) -> dict[str, str]:
    """The program's own word → one in Chinese that a sender would write, as far as one is known."""
    rows = [r for r in _words().rows if (r["kind"], r["field"]) == (kind, field)]
    return {row["value"]: row["word"] for row in reversed(rows)}


def _words() -> Table:
    return lexicon("exchange_values", "profile", "kind", "field", "value")


@cache
def spoken(name: str, kind: str) -> dict[str, dict[str, str]]:
    """Field → the program's own word → the word of a dictionary, or of papers (`paper`)."""
    result: dict[str, dict[str, str]] = {}
    for row in _words().rows:
        if (row["profile"], row["kind"]) == (name, kind):
            result.setdefault(row["field"], {})[row["value"]] = row["word"]
    return result


def written(name: str, kind: RecordKind, values: Row) -> Row:
    """A row of the register under the columns and in the words of a dictionary.

    A word the dictionary lacks goes out blank: nothing is put in its place.
    """
    words = spoken(name, kind.value)
    result: Row = {}
    for field in dictionary(name, kind):
        value: Value = values.get(field.field) if field.field else None
        if value is not None and field.field in words:
            value = words[field.field].get(str(value))
        result[field.column] = value
    return result


def tell_left_out(name: str, kind: RecordKind, rows: Sequence[Row], told: Issues) -> None:
    """Tell what `written` leaves out: fields without a column, and words the dictionary lacks."""
    carried = {field.field for field in dictionary(name, kind)}
    words = spoken(name, kind.value)
    left_out = {field for row in rows for field, value in row.items() if value is not None}
    if missing := sorted(left_out - carried):
        told.info("exchange_fields_left_out", fields=", ".join(missing), name=name)
    for number, row in enumerate(rows, start=1):
        for field in carried & words.keys():
            value = row.get(field)
            if value is not None and str(value) not in words[field]:
                told.warning("exchange_word_left_out", number, field, value=value, name=name)
