"""What of a review may be shown to whom: the label (公开/内部) of the records decides.

A public answer holds findings on boundaries alone, of records that are all labelled public, and
neither a position nor who decided on a finding. Signers are personal data; marker positions,
reference objects and agreements are internal whatever their label, and county lines may not be
drawn for the public without a review number (审图号), which nobody here gives.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from geo_service.domain.provenance import Label
from geo_service.rules.engine import rules_of
from geo_service.services.boundaries import FAMILY, BoundaryReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.domain.finding import Finding
    from geo_service.rules.boundaries import BoundaryCase, BoundaryRecord

_OPEN_LAYERS = frozenset({"units", "lines", "nodes", "junctions", "levels"})
"""A rule that needs anything beside these speaks of papers, which are internal."""
_LAYERS = {"units": "unit", "lines": "boundary-line", "nodes": "boundary-node"}
_ON_AGREEMENTS = "BD-AGR-"


def shown_to(audience: Label, report: BoundaryReport, case: BoundaryCase) -> BoundaryReport:
    """The review as somebody may see it: whole for internal use, else what is public of it.

    `case` holds the records that were judged. A public report does not tell how much it leaves
    out: that too says something of internal records.
    """
    if audience is Label.INTERNAL:
        return report
    rules, records = _open_rules(), _public_records(case)
    public = [f for f in report.findings if f.rule_id in rules and _names(f) <= records]
    seen = Counter(kind for kind, _ in records)
    return replace(
        report,
        findings=tuple(replace(finding, geometry=None, decision=None) for finding in public),
        counts={layer: seen[kind] for layer, kind in _LAYERS.items()},
        public=True,
    )


def _open_rules() -> frozenset[str]:
    """The rules on boundaries that rest on records of the register alone."""
    return frozenset(
        rule.id
        for rule in rules_of(FAMILY)
        if rule.needs <= _OPEN_LAYERS and not rule.id.startswith(_ON_AGREEMENTS)
    )


def _public_records(case: BoundaryCase) -> frozenset[tuple[str, str]]:
    layers: dict[str, Iterable[BoundaryRecord]] = {
        "units": case.units,
        "lines": case.lines,
        "nodes": case.nodes,
    }
    return frozenset(
        (_LAYERS[layer], record.id)
        for layer, records in layers.items()
        for record in records
        if record.provenance.label is Label.PUBLIC
    )


def _names(finding: Finding) -> set[tuple[str, str]]:
    """Every record a finding speaks of."""
    subject = (finding.subject.kind, finding.subject.id)
    return {subject, *((related.kind, related.id) for related in finding.related)}
