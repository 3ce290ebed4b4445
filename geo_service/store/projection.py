"""What a change does to the versions already standing: the two-clock rule, free of any engine.

The versions of a record that stand in the register never overlap in valid time. A change takes
some of them back (they stay as history) and may let one stand again with an earlier end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from geo_service.domain.change import Operation
from geo_service.domain.period import Period
from geo_service.errors import InputError


class Standing(NamedTuple):
    """One version of a record as it stands now: its row, log entry, number and valid time.

    `period` is None for what an annulment left behind: it holds on no day, and only keeps the
    number of the version, so that a record that is registered again does not begin anew with 1.
    """

    fid: int
    sequence: int
    version: int
    period: Period | None


class Held(NamedTuple):
    """As `Standing`, of a version that holds on some day."""

    fid: int
    sequence: int
    version: int
    period: Period


@dataclass(frozen=True, slots=True)
class Effect:
    """Versions taken back, and those that stand again with the period given."""

    superseded: tuple[Held, ...] = ()
    closed: tuple[tuple[Held, Period], ...] = ()


NOTHING = Effect()


def effect(
    standing: Sequence[Standing], operation: Operation, record_id: str, period: Period
) -> Effect:
    """What the change takes back and closes, given the versions that stand.

    create: nothing. correct: the version it shares days with is taken back; where all were
    annulled, nothing. revise: the version in force at the new start is closed there. retire: the
    last version is taken back, the change says its end. void: the version of exactly these days is
    taken back. Raises InputError where that would leave two values for one day or none meant.
    """
    held = [Held(*row[:3], days) for row in standing if (days := row.period) is not None]
    match operation:
        case Operation.CREATE:
            return NOTHING
        case Operation.CORRECT:
            return _correct(held, record_id, period)
        case Operation.REVISE:
            return _revise(held, record_id, period)
        case Operation.RETIRE:
            return _retire(held, record_id, period)
        case Operation.VOID:
            return _void(held, record_id, period)


def _correct(standing: Sequence[Held], record_id: str, period: Period) -> Effect:
    if not standing:
        return NOTHING
    touched = [row for row in standing if row.period.intersects(period)]
    if not touched and len(standing) == 1:
        touched = list(standing)
    if len(touched) != 1:
        # A correction that spans several versions would wipe out history nobody spoke of.
        raise InputError("correction_unclear", record=record_id, versions=len(touched))
    return Effect(superseded=(touched[0],))


def _revise(standing: Sequence[Held], record_id: str, period: Period) -> Effect:
    start = period.start
    if start is None:
        raise InputError("revision_without_start", record=record_id)
    touched = [row for row in standing if row.period.intersects(period)]
    if any(row.period.start is not None and row.period.start >= start for row in touched):
        raise InputError("revision_overlaps", record=record_id, start=start)
    closed = tuple((row, Period(row.period.start, start)) for row in touched)
    return Effect(superseded=tuple(touched), closed=closed)


def _retire(standing: Sequence[Held], record_id: str, period: Period) -> Effect:
    if period.end is None:
        raise InputError("retirement_without_end", record=record_id)
    last = max(standing, key=lambda row: row.period.start or date.min, default=None)
    if last is None or last.period.start != period.start:
        start = (last and last.period.start) or ""
        raise InputError("retirement_unclear", record=record_id, start=start)
    return Effect(superseded=(last,))


def _void(standing: Sequence[Held], record_id: str, period: Period) -> Effect:
    meant = tuple(row for row in standing if row.period == period)
    if not meant:
        raise InputError("annulment_unclear", record=record_id, versions=len(standing))
    return Effect(superseded=meant)
