"""Rows that speak of days for which the register has no version of their record, or several.

A correction takes the place of one version and of no other: which one must be clear from the file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geo_service.domain.change import Operation
from geo_service.errors import InputError
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.merging import days_of
from geo_service.services.interchange.succession import annulled
from geo_service.services.register.versions import replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.domain.change import Record, RecordKind
    from geo_service.domain.period import Period
    from geo_service.services.interchange.reading import ReadRow
    from geo_service.store.protocol import Store


def meant(
    store: Store, kind: RecordKind, row: ReadRow, file: str, issues: list[Issue]
) -> tuple[Operation | None, Record | None]:
    """How to write a row where no version holds on its days, and the version that it corrects.

    No version where the register annulled the record, which is told; no operation either where
    those known ended before or are several, with an issue that refuses the file.
    """
    standing = replay(store, kind, row.record.id).standing
    if not standing:
        issues += annulled(store, kind, row, file)
        return Operation.CORRECT, None
    only, start = standing[0], row.record.period.start
    ended = start is not None and only.period.end is not None and only.period.end <= start
    if len(standing) > 1 or ended or not _can_be(row, only.period):
        issues.append(_unclear(row, row.record, file))
        return None, None
    if start is None:
        values = {"id": row.record.id, "end": str(only.period.end or "…")}
        issues.append(Issue(Level.WARNING, "record_ended", file, row.number, "", values))
    return Operation.CORRECT, replace(store.recorded(only.sequence), period=only.period)


def _can_be(row: ReadRow, known: Period) -> bool:
    """Whether the days of a row and those that the register has beside them are a span of time."""
    try:
        days_of(row.record.period, known, row.said)
    except InputError:
        return False
    return True


def unclear(  # noqa: PLR0917 - one question, asked of one row
    store: Store, kind: RecordKind, row: ReadRow, operation: Operation, record: Record, file: str
) -> Iterator[Issue]:
    """What refuses a row that would wipe out a version of which it does not speak."""
    standing = replay(store, kind, record.id).standing
    touched = [version for version in standing if version.period.intersects(record.period)]
    start = record.period.start
    if operation is Operation.REVISE and start is not None:
        touched = [v for v in touched if v.period.start is not None and v.period.start >= start]
        wiped = bool(touched)
    else:
        wiped = len(touched) > 1
    if wiped:
        yield _unclear(row, record, file)


def _unclear(row: ReadRow, record: Record, file: str) -> Issue:
    start, end = record.period.start or "…", record.period.end or "…"
    values = {"id": record.id, "start": str(start), "end": str(end)}
    return Issue(Level.ERROR, "version_unclear", file, row.number, "valid_from", values)
