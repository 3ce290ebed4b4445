"""Do these boundaries hold together? The rules on units, lines and nodes, run as one review."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Protocol, cast

from geo_service import __version__
from geo_service.domain.boundary import AdministrativeBoundary, BoundaryNode
from geo_service.domain.change import RecordKind
from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.finding import Digest, Finding, FindingState, Severity
from geo_service.domain.provenance import Force
from geo_service.domain.supporting import NO_LAYERS, Supporting
from geo_service.domain.text import Text
from geo_service.errors import InputError
from geo_service.messages import message
from geo_service.rules.boundaries import DEFAULT_SCALE, BoundaryCase, BoundaryContext
from geo_service.rules.engine import CaseLike, evaluate, rules_digest, rules_of
from geo_service.services.digests import data_digest
from geo_service.services.wire import Json, decision_json, finding_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.domain.text import Lang
    from geo_service.store.protocol import Store

Progress = Callable[[int, int, str], None]
"""Told before each rule: its number from 0, how many there are, its id."""

FAMILY = "boundaries"
_WARNED = (Force.EVALUATION, Force.SYNTHETIC)
CHECKED_KINDS = (RecordKind.UNITS, RecordKind.BOUNDARY_LINES, RecordKind.BOUNDARY_NODES)


@dataclass(frozen=True, slots=True)
class BoundaryReport:
    """The answer to "do these boundaries hold together", as of a day and at a map scale.

    `findings` gravest first, the same for the same records in any order. `rules_not_run` pairs a
    rule with a layer it lacked: silence of such a rule says nothing. `counts` are the records
    looked at, by layer, and `forces` what those records may be used for. `public` says that it
    is the public part of a review.
    """

    city: str
    as_of: date
    scale: int
    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    rules_not_run: tuple[tuple[str, str], ...]
    counts: Mapping[str, int]
    digest: Digest
    forces: frozenset[Force]
    public: bool = False

    @property
    def notice(self) -> Text:
        """What stands beside every answer."""
        if self.public:
            return message("boundary.public_notice")
        return notice_of(self.forces)

    @property
    def by_severity(self) -> dict[str, int]:
        """How many findings of each severity, gravest first, zeros included."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity.word: found[severity] for severity in sorted(Severity, reverse=True)}

    @property
    def by_state(self) -> dict[str, int]:
        """How many findings are in each state of their life cycle, zeros included."""
        found = Counter(finding.state for finding in self.findings)
        return {state.value: found[state] for state in FindingState}


def check_boundaries(
    case: BoundaryCase,
    city: CityProfile,
    as_of: date,
    *,
    scale: int = DEFAULT_SCALE,
    progress: Progress | None = None,
) -> BoundaryReport:
    """Run every rule that has the layers it needs.

    Raises ConfigError where the city profile lacks a limit.
    """
    run = run_family(FAMILY, case, BoundaryContext(city, as_of, scale), progress)
    return BoundaryReport(
        city=city.code,
        as_of=as_of,
        scale=scale,
        findings=gravest_first(run.findings),
        rules_run=run.rules_run,
        rules_not_run=run.rules_not_run,
        counts={"units": len(case.units), "lines": len(case.lines), "nodes": len(case.nodes)},
        digest=Digest(rules_digest(FAMILY), data_digest(city), __version__),
        forces=forces_of([*case.units, *case.lines, *case.nodes]),
    )


class Case(CaseLike, Protocol):
    """A case that tells which layers it has, in the words of `Rule.needs`."""

    @property
    def present(self) -> frozenset[str]:
        """The layers there are."""
        ...


@dataclass(frozen=True, slots=True)
class FamilyRun:
    """What the rules of one family found, which ran, and which lacked a layer."""

    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    rules_not_run: tuple[tuple[str, str], ...]


def run_family(
    family: str, case: Case, context: BoundaryContext, progress: Progress | None = None
) -> FamilyRun:
    """Run every rule of a family that has the layers it needs."""
    rules = rules_of(family)
    lacking = [(rule.id, layer) for rule in rules for layer in sorted(rule.needs - case.present)]
    runnable = [rule for rule in rules if rule.needs <= case.present]
    found: list[Finding] = []
    for number, rule in enumerate(runnable):
        if progress is not None:
            progress(number, len(runnable), rule.id)
        found += evaluate(
            [rule], case, context, as_of=context.as_of, jurisdiction=context.city.code
        )
    return FamilyRun(tuple(found), tuple(rule.id for rule in runnable), tuple(lacking))


