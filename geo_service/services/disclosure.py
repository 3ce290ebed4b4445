"""What of a review may be shown to whom: the label (公开/内部) of the records decides.

A public answer holds findings on boundaries alone, of records that are all labelled public, and
neither a position nor who decided on a finding. Signers are personal data; marker positions,
reference objects and agreements are internal whatever their label, and county lines may not be
drawn for the public without a review number (审图号), which nobody here gives.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from geo_service.domain.boundary import BoundaryNode
from geo_service.domain.provenance import Label
from geo_service.rules.engine import rules_of
from geo_service.services.boundaries import FAMILY, BoundaryReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geo_service.domain.boundary import AdministrativeBoundary
    from geo_service.domain.division import AdministrativeUnit
    from geo_service.domain.finding import Finding
    from geo_service.rules.boundaries import BoundaryCase

    _Layered = AdministrativeUnit | AdministrativeBoundary | BoundaryNode

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
    words = _words(case, records)
    public = [
        f
        for f in report.findings
        if f.rule_id in rules and _names(f) <= records and not _speaks_of_hidden(f, words)
    ]
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


def _layers(case: BoundaryCase) -> dict[str, Iterable[_Layered]]:
    return {"unit": case.units, "boundary-line": case.lines, "boundary-node": case.nodes}


def _public_records(case: BoundaryCase) -> frozenset[tuple[str, str]]:
    return frozenset(
        (kind, record.id)
        for kind, records in _layers(case).items()
        for record in records
        if record.provenance.label is Label.PUBLIC
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """What records are called: `shown` are names that public ones bear, `hidden` finds the rest."""

    shown: frozenset[str]
    hidden: re.Pattern[str] | None


def _words(case: BoundaryCase, public: frozenset[tuple[str, str]]) -> _Words:
    """Ids and names of all records. A node has no name of its own: it is called by its units.

    A rule may speak of a record that it does not list as related: of the unit that lies where
    another is entered, of the node nearest to a loose end.
    """
    shown, hidden = set[str](), set[str]()
    for kind, records in _layers(case).items():
        for record in records:
            is_shown = (kind, record.id) in public
            name = case.names_of(record.units) if isinstance(record, BoundaryNode) else record.name
            (shown if is_shown else hidden).update((record.id, name))
    hidden -= {"", *shown}
    longest_first = sorted(hidden, key=len, reverse=True)
    found = re.compile("|".join(map(re.escape, longest_first))) if hidden else None
    borne = {name for records in (case.units, case.lines) for name in (r.name for r in records)}
    return _Words(frozenset(shown & borne), found)


def _speaks_of_hidden(finding: Finding, words: _Words) -> bool:
    """Whether a finding says a word of a hidden record, but for what is named in its own names."""
    if words.hidden is None:
        return False
    texts = (finding.title, finding.message, finding.question, finding.suggestion)
    told = [part for text in texts if text is not None for part in (text.zh, text.en)]
    related = [(each.id, each.name) for each in finding.related]
    ids, names = zip((finding.subject.id, finding.subject.name), *related, strict=True)
    said, own = "\n".join((*told, *names)), {*ids, *words.shown.intersection(names)}
    for word in sorted(filter(None, own), key=len, reverse=True):
        said = said.replace(word, "\n")
    return words.hidden.search(said) is not None


def _names(finding: Finding) -> set[tuple[str, str]]:
    """Every record a finding speaks of."""
    subject = (finding.subject.kind, finding.subject.id)
    return {subject, *((related.kind, related.id) for related in finding.related)}
