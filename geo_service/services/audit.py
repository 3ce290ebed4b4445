"""What a walk through the change log found, in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geo_service.messages import message

if TYPE_CHECKING:
    from geo_service.domain.text import Lang
    from geo_service.services.wire import Json
    from geo_service.store.protocol import AuditReport


def problem_text(problem: str, sequence: int | None, lang: Lang) -> str:
    """What `AuditReport.problem` means, in one language."""
    code, _, subject = problem.partition(" ")
    return message(f"store.problem_{code}", sequence=sequence, subject=subject).in_(lang)


def audit_json(report: AuditReport, anchors: int, lang: Lang) -> Json:
    """The report of an audit against a number of anchors."""
    said = "" if report.sound else problem_text(report.problem, report.first_bad, lang)
    facts = {"sound": report.sound, "entries": report.entries, "head": report.head}
    return {**facts, "first_bad": report.first_bad, "problem": said, "anchors": anchors}
