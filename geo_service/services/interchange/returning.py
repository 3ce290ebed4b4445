"""An import report in words, as it goes back to the sender: the same for workbook and page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from geo_service.messages import message
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.sent import HEADER, WHOLE_ROW, Sent

if TYPE_CHECKING:
    from geo_service.domain.text import Lang, Text
    from geo_service.services.interchange.report import ImportReport

_ORDER = tuple(Level)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and by which city the file was examined; `dry_run` that nothing was to be stored."""

    city: Text
    today: date
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Told:
    """One issue as a reader finds it: row and column of the sender, what stands there, the way out.

    `row` and `column` are "" for what concerns the whole file.
    """

    level: Level
    row: str
    record: str
    column: str
    value: str
    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Returned:
    """The whole report in one language."""

    title: str
    verdict: str
    facts: tuple[tuple[str, str], ...]
    tally: tuple[tuple[Level, str, int], ...]
    told: tuple[Told, ...]
    normalised: tuple[tuple[str, str, str, str], ...]
    lang: Lang

    def say(self, key: str, **values: object) -> str:
        """A sentence of the report."""
        return message(f"import.{key}", **values).in_(self.lang)


def returned(report: ImportReport, sent: Sent, occasion: Occasion, lang: Lang) -> Returned:
    """The report on a file for its sender: errors first, each with row, column and remedy."""
    told = tuple(_told(sent, lang))
    return Returned(
        title=message("import.cli_title", file=report.file).in_(lang),
        verdict=_verdict(report, occasion).in_(lang),
        facts=tuple(_facts(report, sent, occasion, lang)),
        tally=_tally([noted.issue for noted in sent.told], lang),
        told=told,
        normalised=tuple(
            (str(said["row"]), said["field"], said["raw"], said["stored"])
            for said in report.normalised
        ),
        lang=lang,
    )


def _verdict(report: ImportReport, occasion: Occasion) -> Text:
    if not report.accepted:
        return message("import.cli_rejected", count=len(report.errors))
    key = "cli_dry_run" if occasion.dry_run else "cli_accepted"
    return message(f"import.{key}", count=report.stored)


def _facts(
    report: ImportReport, sent: Sent, occasion: Occasion, lang: Lang
) -> Iterator[tuple[str, str]]:
    levels = Counter(noted.issue.level for noted in sent.told)
    wrong = {noted.row for noted in sent.told if noted.issue.level is Level.ERROR} - {HEADER}
    values = {
        "file": report.file,
        "digest": sent.digest or "–",
        "kind": message(f"register.kind_{sent.kind.value}").in_(lang),
        "city": occasion.city.in_(lang),
        "day": occasion.today.isoformat(),
        "rows": str(sent.total),
        "rows_wrong": str(len(wrong)),
        **{f"of_{level.value}": str(levels[level]) for level in _ORDER},
    }
    for key, value in values.items():
        yield message(f"import.report_{key}").in_(lang), value


def _tally(issues: Sequence[Issue], lang: Lang) -> tuple[tuple[Level, str, int], ...]:
    """Each kind of problem by its remedy, most serious first, then most frequent."""
    counted = Counter((issue.level, issue.code) for issue in issues)
    first: dict[tuple[Level, str], Issue] = {}
    for issue in issues:
        first.setdefault((issue.level, issue.code), issue)
    order = sorted(counted, key=lambda key: (_ORDER.index(key[0]), -counted[key], key[1]))
    return tuple((key[0], first[key].message.in_(lang), counted[key]) for key in order)


def _told(sent: Sent, lang: Lang) -> Iterator[Told]:
    """Every issue with what the sender wrote there."""
    for noted in sent.told:
        issue, row, column = noted.issue, noted.row, noted.column
        of_row, named = row != HEADER, column != WHOLE_ROW
        yield Told(
            level=issue.level,
            row=_row_text(issue) or (sent.rows[row].label if of_row else ""),
            record=sent.rows[row].named if of_row else "",
            column=sent.headers[column] if named else issue.field,
            value=sent.rows[row].cells[column] if of_row and named else "",
            problem=issue.message.in_(lang),
            hint=issue.hint.in_(lang),
        )


def said_of(issues: Iterable[Issue], lang: Lang) -> str:
    """What is wrong at one place and what to do about it, a line to each issue."""
    lines = []
    for issue in issues:
        level = message(f"import.level_{issue.level}").in_(lang)
        lines.append(f"[{level}] {issue.message.in_(lang)} {issue.hint.in_(lang)}")
    return "\n".join(lines)


def _row_text(issue: Issue) -> str:
    return "" if issue.row is None else str(issue.row)
