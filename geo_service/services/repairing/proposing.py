"""What could be done about the findings of a review, each proposal tried before it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.domain.repair import RepairProposal, Unmended
from geo_service.domain.text import Text
from geo_service.messages import message
from geo_service.rules.boundaries import DEFAULT_SCALE, BoundaryContext
from geo_service.rules.engine import rules_of
from geo_service.services.boundaries import FAMILY, case_from_store, require_records
from geo_service.services.markers import entries_from_store
from geo_service.services.recheck import reviewed
from geo_service.services.repairing.desk import Desk, Draft
from geo_service.services.repairing.drafting import drafts_for
from geo_service.services.repairing.locks import locks_for
from geo_service.services.repairing.trial import Trial, identity

if TYPE_CHECKING:
    from datetime import date

    from geo_service.cities import CityProfile
    from geo_service.domain.finding import Finding
    from geo_service.domain.marker import MarkerEntry
    from geo_service.rules.boundaries import BoundaryCase
    from geo_service.services.boundaries import BoundaryReport
    from geo_service.store.protocol import Store

Progress = Callable[[int, int, str], None]
"""Told before each finding: its number from 0, how many there are, its id."""


@dataclass(frozen=True, slots=True)
class RepairPlan:
    """A review, what may be proposed about it, and what is left to people, with the reasons.

    Proposals in the order of the findings they were drafted for, the gravest first; several for
    one finding are alternatives of which none is preferred.
    """

    case: BoundaryCase
    report: BoundaryReport
    proposals: tuple[RepairProposal, ...]
    unmended: tuple[Unmended, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked for.

    `locked` are codes of units and lines that stay as they are, `unlocked` agreed lines that may
    change. `only` tries the one proposal of that id, or those for the one finding, and no other.
    """

    scale: int = DEFAULT_SCALE
    locked: tuple[str, ...] = ()
    unlocked: tuple[str, ...] = ()
    only: str = ""


def plan_repairs(
    case: BoundaryCase,
    city: CityProfile,
    as_of: date,
    asked: Asked = Asked(),
    *,
    markers: tuple[MarkerEntry, ...] = (),
    progress: Progress | None = None,
) -> RepairPlan:
    """Review a case, draft mends and try each of them on the whole case.

    What the rules say of the `markers` must be none the worse either. Raises InputError for codes
    that are not in the case, and for a case that holds nothing.
    """
    require_records(case, as_of)
    context = BoundaryContext(city, as_of, asked.scale)
    locks = locks_for(case, context, asked.locked, asked.unlocked)
    review = reviewed(case, city, as_of, scale=asked.scale)
    findings = review.report.findings
    desk = Desk(case, context, findings, locks)
    search = _Search(desk, Trial(desk, review, markers), asked.only)
    for number, finding in enumerate(findings):
        if progress is not None:
            progress(number, len(findings), finding.id)
        search.through(finding)
    return RepairPlan(case, review.report, tuple(search.found.values()), search.unmended())


def plan_for_store(
    store: Store,
    city: CityProfile,
    as_of: date,
    asked: Asked = Asked(),
    *,
    progress: Progress | None = None,
) -> RepairPlan:
    """The plan for the register as it holds on the day, its markers beside it."""
    case = case_from_store(store, city, as_of)
    markers = entries_from_store(store, as_of)
    return plan_repairs(case, city, as_of, asked, markers=markers, progress=progress)


class _Search:
    """Proposals found so far, by id: what answers two findings is tried once."""

    def __init__(self, desk: Desk, trial: Trial, only: str) -> None:
        self.desk, self.trial, self.only = desk, trial, only
        self.found: dict[str, RepairProposal] = {}
        self.reasons: list[Unmended] = []

    def unmended(self) -> tuple[Unmended, ...]:
        """The findings that no proposal answers: what is drafted for one may answer another."""
        answered = {f.fingerprint for found in self.found.values() for f in found.answers}
        return tuple(u for u in self.reasons if u.finding.fingerprint not in answered)

    def through(self, finding: Finding) -> None:
        """Try all drafts for a finding, and keep the reasons why there are no others."""
        reasons: dict[Text, None] = {}
        for draft in drafts_for(self.desk, finding):
            if isinstance(draft, Text):
                reasons[draft] = None
            elif refused := self._tried(draft, finding):
                reasons[refused] = None
        if self.only in ("", finding.id):
            told = tuple(reasons) or (message("repair.people_decide", handling=_handling(finding)),)
            self.reasons.append(Unmended(finding, told))

    def _tried(self, draft: Draft, finding: Finding) -> Text | None:
        name = identity(draft)
        if name in self.found or (self.only and self.only not in (name, finding.id)):
            return None
        outcome = self.trial.outcome(draft, finding)
        if isinstance(outcome, Text):
            return outcome
        self.found[name] = outcome
        return None


def _handling(finding: Finding) -> Text:
    return next(rule.handling for rule in rules_of(FAMILY) if rule.id == finding.rule_id)
