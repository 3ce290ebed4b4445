"""The boundary findings of the register: worked out once for each state of it, and filtered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, cast

from starlette.requests import HTTPConnection

from geo_service.domain.change import BOOKKEEPING
from geo_service.domain.identity import LineCode
from geo_service.domain.provenance import Label
from geo_service.errors import InputError
from geo_service.services.appraisal import (
    CityReview,
    review_city,
    review_synthetic,
    with_states,
)
from geo_service.store.protocol import LogMark

if TYPE_CHECKING:
    from geo_service.api.deps import Services
    from geo_service.domain.finding import Finding, Severity
    from geo_service.store.protocol import Store


class ReviewDesk:
    """Keeps the newest review; it is stale as soon as the register or the day moves on.

    What is decided on findings changes their states only: for that no rule runs again.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._mark = LogMark(0, "")
        self._found: CityReview | None = None
        self._shown: CityReview | None = None

    def review(self, services: Services) -> CityReview:
        """The review of the register as it stands today, whoever asks. Raises StoreError.

        A part of the register would have faults that the whole has not: what is shown of the
        review is settled afterwards (`disclosure.shown_to`).
        """
        store, today = services.seen_by(Label.INTERNAL).store, services.today()
        mark = store.log_mark()
        with self._lock:  # two visitors at once wait for one run instead of making two
            found = self._found
            if found is None or found.report.as_of != today or self._moved(store):
                found, self._shown = review_city(store, services.city, today), None
            if self._shown is None or mark.hash != self._mark.hash:
                self._shown = with_states(found, store)
            self._found, self._mark = found, mark
            return self._shown

    def _moved(self, store: Store) -> bool:
        """Whether a record that rules read has changed since the mark, or the log is another."""
        since = store.log(after=max(self._mark.sequence - 1, 0))
        if self._mark.sequence:
            last = next(iter(since), None)
            if last is None or last.hash != self._mark.hash:
                return True
        return any(entry.kind not in BOOKKEEPING for entry in since)

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
