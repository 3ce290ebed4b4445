"""Spans of valid time: when something held in the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geo_service.errors import InputError


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (included) to `end` (excluded); None leaves that side open.

    A law "in force until 2022-04-30" therefore ends on 2022-05-01, the first day it no longer
    holds, and the next one starts on that same day without a gap or an overlap.
    """

    start: date | None = None
    end: date | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise InputError("period_empty", start=self.start, end=self.end)

    def covers(self, day: date) -> bool:
        """Whether the day lies within the period."""
        after_start = self.start is None or self.start <= day
        return after_start and (self.end is None or day < self.end)

    def intersects(self, other: Period) -> bool:
        """Whether the two periods share at least one day."""
        starts = [day for day in (self.start, other.start) if day is not None]
        ends = [day for day in (self.end, other.end) if day is not None]
        return not starts or not ends or max(starts) < min(ends)

    def contains(self, other: Period) -> bool:
        """Whether every day of the other period lies within this one."""
        starts_in = self.start is None or (other.start is not None and self.start <= other.start)
        ends_in = self.end is None or (other.end is not None and other.end <= self.end)
        return starts_in and ends_in


ALWAYS = Period()
