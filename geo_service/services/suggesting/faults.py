"""The parts of a name that the findings on it object to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from geo_service.domain.finding import Severity
from geo_service.rules.engine import fingerprint, rules_of

if TYPE_CHECKING:
    from geo_service.domain.finding import Finding, Verdict
    from geo_service.rules.names import NameCase, NameContext


def parts_at_fault(
    case: NameCase, context: NameContext, verdict: Verdict
) -> tuple[tuple[str, ...], bool]:
    """The parts of a name that findings object to; whether one objects to the name's make.

    Evidence names its word by its key, and a finding is known by the fingerprint of that key.
    What a registered name is at fault for lies not in a word of this one.
    """
    grave = {f.fingerprint: f for f in verdict.findings if f.severity >= Severity.HUMAN}
    words: dict[str, None] = {}
    doubted = False
    for finding, key in _keyed(case, context, grave):
        held = [part for part in key.split(":") if part and part in case.name]
        words.update(dict.fromkeys(held))
        doubted = doubted or not (held or finding.related)
    return tuple(words), doubted


def _keyed(
    case: NameCase, context: NameContext, grave: dict[str, Finding]
) -> Iterator[tuple[Finding, str]]:
    """The findings whose evidence needs no register, each with the key of that evidence."""
    for rule in rules_of("names"):
        if "register" in rule.needs:
            continue
        for evidence in rule.check(case, context):
            mark = fingerprint(rule.id, evidence.subject or case.subject, evidence.key)
            if mark in grave:
                yield grave[mark], evidence.key
