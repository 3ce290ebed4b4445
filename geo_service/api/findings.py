"""The boundary findings of the register: worked out once for each state of it, and filtered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, cast

from starlette.requests import HTTPConnection

from geo_service.domain.identity import LineCode
from geo_service.errors import InputError
from geo_service.services.appraisal import CityReview, review_city, review_synthetic

if TYPE_CHECKING:
    from datetime import date

    from geo_service.api.deps import Services
    from geo_service.domain.finding import Finding, Severity


class ReviewDesk:
    """Keeps the newest review; it is stale as soon as the change log or the day moves on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._key: tuple[str, date] | None = None
        self._review: CityReview | None = None

    def review(self, services: Services) -> CityReview:
        """The review of the register as it stands today. Raises StoreError."""
        today = services.today()
        key = (services.store.info()["head"], today)
        with self._lock:  # two visitors at once wait for one run instead of making two
            if self._review is None or self._key != key:
                self._review = review_city(services.store, services.city, today)
                self._key = key
            return self._review

    @cached_property
    def example(self) -> CityReview:
        """The invented city with its seeded faults: what findings look like. Never stored."""
        return review_synthetic().review


def _touches(record_id: str, unit: str) -> bool:
    if record_id == unit:
        return True
    try:
        return unit in LineCode(record_id).sides
    except InputError:
        return False


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """Which findings are asked for; an empty field lets everything through.

    `unit` is a division code: findings on the unit, on a line of it, or related to either.
    """

    severities: frozenset[Severity] = frozenset()
    rule: str = ""
    unit: str = ""

    def _admits(self, finding: Finding) -> bool:
        if self.severities and finding.severity not in self.severities:
            return False
        if self.rule and finding.rule_id != self.rule:
            return False
        ids = [finding.subject.id, *(related.id for related in finding.related)]
        return not self.unit or any(_touches(record_id, self.unit) for record_id in ids)

    def select(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """The findings asked for, in their own order."""
        return tuple(finding for finding in findings if self._admits(finding))


def desk_of(request: HTTPConnection) -> ReviewDesk:
    """The desk of this application."""
    return cast("ReviewDesk", request.app.state.desk)
