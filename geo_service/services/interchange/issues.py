"""What is wrong, or worth knowing, about a file that was handed in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as default_of
from enum import StrEnum
from functools import cache
from typing import Any

from geo_service.domain.text import Lang, Text
from geo_service.language.persons import masked_text
from geo_service.messages import message
from geo_service.services.persons.tokens import with_masks

MAX_PER_CODE = 200
"""More issues of one code than this are counted, not listed: nobody reads the 201st."""
MOST_TOLD = 50_000
"""A refused file with more issues is not read to its end: it is nonsense, or not what it says."""
KEPT_PER_CODE = 5_000
"""As many are kept for a sender who corrects cell after cell."""

_WAYS = ("by_crs", "by_encoding", "by_layer", "mapping_shown", "mapping_kept_by")
"""What a hint names otherwise on a page than at the command line."""


@cache
def _ways(at: str) -> Mapping[str, Text]:
    return {way: message(f"import.{way}_{at}") for way in _WAYS}


class Level(StrEnum):
    """How much an issue weighs: an error refuses the file."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem. `row` is the sheet row (header = 1) or the feature's number from 1."""

    level: Level
    code: str
    file: str
    row: int | None = None
    field: str = ""
    values: Mapping[str, Any] = default_of(default_factory=dict)
    sheet: str = ""
    """The sheet whose row `row` is, where it is known already; else rows are counted through."""

    @property
    def message(self) -> Text:
        """What is wrong."""
        return message(f"import.{self.code}", **self.values)

    @property
    def hint(self) -> Text:
        """What to do about it."""
        return self._hint("page")

    @property
    def command_hint(self) -> Text:
        """What to do about it at the command line: the same, with its options and commands."""
        return self._hint("command")

    def _hint(self, at: str) -> Text:
        return message(f"import.{self.code}_hint", **self.values, **_ways(at))

    def masked(self, masks: Mapping[str, str]) -> Issue:
        """The same with masked forms in the place of tokens for personal values."""
        return replace(self, values=with_masks(self.values, masks))

    def to_json(self, lang: Lang, *, command: bool = False) -> dict[str, Any]:
        """The issue as the import report shows it, on a page or to a `command`."""
        hint = self.command_hint if command else self.hint
        return {
            "severity": self.level.value,
            "code": self.code,
            "file": self.file,
            "row": self.row,
            "field": self.field,
            "message": self.message.in_(lang),
            "hint": hint.in_(lang),
        }


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row of a paper stands: its sheet, where there are several, and sheet row.

    On a form every field has a cell of its own. `title` is what stands above the data. `names` are
    the columns it has, None where all rows of the file have the same.
    """

    sheet: str
    row: int
    title: str = ""
    cells: Mapping[str, tuple[int, str]] = default_of(default_factory=dict)
    """Field → sheet row and cell, such as (9, "D9")."""
    names: frozenset[str] | None = None

    @property
    def label(self) -> str:
        """The row as a reader finds it again."""
        return f"{self.sheet}!{self.row}" if self.sheet else str(self.row)


def in_sheet(file: str, sheet: str) -> str:
    """A file with one of its sheets, as issues name it."""
    return f"{file} [{sheet}]" if sheet else file


def located(issue: Issue, places: Mapping[int, Place]) -> Issue:
    """An issue of a paper with the sheet, row and cell where a reader finds it."""
    values, first = issue.values, places.get(issue.values.get("first", -1))
    if first is not None:
        values = {**values, "first": first.label}
    place = None if issue.row is None or issue.sheet else places.get(issue.row)
    if place is None:
        return replace(issue, values=values)
    row, cell = place.cells.get(issue.field, (place.row, ""))
    field = f"{issue.field} {cell}" if cell else issue.field
    file = in_sheet(issue.file, place.sheet)
    return replace(issue, file=file, row=row, field=field, values=values)


class Issues:
    """Collects the issues of one file, so that all of them are told at once."""

    def __init__(self, file: str, sheet: str = "") -> None:
        self.file, self._sheet = file, sheet
        self._items: list[Issue] = []
        self._counts: dict[tuple[Level, str], int] = {}
        self._refused: dict[int | None, set[str]] = {}

    def error(self, code: str, row: int | None = None, field: str = "", **values: Any) -> None:
        """The file is refused."""
        self._add(Level.ERROR, code, row, field, values)

    def warning(self, code: str, row: int | None = None, field: str = "", **values: Any) -> None:
        """Stored, but somebody should look."""
        self._add(Level.WARNING, code, row, field, values)

    def info(self, code: str, row: int | None = None, field: str = "", **values: Any) -> None:
        """How the file was understood."""
        self._add(Level.INFO, code, row, field, values)

    def _add(
        self, level: Level, code: str, row: int | None, field: str, values: Mapping[str, Any]
    ) -> None:
        if level is Level.ERROR:
            self._refused.setdefault(row, set()).add(code)
        count = self._counts[level, code] = self._counts.get((level, code), 0) + 1
        if count <= KEPT_PER_CODE:
            told = {k: masked_text(v) if type(v) is str else v for k, v in values.items()}
            self._items.append(Issue(level, code, self.file, row, field, told, self._sheet))

    def of_sheet(self, sheet: str) -> Issues:
        """The issues of one sheet of the file: collected here, each with the sheet beside it."""
        result = Issues(in_sheet(self.file, sheet), sheet)
        result._items, result._counts = self._items, self._counts
        return result

    @property
    def count(self) -> int:
        """How many were told so far, listed or not."""
        return sum(self._counts.values())

    def refused_for(self, row: int, codes: tuple[str, ...]) -> bool:
        """Whether an error whose code begins so was told of a row."""
        return any(code.startswith(codes) for code in self._refused.get(row, ()))

    @property
    def spent(self) -> bool:
        """Whether a refused file has so much wrong with it that the rest is not worth reading."""
        return self.count >= MOST_TOLD and self.refused

    @property
    def refused(self) -> bool:
        """Whether at least one error was found."""
        return any(level is Level.ERROR for level, _ in self._counts)

    def all(self, *, complete: bool = False) -> tuple[Issue, ...]:
        """Errors first, then by row; what was left out is counted at the end.

        A list for the screen has `MAX_PER_CODE` of each code, a `complete` one all that were kept.
        """
        order = {level: rank for rank, level in enumerate(Level)}
        limit = KEPT_PER_CODE if complete else MAX_PER_CODE
        first = self._items if complete else _first(self._items, limit)
        items = sorted(first, key=lambda item: (order[item.level], item.row or 0))
        left_out = [
            Issue(
                level,
                "more_of_the_same",
                self.file,
                values={"code": code, "count": count - limit},
            )
            for (level, code), count in self._counts.items()
            if count > limit
        ]
        return (*items, *left_out)


def _first(items: Iterable[Issue], limit: int) -> list[Issue]:
    """As many issues of each level and code, those told first."""
    counts: Counter[tuple[Level, str]] = Counter()
    result = []
    for item in items:
        counts[item.level, item.code] += 1
        if counts[item.level, item.code] <= limit:
            result.append(item)
    return result
