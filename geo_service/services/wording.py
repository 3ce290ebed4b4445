"""Figures, severities, outcomes and citations in words: one wording for all who show them."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from geo_service import statutes
from geo_service.domain.finding import Severity
from geo_service.domain.kept_finding import ASIDE, SAID
from geo_service.domain.law import Rank
from geo_service.domain.text import Text
from geo_service.errors import ConfigError
from geo_service.messages import message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geo_service.domain.finding import Decision, Finding, FindingState, Measure, Outcome
    from geo_service.domain.kept_finding import KeptFinding
    from geo_service.domain.law import Citation
    from geo_service.domain.text import Lang

_SHOWN_UNIT = {"m2": "m²", "km2": "km²"}
_ARTICLE = re.compile(r"([0-9]+)(?:\(([0-9]+)\))?")
_DIGITS = "〇一二三四五六七八九"
_NAMES = "NM"
BOUNDARIES = "BD"
"""The family of all rules on boundaries, for a wording that stands for no single rule."""


def number_text(value: float) -> str:
    """A figure for reading: at most three decimals, thousands apart, no idle zeros."""
    text = f"{value:,.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def measure_text(measure: Measure | None, lang: Lang) -> str:
    """What was measured against which limit and by whom it is set; empty where nothing was."""
    if measure is None or measure.measured is None:
        return ""
    unit = f" {_SHOWN_UNIT.get(measure.unit, measure.unit)}" if measure.unit else ""
    measured = number_text(measure.measured) + unit
    if measure.limit is None:
        return measured
    limit = number_text(measure.limit) + unit
    key = "findings.measured_limit_source" if measure.limit_source else "findings.measured_limit"
    return message(key, measured=measured, limit=limit, source=measure.limit_source).in_(lang)


def severity_words(severity: Severity, rule: str) -> Text:
    """The severity as a reader knows it; `rule` is a rule's id, or its family alone (`BD`).

    The law forbids names. Elsewhere the gravest fault keeps a file from being submitted, and must
    not read like a prohibition in law.
    """
    filing = severity is Severity.PROHIBITED and not rule.startswith(_NAMES)
    return message(f"findings.severity_{'not_to_be_filed' if filing else severity.word}")


def severity_text(severity: Severity, rule: str, lang: Lang) -> str:
    """`severity_words` in one language."""
    return severity_words(severity, rule).in_(lang)


def outcome_text(outcome: Outcome, lang: Lang) -> str:
    """The verdict as a reader knows it: the program finds, it does not decide."""
    return message(f"findings.outcome_{outcome.value}").in_(lang)


def state_text(state: FindingState, lang: Lang) -> str:
    """Where a finding stands in its life cycle."""
    return message(f"states.state_{state}").in_(lang)


def decision_text(state: FindingState, decision: Decision, lang: Lang) -> str:
    """What a person decided on a finding: who, when, why, by which document, until when."""
    number, until = decision.document_no, decision.ends_on
    document = message("states.signed_document", number=number).in_(lang) if number else ""
    end = message("states.signed_until", day=until).in_(lang) if until else ""
    return message(
        "states.signed",
        state=state_text(state, lang),
        signer=decision.signer,
        day=decision.signed_on,
        reason=decision.reason,
        document=document,
        until=end,
    ).in_(lang)


def standing_text(finding: Finding, lang: Lang) -> str:
    """The state of a finding, with who decided on it, if anybody has."""
    if finding.decision is None:
        return state_text(finding.state, lang)
    return decision_text(finding.state, finding.decision, lang)


def cause_text(record: KeptFinding, lang: Lang) -> str:
    """Why a kept finding is in its state."""
    changed = ("、" if lang == "zh" else ", ").join(_changed(key, lang) for key in record.changed)
    return message(f"states.cause_{record.cause}", run=record.run_id, changed=changed).in_(lang)


def _changed(key: str, lang: Lang) -> str:
    """A record that has changed, by its key among those a finding names."""
    if key.endswith(SAID):
        return message("states.said").in_(lang)
    about, _, aside = key.partition(ASIDE)
    kind, _, record = about.partition("/")
    told = {"kind": message(f"states.kind_{kind}").in_(lang), "record": record}
    return message("states.papers" if aside else "states.record", **told).in_(lang)


def _chinese(number: str) -> str:
    """A number from 1 to 99 as Chinese law writes its articles: 21 is 二十一."""
    tens, ones = divmod(int(number), 10)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def article_text(citation: Citation, lang: Lang) -> str:
    """The article as it is cited: `9(5)` is 第九条第（五）项; standards have numbered items.

    A text without articles is cited by the label its table gives. Empty for the working titles
    under which we file parts of a text that has neither.
    """
    if citation.label is not None:
        return citation.label.in_(lang)
    rank = statutes.instrument(citation.instrument_id).rank
    if rank in (Rank.STANDARD, Rank.PRACTICE):
        numbered = citation.article[0].isdigit()
        return (
            message("findings.standard_item", number=citation.article).in_(lang) if numbered else ""
        )
    parts = _ARTICLE.fullmatch(citation.article)
    if parts is None:
        return ""
    number, item = (part and (_chinese(part) if lang == "zh" else part) for part in parts.groups())
    key = "findings.article_item" if item else "findings.article"
    return message(key, number=number, item=item).in_(lang)


def citation_text(citation: Citation, lang: Lang) -> str:
    """Instrument, number and article in one line; gist and caveat stand apart in `Citation`."""
    zh, _, en = citation.number.partition(" / ")
    number = Text(zh, en or zh)
    cited = message("findings.citation", instrument=citation.instrument, number=number).in_(lang)
    article = article_text(citation, lang)
    separator = "" if lang == "zh" or not article else ", "
    return f"{cited}{separator}{article}"


def stored_citation_text(row: Mapping[str, Any], lang: Lang) -> str:
    """A citation of a stored finding (`wire.citation_json`) in one line, as `citation_text`.

    One that is in the tables no more is said as it was stored.
    """
    for known in map(statutes.instrument, statutes.instrument_ids()):
        titles = known.title.zh, known.title.en
        if row["number"] == known.number and row["instrument"] in titles:
            with suppress(ConfigError):
                return citation_text(statutes.citation(known.id, row["article"]), lang)
    cited = message("findings.citation", instrument=row["instrument"], number=row["number"])
    return f"{cited.in_(lang)} {row['article']}"


def citations_text(citations: Iterable[Citation], lang: Lang) -> str:
    """Citations in one line, each with its caveat: no draft stands there as if it were law."""
    return ("；" if lang == "zh" else "; ").join(_with_caveat(c, lang) for c in citations)


def _with_caveat(citation: Citation, lang: Lang) -> str:
    cited = citation_text(citation, lang)
    if citation.caveat is None:
        return cited
    key = "findings.citation_with_caveat"
    return message(key, cited=cited, caveat=citation.caveat.in_(lang)).in_(lang)
