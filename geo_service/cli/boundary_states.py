"""The states of findings in `boundary check`: from the register, into it, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.cli.options import say
from geo_service.domain.finding import FindingState, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.domain.finding import Finding
    from geo_service.domain.kept_finding import ReviewRun
    from geo_service.domain.text import Lang
    from geo_service.services.boundaries import BoundaryReport


def state_lines(report: BoundaryReport, run: ReviewRun | None, lang: Lang) -> Iterator[str]:
    """How many findings are in which state, what waivers do not change, and what was kept."""
    from geo_service.services.wording import state_text

    told = {word: count for word, count in report.by_state.items() if count}
    if set(told) - {FindingState.OPEN}:
        parts = [f"{state_text(FindingState(word), lang)} {n}" for word, n in told.items()]
        yield say("states.tally", lang, parts=("、" if lang == "zh" else ", ").join(parts))
    if count := sum(_still_bars(finding) for finding in report.findings):
        yield say("states.waived_prohibitions", lang, count=count)
    if run is not None:
        yield say("states.kept", lang, run=run.id, **dict(run.tally))


def _still_bars(finding: Finding) -> bool:
    waived = finding.state is FindingState.WAIVED
    return waived and finding.severity is Severity.PROHIBITED
