"""What a sender handed in, row by row, with every problem at its cell: for the report sent back.

Kept beside the result of reading and never stored: receipts hold the issues alone. A number of a
person in a column that is left as it came (a code, a coordinate, a date) is masked here as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from geo_service.domain.change import RecordKind
from geo_service.language.persons import masked_text
from geo_service.services.interchange.cells import Sheet
from geo_service.services.interchange.issues import Issue, located
from geo_service.services.interchange.sandbox import Parsed
from geo_service.services.persons.tokens import with_masks

ROWS_IN_FULL = 5_000
"""A longer file is shown by the rows of which something is said."""
HEADER = -1
WHOLE_ROW = -1
_LONGEST = 500
_LONGEST_NUMBER = 40
"""Characters of a number with all its gaps, and to spare."""
_NAMING = ("id", "code", "number", "name")
"""Fields by which a reader knows a record again."""

Marks = Mapping[tuple[int, int], tuple[Issue, ...]]
"""Row (its place in `Sent.rows`, or HEADER) and column (or WHOLE_ROW) → what is said there."""


@dataclass(frozen=True, slots=True)
class SentRow:
    """One row as it came: where it stands, the words that name it, and its cells as texts."""

    label: str
    named: str
    cells: Sequence[str]


@dataclass(frozen=True, slots=True)
class Noted:
    """An issue and where it stands: the place of its row in `Sent.rows`, or HEADER, and column."""

    issue: Issue
    row: int = HEADER
    column: int = WHOLE_ROW


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was handed in. `total` counts its rows, of which `rows` may be a part.

    `told` are all issues that were kept, also those that a list for the screen leaves out.
    `digest` is the SHA-256 of the bytes, "" for a file that was not read.
    """

    kind: RecordKind
    digest: str
    headers: Sequence[str]
    rows: Sequence[SentRow]
    total: int
    told: tuple[Noted, ...]

    def marks(self) -> Marks:
        """What is said of each place; what concerns the whole file is left out."""
        marks: dict[tuple[int, int], tuple[Issue, ...]] = {}
        for noted in self.told:
            place = noted.row, noted.column
            if place != (HEADER, WHOLE_ROW):
                marks[place] = (*marks.get(place, ()), noted.issue)
        return marks

    def with_more(self, issues: Iterable[Issue]) -> Sent:
        """The same with issues of the whole file that were found after reading, first."""
        return replace(self, told=(*map(Noted, issues), *self.told))

    def masked(self, masks: Mapping[str, str]) -> Sent:
        """The same with masked forms in the place of tokens for personal values."""
        return replace(
            self,
            rows=[
                SentRow(r.label, with_masks(r.named, masks), with_masks(r.cells, masks))
                for r in self.rows
            ],
            told=tuple(replace(noted, issue=noted.issue.masked(masks)) for noted in self.told),
        )


def sent_of(kind: RecordKind, parsed: Parsed | None, sheet: Sheet) -> Sent:
    """The rows of a file with the issues told of them so far."""
    issues = sheet.issues.all(complete=True)
    if parsed is None:
        return Sent(kind, "", (), (), 0, tuple(map(Noted, issues)))
    told = {issue.row for issue in issues}
    in_full = len(parsed.rows) <= ROWS_IN_FULL
    kept = [row for row in parsed.rows if in_full or row.number in told]
    placed = {row.number: i for i, row in enumerate(kept)}
    numbers = {(place.sheet, place.row): number for number, place in parsed.places.items()}
    noted = []
    for issue in issues:
        column = _column(issue.field, sheet, parsed.headers)
        number = numbers.get((issue.sheet, issue.row or 0)) if issue.sheet else issue.row
        row = HEADER if number is None else placed.get(number, HEADER)
        if row == HEADER and issue.row is not None:
            column = WHOLE_ROW
        noted.append(Noted(located(issue, parsed.places), row, column))
    return Sent(
        kind=kind,
        digest=parsed.digest,
        headers=parsed.headers,
        rows=[_row(parsed, sheet, row.number, row.cells) for row in kept],
        total=len(parsed.rows),
        told=tuple(noted),
    )


def _row(parsed: Parsed, sheet: Sheet, number: int, cells: Sequence[Any]) -> SentRow:
    texts = [_shown(value) for value in cells]
    naming = (texts[sheet.columns[f]] for f in _NAMING if f in sheet.columns)
    place = parsed.places.get(number)
    label = str(number) if place is None else place.label
    return SentRow(label, " ".join(dict.fromkeys(filter(None, naming))), texts)


def _column(field: str, sheet: Sheet, headers: Sequence[str]) -> int:
    """The column of a field, or of a header as the file has it."""
    if field in sheet.columns:
        return sheet.columns[field]
    return headers.index(field) if field in headers else WHOLE_ROW


def _shown(value: Any) -> str:
    text = "" if value is None else str(value)
    # Masks keep the length, and a number that is cut in two is found before it is cut.
    text = masked_text(text[: _LONGEST + _LONGEST_NUMBER]) + text[_LONGEST + _LONGEST_NUMBER :]
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
