"""The import report: the one object of CLI, API and receipt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as default_of
from typing import Any

from geo_service.domain.text import Lang, Text
from geo_service.services.interchange.fields import row_of
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.outcome import Written
from geo_service.services.interchange.reading import ReadResult, ReadRow
from geo_service.services.interchange.sent import Sent
from geo_service.services.persons.tokens import with_masks

ROWS_SHOWN = 100
"""Stored rows that a report shows in full."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. `repeated` says that this is the answer to an earlier import.

    `rows` are the first stored rows under English field names, the input untouched under `raw`;
    `sent` is the file as it came, with all that was said of it. `written` are all changes that an
    accepted file comes to, in the order of the file.
    """

    file: str
    accepted: bool
    stored: int
    issues: tuple[Issue, ...]
    normalised: tuple[dict[str, Any], ...]
    rows: tuple[dict[str, Any], ...]
    repeated: bool = False
    sent: Sent | None = default_of(default=None, compare=False)
    written: tuple[Written, ...] = default_of(default=(), compare=False)

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that refuse the file."""
        return tuple(issue for issue in self.issues if issue.level is Level.ERROR)

    def to_json(self, lang: Lang, *, command: bool = False) -> dict[str, Any]:
        """The report as DESIGN fixes it: the keys never drift. A `command` is told its options."""
        return {
            "status": "accepted" if self.accepted else "rejected",
            "stored": self.stored,
            "issues": [issue.to_json(lang, command=command) for issue in self.issues],
            "normalised": list(self.normalised),
            "rows": list(self.rows),
        }

    def masked(self, masks: Mapping[str, str]) -> ImportReport:
        """The same with masked forms in the place of tokens for personal values: to be shown.

        A receipt is kept for ever and holds the tokens alone.
        """
        return replace(
            self,
            issues=tuple(issue.masked(masks) for issue in self.issues),
            normalised=with_masks(self.normalised, masks),
            rows=with_masks(self.rows, masks),
            sent=None if self.sent is None else self.sent.masked(masks),
        )

    def dump(self, **more: str) -> str:
        """The report in no language, as a receipt keeps it; `more` is told beside it."""
        issues = [
            [i.level.value, i.code, i.file, i.row, i.field, _plain(i.values)] for i in self.issues
        ]
        kept = {
            "file": self.file,
            "stored": self.stored,
            "issues": issues,
            "normalised": self.normalised,
            "rows": self.rows,
            **more,
        }
        return json.dumps(kept, ensure_ascii=False)


def first_result(kept: str, sent: Sent) -> ImportReport:
    """The report of an earlier, accepted import from its receipt; `sent` is the file as it came."""
    return replace(read_report(json.loads(kept), accepted=True), repeated=True, sent=sent)


def read_report(values: Mapping[str, Any], *, accepted: bool) -> ImportReport:
    """A report out of what `dump` wrote of it, without the file as it came."""
    return ImportReport(
        file=values["file"],
        accepted=accepted,
        stored=values["stored"],
        issues=tuple(_issue(kept) for kept in values["issues"]),
        normalised=tuple(values["normalised"]),
        rows=tuple(values["rows"]),
    )


_TEXT = {"zh", "en"}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an issue as JSON has them: a text in both languages."""
    return {k: asdict(v) if isinstance(v, Text) else v for k, v in values.items()}


def _issue(kept: list[Any]) -> Issue:
    level, code, file, row, field, values = kept
    told = {
        k: Text(**v) if isinstance(v, dict) and v.keys() == _TEXT else v for k, v in values.items()
    }
    return Issue(Level(level), code, file, row, field, told)


def rejected(read: ReadResult, extra: tuple[Issue, ...] = ()) -> ImportReport:
    """The report on a file of which nothing was stored."""
    issues = (*extra, *read.issues)
    return ImportReport(
        read.file, False, 0, issues, read.normalised, (), sent=read.sent.with_more(extra)
    )


def accepted(
    read: ReadResult, written: list[ReadRow], stored: int, extra: tuple[Issue, ...] = ()
) -> ImportReport:
    """The report on a file whose new and changed rows were written; `written` are the first."""
    shown = tuple({"id": row.record.id, **row_of(row.record), "raw": row.raw} for row in written)
    issues = (*read.issues, *extra)
    return ImportReport(
        read.file,
        True,
        stored,
        issues,
        read.normalised,
        shown,
        sent=read.sent.with_more(extra),
    )
