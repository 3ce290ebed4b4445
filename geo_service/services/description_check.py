"""Does a description fit its line? The rules on descriptions, run as one review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from geo_service import __version__
from geo_service.domain.alignment import AlignmentNode, ClauseKind
from geo_service.domain.finding import Digest, Finding
from geo_service.messages import message
from geo_service.rules.descriptions import DEFAULT_SCALE, DescriptionCase, DescriptionContext
from geo_service.rules.engine import evaluate, rules_digest, rules_of
from geo_service.services.digests import data_digest
from geo_service.services.wire import Json, finding_json

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.alignment import AlignmentClause, AlignmentSegment
    from geo_service.domain.text import Lang, Text

FAMILY = "descriptions"


@dataclass(frozen=True, slots=True)
class DescriptionReport:
    """The answer to "does this description fit", as of a day and at a map scale.

    `rules_not_run` pairs a rule with a layer it lacked: silence of such a rule says nothing. Nor
    does it on segments that could not be put on the line: `counts["placed"]` are those that could.
    """

    city: str
    as_of: date
    scale: int
    segments: tuple[AlignmentSegment, ...]
    findings: tuple[Finding, ...]
    rules_run: tuple[str, ...]
    rules_not_run: tuple[tuple[str, str], ...]
    counts: Mapping[str, int]
    digest: Digest

    @property
    def notice(self) -> Text:
        """What stands beside every answer: advice only."""
        return message("alignment.notice")


def check_description(
    case: DescriptionCase, city: CityProfile, as_of: date, *, scale: int = DEFAULT_SCALE
) -> DescriptionReport:
    """Run every rule that has the layers it needs.

    Raises ConfigError where the city profile lacks a limit.
    """
    rules = rules_of(FAMILY)
    runnable = [rule for rule in rules if rule.needs <= case.present]
    context = DescriptionContext(city, as_of, scale)
    return DescriptionReport(
        city=city.code,
        as_of=as_of,
        scale=scale,
        segments=case.segments,
        findings=evaluate(runnable, case, context, as_of=as_of, jurisdiction=city.code),
        rules_run=tuple(rule.id for rule in runnable),
        rules_not_run=tuple(
            (rule.id, layer) for rule in rules for layer in sorted(rule.needs - case.present)
        ),
        counts={
            "segments": len(case.segments),
            "clauses": sum(len(segment.clauses) for segment in case.segments),
            "unparsed": len(unparsed(case.segments)),
            "placed": len(case.placing.stretches(context.landmark_reach_m)),
        },
        digest=Digest(rules_digest(FAMILY), data_digest(city), __version__),
    )


def unparsed(segments: tuple[AlignmentSegment, ...]) -> tuple[AlignmentClause, ...]:
    """The words that were not understood."""
    return tuple(
        clause
        for segment in segments
        for clause in segment.clauses
        if clause.kind is ClauseKind.UNPARSED
    )


def segment_json(segment: AlignmentSegment) -> Json:
    """A segment as a JSON-ready value; the keys never drift."""
    return {
        "start": _node(segment.start),
        "end": _node(segment.end),
        "length_km": segment.length_km,
        "clauses": [clause_json(clause) for clause in segment.clauses],
    }


def clause_json(clause: AlignmentClause) -> Json:
    """A clause as a JSON-ready value: what it does not say is null or an empty list."""
    return {
        "kind": clause.kind.value,
        "direction": clause.direction or None,
        "bearing_deg": clause.bearing_deg,
        "north": None if clause.bearing_deg is None else clause.north.value,
        "approximate": clause.approximate,
        "along": clause.along or None,
        "part": clause.part or None,
        "sense": None if clause.sense is None else clause.sense.value,
        "via": list(clause.via),
        "cross": list(clause.cross),
        "to": clause.to or None,
        "length_m": clause.length_m,
        "length_approximate": clause.length_approximate,
        "quote": clause.quote,
        "span": list(clause.span),
    }


def _node(node: AlignmentNode | None) -> str | None:
    return None if node is None else node.text


def report_json(report: DescriptionReport, lang: Lang) -> Json:
    """The review as a JSON-ready value; the keys never drift."""
    return {
        "city": report.city,
        "as_of": report.as_of.isoformat(),
        "scale": report.scale,
        "counts": dict(report.counts),
        "segments": [segment_json(segment) for segment in report.segments],
        "findings": [finding_json(finding, lang) for finding in report.findings],
        "rules_run": list(report.rules_run),
        "rules_not_run": [
            {"rule_id": rule_id, "missing": layer} for rule_id, layer in report.rules_not_run
        ],
        "digest": {
            "rules": report.digest.rules,
            "data": report.digest.data,
            "code": report.digest.code,
        },
        "notice": report.notice.in_(lang),
    }
