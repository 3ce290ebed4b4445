"""A review looked at again after an edit: what it now says, what is gone and what is new.

The answer is the one that a review from nothing would give; only what the edit touched is worked
out again (see `BoundaryCase.with_records`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from geo_service.domain.finding import Finding
from geo_service.rules.boundaries import DEFAULT_SCALE, BoundaryCase, BoundaryRecord
from geo_service.services.boundaries import BoundaryReport, Progress, check_boundaries

if TYPE_CHECKING:
    from geo_service.cities import CityProfile


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit does to the findings, told apart by their fingerprints.

    `vanished` and `appeared` are in the order of a report; `remaining` are those that stay, as
    they read after the edit.
    """

    vanished: tuple[Finding, ...]
    appeared: tuple[Finding, ...]
    remaining: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Review:
    """A case, what it was judged against, and the report on it."""

    case: BoundaryCase
    city: CityProfile
    report: BoundaryReport

    def with_changes(
        self, changed: Iterable[BoundaryRecord], removed: Iterable[BoundaryRecord] = ()
    ) -> Review:
        """The review of the case with some records changed or new, and others taken out.

        A record takes the place of the one of its kind with the same id. Nothing is stored. The
        report equals that of `check_boundaries` on the same records.
        """
        case = self.case.with_records(changed, removed)
        return reviewed(case, self.city, self.report.as_of, scale=self.report.scale)

    def effect_on(self, before: Review) -> Effect:
        """What this review says otherwise than the one before the edit."""
        was = {finding.fingerprint for finding in before.report.findings}
        now = {finding.fingerprint for finding in self.report.findings}
        return Effect(
            vanished=tuple(f for f in before.report.findings if f.fingerprint not in now),
            appeared=tuple(f for f in self.report.findings if f.fingerprint not in was),
            remaining=tuple(f for f in self.report.findings if f.fingerprint in was),
        )


def reviewed(
    case: BoundaryCase,
    city: CityProfile,
    as_of: date,
    *,
    scale: int = DEFAULT_SCALE,
    progress: Progress | None = None,
) -> Review:
    """The review of a case. Raises ConfigError where the city profile lacks a limit."""
    report = check_boundaries(case, city, as_of, scale=scale, progress=progress)
    return Review(case, city, report)