def extended(
    report: BoundaryReport,
    family: str,
    case: Case,
    city: CityProfile,
    *,
    progress: Progress | None = None,
) -> BoundaryReport:
    """The review with the rules of one more family added, as of its day and at its scale.

    Raises ConfigError where the city profile lacks a limit.
    """
    run = run_family(family, case, BoundaryContext(city, report.as_of, report.scale), progress)
    both = f"{report.digest.rules}+{rules_digest(family)}"
    return replace(
        report,
        findings=gravest_first([*report.findings, *run.findings]),
        rules_run=(*report.rules_run, *run.rules_run),
        rules_not_run=(*report.rules_not_run, *run.rules_not_run),
        digest=replace(report.digest, rules=hashlib.sha256(both.encode()).hexdigest()),
    )


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of a report, whatever order they came in."""
    return tuple(sorted(findings, key=lambda f: (-f.severity, f.rule_id, f.fingerprint)))


def notice_of(forces: frozenset[Force]) -> Text:
    """Advice only, and what data of such standing are not good for."""
    said = [message("boundary.notice")]
    said += [message(f"boundary.{f}_data") for f in Force if f in forces and f in _WARNED]
    return Text("".join(t.zh for t in said), " ".join(t.en for t in said))


def forces_of(records: Iterable[Record]) -> frozenset[Force]:
    """What the records may be used for."""
    return frozenset(record.provenance.force for record in records)


def case_from_store(store: Store, city: CityProfile, as_of: date) -> BoundaryCase:
    """All units, lines and nodes of the register that hold on the day."""
    return case_of(checked_records(store, as_of), city)


def checked_records(store: Store, as_of: date) -> Iterator[Record]:
    """The records of the register that a review judges, as they hold on the day."""
    for kind in CHECKED_KINDS:
        yield from store.records(kind, as_of=as_of)


def require_records(case: BoundaryCase, as_of: date) -> None:
    """Raises InputError `nothing_to_check`: silence about nothing would read like a clean bill."""
    if not (case.units or case.lines or case.nodes):
        raise InputError("nothing_to_check", as_of=as_of)


def case_of(
    records: Iterable[Record], city: CityProfile, supporting: Supporting = NO_LAYERS
) -> BoundaryCase:
    """A case from records of any kind; those that are no units, lines or nodes stay out."""
    kept: dict[type[Record], list[Record]] = {
        AdministrativeUnit: [],
        AdministrativeBoundary: [],
        BoundaryNode: [],
    }
    for record in records:
        kept.get(type(record), []).append(record)
    return BoundaryCase(
        units=cast("tuple[AdministrativeUnit, ...]", tuple(kept[AdministrativeUnit])),
        lines=cast("tuple[AdministrativeBoundary, ...]", tuple(kept[AdministrativeBoundary])),
        nodes=cast("tuple[BoundaryNode, ...]", tuple(kept[BoundaryNode])),
        plane_epsg=city.plane_epsg,
        supporting=supporting,
    )


def digest_json(digest: Digest) -> Json:
    """What a review rests on, as JSON-ready value."""
    return {"rules": digest.rules, "data": digest.data, "code": digest.code}


def report_json(report: BoundaryReport, lang: Lang) -> Json:
    """The review as a JSON-ready value; the keys never drift."""
    return {
        "city": report.city,
        "as_of": report.as_of.isoformat(),
        "scale": report.scale,
        "counts": dict(report.counts),
        "severities": report.by_severity,
        "states": report.by_state,
        "decisions": [
            {"fingerprint": f.fingerprint, "state": f.state.value, **decision_json(f.decision)}
            for f in report.findings
            if f.decision is not None
        ],
        "findings": [finding_json(finding, lang) for finding in report.findings],
        "rules_run": list(report.rules_run),
        "rules_not_run": [
            {"rule_id": rule_id, "missing": layer} for rule_id, layer in report.rules_not_run
        ],
        "digest": digest_json(report.digest),
        "notice": report.notice.in_(lang),
    }
