"""The import report as a workbook: the sender's own rows, with what is wrong shown at its cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service.services.interchange.exporting import written_whole
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.returning import Returned, said_of
from geo_service.services.interchange.sent import HEADER, WHOLE_ROW, Sent
from geo_service.services.interchange.workbooks import Mark, Sheet, write_workbook

if TYPE_CHECKING:
    from geo_service.services.interchange.fields import Value

_FILLS = {Level.ERROR: "FFC7CE", Level.WARNING: "FFEB9C", Level.INFO: "DDEBF7"}
_RANKS = {level: rank for rank, level in enumerate(Level)}


def write_report_workbook(path: Path, report: Returned, sent: Sent) -> None:
    """Write summary, the sender's rows, all issues and all changed texts, a sheet each.

    Raises InputError `export_failed` where the disk will not have it.
    """
    sheets = [_summary(report), _rows(report, sent), _issues(report), _normalised(report)]
    with written_whole(path) as draft:
        filled = [sheet for sheet in sheets if len(sheet.rows) > sheet.header]
        write_workbook(draft, filled, report.say("report_notice"))


def _fill(issues: Sequence[Issue]) -> str:
    return _FILLS[min((issue.level for issue in issues), key=_RANKS.__getitem__)]


def _summary(report: Returned) -> Sheet:
    said = [report.title, report.verdict, report.say("report_how"), report.say("report_notice")]
    rows: list[list[Value]] = [[line] for line in said]
    rows += [list(fact) for fact in report.facts]
    head: list[Value] = [report.say(key) for key in ("cli_severity", "report_example")]
    rows.append([*head, report.say("report_count")])
    first = len(rows)
    marks = {(first + i, 1): Mark(_FILLS[of[0]]) for i, of in enumerate(report.tally, start=1)}
    rows += [[report.say(f"level_{level}"), text, n] for level, text, n in report.tally]
    return Sheet(report.say("report_sheet_summary"), rows, marks=marks)


def _rows(report: Returned, sent: Sent) -> Sheet:
    """The rows as they came, one more column at either end: the row, and what is said of it."""
    head: list[Value] = [report.say("cli_row"), *sent.headers, report.say("report_said")]
    rows: list[list[Value]] = [head]
    last = len(head)
    marks: dict[tuple[int, int], Mark] = {}
    said: dict[int, list[Issue]] = {}
    for (row, column), issues in sent.marks().items():
        at = 1 if row == HEADER else row + 2
        note = said_of(issues, report.lang)
        marks[at, 1 if column == WHOLE_ROW else column + 2] = Mark(_fill(issues), note)
        said.setdefault(row, []).extend(issues)
    for i, row_ in enumerate(sent.rows):
        text = said_of(said.get(i, ()), report.lang)
        rows.append([row_.label, *row_.cells, text or None])
        if text:
            marks[i + 2, last] = Mark(_fill(said[i]))
    if len(sent.rows) < sent.total:
        shown = report.say("report_rows_partly", total=sent.total, shown=len(sent.rows))
        rows.append([shown])
    return Sheet(report.say("report_sheet_rows"), rows, marks=marks)


def _issues(report: Returned) -> Sheet:
    keys = "cli_severity cli_row report_record report_column report_value cli_message cli_hint"
    rows: list[list[Value]] = [[report.say(key) for key in keys.split()]]
    for told in report.told:
        level = report.say(f"level_{told.level}")
        rows.append(
            [level, told.row, told.record, told.column, told.value, told.problem, told.hint]
        )
    marks = {(i, 1): Mark(_FILLS[told.level]) for i, told in enumerate(report.told, start=2)}
    return Sheet(report.say("report_sheet_issues"), rows, marks=marks, wrapped=True)


def _normalised(report: Returned) -> Sheet:
    keys = ("cli_row", "cli_field", "report_raw", "report_stored")
    rows: list[list[Value]] = [[report.say(key) for key in keys]]
    rows += [list(said) for said in report.normalised]
    return Sheet(report.say("report_sheet_normalised"), rows)
