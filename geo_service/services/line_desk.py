"""The boundary lines as work: what was found on each, how it stands, and what falls due when."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from geo_service.domain.change import RecordKind
from geo_service.domain.finding import FindingState, Severity
from geo_service.services.inspections import FAMILY as INSPECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.finding import Finding
    from geo_service.domain.kept_finding import KeptFinding
    from geo_service.domain.marker import BoundaryMarker
    from geo_service.store.protocol import Store

SETTLED = (FindingState.WAIVED, FindingState.MENDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAtWork:
    """One line: its stones, how many findings of each severity are not settled, what falls due.

    `due` are findings on joint inspections that the register keeps: they tell the days.
    """

    line: AdministrativeBoundary
    stones: int
    unsettled: dict[Severity, int]
    settled: int
    due: tuple[KeptFinding, ...]

    @property
    def gravest(self) -> int:
        """Weight of the gravest finding that is not settled, -1 for none."""
        return max((severity for severity, count in self.unsettled.items() if count), default=-1)


def lines_at_work(store: Store, findings: Sequence[Finding], as_of: date) -> tuple[LineAtWork, ...]:
    """All lines that hold on the day, the gravest first; `findings` are those of a review of it."""
    lines = cast(
        "list[AdministrativeBoundary]", store.records(RecordKind.BOUNDARY_LINES, as_of=as_of)
    )
    markers = cast("list[BoundaryMarker]", store.records(RecordKind.MARKERS, as_of=as_of))
    stones = Counter(marker.line_code for marker in markers)
    about: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        for code in _lines_of(finding):
            about[code].append(finding)
    due: defaultdict[str, list[KeptFinding]] = defaultdict(list)
    for kept in inspections_due(store, as_of):
        due[kept.subject_id].append(kept)
    told = [
        LineAtWork(
            line=line,
            stones=stones[line.code],
            unsettled=Counter(f.severity for f in about[line.code] if f.state not in SETTLED),
            settled=sum(f.state in SETTLED for f in about[line.code]),
            due=tuple(due[line.code]),
        )
        for line in lines
    ]
    return tuple(sorted(told, key=lambda one: (-one.gravest, one.line.code)))


def _lines_of(finding: Finding) -> Iterable[str]:
    """Codes of the lines that a finding is about; a marker is known by its line and number."""
    ids = (finding.subject.id, *(related.id for related in finding.related))
    return {record_id.partition("/")[0] for record_id in ids if record_id}


def about_line(findings: Iterable[Finding], code: str) -> tuple[Finding, ...]:
    """The findings on one line and its markers."""
    return tuple(finding for finding in findings if code in _lines_of(finding))


def inspections_due(store: Store, as_of: date) -> tuple[KeptFinding, ...]:
    """Findings on joint inspections that are kept and not settled, the gravest first.

    The register keeps no inspections itself: these come from runs over the records of them.
    """
    kept = cast("list[KeptFinding]", store.records(RecordKind.FINDINGS, as_of=as_of))
    found = [f for f in kept if f.family == INSPECTIONS and f.state_on(as_of) not in SETTLED]
    return tuple(sorted(found, key=lambda f: (-f.severity, f.subject_id, f.id)))


def waivers_ending(store: Store, as_of: date) -> tuple[KeptFinding, ...]:
    """Findings waived until a day to come, the nearest first."""
    kept = cast("list[KeptFinding]", store.records(RecordKind.FINDINGS, as_of=as_of))
    found = [f for f in kept if f.ends_on is not None and f.state_on(as_of) is FindingState.WAIVED]
    return tuple(sorted(found, key=lambda f: (f.ends_on or as_of, f.id)))
